"""Data sets of scenes: pictures with many objects, a box around each, and often a mask. A new one is an entry here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cvlib.data import bccd, camvid, digit_scenes, oxford_pets, scenes, street
from cvlib.data.base import Dataset, Split
from cvlib.data.scenes import Scene
from cvlib.errors import DataUnavailable, SpecError, UnknownName

SEEN = {"train": 0, "validation": 1, "test": 2}
"""Each split has seeds of its own: no picture is in two of them, however many are drawn."""
SHAPES = scenes.NAMES[:5]
SHAPES_A_PICTURE = (3, 6)
DIGITS_A_PICTURE = (3, 6)
SIZES = (64, 256)
"""Smallest and largest side of drawn pictures, in pixels."""
Draw = Callable[[np.random.Generator, tuple[int, int], bool, str], Scene]
"""`draw(rng, size_hw, single, split)`: one picture, with one object only if `single`."""


@dataclass(frozen=True, kw_only=True)
class SceneInfo:
    """The card of a data set of scenes. Cheap: nothing is loaded for it.

    Attributes:
        name: short name, an identifier.
        title: name for people.
        description: one sentence for newcomers.
        licence: under which the pictures are used.
        source: address of the origin.
        class_names: of the objects with boxes.
        mask_names: of the masks' values 1, 2, ...; none where there are no masks.
        ground: what the masks' value 0 is called.
        size_hw: height and width of its pictures in pixels, of the default size where they are drawn.
        counts: pictures in the `train`, `validation` and `test` splits by default.
        draw: draws one of its pictures; None where they are photos.
        read: the splits of photos, by `read(split)`; None where they are drawn.
        single: whether it can be had with one object a picture.
        available: whether it is on this machine.
        fetch: brings it here from the internet; None where only the host can.
    """

    name: str
    title: str
    description: str
    licence: str
    source: str
    class_names: tuple[str, ...]
    mask_names: tuple[str, ...] = ()
    ground: str = "background"
    size_hw: tuple[int, int]
    counts: Mapping[str, int]
    draw: Draw | None = None
    read: Callable[[str], Split] | None = None
    single: bool = False
    available: Callable[[], bool] = lambda: True
    fetch: Callable[[], None] | None = None

    @property
    def num_classes(self) -> int:
        """Number of classes with boxes."""
        return len(self.class_names)

    @property
    def area_names(self) -> tuple[str, ...]:
        """Of the masks' values 0, 1, 2, ...; none where there are no masks."""
        return (self.ground, *self.mask_names) if self.mask_names else ()

    @property
    def resizable(self) -> bool:
        """Whether it is drawn at any size."""
        return self.draw is not None

    def at(self, image_size: int | None) -> tuple[int, int]:
        """Height and width of its pictures if the shorter side has so many pixels."""
        if image_size is None:
            return self.size_hw
        scale = image_size / min(self.size_hw)
        return round(self.size_hw[0] * scale), round(self.size_hw[1] * scale)


def _draw_shapes(rng: np.random.Generator, size_hw: tuple[int, int], single: bool, _split: str) -> Scene:
    count = 1 if single else int(rng.integers(SHAPES_A_PICTURE[0], SHAPES_A_PICTURE[1] + 1))
    return scenes.draw_scene(rng, size_hw, rng.integers(0, len(SHAPES), count))


def _draw_street(rng: np.random.Generator, size_hw: tuple[int, int], _single: bool, _split: str) -> Scene:
    return street.draw_street(rng, size_hw)


def _draw_digits(rng: np.random.Generator, size_hw: tuple[int, int], single: bool, split: str) -> Scene:
    count = 1 if single else int(rng.integers(DIGITS_A_PICTURE[0], DIGITS_A_PICTURE[1] + 1))
    return digit_scenes.draw_digit_scene(rng, size_hw, rng.integers(0, 10, count), digit_scenes.handwriting(split))


DRAWN = {"licence": "MIT, as this app that draws them", "source": "Drawn by this app from a seed"}
_CARDS = (
    SceneInfo(
        name="shapes",
        title="Drawn shapes, many a picture",
        description="3 to 6 textured shapes of 5 kinds on a cluttered ground, which may cover each other.",
        class_names=SHAPES,
        mask_names=SHAPES,
        size_hw=(128, 128),
        counts={"train": 1000, "validation": 100, "test": 300},
        draw=_draw_shapes,
        single=True,
        **DRAWN,
    ),
    SceneInfo(
        name="street",
        title="Drawn streets",
        description="A street as a driver sees it, with cars, people and signs, near and far.",
        class_names=street.OBJECT_NAMES,
        mask_names=street.CLASS_NAMES,
        ground="pavement",
        size_hw=(128, 160),
        counts={"train": 1000, "validation": 100, "test": 300},
        draw=_draw_street,
        **DRAWN,
    ),
    SceneInfo(
        name="digit_scenes",
        title="Handwritten digits on a page",
        description="3 to 6 digits that people wrote, scattered over a stained page.",
        class_names=tuple("0123456789"),
        mask_names=tuple("0123456789"),
        size_hw=(128, 128),
        counts={"train": 1000, "validation": 100, "test": 300},
        draw=_draw_digits,
        single=True,
        licence="CC BY 4.0 (the digits: UCI Machine Learning Repository)",
        source="https://doi.org/10.24432/C50P49",
    ),
    SceneInfo(
        name="bccd",
        title="Blood cells (photos)",
        description="Photos through a microscope: red cells, white cells and platelets, each with a box.",
        licence="MIT (Shenggan, BCCD_Dataset)",
        source="https://github.com/Shenggan/BCCD_Dataset",
        class_names=bccd.CLASS_NAMES,
        size_hw=bccd.SIZE_HW,
        counts=bccd.COUNTS,
        read=bccd.read,
        available=bccd.available,
    ),
    SceneInfo(
        name="camvid",
        title="CamVid (photos of streets)",
        description="Photos from a car in Cambridge, in which people named every pixel by hand.",
        licence="None stated by its authors; free for research and teaching by custom",
        source="http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/",
        class_names=(),
        mask_names=camvid.CLASS_NAMES,
        ground="unlabelled",
        size_hw=camvid.SIZE_HW,
        counts=camvid.COUNTS,
        read=camvid.read,
        available=camvid.available,
    ),
    SceneInfo(
        name="oxford_pets",
        title="Oxford-IIIT Pet (photos)",
        description="Photos of cats and dogs of 37 breeds, each with the animal cut out by hand.",
        licence="CC BY-SA 4.0 (Parkhi, Vedaldi, Zisserman & Jawahar)",
        source="https://www.robots.ox.ac.uk/~vgg/data/pets/",
        class_names=(),
        mask_names=oxford_pets.CLASS_NAMES,
        size_hw=oxford_pets.SIZE_HW,
        counts=oxford_pets.COUNTS,
        read=oxford_pets.read,
        available=oxford_pets.available,
        fetch=oxford_pets.fetch,
    ),
)
SCENES: Mapping[str, SceneInfo] = {card.name: card for card in _CARDS}
"""Every card by its name, in the order in which they are offered."""


def scene_info(name: str) -> SceneInfo:
    """The card of a data set of scenes.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in SCENES:
        raise UnknownName(f"There are no scenes named {str(name)[:80]!r}. There are {', '.join(SCENES)}.")
    return SCENES[name]


def load_scenes(
    name: str,
    *,
    seed: int = 0,
    image_size: int | None = None,
    train_size: int | None = None,
    single: bool = False,
    masks: bool = False,
    splits: tuple[str, ...] = ("train", "validation", "test"),
) -> Dataset:
    """Load scenes, split. The same arguments give the same arrays, and fewer training pictures are the first of more.

    Args:
        name: in `SCENES`.
        seed: of the pictures where they are drawn.
        image_size: shorter side in pixels, 64 to 256, where they are drawn; None takes the set's own.
        train_size: number of training pictures; None takes the set's own.
        single: whether a picture has one object only.
        masks: whether the masks are wanted: the data set's class names are then those of the areas.
        splits: those that are not named are left empty.

    Raises:
        UnknownName: there is none of this name.
        SpecError: an argument makes no sense for this data set.
        DataUnavailable: it is not on this machine.
    """
    card = scene_info(name)
    check_scenes(card, image_size, single, masks=masks)
    counts = {split: count * (split in splits) for split, count in card.counts.items()}
    if train_size and "train" in splits:
        counts["train"] = train_size if card.draw else min(train_size, counts["train"])
    if card.draw:
        same = {"seed": seed, "image_size": image_size, "single": single}
        parts = {split: take_scenes(name, split, range(count), **same) for split, count in counts.items()}
    else:
        parts = {split: card.read(split).take(range(count)) for split, count in counts.items()}
    return Dataset(
        name=card.name,
        title=card.title,
        class_names=card.area_names if masks else card.class_names,
        licence=card.licence,
        source=card.source,
        **parts,
    )


def take_scenes(
    name: str, split: str, places: Sequence[int], *, seed: int = 0, image_size: int | None = None, single: bool = False
) -> Split:
    """Some pictures of a split, as `load_scenes` has them; where they are drawn, only these are.

    Args:
        name: see `load_scenes`, as the others.
        split: `train`, `validation` or `test`.
        places: which.
        seed: see `load_scenes`.
        image_size: see there.
        single: see there.
    """
    card = scene_info(name)
    check_scenes(card, image_size, single, masks=not card.class_names)
    if card.draw is None:
        return card.read(split).take(places)
    size_hw = card.at(image_size)
    rngs = (np.random.default_rng((seed, SEEN[split], place)) for place in places)
    return as_split([card.draw(rng, size_hw, single, split) for rng in rngs], size_hw)


def check_scenes(card: SceneInfo, image_size: int | None, single: bool, *, masks: bool = False) -> None:
    """See that scenes can be had so, with boxes or with masks.

    Raises:
        SpecError: they cannot.
        DataUnavailable: they are not on this machine.
    """
    if not (card.mask_names if masks else card.class_names):
        raise SpecError(f"{card.title} comes without {'masks' if masks else 'boxes'}. Choose other pictures.")
    if single and not card.single:
        raise SpecError(f"{card.title} cannot be had with one object a picture. Choose other pictures.")
    if image_size is not None and not card.resizable:
        raise SpecError(f"The pictures of {card.title} have one size only; leave image_size out.")
    if image_size is not None and not SIZES[0] <= image_size <= SIZES[1]:
        raise SpecError(f"image_size must be between {SIZES[0]} and {SIZES[1]} pixels; received {image_size!r}.")
    if not card.available():
        raise DataUnavailable(
            f"{card.title} is not on this machine. "
            + (
                f"The host can fetch it with: python -m cvlib prepare --data {card.name}"
                if card.fetch
                else "The host can put it into the folder that CVLIB_DATA names."
            )
        )


def as_split(drawn: list[Scene], size_hw: tuple[int, int]) -> Split:
    """Scenes of one size as a split; the pictures have no label of their own, which is written as 0."""
    empty = (0, *size_hw)
    return Split(
        images=np.stack([scene.image for scene in drawn]) if drawn else np.zeros((*empty, 3), np.uint8),
        labels=np.zeros(len(drawn), np.int64),
        ids=np.arange(len(drawn)),
        boxes_xyxy=tuple(scene.boxes_xyxy for scene in drawn),
        box_labels=tuple(scene.box_labels for scene in drawn),
        masks=np.stack([scene.mask for scene in drawn]) if drawn else np.zeros(empty, np.uint8),
    )
