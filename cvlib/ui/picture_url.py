"""Pictures for the browser as data URLs: made once for all runs of a page, kept in the session they belong to."""

import base64
import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

LOSSLESS_SIDE = 256
"""Larger pictures go to the browser as JPEG: it is to see them, not to measure them."""
JPEG_QUALITY = 88
URLS, URLS_KEPT = "pictures.urls", 16


def picture_data(pixels: np.ndarray, label: str) -> dict[str, Any]:
    """What a canvas needs to know of its picture.

    Args:
        pixels: uint8 (H, W, 3).
        label: what the picture is, for people who do not see it.
    """
    height, width = pixels.shape[:2]
    return {"width": width, "height": height, "picture": _kept(digest(pixels), pixels, _as_url), "label": label}


def grey_url(values: np.ndarray) -> str:
    """Numbers of 0..255 as a grey picture without loss, for the browser to read.

    Args:
        values: uint8 (H, W).
    """
    return _kept(digest(values, "grey"), values, _as_png)


def digest(values: np.ndarray, *texts: str) -> str:
    """What tells a picture, with what belongs to it, from any other."""
    made = hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16)
    made.update(repr((values.shape, texts)).encode())
    return made.hexdigest()


def _kept(name: str, values: np.ndarray, make: Callable[[np.ndarray], str]) -> str:
    """The URL from this session, for the picture may be a person's."""
    kept: dict[str, str] = st.session_state.setdefault(URLS, {})
    if name not in kept:
        kept[name] = make(values)
        while len(kept) > URLS_KEPT:
            kept.pop(next(iter(kept)))
    return kept[name]


def _as_url(pixels: np.ndarray) -> str:
    if max(pixels.shape[:2]) <= LOSSLESS_SIDE:
        return _as_png(pixels)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=JPEG_QUALITY)
    return _data_url("jpeg", out.getvalue())


def _as_png(pixels: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return _data_url("png", out.getvalue())


def _data_url(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
