"""Confusion matrices of 3, 10 and 20 classes, and what Python hears of a click."""

import numpy as np
import streamlit as st

from cvlib.figures import confusion

count = int(st.query_params.get("classes", "3"))
matrix = np.random.default_rng(0).integers(0, 9, (count, count)) * (np.eye(count, dtype=int) * 30 + 1)
names = [str(k) if count == 10 else f"class no {k}" for k in range(count)]
event = st.plotly_chart(
    confusion.confusion_matrix(matrix, names),
    on_select="rerun",
    selection_mode="points",
    key="matrix",
    config={"displayModeBar": False},
)
points = event["selection"]["points"]
st.text(f"clicked: {points[0]['customdata'] if points else 'nothing'}")
st.text(f"expected: {matrix.tolist()}")
