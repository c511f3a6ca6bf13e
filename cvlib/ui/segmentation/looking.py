"""Looking at what a network says of one picture: the mask over it, where it is unsure, and where it is wrong."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.figures import heat
from cvlib.tasks import mask_formats
from cvlib.tasks.segmentation import IGNORE, Prediction, confusion
from cvlib.ui.errors import escaped
from cvlib.ui.mask_canvas import show_mask
from cvlib.ui.segmentation import scenes
from cvlib.ui.words import count, percent

VIEWS = {
    "mask": "What it sees",
    "truth": "The truth",
    "errors": "Where it is wrong",
    "entropy": "Where it is unsure",
}
WRONG = "#E6007E"
"""No class has this colour."""
LEVELS = 201
"""Steps of uncertainty that are told apart."""


@dataclass(frozen=True)
class Choice:
    """What a person has set.

    Attributes:
        view: key of `VIEWS`.
        opacity: of the classes' colours, 0 to 1.
        outlines: whether the borders between classes are drawn.
        classes: classes that are painted.
    """

    view: str
    opacity: float
    outlines: bool
    classes: tuple[int, ...]


def controls(class_names: tuple[str, ...], *, key: str, truth: bool) -> Choice:
    """The sliders and switches.

    Args:
        class_names: of the network.
        key: begins the widgets' keys.
        truth: whether the truth is known.
    """
    views = [view for view in VIEWS if truth or view in ("mask", "entropy")]
    view = st.segmented_control(
        "Show", views, default="mask", format_func=VIEWS.__getitem__, key=f"{key}.view", required=True,
        label_visibility="collapsed", wrap=True, persist_state="session",
    )  # fmt: skip
    opacity = st.slider(
        "Opacity (%)", 0, 100, 55, 5, key=f"{key}.opacity", persist_state="session",
        help="0 shows the picture alone, 100 the colours alone.",
    )  # fmt: skip
    paints = view not in ("errors", "entropy")
    outlines = st.toggle(
        "Outlines", False, key=f"{key}.outlines", help="A line where one class ends.", disabled=not paints,
        persist_state="session",
    )  # fmt: skip
    chosen = st.pills(
        "Classes",
        class_names,
        selection_mode="multi",
        default=list(class_names),
        format_func=escaped,
        wrap=True,
        key=f"{key}.classes",
        help="Switch a class off, and its pixels show the picture.",
        disabled=not paints,
    )
    classes = tuple(class_names.index(name) for name in chosen or ())
    return Choice(view or "mask", opacity / 100, outlines, classes)


def draw(
    pixels: np.ndarray,
    found: Prediction,
    choice: Choice,
    *,
    key: str,
    colors: tuple[str, ...],
    truth: np.ndarray | None = None,
) -> tuple[int, int] | None:
    """The picture as chosen; the pixel that was pressed last.

    Args:
        pixels: uint8 (H, W, 3).
        found: of the network, of the same size.
        choice: see `controls`.
        key: of the canvas.
        colors: of the classes.
        truth: uint8 (H, W), if it is known.
    """
    names = found.class_names
    if choice.view == "errors" and truth is not None:
        layer = {"labels": _wrong(found, truth), "class_names": ("right", "wrong"), "colors": ("#FFFFFF", WRONG)}
        return show_mask(key, pixels, **layer, shown=[1], opacity=choice.opacity, label=VIEWS["errors"])
    if choice.view == "entropy":
        bits = [f"{most_bits(len(names)) * level / (LEVELS - 1):.1f} bits unsure" for level in range(LEVELS)]
        layer = {"labels": _levels(found), "class_names": bits, "colors": _heat_colors()}
        return show_mask(key, pixels, **layer, opacity=choice.opacity, label=VIEWS["entropy"])
    is_truth = choice.view == "truth" and truth is not None
    return show_mask(
        key,
        pixels,
        truth if is_truth else found.labels,
        class_names=names,
        colors=colors,
        confidence=None if is_truth else found.confidence,
        opacity=choice.opacity,
        outlines=choice.outlines,
        shown=choice.classes,
        label=VIEWS["truth" if is_truth else "mask"],
    )


def _wrong(found: Prediction, truth: np.ndarray) -> np.ndarray:
    """1 where it is wrong, 0 where it is right, uint8 (H, W)."""
    return np.where(truth == IGNORE, IGNORE, found.labels != truth).astype(np.uint8)


def most_bits(num_classes: int) -> float:
    """The entropy if all classes are equally probable."""
    return float(np.log2(max(2, num_classes)))


def _levels(found: Prediction) -> np.ndarray:
    """How unsure it is in steps, uint8 (H, W)."""
    share = found.entropy.astype(np.float32) / most_bits(len(found.class_names))
    return np.rint(np.clip(share, 0, 1) * (LEVELS - 1)).astype(np.uint8)


def _heat_colors() -> tuple[str, ...]:
    """From sure to unsure."""
    rows = heat.lookup(heat.SCALES[0])[np.linspace(0, heat.STEPS - 1, LEVELS).astype(int)]
    return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in rows.tolist())


def draw_reading(
    found: Prediction, choice: Choice, *, colors: tuple[str, ...], truth: np.ndarray | None = None
) -> None:
    """What the colours of `draw` mean, and what is to be seen, in a sentence."""
    if choice.view == "entropy":
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.caption("0 bits: sure", width="content")
            steps = ",".join(_heat_colors()[::25])
            st.html(
                f'<div style="width:7rem;height:0.8rem;background:linear-gradient(90deg,{steps})"></div>',
                width="content",
            )
            st.caption(f"{most_bits(len(found.class_names)):.3g} bits: no idea", width="content")
    elif choice.view == "errors" and truth is not None:
        scenes.legend(("wrong",), (WRONG,))
    else:
        scenes.legend(found.class_names, colors)
    st.caption(escaped(reading(found, choice.view, truth)))


def reading(found: Prediction, view: str, truth: np.ndarray | None = None) -> str:
    """What a view of `VIEWS` shows, in a sentence.

    Args:
        found: of the network.
        view: a key of `VIEWS`.
        truth: uint8 (H, W), if it is known.
    """
    if view == "entropy":
        return _unsure_in_words(found)
    if truth is None or view == "mask":
        surest = percent(float(found.confidence.astype(np.float32).mean()))
        return f"Each pixel has the colour of the class that is most probable there; on average it is {surest} sure."
    judged = truth != IGNORE
    if view == "truth":
        unjudged = percent(1 - float(judged.mean()))
        rest = "" if judged.all() else f" {unjudged} of the pixels are not judged and have no colour."
        return f"Each pixel has the colour of the class that it really is.{rest}"
    return _mistakes_in_words(found, truth)


def _unsure_in_words(found: Prediction) -> str:
    bits, border = found.entropy.astype(np.float32), _borders(found.labels)
    words = "Bright is unsure. "
    if not border.any() or border.all():
        return f"{words}It is {bits.mean():.2g} bits unsure on average."
    at, away = float(bits[border].mean()), float(bits[~border].mean())
    return f"{words}Where two classes meet it is {at:.2g} bits unsure on average, elsewhere {away:.2g} bits."


def _borders(labels: np.ndarray) -> np.ndarray:
    """Pixels with a neighbour of another class, bool (H, W)."""
    return mask_formats.outlines(labels.astype(np.int64) + 1)


def _mistakes_in_words(found: Prediction, truth: np.ndarray) -> str:
    counts = confusion(truth, found.labels, len(found.class_names))
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return "Every pixel is right."
    row, column = (int(place) for place in np.unravel_index(int(wrong.argmax()), wrong.shape))
    names = found.class_names
    return (
        f"{wrong.sum():,} of {counts.sum():,} pixels are wrong ({percent(wrong.sum() / counts.sum())}). The most "
        f"frequent mistake here: {names[row]} called {names[column]}, {count(int(wrong[row, column]), 'pixel')}."
    )


def pixel_words(found: Prediction, at: tuple[int, int], truth: np.ndarray | None = None) -> str:
    """What a network says of a pixel, as Markdown.

    Args:
        found: of the network.
        at: row and column.
        truth: uint8 (H, W), if it is known.
    """
    said, sure, bits = int(found.labels[at]), float(found.confidence[at]), float(found.entropy[at])
    words = (
        f"Row {at[0]}, column {at[1]}: it says **{escaped(found.class_names[said])}**, {percent(sure)} sure "
        f"({bits:.2f} bits unsure)"
    )
    if truth is None:
        return f"{words}."
    if truth[at] == IGNORE:
        return f"{words}; the truth is not known there."
    if truth[at] == said:
        return f"{words}; ✓ that is true."
    return f"{words}; ✗ in truth it is **{escaped(found.class_names[int(truth[at])])}**."


def areas(labels: np.ndarray, class_names: tuple[str, ...], truth: np.ndarray | None = None) -> pd.DataFrame:
    """The area of every class: pixels and per cent, and those of the truth if it is known."""
    rows = mask_formats.area_table(labels, class_names)
    frame = pd.DataFrame(rows, columns=["class", "pixels", "area (%)"])
    frame["area (%)"] *= 100
    if truth is not None:
        real = mask_formats.area_table(truth, class_names)
        frame["true pixels"] = [pixels for _, pixels, _ in real]
        frame["truly (%)"] = [100 * share for _, _, share in real]
    return frame


def draw_areas(labels: np.ndarray, class_names: tuple[str, ...], truth: np.ndarray | None = None) -> None:
    """The table of `areas`."""
    number, whole = (st.column_config.NumberColumn(format=form) for form in ("%.1f", "localized"))
    columns = {"area (%)": number, "truly (%)": number, "pixels": whole, "true pixels": whole}
    st.dataframe(areas(labels, class_names, truth), hide_index=True, column_config=columns)
