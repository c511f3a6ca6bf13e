"""Where in the picture the cells of a layer look: the centres of their receptive fields.

V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016. A convolution with stride 2 and
"same" padding on an even number of pixels pads at the far end only, so its cells look half a pixel further down and to
the right than their place suggests. After five of them that is half a cell, 16 pixels of 224: a map that is simply
stretched over the picture lies beside the object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy

keras = lazy.load("keras")


@dataclass(frozen=True)
class Axis:
    """The cells of one axis: cell k looks at pixel `start + stride * k` (centres of pixels are whole numbers)."""

    start: float
    stride: float

    def centres(self, cells: int) -> np.ndarray:
        """The pixels at which the cells look: float64 (cells,)."""
        return self.start + self.stride * np.arange(cells)

    def windows(self, size: int, kernel: int, stride: int, padding: str) -> "Axis":
        """After windows of `kernel` cells (dilation included) every `stride` cells of `size` cells."""
        before = 0
        if padding == "same":
            before = max(0, (-(-size // stride) - 1) * stride + kernel - size) // 2
        return Axis(self.start + self.stride * ((kernel - 1) / 2 - before), self.stride * stride)

    def shifted(self, cells: float) -> "Axis":
        """After so many cells were cut off before the first one (negative: put there)."""
        return Axis(self.start + self.stride * cells, self.stride)

    def split(self, factor: int) -> "Axis":
        """After each cell became `factor` cells."""
        stride = self.stride / factor
        return Axis(self.start - (self.stride - stride) / 2, stride)


Axes = tuple[Axis, Axis]
"""Rows and columns."""
PIXELS: Axes = (Axis(0.0, 1.0), Axis(0.0, 1.0))


def stretched(size_hw: tuple[int, int], picture_hw: tuple[int, int]) -> Axes:
    """The axes of a map that is laid over the whole picture evenly."""
    return tuple(_even(cells, pixels) for cells, pixels in zip(size_hw, picture_hw, strict=True))


def _even(cells: int, pixels: int) -> Axis:
    return Axis((pixels / cells - 1) / 2, pixels / cells)


def after(layer: Any, axes: Axes, size_hw: tuple[int, int]) -> Axes:
    """The axes of what a layer gives, from those of what it takes.

    Args:
        layer: a Keras layer with a spatial output.
        axes: of its input.
        size_hw: rows and columns of its input.
    """
    if isinstance(layer, keras.layers.ZeroPadding2D):
        return tuple(axis.shifted(-before) for axis, (before, _) in zip(axes, layer.padding, strict=True))
    if isinstance(layer, keras.layers.Cropping2D):
        return tuple(axis.shifted(before) for axis, (before, _) in zip(axes, layer.cropping, strict=True))
    if isinstance(layer, keras.layers.UpSampling2D):
        return tuple(axis.split(factor) for axis, factor in zip(axes, layer.size, strict=True))
    kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if kernel is None or isinstance(layer, keras.layers.Conv2DTranspose):
        return axes
    dilation = getattr(layer, "dilation_rate", (1, 1))
    wide = [(size - 1) * rate + 1 for size, rate in zip(kernel, _pair(dilation), strict=True)]
    steps = _pair(layer.strides)
    parts = zip(axes, size_hw, wide, steps, strict=True)
    return tuple(axis.windows(size, extent, step, layer.padding) for axis, size, extent, step in parts)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def together(several: Sequence[Axes]) -> Axes:
    """The axes of what is added or joined from several inputs: their mean."""
    return tuple(
        Axis(float(np.mean([axes[k].start for axes in several])), float(np.mean([axes[k].stride for axes in several])))
        for k in range(2)
    )


def laid_over(small: np.ndarray, axes: Axes, size_hw: tuple[int, int]) -> np.ndarray:
    """A map at the picture's size: each cell at the centre of what it looks at, bilinear between, even beyond the ends.

    Args:
        small: float (h, w).
        axes: of its layer.
        size_hw: height and width of the picture.

    Returns:
        float32 (H, W).
    """
    rows, columns = (axis.centres(cells) for axis, cells in zip(axes, small.shape, strict=True))
    wide = np.stack([np.interp(np.arange(size_hw[1]), columns, row) for row in small])
    return np.stack([np.interp(np.arange(size_hw[0]), rows, column) for column in wide.T], axis=1).astype(np.float32)
