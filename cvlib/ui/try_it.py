"""Try it: a picture of one's own through the network."""

import streamlit as st

from cvlib import data, networks
from cvlib.figures import grid, probabilities
from cvlib.runs import Run
from cvlib.tasks import classification
from cvlib.ui import downloads, picker
from cvlib.ui.errors import escaped
from cvlib.ui.picker import PickedImage
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.words import percent

SEEN_PX = 224
TOP = 5


def draw(run: Run) -> None:
    """Pick or draw a picture, and see what the network makes of it."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        picked = picker.pick_image(call, key="try", first="drawing" if _is_of_digits(run) else "sample")
    with right:
        if picked is None:
            st.info("Draw, upload or pick a picture: the answer appears here.", icon=":material/draw:")
        else:
            _answer(run, picked)


def _is_of_digits(run: Run) -> bool:
    return data.info(run.spec.data).centre_digit


def _answer(run: Run, picked: PickedImage) -> None:
    seen, steps = picked.seen_by(networks.of_run(run))
    side = seen.shape[0]
    shares = engine().run_with_model(run.name, classification.predict, seen[None])[0]
    best = int(shares.argmax())
    st.markdown(f"### {escaped(run.class_names[best])} · {percent(float(shares[best]))}")
    st.plotly_chart(
        probabilities.probability_bars(run.class_names, shares, top=TOP),
        key="try.bars",
        config={"displayModeBar": False},
        alt="Probabilities of the most likely classes.",
    )
    picture, words = st.columns([2, 3], vertical_alignment="center")
    enlarged = grid.enlarge(seen, SEEN_PX, smooth=side > 48)
    picture.image(enlarged, width="stretch", output_format="PNG")
    words.markdown(f"**As the network sees it:** {side} x {side} pixels")
    words.caption("On the way: " + (", ".join(steps) or "nothing was changed") + ".")
    words.download_button(
        "As PNG",
        downloads.png_bytes(enlarged),
        file_name="as-the-network-sees-it.png",
        mime="image/png",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption(
        f"It can only answer with one of its {len(run.class_names)} classes, whatever the picture shows: "
        "a network does not know what it was never shown."
    )
