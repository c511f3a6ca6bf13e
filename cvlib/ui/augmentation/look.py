"""Build and look: random draws of the pipeline beside the original."""

import hashlib

import numpy as np
import streamlit as st

from cvlib.augmentation import Pipeline
from cvlib.augmenting import looking
from cvlib.augmenting.looking import Shot, Tiles
from cvlib.data.base import IGNORE
from cvlib.ui.augmentation import link, painting, spoken, state, sweep, tiles
from cvlib.ui.augmentation.cards import fits, in_use
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.augmentation.tiles import Tile
from cvlib.ui.errors import escaped
from cvlib.ui.lesson import lesson
from cvlib.ui.segmentation import scenes
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.words import count, percent

DRAWN = "augmentation.drawn"
"""The draws that are seen, by what was asked; they may show a person's picture, so only the last ones are kept."""
GRID_NAMES = {"3x3": "3 × 3", "4x6": "4 × 6"}
SHADES = (10, 30)
"""Limits of the lesson's answers, of 255."""
SAME = 0.05
"""Boxes that differ by less in area, on average, are about the same."""


def draw(subject: Subject) -> None:
    """The grid, what is to be said of it, and the sweep."""
    rows, columns = _choose_grid()
    pipeline = in_use(subject.shot)
    seed = st.session_state.get(link.SEED, 0)
    made = _draws(subject, pipeline, rows * columns, seed, columns)
    words = spoken.captions(pipeline, made)
    grid = [Tile(painting.tile(subject.shot, made, place), words[place]) for place in range(len(words))]
    tiles.show("augmentation.board", grid, columns=columns, pinned=_pinned(subject.shot))
    _say_left_out(subject.shot)
    _legend(subject.shot, made)
    _reading(subject.shot, pipeline, made)
    _lesson(subject.shot, pipeline, made, seed)
    sweep.draw(subject, pipeline, seed)


def _choose_grid() -> tuple[int, int]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.segmented_control(
            "Draws", list(link.GRIDS), default=None if link.GRID in st.session_state else "3x3",
            format_func=GRID_NAMES.__getitem__, key=link.GRID, required=True, persist_state="session",
            help="How many random draws are shown at once.", width="content",
        )  # fmt: skip
        st.number_input(
            "Seed", 0, link.MOST_SEED, key=link.SEED, persist_state="session", width=150,
            help="The start of all chance: the same number gives the same draws again.",
        )  # fmt: skip
        st.button("Other draws", icon=":material/casino:", type="primary", key="augmentation.other", on_click=_other,
                  help="The next seed: chance draws anew.")  # fmt: skip
    return link.GRIDS[name or "3x3"]


def _other() -> None:
    st.session_state[link.SEED] = (st.session_state.get(link.SEED, 0) + 1) % (link.MOST_SEED + 1)


def _say_left_out(shot: Shot) -> None:
    stuck = [step for step in state.pipeline().active if not fits(step, shot)]
    if stuck:
        what = " and ".join(shot.has)
        verb = "is" if len(stuck) == 1 else "are"
        st.warning(
            f"{escaped(spoken.names_of(stuck))} {verb} left out: this picture has {what}, which cannot be moved along "
            "there. Take a picture without, or other transforms.",
            icon=":material/block:",
        )


# -- the draws -----------------------------------------------------------------------------------------------------


def _draws(subject: Subject, pipeline: Pipeline, number: int, seed: int, columns: int) -> Tiles:
    """The draws: those that are seen already if nothing has changed, else new ones."""
    asked = (shot_digest(subject.shot), pipeline.to_text(), number, seed)
    kept = st.session_state.get(DRAWN)
    if kept is None or kept[0] != asked:
        place = st.empty()
        if engine().status().device is None:  # the process that computes is still loading
            with place.container():
                tiles.show("augmentation.waiting", [], columns=columns, pinned=_pinned(subject.shot), waiting=number)
                st.caption("The workshop is warming up. The first draws take a few seconds …")
        made = call(looking.draws, subject.shot, pipeline.to_text(), number, seed=seed, pool=pool(subject, pipeline))
        place.empty()
        kept = st.session_state[DRAWN] = asked, made
    return kept[1]


def pool(subject: Subject, pipeline: Pipeline) -> tuple[Shot, ...]:
    """What the picture may be mixed with; nothing is sent along for a pipeline that mixes nothing."""
    return subject.pool if pipeline.mixes else ()


def shot_digest(shot: Shot) -> str:
    """Names a picture with what is known of it."""
    parts = (shot.image, shot.mask, shot.boxes_xyxy, shot.box_labels)
    made = hashlib.blake2b(
        repr((shot.name, shot.class_names, [None if part is None else part.shape for part in parts])).encode()
    )
    for part in parts:
        if part is not None:
            made.update(np.ascontiguousarray(part).tobytes())
    return made.hexdigest()


def _pinned(shot: Shot) -> Tile:
    height, width = shot.image.shape[:2]
    size = f"{width} × {height} pixels"
    return Tile(painting.original(shot), f"{shot.name}, {size}", "The original")


# -- what is said of them ------------------------------------------------------------------------------------------


def _legend(shot: Shot, made: Tiles) -> None:
    if not shot.has or not shot.class_names:
        return
    shades = painting.colors(shot)
    scenes.legend(shot.class_names, shades)
    if made.masks is not None and (made.masks == IGNORE).any():
        st.caption(
            "Stripes: pixels that came from beyond the picture. Nobody knows their class, so they are not taught."
        )


def _reading(shot: Shot, pipeline: Pipeline, made: Tiles) -> None:
    total = len(made.images)
    if not pipeline:
        st.info("The pipeline does nothing yet, so every draw is the picture itself. Add a transform on the left.",
                icon=":material/add:")  # fmt: skip
        return
    if shot.boxes_xyxy is not None:
        st.markdown(spoken.left(made.lost, len(shot.box_labels), mixes=pipeline.mixes))
    st.caption(
        f"{count(total, 'random draw')} of the pipeline. A network in training would "
        "see another draw of every picture each time it comes by."
        + (" Where pictures are mixed, so are their labels: the shares under a draw are what it is taught."
           if pipeline.mixes else "")
    )  # fmt: skip


def _lesson(shot: Shot, pipeline: Pipeline, made: Tiles, seed: int) -> None:
    """Asked of what can be counted here: how large boxes become, else how far the numbers move."""
    if not pipeline:
        return
    total = len(made.images)
    key = f"lesson.augmentation.{hash((shot_digest(shot), pipeline.to_text(), total, seed))}"
    if shot.boxes_xyxy is not None and len(shot.boxes_xyxy):
        share = own_area(shot, made)
        lesson(
            "Boxes are always upright. How much room do this picture's boxes take up in the draws, on average, "
            "compared with the original?",
            ("Less", "About the same", "More"),
            answer=0 if share < 1 - SAME else 1 if share <= 1 + SAME else 2,
            explanation=f"{percent(share)} of what they took up there." + _why(share),
            key=key,
        )
        return
    change = float(np.abs(made.images.astype(np.int16) - shot.image).mean())
    low, high = SHADES
    lesson(
        "You know the picture again at once. By how many of 255 shades does a pixel of these draws differ from the "
        "original, on average?",
        (f"Fewer than {low}", f"{low} to {high}", f"More than {high}"),
        answer=0 if change < low else 1 if change <= high else 2,
        explanation=f"By {change:.3g} of 255, {percent(change / 255)}. A network gets nothing but these numbers, so to "
        "it each draw is another picture until it has learned that they show the same.",
        key=key,
    )


def _why(share: float) -> str:
    if share > 1 + SAME:
        return (
            " What is nearer is larger, and what is turned or slanted needs a larger upright box: it fits less tightly."
        )
    return " They were cut off by the frame, covered, or made smaller." if share < 1 - SAME else ""


def own_area(shot: Shot, made: Tiles) -> float:
    """The area of the picture's own boxes in the draws, on average, as a share of what it was.

    Args:
        shot: a picture with boxes.
        made: draws of it; its own boxes come first.
    """
    kept = len(shot.box_labels) - made.lost
    own = [boxes[:count] for boxes, count in zip(made.boxes_xyxy, kept, strict=True)]
    return float(np.mean([_area(boxes) for boxes in own])) / _area(shot.boxes_xyxy)


def _area(boxes_xyxy: np.ndarray) -> float:
    return float(((boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1])).sum())
