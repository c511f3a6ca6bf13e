"""What trains here: a GPU or this processor, and the settings that were measured to suit it.

On a processor XLA (`jit_compile=True`) makes training 3 to 5 times slower, and half precision (bfloat16) pays where the
processor has instructions for it and the network does enough arithmetic a step to outweigh the conversions. On a GPU
both pay.
"""

import functools
import os
import platform
from pathlib import Path
from typing import Any

from cvlib import lazy

tf = lazy.load("tensorflow")
keras = lazy.load("keras")

BF16_FLAGS = ("avx512_bf16", "amx_bf16")
BF16_WORK = 50e6
"""Multiply-adds a step from which bfloat16 was measured to be faster on a processor that has it."""


@functools.cache
def configure() -> None:
    """Let TensorFlow take GPU memory as it needs it. Before the first operation of the process."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)


@functools.cache
def gpu_name() -> str | None:
    """The first GPU's name; None without one."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    return tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")


def describe() -> str:
    """The device in words."""
    gpu = gpu_name()
    cores = os.cpu_count() or 1
    return f"GPU: {gpu}" if gpu else f"CPU with {cores} core{'s' if cores != 1 else ''}"


@functools.cache
def has_bf16() -> bool:
    """Whether this processor has instructions for bfloat16."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.machine() == "arm64"
    return any(flag in flags for flag in BF16_FLAGS)


def policy(precision: str, work: float) -> str:
    """Keras' dtype policy for a training.

    Args:
        precision: `float32`, `mixed`, or `auto`: what was measured to be faster here.
        work: multiply-adds of a training step, forward.
    """
    if precision == "float32":
        return "float32"
    if gpu_name():
        return _gpu_policy()
    worth_it = has_bf16() and work >= BF16_WORK
    return "mixed_bfloat16" if precision == "mixed" or worth_it else "float32"


def _gpu_policy() -> str:
    gpu = tf.config.list_physical_devices("GPU")[0]
    capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
    return "mixed_bfloat16" if capability >= (8, 0) else "mixed_float16" if capability >= (7, 0) else "float32"


def compiles() -> bool:
    """Whether XLA pays here."""
    return gpu_name() is not None


def work_of(model: Any) -> float:
    """Multiply-adds of one picture's way through a model: its convolutions and dense layers."""
    work = 0.0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            height, width = layer.output.shape[1:3]
            work += height * width * layer.kernel.shape.num_elements()
        elif isinstance(layer, keras.layers.Dense):
            work += layer.kernel.shape.num_elements()
        elif isinstance(layer, keras.Model):
            work += work_of(layer)
    return work
