"""A picture pinned beside a grid of others, each with words under it: one element, redrawn in place."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

FOLDER = Path(__file__).parent
TINY_PX = 64
"""Up to this side, pixels are data: they are sent without loss and enlarged without smoothing."""
JPEG_QUALITY = 88


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture with words under it.

    Attributes:
        pixels: uint8 (H, W, 1 or 3).
        words: under it; shown as they are.
        title: over the words, in bold; none if empty.
    """

    pixels: np.ndarray
    words: str
    title: str = ""


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.tiles",
        html='<div class="frame"><div class="board"><div class="pinned"></div><div class="tiles"></div></div></div>',
        css=(FOLDER / "tiles.css").read_text(encoding="utf-8"),
        js=(FOLDER / "tiles.js").read_text(encoding="utf-8"),
    )


def show(key: str, tiles: Sequence[Tile], *, columns: int, pinned: Tile | None = None, waiting: int = 0) -> None:
    """Draw the grid.

    Args:
        key: the element's key.
        tiles: of one size.
        columns: of the grid; on a phone there are 3 at most.
        pinned: the picture that stays beside them; on a phone it stands above them.
        waiting: number of empty places after the tiles, for what is still being made.
    """
    data = {
        "pinned": None if pinned is None else _as_data(pinned),
        "tiles": [_as_data(tile) for tile in tiles],
        "columns": columns,
        "waiting": waiting,
    }
    _component()(key=key, data=data)


def _as_data(tile: Tile) -> dict[str, Any]:
    height, width = tile.pixels.shape[:2]
    tiny = max(height, width) <= TINY_PX
    return {
        "src": as_url(tile.pixels),
        "width": width,
        "height": height,
        "tiny": tiny,
        "title": tile.title,
        "words": tile.words.replace(" %", "\u00a0%"),  # a sign stays with its number
    }


def as_url(pixels: np.ndarray) -> str:
    """A picture, uint8 (H, W, 1 or 3), as a data URL; without loss if it is tiny."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else np.ascontiguousarray(pixels))
    out = io.BytesIO()
    if max(pixels.shape[:2]) <= TINY_PX:
        kind = "png"
        picture.save(out, "PNG")
    else:
        kind = "jpeg"
        picture.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
