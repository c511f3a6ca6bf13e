"""Does it carry over? Made on one network, tried on another."""

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.adversarial import asking
from cvlib.adversarial.asking import Request
from cvlib.networks import Network
from cvlib.ui import training_panel
from cvlib.ui.adversarial.cases import cases, siblings
from cvlib.ui.adversarial.little import MOST_NETWORKS, label
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.subject import Subject
from cvlib.ui.words import percent

MATRIX = "adversarial.matrix"
EPSILONS = {True: 51, False: 8}
SECOND = ("mlp", "softmax_regression", "lenet")
PICTURES = 100


def draw(subject: Subject) -> None:
    """The choice of networks, and the matrix."""
    st.markdown(
        "An attacker rarely has the network itself. Does a picture that was **made on one network** also fool "
        "**another one** that was trained apart from it?"
    )
    found = {one.name: one for one in siblings(subject.network)}
    if len(found) < 2:
        _second(subject)
        return
    names = st.multiselect(
        "Networks", list(found), list(found)[:2], format_func=lambda name: label(found, name),
        max_selections=MOST_NETWORKS, key=f"adversarial.carry.{subject.network.name}",
    )  # fmt: skip
    tiny = max(subject.seen.shape[:2]) <= 64
    epsilon = st.slider("Strength (epsilon)", 1, 76, EPSILONS[tiny], key=f"adversarial.carry.epsilon.{tiny}")
    if st.button("Try them on each other", type="primary", icon=":material/swap_horiz:", key="adversarial.carry.run",
                 disabled=len(names) < 2):  # fmt: skip
        st.session_state[MATRIX] = _measure([found[name] for name in names], epsilon)
    kept = st.session_state.get(MATRIX)
    if kept is not None and set(kept[0]) <= set(found):
        _show(*kept, found)


def _second(subject: Subject) -> None:
    """With one network only: train another one on the same pictures."""
    if subject.network.run is None:
        st.info("This host has no second network that takes the same pictures. Fetch one on the left, or take a "
                "network that was trained here.")  # fmt: skip
        return
    own = subject.network.run.spec
    other = next(name for name in SECOND if name != own.model and recipes.fits(own.data, name, own.image_size))
    spec = recipes.recommended(own.data, other, image_size=own.image_size, split_seed=own.split_seed)
    st.info(f"There is only one network for these pictures here. Train a second one: {recipes.title(spec)}.")
    if st.button("Train it", type="primary", icon=":material/play_arrow:", key="adversarial.second"):
        training_panel.request(spec)
    if engine().job(spec.digest) is not None:
        training_panel.follow(spec, pending=lambda: None)


def _measure(chosen: list[Network], epsilon: int) -> tuple[tuple[str, ...], int, np.ndarray]:
    shares = np.full((len(chosen), len(chosen)), np.nan)
    bar = st.progress(0.0, text="Making pictures …")
    for row, maker in enumerate(chosen):
        judged = cases(maker, PICTURES)
        request = Request("mi_fgsm", float(epsilon), settings={"count": 20})
        made = engine().run_with_model(maker.name, asking.attack, request, judged.images, judged.labels)
        for column, victim in enumerate(chosen):
            # Of a photo nobody's truth is known: what counts is whether each network leaves its own answer.
            labels = judged.labels if judged.is_truth else cases(victim, PICTURES).labels
            fooled, right = engine().run_with_model(
                victim.name, asking.carried_over, judged.images, made.images, labels
            )
            shares[row, column] = fooled / right if right else np.nan
            bar.progress((row * len(chosen) + column + 1) / len(chosen) ** 2, text=f"Made on {maker.title}")
    bar.empty()
    return tuple(one.name for one in chosen), epsilon, shares


def _show(names: tuple[str, ...], epsilon: int, shares: np.ndarray, found: dict[str, Network]) -> None:
    titles = _distinct([found[name].title for name in names])
    words = [["–" if np.isnan(share) else percent(share) for share in row] for row in shares]
    frame = pd.DataFrame(words, columns=[f"tried on {title}" for title in titles])
    frame.insert(0, "Made on", titles)
    st.dataframe(frame, hide_index=True)
    st.caption(f"Share of the pictures that a network named correctly and that fool it after MI-FGSM with an epsilon "
               f"of {epsilon}. On the diagonal: the network that they were made on.")  # fmt: skip
    away = shares[~np.eye(len(names), dtype=bool)]
    if np.isnan(away).all():
        return
    mean = float(np.nanmean(away))
    lesson(
        "How many of the pictures carry over to a network that the attacker has never seen?",
        ("Fewer than 1 in 10", "1 to 5 in 10", "More than half"),
        answer=0 if mean < 0.1 else 1 if mean <= 0.5 else 2,
        explanation=f"{percent(mean)} on average. Networks that learned from the same pictures look at similar things, "
        "and so they fall for similar things.",
        key=f"lesson.carry.{names}",
    )


def _distinct(titles: list[str]) -> list[str]:
    """Titles that are there twice get a number."""
    return [f"{title} ({titles[:place].count(title) + 1})" if titles.count(title) > 1 else title
            for place, title in enumerate(titles)]  # fmt: skip
