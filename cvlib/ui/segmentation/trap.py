"""The trap of pixel accuracy: nearly all pixels right, and a class that is never found. On the run's own pictures."""

import numpy as np
import streamlit as st

from cvlib.figures import segmenting
from cvlib.runs import Run
from cvlib.tasks import mask_shortcuts
from cvlib.tasks.segmentation import Scores
from cvlib.ui.errors import escaped
from cvlib.ui.lesson import lesson
from cvlib.ui.words import percent

HIGH = 0.9
LITTLE, MUCH = 0.01, 0.1
CONFUSED, FREQUENT = "what it is most often mistaken for", "the most frequent class"


def draw(run: Run, scores: Scores) -> None:
    """A lazy network, and this one without a class.

    Args:
        run: of a network for segmentation.
        scores: over all its test pictures.
    """
    order = mask_shortcuts.by_frequency(scores)
    if len(order) < 2:
        return
    names = tuple(map(escaped, run.class_names))
    st.subheader("The trap: nearly all pixels right, and blind")
    _lazy(scores, order, names)
    if _asked(run, scores, order[-1], names):
        _left_out(run, scores, order)


def _lazy(scores: Scores, order: list[int], names: tuple[str, ...]) -> None:
    """Of a network that knows the most frequent classes only."""
    st.markdown(
        "What is pixel accuracy worth? Compare with a network that only knows what covers most of the pictures."
    )
    known, most = mask_shortcuts.enough_for(scores, HIGH), len(order) - 1
    if most > 1:
        known = st.slider(
            "Classes that the lazy network knows",
            1,
            most,
            known,
            key="segment.trap.known",
            help="The most frequent ones. It paints them exactly as they are, and calls all else the first of them.",
        )
    other = mask_shortcuts.lazy(scores, known)
    st.plotly_chart(
        segmenting.side_by_side(scores, other),
        key="segment.trap.bars",
        config={"displayModeBar": False},
        alt="Three measures of this network and of the lazy one; see the sentence.",
    )
    st.markdown(lazy_words(other, order, known, names))


def lazy_words(other: Scores, order: list[int], known: int, names: tuple[str, ...]) -> str:
    """What a lazy network does and gets, as Markdown.

    Args:
        other: its scores.
        order: classes, the most frequent one first.
        known: how many it knows.
        names: of the classes, as Markdown.
    """
    rest = order[known:]
    does = f"it calls **every** pixel **{names[order[0]]}**"
    if known > 1:
        does = f"it knows {_listed([names[label] for label in order[:known]])}, and calls all else {names[order[0]]}"
    blind = _listed([names[label] for label in rest])
    return (
        f"A lazy network: {does}. Its pixel accuracy is **{percent(other.pixel_accuracy)}**, and yet its IoU is "
        f"**0 %** for {len(rest)} of the {len(order)} classes: {blind}. The mean IoU counts every class alike "
        f"and tells: **{percent(other.miou)}**."
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _asked(run: Run, scores: Scores, label: int, names: tuple[str, ...]) -> bool:
    """The question on the rarest class; whether it has been answered."""
    instead = mask_shortcuts.mistaken_for(scores, label)
    after = mask_shortcuts.without(scores, label, instead)
    fall = scores.pixel_accuracy - after.pixel_accuracy
    return lesson(
        f"Suppose this network never said “{names[label]}” again, and said “{names[instead]}” in its place. How far "
        "would its pixel accuracy fall? Answer, then try it with every class.",
        ("By less than 1 point", "By 1 to 10 points", "By more than 10 points"),
        answer=0 if fall < LITTLE else 1 if fall <= MUCH else 2,
        explanation=left_out_words(scores, after, label, names),
        key=f"lesson.trap.{run.name}",
    )


def left_out_words(before: Scores, after: Scores, label: int, names: tuple[str, ...]) -> str:
    """What it costs that a class is never said, as Markdown."""
    share = segmenting.shares_of(before)[label]
    fall = before.pixel_accuracy - after.pixel_accuracy
    does = "falls" if fall > 0 else "even rises" if fall < 0 else "stays"
    return (
        f"“{names[label]}” is {percent(share)} of the pixels. Without it pixel accuracy {does} from "
        f"{_exactly(before.pixel_accuracy)} to {_exactly(after.pixel_accuracy)}; the IoU of {names[label]} goes from "
        f"{_exactly(before.iou[label])} to {_exactly(after.iou[label])}, and the mean IoU from "
        f"{_exactly(before.miou)} to {_exactly(after.miou)}."
    )


def _exactly(share: float) -> str:
    """With two decimals, so that small changes are seen."""
    return "–" if np.isnan(share) else f"{100 * share:.2f} %"


def _left_out(run: Run, scores: Scores, order: list[int]) -> None:
    """Any class left out, and what that costs."""
    st.markdown("**Leave out one class** and watch the three numbers")
    left, right = st.columns(2)
    label = left.selectbox(
        "Never say",
        order[::-1],
        format_func=run.class_names.__getitem__,
        key="segment.trap.class",
        help="The rarest class comes first.",
    )
    way = right.selectbox(
        "Say instead", (CONFUSED, FREQUENT), key="segment.trap.instead", help="What its pixels are called then."
    )
    choose = mask_shortcuts.mistaken_for if way == CONFUSED else mask_shortcuts.most_frequent_but
    instead = choose(scores, label)
    after = mask_shortcuts.without(scores, label, instead)
    name, other = escaped(run.class_names[label]), escaped(run.class_names[instead])
    measured = {
        "Pixel accuracy": (scores.pixel_accuracy, after.pixel_accuracy),
        "Mean IoU": (scores.miou, after.miou),
        f"IoU of {name}": (scores.iou[label], after.iou[label]),
    }
    for place, (what, (before, now)) in zip(st.columns(3), measured.items(), strict=True):
        place.metric(what, percent(now), f"{100 * (now - before):+.2f} points", help="Below: the change.")
    st.caption(f"Every pixel that it called {name} is now called {other}; all others stay.")
