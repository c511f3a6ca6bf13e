"""A small page for the test of the mask canvas: it says what Python has received."""

import json

import numpy as np
import streamlit as st

from cvlib.ui.mask_canvas import paint_mask, run_lengths, show_mask

NAMES = ("background", "<b>car</b>", "=cmd", "a class whose name is longer than a phone is wide, and longer")
COLORS = ("#8C8C8C", "#0072B2", "#E69F00", "#009E73")
large = "large" in st.query_params
height, width = (400, 600) if large else (40, 60)
place = int(st.toggle("Other picture"))
rows, columns = np.mgrid[:height, :width] / height
busy = np.stack([110 + 60 * np.sin(9 * rows + 5), 90 + 90 * columns / 1.5, 120 + 50 * np.cos(7 * columns)], axis=-1)
pixels = (busy if large else np.full((height, width, 3), 90 + 80 * place)).astype(np.uint8)
labels = np.zeros((height, width), np.uint8)
labels[height // 4 : height // 2, width // 6 : width // 2] = 1
labels[(rows - 0.6) ** 2 + (columns - 1.05) ** 2 < 0.07] = 2
labels[-height // 8 :, : width // 3] = 3
labels[:, -width // 10 :] = 255

if st.query_params.get("mode") == "paint":
    if st.toggle("Shown", value=True):
        start = labels if large else np.full((height, width), 255 * place, np.uint8)
        found = paint_mask(
            "app.paint", pixels, start, class_names=NAMES, colors=COLORS, kept=f"app.paint {place}", label="A street"
        )
        received = {"sum": int((found != 0).sum())} if large else run_lengths(found)
    else:
        received = "away"
else:
    confidence = np.where(labels == 2, 0.5, 0.93).astype(np.float32)
    chosen = show_mask(
        "app.mask",
        pixels,
        labels if not st.toggle("Other mask") else np.full_like(labels, 3),
        class_names=NAMES,
        colors=COLORS,
        confidence=None if st.toggle("Unsure") else confidence,
        opacity=0.0 if st.query_params.get("only") else 0.55,
        outlines=st.toggle("Outlines"),
        shown=(1, 2) if st.toggle("Without background") else None,
        marks=[(width * 0.4, -9, width * 0.75, height * 0.7, "#D55E00")] if large else (),
    )
    received = chosen
st.text(f"received {json.dumps(received)}")
