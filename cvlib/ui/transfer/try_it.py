"""Step three: a new picture, what it is taken for, why, and which of the known pictures it is like."""

import numpy as np
import streamlit as st

from cvlib.figures import heat, probabilities
from cvlib.transfer import asking, likeness
from cvlib.ui import picker
from cvlib.ui.errors import escaped
from cvlib.ui.live import live_camera
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.transfer.state import Result
from cvlib.ui.words import percent

THUMB_PX = 110
HEAT_PX = 224
LIVE, THRESHOLD = "transfer.live", "transfer.threshold"


def draw(result: Result) -> None:
    """Pick a picture and see."""
    live = st.toggle(
        "Live camera", key=LIVE, help="Names what the camera sees, again and again. Browsers allow it over https or on "
        "the host itself.",
    )  # fmt: skip
    least = st.slider(
        "Answer only if it is at least so sure (%)", 0, 100, round(100 * result.threshold),
        key=f"{THRESHOLD}.{result.learned.digest[:8]}",
        help="Set so that nearly all held-back pictures which it named correctly pass. Below it says: I don't know.",
    )  # fmt: skip
    if live:
        _live(result, least)
    else:
        _one(result, least)


@st.fragment
def _live(result: Result, least: int) -> None:
    """The camera and what it sees; only this part of the page is drawn again for each frame."""
    left, right = st.columns(2, gap="large")
    with left:
        frame = live_camera("transfer.live.camera")
    with right:
        if frame is None:
            st.info("Press **Start the camera**: the answer follows what it sees.", icon=":material/videocam:")
            return
        features, shares = result.answer(frame)
        learned = np.flatnonzero(~result.held)
        places, alike = likeness.nearest(features, result.features[learned])
        _answer(result, shares, float(alike[0]), least)
        _reasons(result, learned[places], alike)


def _one(result: Result, least: int) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        sources = ("camera", "upload", "sample", "drawing")
        picked = picker.pick_image(call, key="transfer.try", sources=sources, first="sample")
    with right:
        if picked is None:
            st.info("Take a picture, or choose one: the answer appears here.", icon=":material/photo_camera:")
            return
        features, shares = result.answer(picked.pixels)
        learned = np.flatnonzero(~result.held)
        places, alike = likeness.nearest(features, result.features[learned])
        _answer(result, shares, float(alike[0]), least)
        _reasons(result, learned[places], alike)
        _heat(result, picked.pixels, shares)


def _answer(result: Result, shares: np.ndarray, likest: float, least: int) -> None:
    names = result.project.class_names
    best = int(shares.argmax())
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


def _heat(result: Result, pixels: np.ndarray, shares: np.ndarray) -> None:
    """Where in the picture the answer comes from."""
    names = result.project.class_names
    label = int(shares.argmax())
    if len(names) > 1:
        order = [int(place) for place in np.argsort(-shares, kind="stable")]
        chosen = st.pills(
            "Where does it see …", order, default=order[0], required=True, key=f"transfer.heat.{order[0]}.{len(names)}",
            format_func=lambda place: escaped(names[place]),
        )  # fmt: skip
        label = order[0] if chosen is None else chosen
    seen = result.base.seen(pixels)
    found = engine().run_with_model(result.base.name, asking.heat, result.learned, seen, label)
    if found is None:
        st.caption("This network mixes all places of the picture at once, so there is no map of where it looks.")
        return
    shown = heat.enlarged(heat.overlay(seen, found), HEAT_PX)
    st.image(shown, width=HEAT_PX, output_format="PNG",
             caption=f"Red: what speaks for “{escaped(names[label])}” (Grad-CAM)")  # fmt: skip
