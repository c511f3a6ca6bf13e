"""The confusion matrix: what was taken for what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RIGHT, WRONG = "0, 122, 89", "232, 137, 74"
ON_RIGHT, ON_WRONG = "#FFFFFF", "#101010"
ON_EMPTY = "inherit"
MOST_NUMBERS = 20
"""With more classes the cells are too small for numbers."""


@dataclass(frozen=True)
class Cell:
    """One cell: what stands in it, its colours (CSS), and what it says in words."""

    text: str
    background: str
    color: str
    words: str


@dataclass(frozen=True)
class Matrix:
    """A table of cells with names for its rows and columns."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    rows_title: str
    columns_title: str
    cells: tuple[tuple[Cell, ...], ...]


def confusion_matrix(matrix: np.ndarray, class_names: Sequence[str]) -> Matrix:
    """Rows are the true classes, columns what was predicted; right cells are green, wrong ones orange, both by share.

    Args:
        matrix: int (K, K).
        class_names: K names.
    """
    names = tuple(class_names)
    support = np.maximum(1, matrix.sum(axis=1))
    return Matrix(
        rows=names,
        columns=names,
        rows_title="what it really is",
        columns_title="what the network said",
        cells=tuple(
            tuple(_cell(names, row, column, int(matrix[row, column]), support[row]) for column in range(len(names)))
            for row in range(len(names))
        ),
    )


def _cell(names: Sequence[str], row: int, column: int, number: int, support: int) -> Cell:
    words = f"really {names[row]}, taken for {names[column]}: {number}"
    if not number:
        return Cell("", "rgba(140, 140, 140, 0.10)", ON_EMPTY, words)
    right = row == column
    strength = 0.7 + 0.3 * (number / support) ** 0.5
    background = f"rgba({RIGHT if right else WRONG}, {strength:.2f})"
    text = str(number) if len(names) <= MOST_NUMBERS else ""
    return Cell(text, background, ON_RIGHT if right else ON_WRONG, words)


def reading(matrix: np.ndarray, class_names: Sequence[str]) -> str:
    """The most frequent mistake in a sentence."""
    wrong = matrix - np.diag(np.diag(matrix))
    if not wrong.any():
        return "Every picture is on the diagonal: no mistakes."
    truth, said = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return (
        f"The diagonal holds what is right. Most often “{class_names[truth]}” was taken for “{class_names[said]}”: "
        f"{wrong[truth, said]} of {matrix[truth].sum()} pictures."
    )
