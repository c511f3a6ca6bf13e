"""Step three: a new picture, what it is taken for, and which of the known pictures it is like."""

import numpy as np
import streamlit as st

from cvlib.figures import probabilities
from cvlib.transfer import asking, likeness
from cvlib.ui import picker
from cvlib.ui.errors import escaped
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import percent

THUMB_PX = 110


def draw(result: Result) -> None:
    """Pick a picture and see."""
    left, right = st.columns(2, gap="large")
    with left:
        sources = ("camera", "upload", "sample", "drawing")
        picked = picker.pick_image(call, key="transfer.try", sources=sources, first="sample")
    with right:
        if picked is None:
            st.info("Take a picture, or choose one: the answer appears here.", icon=":material/photo_camera:")
            return
        seen = result.base.seen(picked.pixels)
        features = engine().run_with_model(result.base.name, asking.features, seen[None])
        shares = result.head.probabilities(features)[0]
        learned = np.flatnonzero(~result.held)
        places, alike = likeness.nearest(features[0], result.features[learned])
        _answer(result, shares, float(alike[0]))
        _reasons(result, learned[places], alike)


def _answer(result: Result, shares: np.ndarray, likest: float) -> None:
    names = result.project.class_names
    best = int(shares.argmax())
    least = st.slider(
        "Answer only if it is at least so sure (%)", 0, 100, round(100 * result.threshold), key="transfer.threshold",
        help="Set so that nearly all held-back pictures which it named correctly pass. Below it says: I don't know.",
    )  # fmt: skip
    if likest < result.least_likeness:
        st.markdown("### I don't know")
        st.caption(
            "It is like none of the pictures that it learned from. If it had to choose, it would say "
            f"“{escaped(names[best])}”, {percent(float(shares[best]))} sure: a network is sure of things it never saw."
        )
    elif 100 * shares[best] < least:
        st.markdown("### I don't know")
        st.caption(f"Most likely “{escaped(names[best])}”, but only {percent(float(shares[best]))} sure.")
    else:
        st.markdown(f"### {escaped(names[best])} · {percent(float(shares[best]))}")
    st.plotly_chart(
        probabilities.probability_bars(names, shares, top=len(names)), key="transfer.bars",
        config={"displayModeBar": False}, alt="Probabilities of all classes.",
    )  # fmt: skip


def _reasons(result: Result, places: np.ndarray, alike: np.ndarray) -> None:
    st.markdown("**The pictures it learned from that are most like it**")
    with st.container(horizontal=True, gap="small"):
        for place, similarity in zip(places, alike, strict=True):
            picture = result.project.pictures[int(place)]
            caption = f"{result.project.class_names[picture.label]} · {similarity:.2f}"
            st.image(picture.pixels, caption=escaped(caption), width=THUMB_PX, output_format="JPEG")
    st.caption(
        f"How alike the backbone finds two pictures; 1 means the same. Under {result.least_likeness:.2f}, which nearly "
        "all held-back pictures surpass, it is something else."
    )
