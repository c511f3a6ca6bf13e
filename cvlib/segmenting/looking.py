"""What a network makes of its test pictures. In a worker, for the pictures have to be drawn or read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib.data.scene_sets import take_scenes
from cvlib.spec import TrainingSpec
from cvlib.tasks import segmentation
from cvlib.tasks.segmentation import Prediction


@dataclass(frozen=True, eq=False)
class Looked:
    """A test picture, its truth, and what a network says of it.

    Attributes:
        image: uint8 (H, W, 3).
        truth: uint8 (H, W), 255 is not judged.
        prediction: of the network.
    """

    image: np.ndarray
    truth: np.ndarray
    prediction: Prediction


def look(model: Any, spec: TrainingSpec, class_names: tuple[str, ...], places: Sequence[int]) -> list[Looked]:
    """What a network says of some of its test pictures.

    Args:
        model: the trained network.
        spec: what it was trained to.
        class_names: K names.
        places: of the pictures in the test split.
    """
    split = take_scenes(spec.data, "test", places, seed=spec.split_seed, image_size=spec.image_size)
    found = segmentation.predict(model, split.images) if len(split) else []
    triples = zip(split.images, split.masks, found, strict=True)
    return [Looked(image, truth, Prediction.of(shares, class_names)) for image, truth, shares in triples]
