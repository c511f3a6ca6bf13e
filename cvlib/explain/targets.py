"""What is to be explained: a number that is read off a network's output.

A target has two halves, so that one compiled function serves every class: its type and `static` fields decide the
graph, its `numbers` are fed in.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from cvlib import lazy

tf = lazy.load("tensorflow")


class Target(Protocol):
    """A number read off a network's output, differentiable."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """What is fed in: indices."""

    @property
    def static(self) -> tuple[Any, ...]:
        """What decides the graph."""

    @staticmethod
    def score(outputs: Any, numbers: Any, static: tuple[Any, ...]) -> Any:
        """The score of each picture, float32 (N,).

        Args:
            outputs: what the network gives for N pictures.
            numbers: int32 tensor, `numbers` of the target.
            static: `static` of the target.
        """


@dataclass(frozen=True)
class ClassScore:
    """The score of one class of a classifier with outputs (N, K)."""

    index: int
    static: ClassVar[tuple[Any, ...]] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.index,)

    @staticmethod
    def score(outputs: Any, numbers: Any, _static: tuple[Any, ...]) -> Any:
        return tf.gather(outputs, numbers[0], axis=1)


@dataclass(frozen=True)
class ClassDifference:
    """How much more one class scores than another: "why this, and not that?"."""

    index: int
    other: int
    static: ClassVar[tuple[Any, ...]] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.index, self.other)

    @staticmethod
    def score(outputs: Any, numbers: Any, _static: tuple[Any, ...]) -> Any:
        return tf.gather(outputs, numbers[0], axis=1) - tf.gather(outputs, numbers[1], axis=1)


@dataclass(frozen=True)
class MaskArea:
    """The mean score of one class within a rectangle of a segmentation network's outputs (N, H, W, K).

    Attributes:
        index: the class.
        region: left, top, right, bottom edge in pixels of the output.
    """

    index: int
    region: tuple[int, int, int, int]
    static: ClassVar[tuple[Any, ...]] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.index, *self.region)

    @staticmethod
    def score(outputs: Any, numbers: Any, _static: tuple[Any, ...]) -> Any:
        left, top, right, bottom = (numbers[place] for place in range(1, 5))
        return tf.reduce_mean(tf.gather(outputs[:, top:bottom, left:right], numbers[0], axis=3), axis=(1, 2))


@dataclass(frozen=True)
class BoxScore:
    """The score of one class in one place of a detector's output.

    Attributes:
        place: which of the network's boxes.
        index: the class.
        output: name of the output that holds the class scores (N, boxes, K), where the network has several.
    """

    place: int
    index: int
    output: str | None = None

    @property
    def numbers(self) -> tuple[int, ...]:
        return (self.place, self.index)

    @property
    def static(self) -> tuple[Any, ...]:
        return (self.output,)

    @staticmethod
    def score(outputs: Any, numbers: Any, static: tuple[Any, ...]) -> Any:
        scores = outputs if static[0] is None else outputs[static[0]]
        return tf.gather(tf.gather(scores, numbers[0], axis=1), numbers[1], axis=1)
