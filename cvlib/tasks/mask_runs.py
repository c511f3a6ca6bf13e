"""A region as the lengths of its runs, as COCO writes it: T.-Y. Lin et al., "Microsoft COCO", 2014.

The mask is read column by column; the lengths alternate between outside and inside, and begin outside. As text each
length is written five bits a letter, the lowest first, from the third on as the difference to the one before last
(P. Dollar's `maskApi.c`). pycocotools writes them. What a stranger wrote is read here, because pycocotools reads beyond
the end of a damaged text.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

MOST_PIXELS = 64_000_000
"""As many as a JPEG may have."""
MOST_LETTERS = 7
"""Of one length: 35 bits, more than any picture needs."""
MOST_POLYGON_PIXELS = 2**18
"""Length of all outlines of a region together; a picture is 1,024 pixels wide at most."""
FARTHEST = 100_000
"""Corners farther outside than so many pixels are none that a person has set."""
COST_OF_A_REGION, COST_OF_A_PIXEL_OF_OUTLINE = 50_000, 20
"""Measured against a painted pixel, which costs 1."""


class Runs(NamedTuple):
    """A region of a picture.

    Attributes:
        size_hw: of the picture in which it is described.
        starts: int64 (N,), places at which it begins, column by column, growing.
        ends: int64 (N,), places behind its last pixels.
        cost: about how much it took to read, in painted pixels.
    """

    size_hw: tuple[int, int]
    starts: np.ndarray
    ends: np.ndarray
    cost: int = COST_OF_A_REGION


def encode(region: np.ndarray) -> dict[str, Any]:
    """A region, bool (H, W), as `size` (height and width) and `counts` (ASCII text)."""
    from pycocotools import mask as coco_mask

    made = coco_mask.encode(np.asfortranarray(region, np.uint8))
    return {"size": [int(side) for side in made["size"]], "counts": made["counts"].decode("ascii")}


def from_coco(segmentation: Any, size_hw: tuple[int, int], drawn_hw: tuple[int, int]) -> Runs:
    """A region as a stranger may have written it.

    Args:
        segmentation: outlines (lists of x, y, x, y, ...), or `size` and `counts`, as text or as numbers (so COCO writes
            crowds).
        size_hw: of the picture in which outlines are described.
        drawn_hw: at which size outlines are filled.

    Raises:
        ValueError: it is no region, or too large.
    """
    if isinstance(segmentation, dict):
        height, width = (int(side) for side in segmentation["size"])
        return from_counts(segmentation["counts"], (height, width))
    return _from_polygons(segmentation, size_hw, drawn_hw)


def from_counts(counts: str | bytes | Sequence[int], size_hw: tuple[int, int]) -> Runs:
    """Lengths of runs, as text or as numbers; what they leave out at the end is outside.

    Raises:
        ValueError: they are no lengths, or more than the picture has pixels.
    """
    height, width = size_hw
    if height < 1 or width < 1 or height * width > MOST_PIXELS:
        raise ValueError(f"a mask of {width} x {height} pixels")
    text = counts.encode("ascii") if isinstance(counts, str) else counts
    lengths = _from_text(text) if isinstance(text, bytes) else np.array(text, np.float64)
    if lengths.ndim != 1 or not ((lengths >= 0) & (lengths <= MOST_PIXELS)).all():
        raise ValueError("lengths must be whole numbers from 0 on")
    edges = np.cumsum(lengths.astype(np.int64))
    if len(edges) and edges[-1] > height * width:
        raise ValueError("more pixels than the picture has")
    edges = edges[: len(edges) // 2 * 2]
    starts, ends = edges[0::2], edges[1::2]
    inside = ends > starts
    return Runs(size_hw, starts[inside], ends[inside])


def _from_text(text: bytes) -> np.ndarray:
    """int64 (N,): the lengths that a text says."""
    letters = np.frombuffer(text, np.uint8).astype(np.int64) - 48
    if not len(letters):
        return letters
    if letters.min() < 0 or letters.max() > 63 or letters[-1] & 32:
        raise ValueError("no text of lengths")
    firsts = np.concatenate([[0], np.flatnonzero((letters & 32) == 0)[:-1] + 1])
    digits = np.diff(np.append(firsts, len(letters)))
    if digits.max() > MOST_LETTERS:
        raise ValueError("a length that no picture has")
    place = np.arange(len(letters)) - np.repeat(firsts, digits)
    values = np.add.reduceat((letters & 31) << 5 * place, firsts)
    negative = (letters[firsts + digits - 1] & 16) != 0
    values -= negative * (np.int64(1) << 5 * digits)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _from_polygons(outlines: Any, size_hw: tuple[int, int], drawn_hw: tuple[int, int]) -> Runs:
    from pycocotools import mask as coco_mask

    scale = np.array([drawn_hw[1] / size_hw[1], drawn_hw[0] / size_hw[0]])
    outlines = [outlines] if outlines and isinstance(outlines[0], int | float) else outlines
    corners = [np.array(one, np.float64).reshape(-1, 2) * scale for one in outlines]
    if not corners or min(len(one) for one in corners) < 3:
        raise ValueError("an outline needs three corners")
    if not all((np.abs(one) <= FARTHEST).all() for one in corners):  # also where one is not a number
        raise ValueError("corners far outside")
    length = sum(np.abs(one - np.roll(one, 1, axis=0)).max(axis=1).sum() for one in corners)
    if length > MOST_POLYGON_PIXELS:
        raise ValueError("outlines longer than any picture's")
    made = coco_mask.merge(coco_mask.frPyObjects([one.ravel().tolist() for one in corners], *drawn_hw))
    runs = from_counts(made["counts"], drawn_hw)
    return runs._replace(cost=COST_OF_A_REGION * len(corners) + COST_OF_A_PIXEL_OF_OUTLINE * int(length))


def nearest(source: int, target: int) -> np.ndarray:
    """int64 (target,): which of `source` pixels is nearest to each of `target` pixels over the same length."""
    return (2 * np.arange(target) + 1) * source // (2 * target)


def resized(mask: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """A mask, (H, W), at another size, each pixel as the nearest one was."""
    if mask.shape == tuple(size_hw):
        return mask
    rows, columns = nearest(mask.shape[0], size_hw[0]), nearest(mask.shape[1], size_hw[1])
    return mask[rows[:, None], columns]


def paint(mask: np.ndarray, runs: Runs, value: int) -> int:
    """Give the pixels of a region a value, in place; of a region of another size the nearest ones.

    Args:
        mask: uint8 (H, W).
        runs: the region.
        value: 0 to 255.

    Returns:
        How many pixels were looked at.
    """
    height, width = runs.size_hw
    if not len(runs.starts):
        return 0
    first, last = int(runs.starts[0]) // height, (int(runs.ends[-1]) - 1) // height
    edges = np.stack([runs.starts, runs.ends], axis=1).ravel() - first * height
    lengths = np.diff(edges, prepend=0, append=(last + 1 - first) * height)
    inside = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths).reshape(-1, height)
    columns = nearest(width, mask.shape[1])
    low, high = np.searchsorted(columns, (first, last + 1))
    part = inside if width == mask.shape[1] else inside[columns[low:high] - first]
    part = part if height == mask.shape[0] else part[:, nearest(height, mask.shape[0])]
    np.copyto(mask[:, low:high], np.uint8(value), where=part.T)
    return inside.size
