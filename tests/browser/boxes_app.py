"""A small page for the test of the box canvas: it says what Python has received."""

import json

import numpy as np
import streamlit as st

from cvlib.tasks.detections import Detections
from cvlib.ui.box_canvas import DrawnBox, choose_box, draw_boxes

NAMES = ("cup", "<b>plate</b>", "=cmd")
height, width = (8, 12) if "small" in st.query_params else (200, 300)
place = int(st.toggle("Other picture"))
pixels = np.full((height, width, 3), 90 + 80 * place, np.uint8)

if st.query_params.get("mode") == "choose":
    drawn = [
        DrawnBox((0, 0, 200, 150), "#E69F00", "large 80 %", "thick"),
        DrawnBox((20, 20, 80, 80), "#0072B2", "<i>small</i> 93 %"),
        DrawnBox((250, 150, 300, 200), "#009E73", "a label that is longer than its box 12 %", "dashed"),
    ]
    kept = drawn[int(st.toggle("Without the first")) :]
    chosen = choose_box("app.boxes", pixels, kept)
    received = None if chosen is None else kept[chosen].text
else:
    first = np.array([[0.1, 0.1, 0.3, 0.4]] * place, np.float32).reshape(-1, 4)
    edges = (first * np.array([width, height, width, height])).astype(np.float32)
    came = Detections(edges, np.zeros(place, np.int64), np.ones(place, np.float32), NAMES)
    if st.toggle("Shown", value=True):
        found = draw_boxes("app.boxes", pixels, came, most=3, kept=f"app.boxes {place}")
        received = [
            [*np.round(box, 1).tolist(), label]
            for box, label in zip(found.boxes_xyxy.astype(float), found.labels.tolist(), strict=True)
        ]
    else:
        received = "away"
st.text(f"received {json.dumps(received)}")
