"""A canvas to draw on with finger, pen, mouse or keyboard."""

import base64
import binascii
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cvlib import images
from cvlib.errors import ImageError

FOLDER = Path(__file__).parent
SIZE_PX = 280
BRUSH_PX = 20
HTML = """
<div class="surface" role="application" aria-label="Drawing area. Draw with finger, pen or mouse. On the keyboard,
    the arrow keys move the pen, and the space bar puts it down and lifts it.">
  <canvas role="img" aria-label="Your drawing" tabindex="0"></canvas>
  <span class="pen" aria-hidden="true"></span>
</div>
<div class="tools">
  <label>Brush <input class="brush" type="range" min="6" max="40" step="2"></label>
  <button type="button" class="undo">Undo</button>
  <button type="button" class="clear">Clear</button>
</div>
"""


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.canvas",
        html=HTML,
        css=(FOLDER / "canvas.css").read_text(encoding="utf-8"),
        js=(FOLDER / "canvas.js").read_text(encoding="utf-8"),
    )


def draw(
    key: str, *, ink: str = "#000000", paper: str = "#ffffff", brush_px: int = BRUSH_PX, kept: str | None = None
) -> np.ndarray | None:
    """Show the canvas and return what is drawn on it.

    Args:
        key: the widget's key.
        ink: colour of the strokes.
        paper: colour of the ground.
        brush_px: width of the strokes at first, of 280; 6 to 40.
        kept: key of the session under which the drawing stays while the canvas is not on the page; canvases that
            share it share the drawing.

    Returns:
        uint8 (280, 280, 3) RGB; None while nothing is drawn.

    Raises:
        ImageError: what came from the browser is no picture.
    """
    kept = kept or f"{key}.kept"
    url, pixels = st.session_state.get(kept, (None, None))
    data = {"size": SIZE_PX, "ink": ink, "paper": paper, "brush": brush_px, "picture": url}
    _component()(key=key, data=data, on_image_change=partial(_keep, key, kept))
    if url is not None and pixels is None:
        pixels = _decoded_once(kept, url)
    return pixels


def _keep(key: str, kept: str) -> None:
    """Take over what was drawn.

    Only a change counts: a canvas that comes back with its page knows of no drawing until somebody draws again.
    """
    st.session_state[kept] = (st.session_state[key]["image"], None)


def _decoded_once(kept: str, url: str) -> np.ndarray:
    """The kept drawing's pixels, read once and not at every run of the page; what cannot be read is dropped."""
    st.session_state.pop(kept)
    pixels = decode_url(url)
    st.session_state[kept] = (url, pixels)
    return pixels


def decode_url(url: str) -> np.ndarray:
    """The picture in a data URL, which like any upload may be a stranger's.

    Raises:
        ImageError: it is none.
    """
    try:
        content = base64.b64decode(url.partition(";base64,")[2], validate=True)
    except (binascii.Error, ValueError, AttributeError) as error:
        raise ImageError("The picture did not arrive whole. Make it again.") from error
    return images.decode(content, name="drawing").pixels
