"""A matrix whose cells can be pressed with finger, mouse or keyboard."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from cvlib.figures.confusion import Matrix

FOLDER = Path(__file__).parent
WIDE_NAME = 4
"""Column names longer than this are written upwards."""


@cache
def _component(upwards: bool) -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.matrix-upwards" if upwards else "vision-workshop.matrix",
        html=f'<div class="frame{" long" if upwards else ""}"><table></table></div>',
        css=(FOLDER / "matrix.css").read_text(encoding="utf-8"),
        js=(FOLDER / "matrix.js").read_text(encoding="utf-8"),
    )


def choose_cell(matrix: Matrix, *, key: str) -> tuple[int, int] | None:
    """Show a matrix; return the cell that was pressed last as (row, column), None if none is.

    Args:
        matrix: its names and cells.
        key: the widget's key.
    """
    state = st.session_state.get(key)
    data = {
        "rows": matrix.rows,
        "columns": matrix.columns,
        "rows_title": matrix.rows_title,
        "columns_title": matrix.columns_title,
        "cells": [[[cell.text, cell.background, cell.color, cell.words] for cell in row] for row in matrix.cells],
        "chosen": _within(matrix, state.get("cell") if state else None),
    }
    upwards = max(map(len, matrix.columns)) > WIDE_NAME
    result = _component(upwards)(key=key, data=data, on_cell_change=_nothing)
    cell = _within(matrix, result.cell)
    return None if cell is None else (cell[0], cell[1])


def _nothing() -> None:
    """A component's state is only sent if somebody listens."""


def _within(matrix: Matrix, cell: Any) -> list[int] | None:
    """The cell if it is one of this matrix; what a browser sends may be anything, or of the matrix before."""
    if not isinstance(cell, list | tuple) or len(cell) != 2 or not all(type(place) is int for place in cell):
        return None
    row, column = cell
    return [row, column] if 0 <= row < len(matrix.rows) and 0 <= column < len(matrix.columns) else None
