"""Segmentation without a network: a picture falls into regions by its brightness, colours or edges alone.

None of them knows what a region is. `named_by_truth` says how good they could be if somebody told them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cvlib.errors import SpecError, UnknownName, UserError
from cvlib.tasks.mask_formats import IGNORE

REGIONS, FINENESS = (1, 20), (1, 2000)
"""Least and most groups of superpixels, and superpixels or basins."""
SEED = 0
COMPACTNESS = 10.0
"""SLIC: how much nearness counts against likeness of colour."""
SMOOTH = 1.0
"""Watershed: standard deviation in pixels, against grain."""
ROUNDS = 5
GRABCUT_SIDE = 384
"""GrabCut takes seconds on larger pictures: it sees them smaller."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Method:
    """The card of a method.

    Attributes:
        name: short name, an identifier.
        title: name for people.
        year: of its paper.
        paper: authors and title.
        description: a sentence for newcomers.
        options: which of `regions`, `fineness` and `box` it takes.
        run: `run(pixels, regions, fineness, box)` gives numbers (H, W), whatever they are.
    """

    name: str
    title: str
    year: int
    paper: str
    description: str
    options: tuple[str, ...]
    run: Callable[[np.ndarray, int, int, Box | None], np.ndarray]


def segment(
    method: str, pixels: np.ndarray, *, regions: int = 6, fineness: int = 200, box: Box | None = None
) -> np.ndarray:
    """The regions of a picture. The same picture and settings always give the same.

    Args:
        method: a name in `METHODS`.
        pixels: uint8 (H, W, 3).
        regions: `slic`: so many groups at most, 1 to 20.
        fineness: `slic`: about so many superpixels; `watershed`: about so many basins; 1 to 2000.
        box: `grabcut`: left, top, right, bottom in pixels, around the object.

    Returns:
        int32 (H, W), region numbers 0, 1, ... without gaps. A region need not hang together. Of `otsu` the dark one
        comes first, of `grabcut` what is not the object.

    Raises:
        UnknownName: there is no such method.
        SpecError: a number is out of its range.
        UserError: the box is missing, empty, or leaves no ground around it.
    """
    if method not in METHODS:
        raise UnknownName(f"There is no method {method!r}. Choose one of: {', '.join(METHODS)}.")
    for name, value, (least, most) in (("regions", regions, REGIONS), ("fineness", fineness, FINENESS)):
        if not least <= value <= most:
            raise SpecError(f"{name} must be between {least} and {most}; received {value}.")
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"pixels must be uint8 (H, W, 3); received {pixels.dtype} {pixels.shape}")
    return _without_gaps(METHODS[method].run(pixels, regions, fineness, box))


def _without_gaps(numbers: np.ndarray) -> np.ndarray:
    return np.unique(numbers, return_inverse=True)[1].reshape(numbers.shape).astype(np.int32)


def named_by_truth(regions: np.ndarray, truth: np.ndarray, num_classes: int) -> np.ndarray:
    """A mask in which every region has the class that most of its judged pixels truly have.

    Nobody who names whole regions can have more pixels right: it is an upper bound on how well a method that knows no
    classes can do, and no result of its own, because it is told the truth.

    Args:
        regions: int (H, W), numbers from 0 on.
        truth: uint8 (H, W), a mask; 255 is not judged.
        num_classes: with the background.

    Returns:
        uint8 (H, W). A region without judged pixels is 0; of classes as frequent the first one counts.
    """
    judged = truth != IGNORE
    if regions.shape != truth.shape or (truth[judged] >= num_classes).any():
        raise ValueError(f"regions {regions.shape} and truth {truth.shape} must fit, with {num_classes} classes")
    pairs = regions[judged].astype(np.int64) * num_classes + truth[judged]
    votes = np.bincount(pairs, minlength=(int(regions.max(initial=-1)) + 1) * num_classes)
    return votes.reshape(-1, num_classes).argmax(axis=1).astype(np.uint8)[regions]


def _luminance(pixels: np.ndarray) -> np.ndarray:
    """float64 (H, W), 0 to 255, as ITU-R BT.601 weighs the colours."""
    return pixels @ np.array([0.299, 0.587, 0.114])


def _otsu(pixels: np.ndarray, _regions: int, _fineness: int, _box: Box | None) -> np.ndarray:
    from skimage.filters import threshold_otsu

    grey = np.round(_luminance(pixels)).astype(np.uint8)
    return grey > threshold_otsu(grey)


def _slic(pixels: np.ndarray, regions: int, fineness: int, _box: Box | None) -> np.ndarray:
    from skimage.color import rgb2lab
    from skimage.segmentation import slic

    count = min(fineness, pixels.shape[0] * pixels.shape[1])
    parts = _without_gaps(slic(pixels, n_segments=count, compactness=COMPACTNESS, start_label=0))
    sizes = np.bincount(parts.ravel())
    lab = rgb2lab(pixels).reshape(-1, 3)
    means = np.stack([np.bincount(parts.ravel(), lab[:, one]) for one in range(3)], axis=1) / sizes[:, None]
    return _grouped(means, sizes, regions)[parts]


def _grouped(colors: np.ndarray, weights: np.ndarray, groups: int) -> np.ndarray:
    """The group of each colour by k-means, in as many groups as there are different colours at most."""
    from sklearn.cluster import KMeans

    rounded = np.round(colors, 3)
    groups = min(groups, len(np.unique(rounded, axis=0)))
    return KMeans(groups, n_init=4, random_state=SEED).fit(rounded, sample_weight=weights).labels_


def _watershed(pixels: np.ndarray, _regions: int, fineness: int, _box: Box | None) -> np.ndarray:
    from skimage.filters import gaussian, sobel
    from skimage.segmentation import watershed

    gradient = sobel(gaussian(_luminance(pixels) / 255, SMOOTH))
    return watershed(gradient, _calm_places(gradient, fineness))


def _calm_places(gradient: np.ndarray, count: int) -> np.ndarray:
    """Markers 1, 2, ..., int32 (H, W): where the edges are weakest in each of about so many fields of a grid."""
    height, width = gradient.shape
    down = int(np.clip(round((count * height / width) ** 0.5), 1, height))
    across = int(np.clip(round(count / down), 1, width))
    tops, lefts = np.arange(down + 1) * height // down, np.arange(across + 1) * width // across
    markers = np.zeros(gradient.shape, np.int32)
    for row in range(down):
        for column in range(across):
            field = gradient[tops[row] : tops[row + 1], lefts[column] : lefts[column + 1]]
            y, x = np.unravel_index(field.argmin(), field.shape)
            markers[tops[row] + y, lefts[column] + x] = row * across + column + 1
    return markers


def _grabcut(pixels: np.ndarray, _regions: int, _fineness: int, box: Box | None) -> np.ndarray:
    import cv2

    scale = min(1.0, GRABCUT_SIDE / max(pixels.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    rectangle = _rectangle(box, pixels.shape[:2], (height, width))
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else pixels.copy()
    found = np.zeros((height, width), np.uint8)
    cv2.setRNGSeed(SEED)
    cv2.grabCut(small, found, rectangle, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_RECT)
    inside = ((found == cv2.GC_FGD) | (found == cv2.GC_PR_FGD)).astype(np.uint8)
    return cv2.resize(inside, pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def _rectangle(box: Box | None, size_hw: tuple[int, int], small_hw: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height in whole pixels of the small picture.

    Raises:
        UserError: the box is missing, empty, or leaves no ground around it.
    """
    if box is None:
        raise UserError("GrabCut needs a box. Draw one around the object.")
    if not np.isfinite(box).all() or box[2] - box[0] < 1 or box[3] - box[1] < 1:
        raise UserError("The box is empty. Draw a larger one around the object.")
    scale = np.array([small_hw[1] / size_hw[1], small_hw[0] / size_hw[0]] * 2)
    most = np.array([small_hw[1], small_hw[0]] * 2)
    left, top, right, bottom = np.clip(np.round(np.array(box) * scale), 0, most).astype(int).tolist()
    if right <= left or bottom <= top:
        raise UserError("The box lies outside the picture, or is too thin. Draw another one around the object.")
    if (right - left) * (bottom - top) == small_hw[0] * small_hw[1]:
        raise UserError("The box covers the whole picture. Leave some ground around the object, to learn its colours.")
    return left, top, right - left, bottom - top


_CARDS = (
    Method(
        name="otsu",
        title="Otsu's threshold",
        year=1979,
        paper="Otsu: A threshold selection method from gray-level histograms, 1979",
        description="Parts light from dark pixels at the brightness that makes both groups most alike in themselves.",
        options=(),
        run=_otsu,
    ),
    Method(
        name="slic",
        title="Superpixels, grouped by colour",
        year=2012,
        paper="Achanta, Shaji, Smith et al.: SLIC superpixels compared to state-of-the-art superpixel methods, 2012",
        description="Gathers neighbouring pixels of like colour into small patches, and patches of like colour into "
        "groups.",
        options=("regions", "fineness"),
        run=_slic,
    ),
    Method(
        name="watershed",
        title="Watershed",
        year=1979,
        paper="Beucher & Lantuéjoul: Use of watersheds in contour detection, 1979; Vincent & Soille: Watersheds in "
        "digital spaces: an efficient algorithm based on immersion simulations, 1991",
        description="Takes edges for ridges and lets water rise from calm places; where two waters meet is a border.",
        options=("fineness",),
        run=_watershed,
    ),
    Method(
        name="grabcut",
        title="GrabCut",
        year=2004,
        paper="Rother, Kolmogorov & Blake: GrabCut: interactive foreground extraction using iterated graph cuts, 2004",
        description="Learns the colours inside and outside a box that you draw, and cuts the object out along edges.",
        options=("box",),
        run=_grabcut,
    ),
)
METHODS: Mapping[str, Method] = {card.name: card for card in _CARDS}
"""Every method by its name, in the order in which they are offered."""
