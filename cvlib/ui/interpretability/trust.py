"""Can I trust it? Deletion and insertion, the forgetting network, and the pointing game."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import data
from cvlib.engine import warm
from cvlib.explain import asking, league, methods
from cvlib.explain.asking import Request
from cvlib.explain.league import Row
from cvlib.explain.targets import ClassScore
from cvlib.figures import trust
from cvlib.ui import downloads
from cvlib.ui.errors import escaped
from cvlib.ui.interpretability.explaining import explained
from cvlib.ui.interpretability.why import Choice, look
from cvlib.ui.lesson import lesson
from cvlib.ui.session import engine
from cvlib.ui.subject import Subject, remember
from cvlib.ui.words import percent

TILE_PX = 120
PICTURES = (20, 50, 100, 200)
PICTURES_A_CALL = 4
SAME = 0.8
"""Maps that are more alike than this count as the same."""
COLUMNS = {
    "points at the object": "Share of pictures whose hottest place lies on it, or nearer than 3 % of the side.",
    "into its box": "Share of pictures whose hottest place lies in the box around it.",
    "overlap": "Of the object and the hottest pixels, as many as it has: intersection over union.",
    "seconds a picture": "On this host, with fewer passes than in the tab “Why?”.",
}
ASKED_FORGET = "explain.forget"


def draw(subject: Subject, choice: Choice) -> None:
    """The three tests, one below the other."""
    _deletion(subject, choice)
    _forgetting(subject, choice)
    _pointing(subject)


# -- deletion and insertion -----------------------------------------------------------------------------------------


def _deletion(subject: Subject, choice: Choice) -> None:
    st.markdown("#### Take away what is hot")
    st.markdown(
        "If the map is right, taking away its hottest places must hurt, and showing them alone must be enough. A "
        "random map and an edge detector, which know nothing of the network, are tested beside it."
    )
    target = ClassScore(choice.index)
    names = {choice.method.name: choice.layer, "random": None, "edges": None}
    maps = {name: explained(subject, Request(name, target, layer)).heatmap for name, layer in names.items()}
    key = ("curves", subject.digest, choice.index, *names.items())
    with st.spinner("Taking away and putting in …"):
        found = remember(key, lambda: subject.ask(asking.curves, subject.seen, maps, target))
    own = found[choice.method.name]
    before, after = float(own.deletion[0]), float(np.interp(0.2, own.shares, own.deletion))
    lesson(
        f"The network is {percent(before)} sure. What happens if the hottest fifth of the picture is covered?",
        ("It is less than half as sure", "It is a little less sure", "It is as sure as before"),
        answer=0 if after < 0.5 * before else 1 if after < 0.9 * before else 2,
        explanation=f"It is {percent(after)} sure then.",
        key=f"lesson.deletion.{subject.digest[:12]}.{choice.index}.{choice.method.name}",
    )
    titles = {methods.info(name).title: curves for name, curves in found.items()}
    left, right = st.columns(2)
    for place, kind, axis in (
        (left, "deletion", "hottest places taken away (% of the picture)"),
        (right, "insertion", "hottest places put in (% of the picture)"),
    ):
        lines = {name: getattr(curves, kind) for name, curves in titles.items()}
        figure = trust.score_curves(own.shares, lines, title=axis, score="probability")
        place.plotly_chart(figure, key=f"trust.{kind}", config={"displayModeBar": False}, alt=f"{kind} curves")
    st.caption(_areas(titles))


def _areas(found: dict[str, Any]) -> str:
    parts = [f"{name}: {c.deletion_area:.3g} / {c.insertion_area:.3g}" for name, c in found.items()]
    return (
        "Area under the curve, deletion / insertion · "
        + " · ".join(parts)
        + ". Better is less in the left figure, more in the right one."
    )


# -- the forgetting network -----------------------------------------------------------------------------------------


def _forgetting(subject: Subject, choice: Choice) -> None:
    st.markdown("#### Let the network forget")
    st.markdown(
        "Layer by layer, from the answer down, the network's weights are replaced by random ones. A map that stays the "
        "same cannot have explained what the network had learned (Adebayo et al., 2018)."
    )
    asked = (subject.digest, choice.index, choice.method.name)
    if st.session_state.get(ASKED_FORGET) != asked:
        st.button(
            "Make it forget", icon=":material/psychology_alt:", key="explain.forget.run",
            on_click=partial(st.session_state.update, {ASKED_FORGET: asked}),
        )  # fmt: skip
        return
    request = Request(choice.method.name, ClassScore(choice.index))
    with st.spinner("The network forgets …"):
        stages = remember(("stages", *asked), lambda: subject.ask(asking.stages, subject.seen, request))
    with st.container(horizontal=True, gap="small"):
        for stage in stages:
            caption = f"{stage.forgotten} of {stage.layers} layers forgotten"
            caption += f", likeness {stage.similarity:.2f}" if stage.forgotten else ": as trained"
            picture = look(subject, stage.explanation, choice.opacity, choice.scale, TILE_PX)
            st.image(picture, caption=caption, width=TILE_PX, output_format="PNG")
    last = stages[-1].similarity
    if last > SAME:
        st.warning(
            f"**{choice.method.title} does not pass.** The network has forgotten everything, and the map is still "
            f"nearly the same (rank correlation {last:.2f}).",
            icon=":material/warning:",
        )
    else:
        st.success(
            f"**{choice.method.title} depends on the network.** After it has forgotten everything, the map is another "
            f"(rank correlation {last:.2f}; 1 would be the same map).",
            icon=":material/check_circle:",
        )


# -- the pointing game ----------------------------------------------------------------------------------------------


def _pointing(subject: Subject) -> None:
    st.markdown("#### Does it point at the object?")
    run = subject.network.run
    if run is None or not data.info(run.spec.data).has_masks:
        st.info(
            "For drawn pictures it is known where the object is, and every method can be judged by that. Choose a "
            "network that was trained on drawn shapes.",
            icon=":material/info:",
        )
        return
    st.markdown(
        "For drawn pictures it is known where the object is. Each method explains test pictures that the network names "
        "correctly: how often does the hottest place lie on the object?"
    )
    most = st.select_slider(
        "Test pictures", PICTURES, value=PICTURES[0], key="explain.league.pictures", help="More are more exact."
    )
    key = (subject.network.name, most)
    if key in _tables():
        _draw_table(_tables()[key])
        return
    if not st.button("Play the pointing game", icon=":material/trophy:", key="explain.league.run"):
        return
    rows = _play(subject, most)
    _tables()[key] = rows
    st.rerun()


@st.cache_resource(show_spinner=False, max_entries=1)
def _tables() -> dict[tuple[str, int], list[Row]]:
    """Finished tables of all sessions: they are about built-in pictures, and nobody's own."""
    return {}


def _play(subject: Subject, most: int) -> list[Row]:
    """One method after the other, a few pictures at a time."""
    bar = st.progress(0.0, text="Looking for pictures that it names correctly …")
    st.button("Stop", key="explain.league.stop")  # ends this run of the page; what is done so far is dropped
    name, spec = subject.network.name, subject.network.run.spec
    chosen = engine().run_with_model(name, warm.with_split, spec, league.named_right, most)
    contenders = subject.ask(league.contenders)
    rows = []
    for place, method in enumerate(contenders):
        total = np.zeros(4)
        for start in range(0, len(chosen), PICTURES_A_CALL):
            part = chosen[start : start + PICTURES_A_CALL]
            total += engine().run_with_model(name, warm.with_split, spec, league.judge, part, method)
            done = (place + min(1.0, (start + len(part)) / len(chosen))) / len(contenders)
            bar.progress(done, text=f"{methods.info(method).title}: {start + len(part)} of {len(chosen)} pictures")
        count = max(1, len(chosen))
        rows.append(Row(method, len(chosen), *(total / count).tolist()))
    return sorted(rows, key=lambda row: (-row.pointing, -row.overlap))


def _draw_table(rows: list[Row]) -> None:
    frame = pd.DataFrame(
        [(methods.info(r.method).title, 100 * r.pointing, 100 * r.in_box, 100 * r.overlap, r.seconds) for r in rows],
        columns=["method", *COLUMNS],
    )
    formats = ("%.0f %%", "%.0f %%", "%.0f %%", "%.3f")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format=form, help=words)
            for (name, words), form in zip(COLUMNS.items(), formats, strict=True)
        },
    )
    best = rows[0]
    blind = max((row for row in rows if row.method in methods.BASELINES), key=lambda row: row.pointing)
    st.caption(
        escaped(
            f"{methods.info(best.method).title} points at the object in {percent(best.pointing)} of {best.pictures} "
            f"pictures; a map that knows nothing of the network ({methods.info(blind.method).title.lower()}) in "
            f"{percent(blind.pointing)}. The dear methods take fewer passes here than in the tab “Why?”."
        )
    )
    st.download_button(
        "Table as CSV", downloads.csv_bytes(frame), file_name="pointing-game.csv", mime="text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
