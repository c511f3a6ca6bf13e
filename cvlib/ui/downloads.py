"""Bytes for downloads that are safe to open."""

import io

import numpy as np
import pandas as pd
from PIL import Image

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The table as UTF-8 CSV. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    safe = frame.copy()
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[column] = safe[column].map(_inert)
    safe.columns = [_inert(name) for name in safe.columns]
    return safe.to_csv(index=False).encode("utf-8-sig")


def _inert(value: object) -> object:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value.replace("\r", " ")
    return value


def png_bytes(pixels: np.ndarray) -> bytes:
    """The picture as PNG without metadata.

    Args:
        pixels: uint8 (H, W, 3).
    """
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
