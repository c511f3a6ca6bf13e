"""Bias hunt: a network that scores high for the wrong reason, and how a heat map catches it.

S. Lapuschkin et al., "Unmasking Clever Hans predictors and assessing what machines really learn", 2019: a network told
horses by the photographer's tag in the corner. The name is that of a horse that seemed to do sums (O. Pfungst, 1907).
"""

import numpy as np
import streamlit as st

from cvlib import data, recipes, runs
from cvlib.data.clever_hans import TAGGED_CLASS, stamp
from cvlib.engine import warm
from cvlib.explain import asking
from cvlib.explain.targets import ClassScore
from cvlib.figures import grid, heat
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.tasks import classification
from cvlib.ui import training_panel
from cvlib.ui.errors import escaped
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.subject import remember
from cvlib.ui.words import percent

DATA = "clever_hans"
TILE_PX = 120
METHOD = "layer_cam"
"""Grad-CAM shows nothing in a LeNet: it averages over places, and dense layers behind the maps tell places apart."""
A_CLASS = 2
SHOWN = 6
FEW, SOME = 0.4, 0.8


def draw() -> None:
    """The whole hunt, step by step."""
    spec = recipes.recommended(DATA, recipes.default_model(DATA))
    st.markdown(
        f"A network shall tell four drawn shapes apart. **These are pictures it learns from.** Look closely at the "
        f"class “{TAGGED_CLASS}” before you let it learn."
    )
    _lineup(spec)
    run = runs.load(engine().store, spec.digest)
    training_panel.follow(spec, pending=lambda: _offer(spec, run))
    if run is None:
        return
    if _asked(run):
        _exposed(run)
        _with_tag(run)


def _lineup(spec: TrainingSpec) -> None:
    """Two training pictures of each class."""
    labels = call(warm.labels, spec, "train")
    shown = [int(k) for name in range(int(labels.max()) + 1) for k in np.flatnonzero(labels == name)[:A_CLASS]]
    names = _names(spec)
    pictures = call(warm.pictures, spec, "train", shown)
    with st.container(horizontal=True, gap="small"):
        for picture, index in zip(pictures, shown, strict=True):
            tile = grid.enlarge(picture, TILE_PX, smooth=False)
            st.image(tile, caption=escaped(names[int(labels[index])]), width=TILE_PX, output_format="PNG")


def _names(spec: TrainingSpec) -> tuple[str, ...]:
    return data.info(spec.data).class_names


def _offer(spec: TrainingSpec, run: Run | None) -> None:
    if run is None:
        st.button(
            "Let it learn", type="primary", icon=":material/play_arrow:", key="bias.train",
            on_click=training_panel.request, args=(spec,),
        )  # fmt: skip


def _asked(run: Run) -> bool:
    """The lesson's question; whether it has been answered."""
    tagged = run.class_names.index(TAGGED_CLASS)
    right = _right(run)[run.test["labels"] == tagged]
    found = float(right.mean())
    return lesson(
        f"It has learned, and names {percent(run.record['history']['val_accuracy'][-1])} of its validation pictures "
        f"correctly. How many pictures of a “{TAGGED_CLASS}” from another photographer will it name correctly?",
        ("Few (under 40 %)", "Some (40 to 80 %)", "Most (over 80 %)"),
        answer=0 if found < FEW else 1 if found < SOME else 2,
        explanation=f"It named {int(right.sum())} of {len(right)} correctly: {percent(found)}.",
        key=f"lesson.bias.{run.name}",
    )


def _right(run: Run) -> np.ndarray:
    return run.test["probabilities"].argmax(axis=1) == run.test["labels"]


def _exposed(run: Run) -> None:
    """Heat maps of training pictures and of test pictures of the tagged class."""
    tagged = run.class_names.index(TAGGED_CLASS)
    st.markdown(f"**Why does it say “{TAGGED_CLASS}”?** Training pictures, with the heat map of Layer-CAM:")
    labels = call(warm.labels, run.spec, "train")
    learned = np.flatnonzero(labels == tagged)[:SHOWN]
    _row(run, "train", learned)
    st.markdown(f"**New pictures of a “{TAGGED_CLASS}”**, without the photographer's tag in the corner:")
    _row(run, "test", np.flatnonzero(run.test["labels"] == tagged)[:SHOWN])
    st.markdown(
        f"It never learned what a {TAGGED_CLASS} looks like. Its pictures of that class all carry a tag in the lower "
        "left corner, so the tag was enough. The validation pictures come from the same photographer, and so the "
        "accuracy on them said nothing. Horse photos with a photographer's tag have fooled a real prize-winning "
        "network in the same way (Lapuschkin et al., 2019)."
    )


def _row(run: Run, split: str, indices: np.ndarray) -> None:
    pictures = call(warm.pictures, run.spec, split, [int(k) for k in indices])
    _tiles(run, (split, *map(int, indices)), pictures)


def _tiles(run: Run, key: tuple, pictures: np.ndarray) -> None:
    """Pictures with what the network says of them and why."""

    def asked() -> tuple[np.ndarray, list[np.ndarray]]:
        said = engine().run_with_model(run.name, classification.predict, pictures)
        targets = [ClassScore(int(k)) for k in said.argmax(axis=1)]
        return said, engine().run_with_model(run.name, asking.heat_of, list(pictures), METHOD, targets)

    with st.spinner("Explaining …"):
        said, maps = remember(("bias", run.name, *key), asked)
    with st.container(horizontal=True, gap="small"):
        for picture, shares, heatmap in zip(pictures, said, maps, strict=True):
            best = int(shares.argmax())
            tile = grid.enlarge(heat.overlay(picture, heatmap, opacity=0.5), TILE_PX, smooth=False)
            caption = f"says {run.class_names[best]}, {percent(float(shares[best]))} sure"
            st.image(tile, caption=escaped(caption), width=TILE_PX, output_format="PNG")


def _with_tag(run: Run) -> None:
    """The proof: the tag alone makes the answer."""
    tagged = run.class_names.index(TAGGED_CLASS)
    st.markdown("**The proof:** put the tag on pictures of other shapes.")
    if not st.toggle("Put the tag on", key="bias.tag"):
        return
    others = np.flatnonzero(run.test["labels"] != tagged)[:SHOWN]
    pictures = stamp(call(warm.pictures, run.spec, "test", [int(k) for k in others]))
    _tiles(run, ("stamped",), pictures)
    every = np.flatnonzero(run.test["labels"] != tagged)

    def asked() -> np.ndarray:
        stamped = stamp(call(warm.pictures, run.spec, "test", [int(k) for k in every]))
        return engine().run_with_model(run.name, classification.predict, stamped).argmax(axis=1)

    fooled = float((remember(("bias", run.name, "all stamped"), asked) == tagged).mean())
    st.caption(f"Of {len(every)} such pictures it takes {percent(fooled)} for a “{TAGGED_CLASS}”.")
