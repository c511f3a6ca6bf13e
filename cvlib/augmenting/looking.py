"""What a pipeline makes of one picture: random draws of it, and a sweep from weak to strong."""

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cvlib import lazy
from cvlib.augmentation import batch, running
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.blending import LUMA
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.data.samples import SAMPLES, load_sample
from cvlib.errors import SpecError
from cvlib.figures import grid

cv2 = lazy.load("cv2")

OTHERS = ("cat", "coffee", "astronaut", "rocket")
"""The sample photos that others are mixed with."""
SAMPLE_PX = 256


@dataclass(frozen=True, eq=False)
class Shot:
    """A picture with what is known about it.

    Attributes:
        image: uint8 (H, W, C), C is 1 or 3.
        name: of the picture, for people.
        mask: uint8 (H, W) of class indexes, 255 is ignored; None without.
        boxes_xyxy: float32 (k, 4) in pixels; None without.
        box_labels: int64 (k,), their classes; None without boxes.
        class_names: of the boxes' labels and, after a background, of the mask's values.
    """

    image: np.ndarray
    name: str = ""
    mask: np.ndarray | None = None
    boxes_xyxy: np.ndarray | None = None
    box_labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()

    @property
    def has(self) -> tuple[str, ...]:
        """Of `boxes` and `masks`, what it has."""
        return ("boxes",) * (self.boxes_xyxy is not None) + ("masks",) * (self.mask is not None)


@dataclass(frozen=True, eq=False)
class Tiles:
    """Pictures out of a pipeline.

    Attributes:
        images: uint8 (N, H, W, C).
        masks: uint8 (N, H, W); None without.
        boxes_xyxy: one float32 (k, 4) a picture; None without.
        box_labels: one int64 (k,) a picture; None without.
        lost: int (N,), how many of the picture's own boxes have left it; None without boxes.
        shares: float32 (N, 1 + M), what of each picture's label is the picture's own and the M others'; sums to 1.
        names: 1 + M, of the picture and of those it may be mixed with.
        drawn: for each step that is on, what was drawn: `applied` bool (N,), and float32 (N,) for each range.
        seconds: what it took.
    """

    images: np.ndarray
    masks: np.ndarray | None
    boxes_xyxy: tuple[np.ndarray, ...] | None
    box_labels: tuple[np.ndarray, ...] | None
    lost: np.ndarray | None
    shares: np.ndarray
    names: tuple[str, ...]
    drawn: tuple[Mapping[str, np.ndarray], ...]
    seconds: float

    def mixture(self, place: int) -> dict[str, float]:
        """What of a picture's label is whose, by the pictures' names; those of one name count together."""
        shares: dict[str, float] = {}
        for name, share in zip(self.names, self.shares[place], strict=True):
            shares[name] = shares.get(name, 0.0) + float(share)
        return shares


@dataclass(frozen=True, eq=False)
class Sweep:
    """One parameter from weak to strong: its values (N,), and the pictures."""

    values: tuple[float, ...]
    tiles: Tiles


def draws(shot: Shot, pipeline: str, count: int, *, seed: int = 0, pool: Sequence[Shot] = ()) -> Tiles:
    """So many random draws of a pipeline.

    Args:
        shot: the picture.
        pipeline: its text.
        count: N.
        seed: the same seed gives the same pictures.
        pool: what it may be mixed with, of any size; the sample photos where there are none.

    Raises:
        SpecError: the pipeline cannot carry the picture's boxes or mask along, or is none.
        UnknownName: it names what there is not.
    """
    began = time.perf_counter()
    chosen = Pipeline.from_text(pipeline)
    check(chosen, shot)
    others = tuple(pool) or (samples() if chosen.mixes else ())
    fitted = [_fitted(other, shot) for other in others]
    most = max([len(each.box_labels) for each in (shot, *fitted) if each.box_labels is not None], default=0)
    own = _batch([shot] * count, 0, 1 + len(fitted), most)
    around = _batch(fitted, 1, 1 + len(fitted), most) if fitted else None
    made, drawn = running.run(chosen, own, Chance(_seed(seed), around))
    values = tuple({name: np.asarray(value) for name, value in step.items()} for step in drawn)
    names = (shot.name, *(other.name for other in fitted))
    return replace(_tiles(made, shot, names), drawn=values, seconds=time.perf_counter() - began)


def sweep(shot: Shot, step: str, parameter: str, count: int, *, seed: int = 0, pool: Sequence[Shot] = ()) -> Sweep:
    """One parameter of one step from weak to strong, all else as it is.

    Args:
        shot: the picture.
        step: its text; a pipeline of one.
        parameter: of its transform.
        count: of values, 2 or more; fewer come back where whole numbers repeat themselves.
        seed: of what else is random.
        pool: see `draws`.
    """
    chosen = Step.from_text(step)
    values = list(dict.fromkeys(chosen.card.parameter(parameter).sweep(count)))
    one = [draws(shot, chosen.fixed(parameter, value).to_text(), 1, seed=seed, pool=pool) for value in values]
    return Sweep(tuple(values), _joined(one))


def check(pipeline: Pipeline, shot: Shot) -> None:
    """See that a pipeline can carry what is known of a picture.

    Raises:
        SpecError: it cannot; the sentence names the steps.
    """
    if stuck := pipeline.stuck(*shot.has):
        what = " or ".join(shot.has)
        raise SpecError(f"{', '.join(stuck)} cannot move {what} along. Switch it off, or take a picture without.")


@functools.cache
def samples() -> tuple[Shot, ...]:
    """Some sample photos, to be mixed with."""
    return tuple(Shot(grid.enlarge(load_sample(name), SAMPLE_PX, smooth=True), SAMPLES[name].title) for name in OTHERS)


def _fitted(other: Shot, shot: Shot) -> Shot:
    """Another picture, of the same size, channels and knowledge."""
    height, width, channels = shot.image.shape
    image = other.image
    if image.shape[2] != channels:
        image = np.repeat(image, 3, axis=2) if channels == 3 else _grey(image)
    factors = np.array([width / image.shape[1], height / image.shape[0]] * 2, np.float32)
    if image.shape[:2] != (height, width):
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width, channels)
    mask, boxes, labels = None, None, None
    if shot.mask is not None:
        mask = np.zeros((height, width), np.uint8)
        if other.mask is not None:
            mask = cv2.resize(other.mask, (width, height), interpolation=cv2.INTER_NEAREST)
    if shot.boxes_xyxy is not None:
        boxes, labels = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
        if other.boxes_xyxy is not None:
            boxes, labels = other.boxes_xyxy * factors, other.box_labels
    return Shot(image, other.name, mask, boxes, labels, shot.class_names)


def _grey(image: np.ndarray) -> np.ndarray:
    return np.rint(image @ np.array(LUMA)).astype(np.uint8)[..., None]


def _batch(shots: Sequence[Shot], first: int, num_names: int, most: int) -> Batch:
    """Shots of one size as a batch; their labels say which picture they are, from `first` on or all the first one."""
    places = np.zeros(len(shots), int) if first == 0 else np.arange(first, first + len(shots))
    boxes, labels = None, None
    if shots[0].boxes_xyxy is not None:
        boxes = np.zeros((len(shots), most, 4), np.float32)
        labels = np.full((len(shots), most), -1, np.int32)
        for place, shot in enumerate(shots):
            count = len(shot.box_labels)
            boxes[place, :count], labels[place, :count] = shot.boxes_xyxy, shot.box_labels
    return batch.of_arrays(
        np.stack([shot.image for shot in shots]),
        labels=places,
        num_classes=num_names,
        masks=None if shots[0].mask is None else np.stack([shot.mask for shot in shots]),
        boxes_xyxy=boxes,
        box_labels=labels,
    )


def _tiles(made: Batch, shot: Shot, names: tuple[str, ...]) -> Tiles:
    boxes, labels, lost = None, None, None
    if made.marks is not None:
        bounds, classes = batch.bounded(made.marks).numpy(), made.box_labels.numpy()
        there = (bounds[..., 2] > bounds[..., 0]) & (classes >= 0)
        boxes = tuple(each[kept] for each, kept in zip(bounds, there, strict=True))
        labels = tuple(each[kept].astype(np.int64) for each, kept in zip(classes, there, strict=True))
        own = len(shot.box_labels)
        lost = own - there[:, :own].sum(axis=1)
    images = np.rint(made.images.numpy()).astype(np.uint8)
    masks = None if made.masks is None else made.masks.numpy()
    return Tiles(images, masks, boxes, labels, lost, made.labels.numpy(), names, (), 0.0)


def _joined(parts: Sequence[Tiles]) -> Tiles:
    first = parts[0]
    return Tiles(
        np.concatenate([part.images for part in parts]),
        None if first.masks is None else np.concatenate([part.masks for part in parts]),
        None if first.boxes_xyxy is None else tuple(box for part in parts for box in part.boxes_xyxy),
        None if first.box_labels is None else tuple(label for part in parts for label in part.box_labels),
        None if first.lost is None else np.concatenate([part.lost for part in parts]),
        np.concatenate([part.shares for part in parts]),
        first.names,
        tuple(
            {name: np.concatenate([part.drawn[number][name] for part in parts]) for name in values}
            for number, values in enumerate(first.drawn)
        ),
        sum(part.seconds for part in parts),
    )


def _seed(seed: int) -> np.ndarray:
    return np.array([seed, 0], np.int32)
