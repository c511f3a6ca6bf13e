"""What every data set is made of: labelled pictures in three splits, and the card that describes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

SPLITS = ("train", "validation", "test")
IGNORE = 255
"""Pixels of this value in a true mask are neither learned nor judged."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Split:
    """Pictures with what is known about them. Picture `i` is described by entry `i` of every field.

    Attributes:
        images: uint8 (N, H, W, C), values 0..255, C is 1 (grey) or 3 (RGB).
        labels: int64 (N,), class index of each picture.
        ids: int64 (N,), number of each picture within its data set: with one seed, equal ids are equal
            pictures, and no id is in two splits. None where the pictures have no such number.
        boxes_xyxy: one float32 (k, 4) a picture: left, top, right, bottom edge in pixels (a box around a
            single pixel at column 3, row 5 is 3, 5, 4, 6). None where there are no boxes.
        box_labels: one int64 (k,) a picture: the class index of each box. None where there are no boxes.
        masks: uint8 (N, H, W): 0 background, class index + 1 an object, `IGNORE`. None without masks.

    Raises:
        ValueError: a field has another dtype or shape, or the fields differ in length.
    """

    images: np.ndarray
    labels: np.ndarray
    ids: np.ndarray | None = None
    boxes_xyxy: tuple[np.ndarray, ...] | None = None
    box_labels: tuple[np.ndarray, ...] | None = None
    masks: np.ndarray | None = None

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        _require(images.dtype == np.uint8, f"images must be uint8; received {images.dtype}")
        _require(
            images.ndim == 4 and images.shape[3] in (1, 3),
            f"images must have shape (N, H, W, 1 or 3); received {images.shape}",
        )
        _require(labels.dtype == np.int64, f"labels must be int64; received {labels.dtype}")
        _require(labels.ndim == 1, f"labels must have shape (N,); received {labels.shape}")
        for field in fields(self):
            value = getattr(self, field.name)
            _require(
                value is None or len(value) == len(images),
                f"{field.name} must have {len(images)} entries; received {0 if value is None else len(value)}",
            )
        self._check_boxes()
        self._check_masks()

    def _check_boxes(self) -> None:
        _require((self.boxes_xyxy is None) == (self.box_labels is None), "boxes_xyxy and box_labels come together")
        for boxes, labels in zip(self.boxes_xyxy or (), self.box_labels or (), strict=True):
            _require(
                boxes.dtype == np.float32 and boxes.shape == (len(labels), 4),
                f"boxes_xyxy must be float32 ({len(labels)}, 4); received {boxes.dtype} {boxes.shape}",
            )
            _require(
                labels.dtype == np.int64 and labels.ndim == 1,
                f"box_labels must be int64 (k,); received {labels.dtype} {labels.shape}",
            )

    def _check_masks(self) -> None:
        if self.masks is not None:
            _require(
                self.masks.dtype == np.uint8 and self.masks.shape == self.images.shape[:3],
                f"masks must be uint8 {self.images.shape[:3]}; received {self.masks.dtype} {self.masks.shape}",
            )

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: Sequence[int] | np.ndarray) -> "Split":
        """The pictures at these places, in this order, with all that is known about them."""
        places = np.asarray(indices, dtype=np.int64)

        def pick(value):
            if value is None:
                return None
            return tuple(value[place] for place in places) if isinstance(value, tuple) else value[places]

        return Split(**{field.name: pick(getattr(self, field.name)) for field in fields(self)})


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A data set, loaded: its three splits and what must be said about it."""

    name: str
    title: str
    class_names: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    licence: str
    source: str

    def __post_init__(self) -> None:
        for split in (self.train, self.validation, self.test):
            inside = len(split) == 0 or 0 <= split.labels.min() <= split.labels.max() < len(self.class_names)
            _require(inside, f"labels must be 0 to {len(self.class_names) - 1}")
            _require(split.images.shape[1:] == self.train.images.shape[1:], "all pictures must have one shape")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """All pictures of a data set before they are split. Only the labels are at hand; pictures come by `take`.

    Attributes:
        labels: int64 (N,), class of every picture.
        take: the pictures at these places of the pool (int64 (n,)) as a `Split`.
        test_start: place where the test pictures of the data set's own split begin; None where it has none.
        validation_share: share of the pictures that are not for the test which go to validation.
        spare: number of pictures at the end of the pool that may only be trained on.
        fixed_split: whether its test pictures have to stay the test pictures.
    """

    labels: np.ndarray
    take: Callable[[np.ndarray], Split]
    test_start: int | None = None
    validation_share: float = 0.15
    spare: int = 0
    fixed_split: bool = False


def _always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """A data set's card in the catalogue. Cheap: nothing is loaded for it.

    Attributes:
        name: short name, an identifier.
        title: name for people.
        description: one sentence for newcomers.
        licence: under which the pictures are used.
        source: address of the origin or the paper that introduced it.
        class_names: one for each class, in the order of the labels.
        image_shape: (H, W, C) of its pictures, of the default size where they are drawn.
        resizable: whether it is drawn at any size.
        has_masks: whether it is known which pixels belong to the object.
        train_count: pictures for training by default, about.
        test_count: pictures for the test by default, about.
        light_on_dark: whether its networks expect light ink on a dark ground; None for ordinary pictures.
        centre_digit: whether a drawing has to be cropped to its ink and centred before it is classified.
        open_pool: `open_pool(seed=int, image_size=int | None, train_size=int | None)` gives its `Pool`.
        available: whether it can be loaded without the internet now; cheap.
        always_here: whether it comes with the app's own packages.
    """

    name: str
    title: str
    description: str
    licence: str
    source: str
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int]
    resizable: bool = False
    has_masks: bool = False
    train_count: int
    test_count: int
    light_on_dark: bool | None = None
    centre_digit: bool = False
    open_pool: Callable[..., Pool]
    available: Callable[[], bool] = _always
    always_here: bool = True

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)
