"""Training a network on a person's own pictures with masks, which stay in the worker's memory while they are needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import lazy, ongoing, recipes
from cvlib.data import Dataset, Split
from cvlib.errors import ImageError
from cvlib.figures.masks import area_colors
from cvlib.segmenting import code
from cvlib.segmenting.looking import Looked
from cvlib.tasks import mask_runs, mask_tiling, segmentation, tiling
from cvlib.tasks.segmentation import IGNORE, Prediction, Scores
from cvlib.training.segmenting import SegmenterStudent

keras = lazy.load("keras")

LEAST, MOST = 4, 200
"""Pictures with painted areas that are needed, and that are taken."""
HELD_EVERY = 5
"""One picture of so many is held back."""
SIDES = (64, 128, 192, 256)
STRIDE = 32
"""The shorter side is a multiple of it."""
BATCH_SIZE = 4
RATE = 4e-3
SEED = 0
LIKE = "shapes"
"""The network is set up as for this data set."""


@dataclass(frozen=True)
class Part:
    """Where the training stands.

    Attributes:
        done: steps so far.
        steps: of how many.
        losses: mean of each epoch so far.
        judged: on the pictures that were held back, at the end.
    """

    done: int
    steps: int
    losses: tuple[float, ...]
    judged: Scores | None = None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return self.done / max(1, self.steps)


class OwnTraining:
    """A training that goes on step by step.

    Args:
        pictures: uint8 (H, W, 3) each, of any size.
        masks: uint8 (H, W) each, 0 to K - 1 or 255.
        class_names: K names, the ground's first.
        side: pixels of the longer side of what the network looks at.
        epochs: passes over the training pictures.
        model: of `cvlib.models.SEGMENTERS`.
        loss: of `cvlib.spec.LOSSES`.
        augmentation: text of the pipeline that the training pictures go through; empty mirrors them only.

    Raises:
        ImageError: there are too few pictures with painted areas.
    """

    def __init__(
        self,
        pictures: Sequence[np.ndarray],
        masks: Sequence[np.ndarray],
        class_names: tuple[str, ...],
        *,
        side: int,
        epochs: int,
        model: str = "unet",
        loss: str = "cross_entropy",
        augmentation: str = "",
    ) -> None:
        check(masks)
        used = painted(masks)[:MOST]
        self.class_names = class_names
        self.dataset = as_dataset([pictures[place] for place in used], [masks[place] for place in used], class_names,
                                  side)  # fmt: skip
        keras.utils.set_random_seed(SEED)
        spec = recipes.recommended(LIKE, model, epochs=epochs, batch_size=BATCH_SIZE, learning_rate=RATE, loss=loss)
        self.student = SegmenterStudent(spec.replace(data="own", augmentation=augmentation), self.dataset)
        self.epochs, self.losses = epochs, []
        self.parts = self._train()

    def __iter__(self) -> Iterator[Part]:
        return self.parts

    def _train(self) -> Iterator[Part]:
        batches = self.student.batches(self.dataset.train, SEED)
        steps = max(1, int(batches.cardinality()))
        learner, done = self.student.compiled(steps), 0
        learner.steps_per_execution = 1
        for _ in range(self.epochs):
            of_epoch = []
            for images, truth in batches:
                of_epoch.append(float(learner.train_on_batch(images, truth, return_dict=True)["loss"]))
                done += 1
                yield Part(done, steps * self.epochs, tuple(self.losses))
            self.losses.append(float(np.mean(of_epoch)))
        yield Part(done, done, tuple(self.losses), self.judged())

    def judged(self) -> Scores:
        """On the pictures that were held back."""
        held = self.dataset.validation
        found = segmentation.predict_labels(self.model, held.images)
        return Scores(segmentation.confusion(held.masks, found, len(self.class_names)))

    @property
    def model(self) -> Any:
        """The network with what it has learned so far."""
        return self.student.model


def painted(masks: Sequence[np.ndarray]) -> list[int]:
    """The places of the masks in which something is painted: the others may just not have been painted yet."""
    return [place for place, mask in enumerate(masks) if ((mask != 0) & (mask != IGNORE)).any()]


def check(masks: Sequence[np.ndarray]) -> None:
    """See that there is enough to learn from.

    Raises:
        ImageError: there is not.
    """
    found = len(painted(masks))
    if found < LEAST:
        raise ImageError(f"At least {LEAST} pictures need painted areas; {found} have some so far.")


def held_count(pictures: int) -> int:
    """How many of so many pictures are held back."""
    return max(1, round(pictures / HELD_EVERY))


def frame_for(pictures: Sequence[np.ndarray], side: int) -> tuple[int, int]:
    """Height and width of what the network looks at: in about the proportions of the pictures, its longer side given.

    Args:
        pictures: (H, W, 3) each.
        side: a multiple of 32.
    """
    ratio = float(np.median([pixels.shape[0] / pixels.shape[1] for pixels in pictures]))
    shorter = max(STRIDE, min(side, STRIDE * round(side * min(ratio, 1 / ratio) / STRIDE)))
    shorter = max(shorter, min(side, 2 * STRIDE))
    return (shorter, side) if ratio <= 1 else (side, shorter)


def fit(pixels: np.ndarray, mask: np.ndarray, size_hw: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A picture with its mask in the corner of a frame, its proportions kept.

    The rest is the picture's mirror image, as `mask_tiling` has it, and is not judged.
    """
    height, width = mask_tiling.working_size(mask.shape, size_hw, 1)
    rest = (0, size_hw[0] - height), (0, size_hw[1] - width)
    image = np.pad(tiling.resized(pixels, (height, width)), (*rest, (0, 0)), mode="symmetric")
    return image, np.pad(mask_runs.resized(mask, (height, width)), rest, constant_values=IGNORE)


def as_dataset(
    pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray], class_names: tuple[str, ...], side: int
) -> Dataset:
    """Own pictures with their masks, all of one size; every fifth is held back to see how good the network is."""
    size_hw = frame_for(pictures, side)
    fitted = [fit(pixels, mask, size_hw) for pixels, mask in zip(pictures, masks, strict=True)]
    whole = Split(
        images=np.stack([image for image, _ in fitted]),
        labels=np.zeros(len(pictures), np.int64),
        ids=np.arange(len(pictures)),
        masks=np.stack([mask for _, mask in fitted]),
    )
    order = np.random.default_rng(SEED).permutation(len(pictures))
    held = held_count(len(pictures))
    return Dataset(
        name="own",
        title="Own pictures",
        class_names=class_names,
        train=whole.take(order[held:]),
        validation=whole.take(order[:held]),
        test=whole.take([]),
        licence="the person's own",
        source="the person's own",
    )


def begin(
    pictures: Sequence[np.ndarray],
    masks: Sequence[np.ndarray],
    class_names: tuple[str, ...],
    side: int,
    epochs: int,
    model: str = "unet",
    loss: str = "cross_entropy",
    augmentation: str = "",
) -> str:
    """Begin to train; a token for `cvlib.ongoing.proceed` and for `segment`."""
    return ongoing.keep(
        OwnTraining(
            pictures, masks, class_names, side=side, epochs=epochs, model=model, loss=loss, augmentation=augmentation
        )
    )


def segment(token: str, pixels: np.ndarray, along: int = 1) -> Prediction:
    """What the network under this token says of a picture of any size.

    Raises:
        JobError: it is no longer in the worker's memory.
    """
    training: OwnTraining = ongoing.find(token)
    return mask_tiling.segment(training.model, pixels, training.class_names, along=along)


def held_back(token: str, most: int) -> list[Looked]:
    """The first pictures that were held back, as the network looks at them, with what it says.

    Raises:
        JobError: it is no longer in the worker's memory.
    """
    training: OwnTraining = ongoing.find(token)
    held = training.dataset.validation.take(range(min(most, len(training.dataset.validation))))
    found = segmentation.predict(training.model, held.images)
    triples = zip(held.images, held.masks, found, strict=True)
    return [Looked(image, truth, Prediction.of(shares, training.class_names)) for image, truth, shares in triples]


def as_files(token: str) -> bytes:
    """The network under this token as a ZIP; see `cvlib.segmenting.code`."""
    training: OwnTraining = ongoing.find(token)
    names = training.class_names
    return code.bundle(training.student.judged_model(), "my-network", names, area_colors(names))
