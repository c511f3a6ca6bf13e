"""What the trainings with and without a pipeline gave."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from cvlib.augmenting import paying
from cvlib.augmenting.paying import Interval, Outcome, Pair, Verdict
from cvlib.figures import paying as figures
from cvlib.ui.downloads import csv_bytes
from cvlib.ui.lesson import lesson
from cvlib.ui.words import count

Outcomes = Sequence[tuple[Outcome, Outcome]]
"""Pairs of trainings, without and with the pipeline."""
WORDS = {
    "pays": (":material/trending_up:", "it pays"),
    "harms": (":material/trending_down:", "it harms"),
    "unclear": (":material/trending_flat:", "no difference can be told apart from chance"),
}
QUESTION = "Where does it help most?"
NOWHERE = "Nowhere"


def size_title(size: int | None) -> str:
    """`30 pictures`, or `all pictures`."""
    return "all pictures" if size is None else count(size, "picture")


def draw(found: Mapping[int | None, Outcomes | None], plan: Mapping[int | None, Sequence[Pair]]) -> None:
    """The result of every number of pictures whose trainings are through.

    Args:
        found: number of training pictures to what was found; None while trainings are missing.
        plan: what was trained.
    """
    verdicts = {size: paying.judge(outcomes) for size, outcomes in found.items() if outcomes}
    _ask(found, verdicts, plan)
    if not verdicts:
        return
    for size, verdict in verdicts.items():
        st.markdown(sentence(size, verdict))
    _intervals(verdicts)
    _table(verdicts)
    _curves({size: outcomes for size, outcomes in found.items() if outcomes})


def sentence(size: int | None, verdict: Verdict) -> str:
    """The verdict as Markdown: `With 100 pictures it pays: +1.9 points (0.8 to 3.0).`"""
    icon, words = WORDS[verdict.word]
    low, high = number(verdict.gain.low), number(verdict.gain.high)
    return f"{icon} With {size_title(size)} **{words}**: {signed(verdict.gain.middle)} points ({low} to {high})."


def signed(share: float) -> str:
    """`0.019` -> `+1.9`, with a real minus sign."""
    return f"{100 * share + 0.0:+.1f}".replace("-", "−")


def number(share: float) -> str:
    """`-0.019` -> `−1.9`."""
    return f"{round(100 * share, 1) + 0.0:.1f}".replace("-", "−")


def _ask(found: Mapping, verdicts: Mapping[int | None, Verdict], plan: Mapping[int | None, Sequence[Pair]]) -> None:
    """The lesson: a guess before the trainings, scored by them; only where there is something to choose from."""
    if len(found) < 2:
        return
    names = "".join(pair.augmented.digest for pairs in plan.values() for pair in pairs)
    key = f"augmentation.pay.lesson.{hashlib.sha256(names.encode()).hexdigest()[:12]}"
    options = [*(f"With {size_title(size)}" for size in found), NOWHERE]
    if len(verdicts) < len(found):
        with st.container(border=True):
            st.markdown(f":material/lightbulb: **What do you think?** {QUESTION}")
            if st.pills(QUESTION, options, key=key, label_visibility="collapsed") is not None:
                st.caption("Noted. The trainings will tell.")
        return
    gains = [verdicts[size].gain.middle for size in found]
    best = int(np.argmax(gains))
    listed = ", ".join(f"{signed(gain)} with {size_title(size)}" for size, gain in zip(found, gains, strict=True))
    lesson(
        QUESTION,
        options,
        answer=best if gains[best] > 0 else len(found),
        explanation=f"In points: {listed}. {_how_sure(list(verdicts.values()), best)}",
        key=key,
    )


def _how_sure(verdicts: Sequence[Verdict], best: int) -> str:
    """Whether the best size stands out from the others."""
    if verdicts[best].gain.middle <= 0:
        return "On average it helps with none."
    others = [verdict.gain.high for place, verdict in enumerate(verdicts) if place != best]
    if verdicts[best].gain.low > max(others):
        return "The intervals lie apart: this is hardly chance."
    return "The intervals overlap, so that another time it may be different. More seeds would tell."


def _intervals(verdicts: Mapping[int | None, Verdict]) -> None:
    names = {size: "all" if size is None else f"{size:,}" for size in verdicts}
    rows = [
        {
            "size": names[size],
            "kind": kind,
            "middle": 100 * interval.middle,
            "low": 100 * interval.low,
            "high": 100 * interval.high,
        }
        for size, verdict in verdicts.items()
        for kind, interval in zip(figures.KINDS, (verdict.without, verdict.augmented), strict=True)
    ]
    st.vega_lite_chart(
        figures.intervals(rows, list(names.values())),
        key="augmentation.pay.intervals",
        alt="Share of the test pictures that are named correctly, without and with augmentation, with 95 % intervals, "
        "for each number of training pictures.",
    )
    trainings = next(iter(verdicts.values())).trainings
    st.caption(
        "Each dot is the mean over the seeds, the line through it its 95 % interval: where the true mean lies, as far "
        "as so few trainings can say. What counts is the **difference** above: it is taken seed by seed, so it can be "
        "clear even where the lines overlap."
        if trainings > 1
        else "Each dot is one training; the line through it is the 95 % interval by the number of test pictures. It "
        "does not know that another seed gives another network: take 3 or 5 seeds for that."
    )


def table(verdicts: Mapping[int | None, Verdict]) -> pd.DataFrame:
    """A row for each number of training pictures; shares in per cent, differences in points."""
    return pd.DataFrame([_row(size, verdict) for size, verdict in verdicts.items()])


def _row(size: int | None, verdict: Verdict) -> dict[str, object]:
    def parts(name: str, interval: Interval) -> dict[str, float]:
        values = (("", interval.middle), (" from", interval.low), (" to", interval.high))
        return {f"{name}{end}": round(100 * value, 2) for end, value in values}

    return {
        "Training pictures": "all" if size is None else str(size),
        "Trainings each": verdict.trainings,
        **parts("Without (%)", verdict.without),
        **parts("With (%)", verdict.augmented),
        **parts("Difference (points)", verdict.gain),
        "Verdict": WORDS[verdict.word][1],
    }


def _table(verdicts: Mapping[int | None, Verdict]) -> None:
    shown = [
        {
            "Training pictures": "all" if size is None else f"{size:,}",
            "Without": _with_interval(verdict.without, number),
            "With": _with_interval(verdict.augmented, number),
            "Difference": _with_interval(verdict.gain, signed),
        }
        for size, verdict in verdicts.items()
    ]
    st.dataframe(pd.DataFrame(shown), hide_index=True)
    st.caption("Right on test pictures in per cent, the difference in points, each with its 95 % interval.")
    st.download_button(
        "Table as CSV",
        partial(csv_bytes, table(verdicts)),
        file_name="does-it-pay.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="augmentation.pay.csv",
    )


def _with_interval(interval: Interval, written: Callable[[float], str]) -> str:
    return f"{written(interval.middle)} ({number(interval.low)} to {number(interval.high)})"


def _curves(found: Mapping[int | None, Outcomes]) -> None:
    titles = {size_title(size): outcomes for size, outcomes in found.items()}
    chosen = next(iter(titles))
    if len(titles) > 1:
        chosen = st.segmented_control(
            "Curves of the trainings with", list(titles), default=chosen, required=True, key="augmentation.pay.curves",
            wrap=True, help="How both kinds of training went, epoch by epoch.",
        )  # fmt: skip
    rows = curve_rows(titles[chosen])
    st.vega_lite_chart(
        figures.curves(rows, max((row["epoch"] for row in rows), default=1)),
        key="augmentation.pay.chart",
        alt="Accuracy on training and validation pictures over the epochs, with and without augmentation.",
    )
    without, augmented = (np.mean([_gap(pair[place]) for pair in titles[chosen]]) for place in (0, 1))
    st.caption(
        f"Means over the seeds. At the end the training pictures are ahead of the validation pictures by "
        f"{number(without)} points without augmentation and by {number(augmented)} with it: the smaller that gap, the "
        "less it has learned by heart."
    )


def _gap(outcome: Outcome) -> float:
    """By how much the training pictures are ahead in the end."""
    return outcome.history["accuracy"][-1] - outcome.history["val_accuracy"][-1]


def curve_rows(outcomes: Outcomes) -> list[dict[str, object]]:
    """The mean accuracies in per cent, by epoch, split and kind."""
    rows = []
    for place, kind in enumerate(figures.KINDS):
        for split, name in (("training", "accuracy"), ("validation", "val_accuracy")):
            mean = np.mean([pair[place].history[name] for pair in outcomes], axis=0)
            rows += [
                {"epoch": epoch, "value": 100 * float(value), "pictures": split, "kind": kind}
                for epoch, value in enumerate(mean, start=1)
            ]
    return rows
