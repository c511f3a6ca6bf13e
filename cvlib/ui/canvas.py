"""A canvas to draw on with finger, pen or mouse."""

import base64
import binascii
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cvlib import images
from cvlib.errors import ImageError

FOLDER = Path(__file__).parent
SIZE_PX = 280
BRUSH_PX = 20
PREFIX = "data:image/png;base64,"
HTML = """
<canvas role="img" aria-label="Drawing area: draw here with finger, pen or mouse" tabindex="0"></canvas>
<div class="buttons">
  <button type="button" class="undo">Undo</button>
  <button type="button" class="clear">Clear</button>
</div>
"""


@cache
def _component() -> Any:
    return st.components.v2.component(
        "vision-workshop.canvas",
        html=HTML,
        css=(FOLDER / "canvas.css").read_text(),
        js=(FOLDER / "canvas.js").read_text(),
    )


def draw(key: str, *, ink: str = "#000000", paper: str = "#ffffff", brush_px: int = BRUSH_PX) -> np.ndarray | None:
    """Show the canvas and return what is drawn on it.

    Args:
        key: the widget's key.
        ink: colour of the strokes.
        paper: colour of the ground.
        brush_px: width of the strokes, of 280.

    Returns:
        uint8 (280, 280, 3) RGB; None while nothing is drawn.

    Raises:
        ImageError: what came from the browser is no picture.
    """
    kept = f"{key}.kept"
    data = {"size": SIZE_PX, "ink": ink, "paper": paper, "brush": brush_px, "picture": st.session_state.get(kept)}
    result = _component()(key=key, data=data, on_image_change=lambda: None)
    url = result.image
    st.session_state[kept] = url
    return None if url is None else decode_url(url)


def decode_url(url: str) -> np.ndarray:
    """The picture in a data URL, which like any upload may be a stranger's.

    Raises:
        ImageError: it is none.
    """
    try:
        content = base64.b64decode(url.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError, AttributeError) as error:
        raise ImageError("The drawing did not arrive whole. Draw it again.") from error
    return images.decode(content, name="drawing").pixels
