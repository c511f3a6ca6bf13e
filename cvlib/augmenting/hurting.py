"""A trained network judges augmented pictures: each tile of a page, and whole splits of a data set.

The functions take a model and run in a worker.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import ongoing
from cvlib.adversarial import base
from cvlib.augmentation import batch, running
from cvlib.augmentation.chance import Chance
from cvlib.augmentation.pipeline import Pipeline
from cvlib.augmenting import looking
from cvlib.augmenting.answers import Answers
from cvlib.augmenting.looking import Shot, Tiles
from cvlib.data.base import Split
from cvlib.errors import SpecError


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a network says of random draws of one picture.

    Attributes:
        tiles: the N draws.
        said: int64 (N,), the most probable class of each.
        sure: float32 (N,), its probability.
        truth: int64 (N,), what they are judged against.
        before: float32 (K,), what it says of the picture untouched.
    """

    tiles: Tiles
    said: np.ndarray
    sure: np.ndarray
    truth: np.ndarray
    before: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """bool (N,)."""
        return self.said == self.truth


@dataclass(frozen=True, eq=False)
class Part:
    """How far a measurement has come.

    Attributes:
        share: of the work that is done, 0 to 1.
        place: which pipeline is measured.
        answers: of all pictures under it, once it is through; None while it is not.
    """

    share: float
    place: int
    answers: Answers | None


def judge(
    model: Any, shot: Shot, pipeline: str, count: int, *, seed: int = 0, pool: Sequence[Shot] = (),
    label: int | None = None,
) -> Verdicts:  # fmt: skip
    """What the network says of random draws of a picture.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        shot: the picture as the network takes it.
        pipeline: its text.
        count: N.
        seed: the same seed gives the same draws.
        pool: what it may be mixed with, of the same shape.
        label: its true class; None takes what the network says of it untouched. A mixed picture is judged against the
            one with the larger share in it, another one by what the network says of that one untouched.

    Raises:
        SpecError: a picture is not of the network's shape, there is no such class, or nothing to mix with.
    """
    network = base.probe(model)
    shots = (shot, *pool)
    for one in shots:
        if one.image.dtype != np.uint8 or one.image.shape != network.input_shape:
            raise SpecError(f"The network takes pictures {network.input_shape}; received {one.image.shape}.")
    if Pipeline.from_text(pipeline).mixes and not pool:
        raise SpecError("A pipeline that mixes pictures needs others to mix with; received none.")
    before = base.probabilities(network, np.stack([one.image for one in shots]))
    truths = before.argmax(axis=1)
    if label is not None:
        if not 0 <= label < before.shape[1]:
            raise SpecError(f"The class must be 0 to {before.shape[1] - 1}; received {label!r}.")
        truths[0] = label
    tiles = looking.draws(shot, pipeline, count, seed=seed, pool=pool)
    after = base.probabilities(network, tiles.images)
    truth = truths[tiles.shares.argmax(axis=1)]
    return Verdicts(tiles, after.argmax(axis=1), after.max(axis=1), truth, before[0])


def measure(model: Any, split: Split, pipelines: Sequence[str], *, seed: int = 0) -> Iterator[Part]:
    """What the network says of all pictures of a split under each of some pipelines, batch by batch.

    Chance is the same for every pipeline: what differs between two of them is what they say.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        split: labelled pictures.
        pipelines: their texts; an empty one leaves the pictures untouched.
        seed: of everything random.

    Raises:
        SpecError: the pictures do not fit the network, there are none, or a pipeline is none.
        UnknownName: a pipeline names what there is not.
    """
    chosen = [Pipeline.from_text(text) for text in pipelines]
    network = base.probe(model)
    if not len(split) or split.images.shape[1:] != network.input_shape:
        raise SpecError(f"The network takes pictures {network.input_shape}; received {split.images.shape}.")
    return _measured(network, split, chosen, seed)


def _measured(network: Any, split: Split, chosen: Sequence[Pipeline], seed: int) -> Iterator[Part]:
    parts = base.batches(split.images)
    for place, pipeline in enumerate(chosen):
        truth, said = [], []
        for number, places in enumerate(parts):
            pictures, labels = augmented(pipeline, split.take(places), (seed, number), int(split.labels.max()) + 1)
            truth.append(labels)
            said.append(base.probabilities(network, pictures).argmax(axis=1))
            done = (place * len(parts) + number + 1) / (len(parts) * len(chosen))
            ready = number == len(parts) - 1
            yield Part(done, place, Answers(np.concatenate(truth), np.concatenate(said)) if ready else None)


def augmented(
    pipeline: Pipeline, split: Split, seed: tuple[int, int], num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures after a pipeline, uint8 (N, H, W, C), and their classes, int64 (N,); mixed ones among themselves."""
    given = batch.of_arrays(split.images, labels=split.labels, num_classes=num_classes)
    made, _ = running.run(pipeline, given, Chance(np.array(seed, np.int32)))
    return np.rint(made.images.numpy()).astype(np.uint8), made.labels.numpy().argmax(axis=1)


def begin(model: Any, split: Split, pipelines: Sequence[str]) -> str:
    """Begin to measure; a token for `ongoing.proceed`. See `measure`."""
    return ongoing.keep(measure(model, split, pipelines))
