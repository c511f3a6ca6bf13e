"""What skip connections or pooling indices add: the same training with and without them, side by side."""

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import models, runs
from cvlib.runs import Run
from cvlib.spec import TrainingSpec
from cvlib.ui import training_panel
from cvlib.ui.errors import escaped
from cvlib.ui.mask_canvas import show_mask
from cvlib.ui.segmentation import scenes
from cvlib.ui.session import engine
from cvlib.ui.words import percent

WHAT = {
    "skip connections": "Shrinking loses where exactly an edge was. Skip connections hand the fine maps of the encoder "
    "across to the decoder, so that it need not guess.",
    "pooling indices": "Shrinking loses where exactly an edge was. SegNet's decoder is told in which of four pixels "
    "each maximum was, and puts it back there: a few bits instead of whole maps.",
}
SURE_POINTS = 1.0
"""Differences below so many points may be chance: each network is trained once."""


def draw(run: Run, index: int) -> None:
    """The comparison, or the way to it.

    Args:
        run: with or without them.
        index: of the test picture that both are shown on.
    """
    card = models.info(run.spec.model)
    what = card.skips
    st.markdown(f"#### What do {what or 'skip connections'} add?")
    if what is None:
        st.info(
            f"{card.title} of KerasCV has its one skip connection built in: it cannot be left out. Choose U-Net, FCN "
            "or SegNet as the network to try it.", icon=":material/info:",
        )  # fmt: skip
        return
    st.markdown(WHAT[what])
    spec = run.spec.replace(skips=not run.spec.skips)
    other = runs.of_spec(engine().store, spec)
    if other is None or other.record["stopped"]:
        training_panel.follow(spec, pending=lambda: _invite(spec, what))
    if other is not None:
        _compare(*((run, other) if run.spec.skips else (other, run)), what, index)


def _invite(spec: TrainingSpec, what: str) -> None:
    """The button that trains the other network."""
    st.markdown(
        f"This network was trained {'without' if spec.skips else 'with'} {what}. Train the other one with the same "
        "settings, and both are compared here."
    )
    st.button(
        f"Train it {'with' if spec.skips else 'without'} {what}", icon=":material/play_arrow:",
        key="segment.inside.train", on_click=training_panel.request, args=(spec,),
        help="The same pictures, settings and seed; only this differs. It takes about as long as the first one did.",
    )  # fmt: skip


def _compare(have: Run, lack: Run, what: str, index: int) -> None:
    """Numbers, classes and a picture of the run that has them and the one that lacks them."""
    if have.record["stopped"] or lack.record["stopped"]:
        st.warning("One of the two trainings was cancelled early, so that the comparison is not fair.")
    _metrics(have, lack, what)
    table = by_class(have, lack)
    st.dataframe(
        table, hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%+.1f" if name == "points" else "%.1f")
            for name in table.columns[1:]
        },
    )  # fmt: skip
    st.caption(f"The IoU of every class with and without {what}, and the difference. {reading(table, what)}")
    _masks(have, lack, what, index)


def _metrics(have: Run, lack: Run, what: str) -> None:
    measures = {
        "miou": ("Mean IoU", "Mean over the classes of the pixels found right, of all found or true."),
        "boundary_f1": ("Boundary F1", "How well the edges of the classes lie where the true ones are."),
    }
    columns = st.columns(len(measures) + 1)
    for column, (name, (label, words)) in zip(columns, measures.items(), strict=False):
        value, change = have.metrics[name], 100 * (have.metrics[name] - lack.metrics[name])
        column.metric(
            label, percent(value), delta=f"{change:+.1f} points", delta_description="against without",
            help=f"{words} With {what}, and the change against the same network without.",
        )  # fmt: skip
    more = have.record["parameters"] - lack.record["parameters"]
    columns[-1].metric(
        "Weights", f"{have.record['parameters']:,}", delta=f"{more:+,}", delta_color="off",
        delta_description="against without", help=f"Numbers inside the network with {what}.",
    )  # fmt: skip


def by_class(have: Run, lack: Run) -> pd.DataFrame:
    """The IoU of every class with and without, and the difference."""
    columns = [100 * scenes.answers(run).scores.iou for run in (have, lack)]
    return pd.DataFrame(
        {
            "class": have.class_names,
            "with (%)": columns[0],
            "without (%)": columns[1],
            "points": columns[0] - columns[1],
        }
    )


def reading(table: pd.DataFrame, what: str) -> str:
    """What the table says, in words."""
    known = table.dropna(subset=["points"])
    chance = "Each was trained once, with the same seed: a difference of about a point can be chance."
    if known.empty:
        return chance
    best = known.loc[known["points"].idxmax()]
    most = best["points"]
    if most < SURE_POINTS:
        return f"No class gains a point by the {what}. {chance}"
    return f"“{escaped(best['class'])}” gains most by the {what}: {most:.1f} points. {chance}"


def _masks(have: Run, lack: Run, what: str, index: int) -> None:
    """The truth and both answers on one test picture."""
    [one], [other] = scenes.looked(have, [index]), scenes.looked(lack, [index])
    shown: dict[str, np.ndarray] = {
        "The truth": one.truth,
        f"With {what}": one.prediction.labels,
        f"Without {what}": other.prediction.labels,
    }
    for column, (title, labels) in zip(st.columns(len(shown)), shown.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            show_mask(
                f"segment.inside.{title.split()[0].lower()}", one.image, labels, class_names=have.class_names,
                colors=scenes.colors_of(have), opacity=0.5, outlines=True, label=title,
            )  # fmt: skip
    scenes.legend(have.class_names[1:], scenes.colors_of(have)[1:])
    wrong = [percent(np.mean((labels != one.truth)[one.truth != 255])) for labels in list(shown.values())[1:]]
    st.caption(
        f"Test picture {index + 1}: {wrong[0]} of its pixels are wrong with {what}, {wrong[1]} without. Look along "
        "the edges and at thin things."
    )
