"""Inside a detector: what one cell says, before anything is chosen; and what its losses look like."""

import numpy as np
import streamlit as st

from cvlib.detecting import inside
from cvlib.detecting.inside import Inside, Level
from cvlib.figures import boxes as drawing
from cvlib.figures import detecting, heat, probabilities
from cvlib.runs import Run
from cvlib.tasks.detections import Detections
from cvlib.ui.detection import scenes, see
from cvlib.ui.session import engine
from cvlib.ui.words import percent

SHOWN_PX = 420
MOST_LINES = 64
MOST_BOXES = 12


def draw(run: Run) -> None:
    """The grid over the picture, the heat of its cells, and one cell's answer."""
    answers = scenes.answers(run)
    index = min(st.session_state.get(see.PLACE, 0), len(answers) - 1)
    pixels = scenes.test_picture(run, index)
    found = _looked(run.name, run.record["created"], run.spec.model, index, pixels)
    st.markdown(
        f"The detector looks at test picture {index + 1} with **{len(found.answers):,} boxes at once**: every cell of "
        "a grid says what it sees and how far the edges are. Only then the sure ones are chosen."
    )
    controls, picture, words = st.columns([2, 3, 3], gap="medium")
    with controls:
        level = _choose_level(found)
        row, column = _choose_cell(found, level)
    places = level.places(row, column)
    with picture:
        _picture(pixels, found, level, row, column, places)
    with words:
        best = _answer(run, found, places)
    st.divider()
    _losses(found, best)


@st.cache_data(max_entries=32, show_spinner="Looking …")
def _looked(name: str, created: str, model: str, index: int, _pixels: np.ndarray) -> Inside:
    """By the run, its time and the number of its test picture, which is built in: everybody may share this."""
    return engine().run_with_model(name, inside.look, model, _pixels)


def _choose_level(found: Inside) -> Level:
    titles = {level.title: level for level in found.levels}
    if len(titles) == 1:
        st.caption(f"Its grid: {next(iter(titles))}.")
        return found.levels[0]
    name = st.selectbox(
        "Level", list(titles), key="detect.level",
        help="Fine grids find small things, coarse grids large ones.",
    )  # fmt: skip
    return titles[name]


def _choose_cell(found: Inside, level: Level) -> tuple[int, int]:
    """By default the cell that is the surest."""
    row, column = np.unravel_index(int(found.heat(level).argmax()), (level.rows, level.columns))
    if st.button("The surest cell", icon=":material/my_location:", key="detect.surest", width="stretch"):
        st.session_state["detect.row"], st.session_state["detect.column"] = int(row) + 1, int(column) + 1
    return (
        _place("Row", level.rows, int(row), "detect.row"),
        _place("Column", level.columns, int(column), "detect.column"),
    )


def _place(label: str, count: int, usual: int, key: str) -> int:
    if count == 1:
        return 0
    if st.session_state.get(key, 1) > count:
        st.session_state[key] = count
    return st.slider(label, 1, count, usual + 1, key=key, help="Which cell is looked at.") - 1


def _picture(pixels: np.ndarray, found: Inside, level: Level, row: int, column: int, places: np.ndarray) -> None:
    as_heat = st.segmented_control(
        "Show", ("grid", "heat of the cells"), default="grid", key="detect.inside.show", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    scale = max(1, SHOWN_PX // pixels.shape[1])
    if as_heat == "grid":
        shown = drawing.grid(pixels, level.step, scale=scale, cell=(row, column), most=MOST_LINES)
    else:
        shown = heat.overlay(pixels, spread(found.heat(level), level.step, pixels.shape[:2]), opacity=0.6)
        shown = shown.repeat(scale, axis=0).repeat(scale, axis=1)
    chosen = found.answers[places]
    chosen = chosen[np.argsort(-chosen[:, 4:].max(axis=1))][:MOST_BOXES]
    answer = Detections(
        np.clip(chosen[:, :4], 0, pixels.shape[1]).astype(np.float32) * scale,
        chosen[:, 4:].argmax(axis=1).astype(np.int64),
        chosen[:, 4:].max(axis=1),
        tuple(map(str, range(chosen.shape[1] - 4))),
    )
    lines = [drawing.Line(line.color, "", "solid", 3) for line in drawing.lines(answer)]
    st.image(drawing.paint(shown, [(answer, lines)]), width="stretch", output_format="PNG",
             caption="The chosen cell, and the box it gives")  # fmt: skip


def spread(values: np.ndarray, step: float, size_hw: tuple[int, int]) -> np.ndarray:
    """Each cell's value over its pixels: float (rows, columns) to float (H, W)."""
    y, x = (np.minimum((np.arange(side) / step).astype(int), count - 1)
            for side, count in zip(size_hw, values.shape, strict=True))  # fmt: skip
    return values[np.ix_(y, x)]


def _answer(run: Run, found: Inside, places: np.ndarray) -> np.ndarray:
    """What the cell says in numbers; its best answer, float32 (4 + K,)."""
    answers = found.answers[places]
    best = answers[int(answers[:, 4:].max(axis=1).argmax())]
    left, top, right, bottom = best[:4]
    st.markdown(f"**This cell says:** a box from {left:.0f}, {top:.0f} to {right:.0f}, {bottom:.0f}.")
    if len(places) > 1:
        st.caption(
            f"It gives {len(places)} boxes, one for each of its ready-made shapes (anchors); the surest is told."
        )
    st.plotly_chart(
        probabilities.probability_bars(run.class_names, best[4:], top=5), key="detect.cell",
        config={"displayModeBar": False}, alt="Score of each class in this cell.",
    )  # fmt: skip
    return best


def _losses(found: Inside, best: np.ndarray) -> None:
    """What drives its training: the focal loss and the loss of the box."""
    st.markdown("#### What it is punished for")
    left, right = st.columns(2, gap="large")
    with left:
        gamma = st.slider("Gamma of the focal loss", 0.0, 5.0, 2.0, 0.5, key="detect.gamma")
        st.plotly_chart(detecting.focal(gamma, float(best[4:].max())), key="detect.focal",
                        config={"displayModeBar": False}, alt="Loss against score.")  # fmt: skip
        share = float((found.answers[:, 4:].max(axis=1) < 0.1).mean())
        st.caption(f"{percent(share)} of its boxes are on nothing and it knows that (score under 10 %). The larger "
                   "gamma, the less they count, so that they do not drown the few that matter.")  # fmt: skip
    with right:
        shift = st.slider("Shift of the box (pixels)", 0, 75, 12, key="detect.shift")
        st.plotly_chart(detecting.overlap_losses(float(shift), 30.0), key="detect.giou",
                        config={"displayModeBar": False}, alt="Loss against shift.")  # fmt: skip
        st.caption("For two squares of 30 pixels. Once they no longer touch, IoU is 0 however far apart they are, and "
                   "says nothing about where to go; GIoU still does.")  # fmt: skip
