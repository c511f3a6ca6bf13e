"""Pictures that are always here, for whoever has none at hand: photos that come with scikit-image, and our own data.

Only photos inside the scikit-image package itself: the others would be fetched from the internet.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PIL import Image

from cvlib.data import load
from cvlib.data.scenes import NAMES, draw_scene
from cvlib.errors import UnknownName

LONGEST = 1024
"""Longest side of a sample in pixels."""


@dataclass(frozen=True)
class Sample:
    """A built-in picture.

    Attributes:
        name: in the catalogue.
        title: what it shows.
        credit: who made it and on what terms it is used.
        read: gives its pixels, uint8 (H, W), (H, W, 1) or (H, W, 3).
    """

    name: str
    title: str
    credit: str
    read: Callable[[], np.ndarray] = field(repr=False)


def _photo(function: str) -> np.ndarray:
    import skimage.data

    return getattr(skimage.data, function)()


def _test_picture(data: str, label: int) -> np.ndarray:
    """A picture that no network which is trained with the default split has seen."""
    test = load(data).test
    return test.images[int(np.flatnonzero(test.labels == label)[0])]


def _scene(seed: int, classes: tuple[str, ...], size: int = 256) -> np.ndarray:
    labels = [NAMES.index(name) for name in classes]
    return draw_scene(np.random.default_rng((seed, 2**31)), (size, size), labels).image


_PHOTOS = (
    ("cat", "chelsea", "Cat", "Stefan van der Walt, CC0"),
    ("coffee", "coffee", "Cup of coffee", "Rachel Michetti, CC0"),
    ("astronaut", "astronaut", "Astronaut", "NASA, public domain"),
    ("rocket", "rocket", "Rocket at its launch", "SpaceX, public domain"),
    ("cameraman", "camera", "Man with a camera", "Lav Varshney, CC0"),
    ("coins", "coins", "Old coins", "Brooklyn Museum, no known copyright restrictions"),
    ("clock", "clock", "Wall clock, blurred", "Stefan van der Walt, public domain"),
    ("retina", "retina", "Retina of an eye", "Mikael Häggström, CC0"),
    ("galaxies", "hubble_deep_field", "Galaxies", "NASA, public domain"),
    ("tissue", "immunohistochemistry", "Stained tissue", "CMMI, no known copyright restrictions"),
    ("bricks", "brick", "Bricks", "CC0 Textures, CC0"),
    ("grass", "grass", "Grass", "linolafett, CC0"),
    ("gravel", "gravel", "Gravel", "CC0 Textures, CC0"),
)
_DIGITS_CREDIT = "E. Alpaydin and C. Kaynak, UCI, CC BY 4.0"
_FACES_CREDIT = "Labeled Faces in the Wild, University of Massachusetts"
_DRAWN_CREDIT = "Drawn by this app"


def _own() -> Iterable[Sample]:
    for digit in (3, 5, 8):
        yield Sample(f"digit_{digit}", f"Handwritten {digit}", _DIGITS_CREDIT, partial(_test_picture, "digits", digit))
    yield Sample("face", "Face, 25 × 25 pixels", _FACES_CREDIT, partial(_test_picture, "faces", 1))
    for number, shape in enumerate(("star", "heart", "ring")):
        yield Sample(f"shape_{shape}", f"Drawn {shape}", _DRAWN_CREDIT, partial(_scene, number, (shape,)))
    several = ("circle", "square", "star", "crescent", "cross")
    yield Sample("shapes", "Several drawn shapes", _DRAWN_CREDIT, partial(_scene, 7, several, 384))


def _catalogue(samples: Iterable[Sample]) -> dict[str, Sample]:
    by_name: dict[str, Sample] = {}
    for sample in samples:
        if sample.name in by_name:
            raise ValueError(f"there are two samples named {sample.name}")
        by_name[sample.name] = sample
    return by_name


SAMPLES: dict[str, Sample] = _catalogue(
    [*(Sample(name, title, credit, partial(_photo, call)) for name, call, title, credit in _PHOTOS), *_own()]
)
"""Every sample by its name, in the order in which they are offered."""


def load_sample(name: str) -> np.ndarray:
    """The pixels of a built-in picture.

    Args:
        name: in `SAMPLES`.

    Returns:
        uint8 (H, W, 3) RGB, at most 1,024 pixels a side.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in SAMPLES:
        raise UnknownName(f"There is no sample named {str(name)[:80]!r}. There are {', '.join(SAMPLES)}.")
    pixels = SAMPLES[name].read()
    picture = Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    picture = picture.convert("RGB")
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.array(picture)
