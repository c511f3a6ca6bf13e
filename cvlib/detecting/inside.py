"""Inside a detector: what each of its cells says, before anything is chosen."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cvlib import models


@dataclass(frozen=True)
class Level:
    """A grid of cells that look at the picture in the same way.

    Attributes:
        title: in words.
        rows: of cells.
        columns: of cells.
        start: place of its first answer among the detector's.
        boxes_a_cell: answers of each cell.
        step: pixels from one cell to the next.
    """

    title: str
    rows: int
    columns: int
    start: int
    boxes_a_cell: int
    step: float

    @property
    def end(self) -> int:
        """Place behind its last answer."""
        return self.start + self.rows * self.columns * self.boxes_a_cell

    def places(self, row: int, column: int) -> np.ndarray:
        """The places of a cell's answers."""
        first = self.start + (row * self.columns + column) * self.boxes_a_cell
        return np.arange(first, first + self.boxes_a_cell)


@dataclass(frozen=True, eq=False)
class Inside:
    """All that a detector says of a picture.

    Attributes:
        answers: float32 (M, 4 + K), boxes in pixels and scores.
        levels: how the answers lie over the picture.
    """

    answers: np.ndarray
    levels: tuple[Level, ...]

    def heat(self, level: Level) -> np.ndarray:
        """The best score of each cell: float32 (rows, columns)."""
        best = self.answers[level.start : level.end, 4:].max(axis=1)
        return best.reshape(level.rows, level.columns, level.boxes_a_cell).max(axis=2)


def look(model: Any, name: str, image: np.ndarray) -> Inside:
    """What every cell says of a picture.

    Args:
        model: a detector's `model`.
        name: of the detector in the catalogue.
        image: uint8 (H, W, 3), of the size it was built for.
    """
    answers = np.asarray(model.predict_on_batch(image[None]), np.float32)[0]
    shape = (*image.shape[:2], 3)
    return Inside(answers, tuple(levels(name, shape)))


def levels(name: str, input_shape: tuple[int, int, int]) -> list[Level]:
    """The grids of a detector for pictures of this shape."""
    grids, start = [], 0
    for grid in models.info(name).build.grids(input_shape):
        level = Level(grid.title, grid.rows, grid.columns, start, grid.boxes_a_cell, grid.step)
        grids.append(level)
        start = level.end
    return grids
