"""What networks begin and end with."""

from typing import Any

from cvlib import lazy

keras = lazy.load("keras")

MIDDLE = 127.5


def pictures(input_shape: tuple[int, int, int]) -> tuple[Any, Any]:
    """The input for pictures 0..255, and the same centred on zero and scaled to -1..1."""
    images = keras.Input(input_shape, name="images")
    return images, keras.layers.Rescaling(1 / MIDDLE, offset=-1.0, name="centred")(images)


def sides(size_hw: tuple[int, int], multiple: int) -> tuple[int, int]:
    """The sides that are added below and to the right so that both are multiples of a network's stride."""
    return -size_hw[0] % multiple, -size_hw[1] % multiple


def centred(input_shape: tuple[int, int, int], multiple: int) -> tuple[Any, Any]:
    """The input, and the same centred on zero, in -1..1, grown to multiples of the network's largest stride."""
    images, scaled = pictures(input_shape)
    below, right = sides(input_shape[:2], multiple)
    if below or right:
        scaled = keras.layers.ZeroPadding2D(((0, below), (0, right)), name="grown")(scaled)
    return images, scaled


def penalty(l2: float) -> Any:
    """The L2 penalty for a layer's kernel; None without one."""
    return keras.regularizers.L2(l2) if l2 else None


def classify(features: Any, num_classes: int, l2: float) -> Any:
    """The head: one logit a class, then softmax in float32 whatever the precision before it."""
    logits = keras.layers.Dense(num_classes, kernel_regularizer=penalty(l2), dtype="float32", name="logits")(features)
    return keras.layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
