"""A camera that goes on: frame after frame, as fast as they are answered."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from cvlib.ui.canvas import decode_url

FOLDER = Path(__file__).parent
SIDE_PX = 224
LEAST_MS = 300
"""Shortest time between two frames: thirty people share the host."""
HTML = """
<div class="live">
  <video muted playsinline aria-label="What the camera sees"></video>
  <button type="button" class="switch">Start the camera</button>
  <p class="says" role="status"></p>
</div>
"""


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "vision-workshop.live",
        html=HTML,
        css=(FOLDER / "live.css").read_text(encoding="utf-8"),
        js=(FOLDER / "live.js").read_text(encoding="utf-8"),
    )


def live_camera(key: str) -> np.ndarray | None:
    """Show the camera; each frame that it sends runs the page, or the fragment around it, again.

    The next frame is sent when the last one was answered. Frames are kept nowhere.

    Args:
        key: the widget's key.

    Returns:
        The middle square of the newest frame, uint8 (224, 224, 3) RGB; None while the camera is off.

    Raises:
        ImageError: what came from the browser is no picture.
    """
    number = st.session_state.get(f"{key}.number", 0)
    state = _component()(
        key=key, data={"side": SIDE_PX, "pause": LEAST_MS, "answered": number}, on_frame_change=lambda: _count(key)
    )
    frame = state.get("frame")
    return decode_url(frame["picture"]) if isinstance(frame, dict) and isinstance(frame.get("picture"), str) else None


def _count(key: str) -> None:
    """Tell the browser which frame is being answered, so that it sends the next one."""
    frame = st.session_state[key].get("frame")
    number = frame.get("number") if isinstance(frame, dict) else 0
    st.session_state[f"{key}.number"] = number if isinstance(number, int) else 0
