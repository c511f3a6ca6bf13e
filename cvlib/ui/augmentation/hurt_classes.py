"""Which classes suffer from a transform: first a prediction, then every class without and with it."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from cvlib.augmenting.answers import Answers, ClassChange, by_class
from cvlib.figures import augmentation as figures
from cvlib.networks import Network
from cvlib.ui import downloads
from cvlib.ui.augmentation import hurt_words
from cvlib.ui.errors import escaped
from cvlib.ui.lesson import lesson
from cvlib.ui.words import percent

SEEN = "augmentation.hurt.seen"
"""Whether this person has guessed once, or did not want to: then the classes are no longer kept back."""
MOST_TO_GUESS = 12
MOST_ROWS = 20
NONE = "None of them"


def draw(
    network: Network, name_of: Callable[[float | None], str], before: Answers, after: Mapping[float | None, Answers]
) -> None:
    """The choice of a strength, the lesson, the chart.

    Args:
        network: whose answers they are.
        name_of: what a strength is called.
        before: without the transform.
        after: with it, by strength, the weakest first; by None for a transform without.
    """
    st.markdown("#### Which classes suffer?")
    value = _strength(name_of, list(after))
    changes = by_class(before, after[value])
    title = name_of(value)
    if len(changes) <= MOST_TO_GUESS and not _guessed(network, changes, title, name_of(None)):
        return
    _show(network, changes, title)


def _strength(name_of: Callable[[float | None], str], values: list[float | None]) -> float | None:
    if values == [None]:
        return None
    if len(values) == 1:
        return values[0]
    return st.select_slider("Strength", values, values[-1], format_func=name_of,
                            key=f"augmentation.hurt.strength.{name_of(None)}.{values}",
                            help="The strength at which the classes are looked at one by one.")  # fmt: skip


def _guessed(network: Network, changes: Sequence[ClassChange], title: str, transform: str) -> bool:
    """The lesson; whether the classes may be shown."""
    names = [network.class_names[one.label] for one in sorted(changes, key=lambda one: one.label)]
    options = [*names, NONE]
    key = f"lesson.augmentation.hurt.{network.name[:24]}.{transform}"
    worst = [network.class_names[one.label] for one in changes if one.loss == changes[0].loss > 0] or [NONE]
    guess = st.session_state.get(key)
    answered = lesson(
        f"**A change of pixels becomes a change of meaning.** Which class suffers most under "
        f"**{escaped(title)}**: which of them does the network no longer recognise?",
        options,
        answer=options.index(guess if guess in worst else worst[0]),
        explanation=_explanation(changes, network.class_names),
        key=key,
    )
    if answered:
        st.session_state[SEEN] = True
    if not st.session_state.get(SEEN):
        st.button("Show me without a guess", key="augmentation.hurt.skip", on_click=st.session_state.update,
                  kwargs={SEEN: True})  # fmt: skip
        return False
    return True


def _explanation(changes: Sequence[ClassChange], names: Sequence[str]) -> str:
    worst = changes[0]
    if worst.loss <= 0:
        return "No class has lost anything."
    alike = [f"“{escaped(names[one.label])}”" for one in changes if one.loss == worst.loss]
    others = f" {', '.join(alike)} lose the same." if len(alike) > 1 else ""
    name, still = escaped(names[worst.label]), percent(worst.after)
    words = f"Of “{name}”, {percent(worst.before)} were right and {still} still are"
    if worst.into is not None:
        words += f"; {percent(worst.into_share)} are taken for “{escaped(names[worst.into])}”"
    return f"{words}.{others}"


def _show(network: Network, changes: Sequence[ClassChange], title: str) -> None:
    rows = [
        {"class": network.class_names[one.label], "before": 100 * one.before, "after": 100 * one.after,
         "words": hurt_words.taken_for(one, network.class_names), "pictures": one.total}
        for one in changes
    ]  # fmt: skip
    st.vega_lite_chart(
        figures.class_changes(rows[:MOST_ROWS], after=title), key="augmentation.hurt.classes",
        alt=f"Accuracy of every class untouched and under {title}, the one that loses most above.",
    )  # fmt: skip
    st.markdown(hurt_words.class_reading(changes, network.class_names, title))
    if len(rows) > MOST_ROWS:
        st.caption(f"The {MOST_ROWS} that lose most, of {len(rows)}.")
    frame = pd.DataFrame(rows).rename(
        columns={"before": "untouched (%)", "after": "with it (%)", "words": "mostly taken for"}
    )
    number = st.column_config.NumberColumn
    with st.expander("The numbers", icon=":material/table_chart:"):
        st.dataframe(frame, hide_index=True, column_config={name: number(format="%.1f") for name in frame.columns[1:3]})
        st.download_button(
            "Classes as CSV", downloads.csv_bytes(frame), "classes-that-suffer.csv", "text/csv", on_click="ignore",
            icon=":material/download:", key="augmentation.hurt.classes.csv",
        )  # fmt: skip
