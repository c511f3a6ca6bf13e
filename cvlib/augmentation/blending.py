"""What the transforms of light and colour share."""

from typing import Any

from cvlib import lazy
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.schema import Parameter, Setting

tf = lazy.load("tensorflow")

LUMA = (0.299, 0.587, 0.114)
"""How much red, green and blue add to the light that people see (ITU-R BT.601)."""


def amount(usual: Setting = (100.0, 100.0)) -> Parameter:
    """How much of the change is blended into the picture."""
    return Parameter(
        name="amount",
        title="Amount",
        help="How much of the change is blended in: 0 leaves the picture as it is, 100 shows only the changed one.",
        low=0.0,
        high=100.0,
        step=1.0,
        usual=usual,
        rests=0.0,
        unit=" %",
    )


def change(how: str, usual: Setting = (-40.0, 40.0), high: float = 100.0) -> Parameter:
    """More or less of something that a picture has."""
    return Parameter(
        name="change", title="Change", help=how, low=-100.0, high=high, step=1.0, usual=usual, rests=0.0, unit=" %"
    )


def each(values: Any) -> Any:
    """float32 (N, 1, 1, 1) of float32 (N,): one number for every pixel of a picture."""
    return values[:, None, None, None]


def blended(batch: Batch, changed: Any, percent: Any) -> Batch:
    """The pictures with so much of the changed ones in them.

    Args:
        batch: the pictures.
        changed: float32 (N, H, W, C).
        percent: float32 (N,): 0 keeps the picture, 100 is the changed one, more goes beyond it, less away from it.
    """
    return batch._replace(images=batch.images + (changed - batch.images) * each(percent / 100))


def luminance(images: Any) -> Any:
    """float32 (N, H, W, 1): the light of pictures, float32 (N, H, W, C)."""
    return images if images.shape[-1] == 1 else tf.tensordot(images, tf.constant(LUMA), 1)[..., None]
