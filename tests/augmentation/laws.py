"""What the transforms' tests share: pictures with everything that may move along, and a pipeline's run on them."""

from typing import Any

import numpy as np

from cvlib.augmentation import CATALOG, Pipeline, Step, batch, running
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance

MOVING = tuple(name for name, card in CATALOG.items() if card.kind == "geometric")


def pictures(count: int, height: int, width: int, channels: int, seed: int = 0) -> np.ndarray:
    """Noise, uint8 (N, H, W, C)."""
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, channels), dtype=np.uint8)


def full(count: int, height: int, width: int, channels: int, seed: int = 0) -> Batch:
    """Noise with labels, masks of three classes and two boxes a picture."""
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.uniform(0, 1, (count, 2, 2, 2)), axis=2) * (width, height)
    return batch.of_arrays(
        pictures(count, height, width, channels, seed),
        labels=np.arange(count) % 5,
        num_classes=5,
        masks=rng.integers(0, 3, (count, height, width)).astype(np.uint8),
        boxes_xyxy=corners.reshape(count, 2, 4).astype(np.float32),
        box_labels=rng.integers(0, 4, (count, 2)).astype(np.int32),
    )


def carried(name: str, given: Batch) -> Batch:
    """As much of it as the transform of this name carries."""
    if "masks" not in CATALOG[name].carries:
        given = given._replace(masks=None)
    return given if "boxes" in CATALOG[name].carries else given._replace(marks=None, box_labels=None)


def ran(step: Step | str, given: Batch, seed: int = 0, pool: Batch | None = None) -> tuple[Batch, Any]:
    """What one step, or a pipeline's text, makes of pictures, and what was drawn in its first step."""
    pipeline = Pipeline((step,)) if isinstance(step, Step) else Pipeline.from_text(step)
    made, drawn = running.run(pipeline, given, Chance(np.array([seed, 0], np.int32), pool))
    return made, drawn[0] if drawn else {}


def resting(name: str, **choices: str) -> Step:
    """The step at the values that change nothing; parameters without such a value as usual."""
    values = {each.name: each.rests for each in CATALOG[name].parameters if each.rests is not None}
    step = Step(name, choices)
    for parameter, value in values.items():
        step = step.fixed(parameter, value)
    return step


def same(one: Batch, two: Batch, tolerance: float = 0.0) -> None:
    """See that both are equal, in all that they carry."""
    for mine, other in zip(one, two, strict=True):
        assert (mine is None) == (other is None)
        if mine is not None:
            assert mine.shape == other.shape and mine.dtype == other.dtype
            np.testing.assert_allclose(np.asarray(mine), np.asarray(other), rtol=0, atol=tolerance)
