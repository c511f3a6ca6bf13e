"""One transform at work on arrays, for tests."""

import numpy as np

from cvlib.augmentation import Pipeline, Step, running
from cvlib.augmentation.batch import Batch, of_arrays
from cvlib.augmentation.chance import Chance


def smooth(height: int, width: int, channels: int = 3) -> np.ndarray:
    """uint8 (1, H, W, C): a picture with slopes, as photos have them, and a bright disc."""
    y, x = np.mgrid[:height, :width]
    slopes = [20 + 150 * x / width, 30 + 120 * y / height, 40 + 80 * (x + y) / (width + height)][:channels]
    disc = (x - width / 3) ** 2 + (y - height / 2) ** 2 < (min(height, width) / 4) ** 2
    return np.stack([slope + 60 * disc for slope in slopes], axis=-1).astype(np.uint8)[None]


def batch_after(name: str, batch: Batch, *, seed: int = 0, **settings: object) -> Batch:
    """A batch after one step of a pipeline."""
    return running.run(Pipeline((Step(name, settings),)), batch, Chance(np.array([seed, 7], np.int32)))[0]


def after(name: str, images: np.ndarray, *, seed: int = 0, **settings: object) -> np.ndarray:
    """float32 (N, H, W, C): pictures after one step of a pipeline; a number stands for a range of this one value."""
    card = Step(name).card
    ranges = {
        key: (value, value) if card.parameter(key).is_range and not isinstance(value, tuple) else value
        for key, value in settings.items()
    }
    return batch_after(name, of_arrays(images), seed=seed, **ranges).images.numpy()
