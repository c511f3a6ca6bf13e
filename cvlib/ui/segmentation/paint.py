"""Paint against the machine: a person's own mask of a test picture, judged beside the network's."""

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import recipes
from cvlib.figures.masks import GROUND
from cvlib.runs import Run
from cvlib.segmenting.looking import Looked
from cvlib.tasks import mask_formats
from cvlib.tasks.segmentation import IGNORE, Scores, confusion
from cvlib.ui.errors import escaped
from cvlib.ui.mask_canvas import paint_mask, show_mask
from cvlib.ui.segmentation import scenes
from cvlib.ui.words import count, percent, seconds

PLACE = "segment.paint.place"
"""The test picture that is painted on."""
DRAWINGS, MOST_DRAWINGS = "segment.paint.drawings", 20
"""What was painted, by picture."""
RESULT = "segment.paint.result"
"""What was compared last: (picture and network, `Duel`)."""
ELSE = "everything else"
SUITS, SECOND = 0.02, 0.01
"""Shares of the picture: of a thing that is worth painting, and of a second one that is suggested beside it."""
VERDICTS = ("both right", "only you are right", "only the network is right", "both wrong")
VERDICT_COLORS = ("#FFFFFF", "#009E73", "#D55E00", "#404040")
FAINT = 0.5
"""Of white in the picture under the verdict, whose colours are no classes."""
SHOWN_PX = 320


@dataclass(frozen=True, eq=False)
class Drawing:
    """What a person has painted on a picture.

    Attributes:
        mask: uint8 (H, W), classes of the network; 0 where nothing is painted.
        began: time of the first stroke's end, in seconds; None before.
        last: time of the last stroke's end.
    """

    mask: np.ndarray
    began: float | None = None
    last: float | None = None

    def with_mask(self, mask: np.ndarray) -> "Drawing":
        """After a stroke, now."""
        now = time.monotonic()
        return Drawing(mask, now if self.began is None else self.began, now)


@dataclass(frozen=True, eq=False)
class Duel:
    """A person's mask and a network's beside the truth, all with the chosen classes alone.

    Attributes:
        names: `ELSE`, then the chosen classes.
        colors: of them.
        yours: uint8 (H, W), places in `names`, as the other two.
        network: of the network.
        truth: 255 where it is not judged.
        seconds: that the person painted.
    """

    names: tuple[str, ...]
    colors: tuple[str, ...]
    yours: np.ndarray
    network: np.ndarray
    truth: np.ndarray
    seconds: float

    @cached_property
    def scores(self) -> dict[str, Scores]:
        """Of `you` and the `network` against the truth, and of `both` against each other."""
        agreed = np.where(self.truth == IGNORE, IGNORE, self.network).astype(np.uint8)
        pairs = {"you": (self.truth, self.yours), "network": (self.truth, self.network), "both": (agreed, self.yours)}
        return {who: Scores(confusion(*pair, len(self.names))) for who, pair in pairs.items()}

    def mean(self, who: str) -> float:
        """Mean IoU of the chosen classes that are there or were found."""
        values = self.scores[who].iou[1:]
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else 0.0

    @property
    def verdict(self) -> np.ndarray:
        """uint8 (H, W), places in `VERDICTS`; 255 where it is not judged."""
        you, network = self.yours == self.truth, self.network == self.truth
        labels = np.where(you, np.where(network, 0, 1), np.where(network, 2, 3))
        return np.where(self.truth == IGNORE, IGNORE, labels).astype(np.uint8)


def collapsed(mask: np.ndarray, classes: tuple[int, ...]) -> np.ndarray:
    """A mask in which the chosen classes are 1, 2, ... and all others 0; what is not judged stays so."""
    table = np.zeros(256, np.uint8)
    table[IGNORE] = IGNORE
    table[list(classes)] = np.arange(1, len(classes) + 1)
    return table[mask]


def spread(mask: np.ndarray, classes: tuple[int, ...], before: np.ndarray) -> np.ndarray:
    """The inverse of `collapsed`; where nothing is painted, classes that are not chosen stay as they were before."""
    back = np.array([0, *classes], np.uint8)[mask]
    kept = np.where(np.isin(before, classes), 0, before)
    return np.where(mask > 0, back, kept).astype(np.uint8)


def suggested(truth: np.ndarray, objects: tuple[int, ...]) -> list[int]:
    """The one or two objects that take most of a picture.

    Args:
        truth: uint8 (H, W).
        objects: classes that are objects.
    """
    counts = np.bincount(truth.ravel(), minlength=256)
    there = sorted((label for label in objects if counts[label]), key=lambda label: -counts[label])
    return [label for place, label in enumerate(there[:2]) if place == 0 or counts[label] >= SECOND * truth.size]


def draw(run: Run) -> None:
    """The picture to paint on, the choices, and the comparison."""
    st.markdown(
        "**Can you do better than the network?** Paint what belongs to the classes you choose, and leave the rest. "
        "Then press **Compare**: the truth is shown, and both of you are measured in the same way."
    )
    place = min(st.session_state.get(PLACE, _first_place(run)), len(scenes.answers(run)) - 1)
    [seen] = scenes.looked(run, [place])
    picture, controls = st.columns([3, 2], gap="large")
    with picture:
        _turn(place, len(scenes.answers(run)))
    with controls:
        classes = _choose_classes(run, seen, place)
    if not classes:
        picture.info("Choose at least one class to paint.", icon=":material/brush:")
        return
    with picture:
        drawing = _paint(run, seen, place, classes)
    with controls:
        _act(run, seen, place, classes, drawing)
    _draw_result(run, place, classes, drawing)


def _name(run: Run, place: int) -> str:
    """Names a picture; networks that learned from the same data share it."""
    return f"{run.spec.data}.{run.spec.image_size}.{run.spec.split_seed}.{place}"


def _objects(run: Run) -> tuple[int, ...]:
    """The classes that are things one can point at; all but the ground where that is not known."""
    boxed = recipes.card_of(run.spec).class_names
    found = tuple(label for label, name in enumerate(run.class_names) if label and name in boxed)
    return found or tuple(range(1, len(run.class_names)))


def _first_place(run: Run) -> int:
    """The first test picture with an object that is worth painting."""
    pixels = scenes.answers(run).confusions.sum(axis=2)
    shares = pixels[:, list(_objects(run))].max(axis=1) / np.maximum(1, pixels.sum(axis=1))
    return int((shares >= SUITS).argmax())


def _turn(place: int, total: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Back", icon=":material/chevron_left:", key="segment.paint.back", on_click=_go,
                  args=((place - 1) % total,))  # fmt: skip
        st.markdown(f"Test picture **{place + 1}** of {total}", width="content")
        st.button("Next", icon=":material/chevron_right:", key="segment.paint.next", on_click=_go,
                  args=((place + 1) % total,))  # fmt: skip


def _go(place: int) -> None:
    st.session_state[PLACE] = place


def _choose_classes(run: Run, seen: Looked, place: int) -> tuple[int, ...]:
    """Of the classes that are truly in the picture, so that nobody is judged by one that is not there."""
    present = [label for label in np.unique(seen.truth).tolist() if label not in (0, IGNORE)]
    chosen = st.pills(
        "Classes to paint",
        present,
        selection_mode="multi",
        default=suggested(seen.truth, _objects(run)) or present[:1],
        format_func=lambda label: escaped(run.class_names[label]),
        wrap=True,
        key=f"segment.paint.classes.{_name(run, place)}",
        persist_state="session",
        help="Only these are judged. All other pixels count as one ground, for you and for the network.",
    )
    return tuple(sorted(chosen or ()))


def _drawings() -> dict[str, Drawing]:
    return st.session_state.setdefault(DRAWINGS, {})


def _kept(run: Run, place: int) -> str:
    return f"segment.paint.kept.{_name(run, place)}"


def _paint(run: Run, seen: Looked, place: int, classes: tuple[int, ...]) -> Drawing:
    """The canvas; what is painted by now."""
    drawing = _drawings().pop(_name(run, place), None) or Drawing(np.zeros_like(seen.truth))
    before = collapsed(drawing.mask, classes)
    names, colors = _names_and_colors(run, classes)
    mask = paint_mask("segment.paint.canvas", seen.image, before, class_names=names, colors=colors,
                      kept=_kept(run, place), label=f"Test picture {place + 1} to paint on")  # fmt: skip
    if not np.array_equal(mask, before):
        drawing = drawing.with_mask(spread(mask, classes, drawing.mask))
    _keep(run, place, drawing)
    return drawing


def _keep(run: Run, place: int, drawing: Drawing) -> None:
    _drawings()[_name(run, place)] = drawing
    while len(_drawings()) > MOST_DRAWINGS:
        _drawings().pop(next(iter(_drawings())))


def _names_and_colors(run: Run, classes: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    colors = scenes.colors_of(run)
    return (ELSE, *(run.class_names[label] for label in classes)), (GROUND, *(colors[label] for label in classes))


def _act(run: Run, seen: Looked, place: int, classes: tuple[int, ...], drawing: Drawing) -> None:
    """What can be done with the painting."""
    painted = collapsed(drawing.mask, classes).any()
    if st.button("Compare", type="primary", icon=":material/sports_score:", key="segment.paint.compare",
                 disabled=not painted, help="Judges your mask and the network's by the truth."):  # fmt: skip
        st.session_state[RESULT] = (run.name, _name(run, place)), _duel(run, seen, classes, drawing)
    if not painted:
        st.caption("Nothing is painted yet. Choose a class above the picture, then drag over what belongs to it.")
    st.button(
        "Start from the network's mask",
        icon=":material/content_copy:",
        key="segment.paint.start",
        on_click=_start_from,
        args=(run, place, seen.prediction.labels),
        help="Lays the network's mask over the picture in place of yours, so that you only mend its mistakes.",
    )
    st.download_button(
        "Your mask (PNG)",
        lambda: mask_formats.to_palette_png(drawing.mask, scenes.colors_of(run)),
        f"{run.spec.data}-test-{place + 1}-mine.png",
        "image/png",
        on_click="ignore",
        icon=":material/download:",
        key="segment.paint.save",
        disabled=not painted,
        help="Each pixel's value is the number of its class; a palette gives it its colour.",
    )


def _start_from(run: Run, place: int, labels: np.ndarray) -> None:
    st.session_state.pop(_kept(run, place), None)
    before = _drawings().get(_name(run, place)) or Drawing(labels)
    _keep(run, place, replace(before, mask=labels.copy()).with_mask(labels.copy()))


def _duel(run: Run, seen: Looked, classes: tuple[int, ...], drawing: Drawing) -> Duel:
    masks = (collapsed(mask, classes) for mask in (drawing.mask, seen.prediction.labels, seen.truth))
    taken = 0.0 if drawing.began is None else drawing.last - drawing.began
    return Duel(*_names_and_colors(run, classes), *masks, seconds=taken)


def _draw_result(run: Run, place: int, classes: tuple[int, ...], drawing: Drawing) -> None:
    asked, duel = st.session_state.get(RESULT, (None, None))
    if asked != (run.name, _name(run, place)):
        return
    st.divider()
    names, _ = _names_and_colors(run, classes)
    if duel.names != names or not np.array_equal(duel.yours, collapsed(drawing.mask, classes)):
        st.info("You have changed something since. Press **Compare** again.", icon=":material/update:")
    numbers, verdict = st.columns(2, gap="large")
    with numbers:
        _numbers(duel)
    with verdict:
        _verdict(run, place, duel)
    _three(run, place, duel)


def winner(duel: Duel) -> str:
    """Who won, in a sentence."""
    you, network = percent(duel.mean("you")), percent(duel.mean("network"))
    if you == network:
        return f"You {you}, the network {network}: a draw."
    return f"You {you}, the network {network}: {'you win' if duel.mean('you') > duel.mean('network') else 'it wins'}."


def table(duel: Duel) -> pd.DataFrame:
    """IoU of each class and their mean, in per cent; empty where a class is in neither."""
    ious = {who: 100 * scores.iou for who, scores in duel.scores.items()}
    order = [*range(1, len(duel.names)), 0]
    rows = [(duel.names[label], *(ious[who][label] for who in ious)) for label in order]
    mean = ("mean of the classes", *(100 * duel.mean(who) for who in ious))
    rows.insert(len(rows) - 1, mean)
    return pd.DataFrame(rows, columns=["IoU (%)", "you", "network", "you two"])


def _numbers(duel: Duel) -> None:
    st.markdown(f"#### {winner(duel)}")
    frame = table(duel)
    number = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(frame, hide_index=True, column_config=dict.fromkeys(frame.columns[1:], number))
    chosen = escaped(" and ".join(duel.names[1:]))
    st.caption(
        "IoU is the share of pixels on which two masks agree, of all that either of them gives to the class. "
        f"Judged were {chosen}; all other pixels count as one ground, for both of you alike, and not in the mean. "
        "The last column says how much your mask and the network's are alike, whatever the truth. "
        "None: neither mask has the class."
    )
    if duel.seconds:
        st.caption(f"You painted for {seconds(duel.seconds)}, from the end of your first stroke to that of your last.")


def _verdict(run: Run, place: int, duel: Duel) -> None:
    [seen] = scenes.looked(run, [place])
    st.markdown("**Who is right where**")
    show_mask("segment.paint.verdict", _faint(seen.image), duel.verdict, class_names=VERDICTS, colors=VERDICT_COLORS,
              shown=[1, 2, 3], opacity=0.8, label="Who is right where")  # fmt: skip
    scenes.legend(VERDICTS[1:], VERDICT_COLORS[1:])
    you, network, neither = (count(int((duel.verdict == place).sum()), "pixel") for place in (1, 2, 3))
    st.caption(f"Only you are right at {you}, only the network at {network}; both are wrong at {neither}.")


def _faint(pixels: np.ndarray) -> np.ndarray:
    """A picture in light grey."""
    grey = pixels.mean(axis=2, keepdims=True) * (1 - FAINT) + 255 * FAINT
    return grey.repeat(3, axis=2).astype(np.uint8)


def _three(run: Run, place: int, duel: Duel) -> None:
    """The masks side by side."""
    [seen] = scenes.looked(run, [place])
    titles = {"Yours": duel.yours, "The network's": duel.network, "The truth": duel.truth}
    for column, (title, mask) in zip(st.columns(3), titles.items(), strict=True):
        painted = mask_formats.overlay(seen.image, mask, duel.colors, opacity=0.7)
        scale = max(1, SHOWN_PX // painted.shape[1])
        column.image(painted.repeat(scale, axis=0).repeat(scale, axis=1), caption=title, output_format="PNG")
    scenes.legend(duel.names[1:], duel.colors[1:])
