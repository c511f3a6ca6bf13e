"""What is to be trained, said completely: the same specification gives the same model."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cvlib.errors import SpecError

RECIPE = 1
"""Version of the training recipe. Raise it whenever the same specification would train to a different model."""

OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
SCHEDULES = ("one_cycle", "cosine", "constant")
PRECISIONS = ("auto", "float32", "mixed")
ADVERSARIAL = ("none", "fgsm", "pgd")
LONGEST_AUGMENTATION = 2000
"""Characters of a pipeline's text."""
LOSSES = ("cross_entropy", "weighted", "dice", "dice_cross_entropy", "focal")


@dataclass(frozen=True)
class Bounds:
    """Smallest and largest value of a number, both allowed, and whether it may be left out."""

    low: float
    high: float
    whole: bool = False
    optional: bool = False

    def check(self, name: str, value: Any) -> None:
        """Raise `SpecError` unless `value` is a finite number within the bounds."""
        if value is None and self.optional:
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SpecError(f"{name} must be a number; received {value!r}.")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise SpecError(f"{name} must be between {self.low:g} and {self.high:g}; received {value!r}.")
        if self.whole and value != int(value):
            raise SpecError(f"{name} must be a whole number; received {value!r}.")


BOUNDS: Mapping[str, Bounds] = {
    "epochs": Bounds(1, 200, whole=True),
    "batch_size": Bounds(4, 1024, whole=True),
    "learning_rate": Bounds(1e-6, 10.0),
    "dropout": Bounds(0.0, 0.9),
    "l2": Bounds(0.0, 1.0),
    "epsilon": Bounds(0.0, 128.0),
    "train_size": Bounds(10, 1_000_000, whole=True, optional=True),
    "image_size": Bounds(16, 128, whole=True, optional=True),
    "test_share": Bounds(0.05, 0.5, optional=True),
    "seed": Bounds(0, 2**31 - 1, whole=True),
    "split_seed": Bounds(0, 2**31 - 1, whole=True),
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "precision": PRECISIONS,
    "adversarial": ADVERSARIAL,
    "loss": LOSSES,
}


@dataclass(frozen=True, kw_only=True)
class TrainingSpec:
    """Everything that decides what a training gives.

    Attributes:
        task: what the network learns to do (`classification`, `detection`, `segmentation`).
        data: name in the data catalogue.
        model: name in the models' catalogue.
        image_size: side of the pictures in pixels; None takes the data set's own.
        train_size: number of training pictures, drawn evenly by class; None takes all of them.
        test_share: share of all pictures held out for the test; None takes the data set's own split.
        epochs: passes over the training pictures.
        batch_size: pictures a step.
        optimizer: one of `OPTIMIZERS`.
        learning_rate: the (peak) step size.
        schedule: how the step size moves, one of `SCHEDULES`.
        dropout: share of activations silenced in training, 0 to 0.9.
        l2: weight of the L2 penalty (weight decay) on the kernels.
        adversarial: what the training pictures are attacked with before they are learned from, one of `ADVERSARIAL`.
        epsilon: L-infinity bound of that attack in pixel values, 0 to 128; 0 without an attack.
        loss: what a network for segmentation is trained to make small, one of `LOSSES`.
        skips: whether a network for segmentation has its skip connections (or SegNet its pooling indices).
        augmentation: text of the pipeline that the training pictures go through, drawn anew in each epoch; empty for
            none. Only `cvlib.augmentation.Pipeline` can read it.
        precision: `mixed` (half precision with float32 weights), `float32`, or `auto`, which takes what was
            measured to be faster without loss of accuracy on the device at hand.
        seed: of the first weights, the order of the pictures, dropout, and which pictures `train_size` draws.
        split_seed: of the split into training, validation and test pictures; leave it alone to compare models.

    Raises:
        SpecError: a value is out of its bounds.
    """

    task: str = "classification"
    data: str = "digits"
    model: str = "lenet"
    image_size: int | None = None
    train_size: int | None = None
    test_share: float | None = None
    epochs: int = 20
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "one_cycle"
    dropout: float = 0.0
    l2: float = 0.0
    adversarial: str = "none"
    epsilon: float = 0.0
    loss: str = "cross_entropy"
    skips: bool = True
    augmentation: str = ""
    precision: str = "auto"
    seed: int = 0
    split_seed: int = 0

    def __post_init__(self) -> None:
        for name in ("task", "data", "model"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.isidentifier() or len(value) > 60:
                raise SpecError(f"{name} must be a plain name; received {str(value)[:80]!r}.")
        for name, bounds in BOUNDS.items():
            bounds.check(name, getattr(self, name))
            self._normalise(name, bounds)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise SpecError(f"{name} must be one of {', '.join(choices)}; received {getattr(self, name)!r}.")
        if not isinstance(self.skips, bool):
            raise SpecError(f"skips must be true or false; received {self.skips!r}.")
        self._check_augmentation()
        if self.adversarial == "none":
            object.__setattr__(self, "epsilon", 0.0)
        elif self.epsilon == 0:
            raise SpecError("Adversarial training needs an epsilon above 0.")

    def _check_augmentation(self) -> None:
        text = self.augmentation
        if not isinstance(text, str) or not text.isascii() or not text.isprintable():
            raise SpecError(f"augmentation must be the text of a pipeline; received {str(text)[:60]!r}.")
        if len(text) > LONGEST_AUGMENTATION:
            raise SpecError(
                f"augmentation must have up to {LONGEST_AUGMENTATION} characters; received {len(text)} of them."
            )

    def _normalise(self, name: str, bounds: Bounds) -> None:
        """Store 20.0 as 20 and 1 as 1.0, so that equal specifications have equal digests."""
        value = getattr(self, name)
        if value is not None:
            object.__setattr__(self, name, int(value) if bounds.whole else float(value))

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The specification with these fields.

        Raises:
            SpecError: a field is unknown or its value out of bounds.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in known:
                raise SpecError(f"There is no setting {str(name)[:80]!r}. Settings are {', '.join(known)}.")
        return cls(**values)

    def replace(self, **changes: Any) -> Self:
        """The same specification with other values for some fields."""
        return self.from_dict({**self.to_dict(), **changes})

    def canonical_json(self) -> str:
        """The one JSON text of this specification: sorted keys, no spaces, with the recipe's version."""
        values = {**self.to_dict(), "recipe": RECIPE}
        if self.adversarial == "none":  # as it was before there was adversarial training: the runs keep their names
            del values["adversarial"], values["epsilon"]
        for name in ("loss", "skips", "augmentation"):  # as it was before there were these
            if values[name] == getattr(TrainingSpec, name):
                del values[name]
        return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)

    @property
    def digest(self) -> str:
        """SHA-256 of `canonical_json`, as 64 hexadecimal digits: the run's name."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()
