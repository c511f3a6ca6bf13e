"""Accuracy over the strength of one transform, on all validation pictures of the network's data."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from cvlib import data
from cvlib.augmentation import Pipeline
from cvlib.augmentation.catalogue import CATALOG
from cvlib.augmentation.pipeline import Step
from cvlib.augmentation.schema import Parameter
from cvlib.augmentation.words import number
from cvlib.augmenting import hurting
from cvlib.augmenting.answers import Answers, Fall, falls, strengths
from cvlib.data.base import Split
from cvlib.engine import warm
from cvlib.figures import augmentation as figures
from cvlib.networks import Network
from cvlib.ui import downloads
from cvlib.ui.adversarial.cases import cases
from cvlib.ui.augmentation import hurt_classes, hurt_words
from cvlib.ui.following import follow
from cvlib.ui.session import engine
from cvlib.ui.words import bounded_accuracy

WHAT, PARAMETER = "augmentation.hurt.what", "augmentation.hurt.parameter"
MEASURED = "augmentation.hurt.measured"
"""What this session has measured: network and pipelines to answers by place."""
MOST_KEPT = 16
ALL = "all"


@dataclass(frozen=True)
class Question:
    """What is measured.

    Attributes:
        title: of the transform.
        pipelines: their texts; the first is empty, for the untouched pictures.
        parameter: the one that is swept; None where there is no curve.
        values: its values, one for each further pipeline; none where there is no curve.
    """

    title: str
    pipelines: tuple[str, ...]
    parameter: Parameter | None = None
    values: tuple[float, ...] = ()

    def name_of(self, value: float | None) -> str:
        """What is done to the pictures: `Rotation at 40°`."""
        return self.title if value is None else f"{self.title} at {number(self.parameter, value)}"


def draw(network: Network, pipeline: Pipeline) -> None:
    """The choice of a transform, the measurement, the curve and the classes."""
    st.markdown("#### How much is too much?")
    st.markdown(
        f"One picture may be lucky. Here {_pictures(network)} go through one transform, a strength after the other, "
        "and the network says what each of them is."
    )
    question = _choose(pipeline)
    kept = st.session_state.setdefault(MEASURED, {})
    key = (network.name, question.pipelines)
    if st.button("Measure", type="primary", icon=":material/timeline:", key="augmentation.hurt.measure",
                 help="How many of the pictures it still names correctly, for each strength."):  # fmt: skip
        kept.pop(key, None)
        kept[key] = {}
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)))
        _measure(network, question, kept[key])
    found: dict[int, Answers] = kept.get(key, {})
    if len(found) < 2:
        st.caption("What it loses is shown here once you have measured it.")
        return
    if len(found) < len(question.pipelines):
        st.caption(f":material/stop: Stopped after {len(found) - 1} of {len(question.pipelines) - 1} strengths.")
    if question.parameter is None:
        st.markdown(hurt_words.plain_reading(question.title, found[0], found[1]))
    else:
        _show(network, question, found)
    hurt_classes.draw(network, question.name_of, found[0], _by_value(question, found))


def _pictures(network: Network) -> str:
    if network.run is None:
        return "the sample photos"
    return (
        f"all validation pictures of {data.info(network.run.spec.data).title} (held back from training, not the test)"
    )


# -- what is asked --------------------------------------------------------------------------------------------------


def _choose(pipeline: Pipeline) -> Question:
    own = {f"step-{place}": step for place, step in enumerate(pipeline.active)}
    titles = {name: f"{step.card.title}, with your settings, on every picture" for name, step in own.items()}
    if own:
        titles[ALL] = "Your whole pipeline"
    titles |= {name: card.title for name, card in CATALOG.items()}
    if st.session_state.get(WHAT) not in titles:
        st.session_state.pop(WHAT, None)
    name = st.selectbox("Transform", list(titles), format_func=titles.__getitem__, key=WHAT,
                        help="What is done to the pictures before the network sees them.")  # fmt: skip
    if name == ALL:
        return Question("Your pipeline", ("", pipeline.canonical().to_text()))
    step = own[name] if name in own else Step(name)
    numbers = [parameter for parameter in step.card.parameters if not parameter.choices]
    if not numbers:
        return _without_strength(step, ask=name not in own)
    return _swept(step, numbers)


def _without_strength(step: Step, *, ask: bool) -> Question:
    for parameter in step.card.parameters if ask else ():
        chosen = st.selectbox(parameter.title, list(parameter.choices), format_func=parameter.choices.__getitem__,
                              key=f"augmentation.hurt.{step.name}.{parameter.name}", help=parameter.help)  # fmt: skip
        step = step.set(**{parameter.name: chosen})
    words = ", ".join(parameter.choices[step.settings[parameter.name]] for parameter in step.card.parameters)
    title = step.card.title + (f" ({words})" if words else "")
    return Question(title, ("", Step(step.name, step.settings).to_text()))


def _swept(step: Step, numbers: list[Parameter]) -> Question:
    parameter = step.card.swept
    if len(numbers) > 1:
        titles = {one.name: one.title for one in numbers}
        name = st.selectbox("Setting", list(titles), format_func=titles.__getitem__,
                            key=f"{PARAMETER}.{step.name}",
                            help="It goes over its whole range, the others stay as they are.")  # fmt: skip
        parameter = step.card.parameter(name)
    values = strengths(parameter)
    texts = [step.fixed(parameter.name, value).to_text() for value in values]
    return Question(step.card.title, ("", *texts), parameter, values)


# -- what is measured -----------------------------------------------------------------------------------------------


def _measure(network: Network, question: Question, found: dict[int, Answers]) -> None:
    place = st.empty()
    token = _begin(network, question.pipelines)
    text = f"{question.title}: the network looks at {_pictures(network)}"
    for parts in follow(token, lambda part: part.share, text=text, key="augmentation.hurt"):
        found |= {part.place: part.answers for part in parts if part.answers is not None}
        if question.parameter is not None and len(found) > 1:
            place.vega_lite_chart(_chart(question, found, marked=False), key=f"augmentation.hurt.{len(found)}")
    place.empty()


def _begin(network: Network, pipelines: tuple[str, ...]) -> str:
    if network.run is not None:
        spec = network.run.spec
        return engine().run_with_model(network.name, warm.with_validation, spec, hurting.begin, pipelines)
    judged = cases(network)
    split = Split(images=judged.images, labels=np.asarray(judged.labels, np.int64))
    return engine().run_with_model(network.name, hurting.begin, split, pipelines)


def _by_value(question: Question, found: dict[int, Answers]) -> dict[float | None, Answers]:
    """The answers by strength, the weakest first; None stands for a transform without."""
    values: tuple[float | None, ...] = question.values or (None,)
    known = {value: found[place + 1] for place, value in enumerate(values) if place + 1 in found}
    return dict(sorted(known.items(), key=lambda pair: pair[0] or 0.0))


# -- what is seen ---------------------------------------------------------------------------------------------------


def _rows(question: Question, found: dict[int, Answers]) -> list[dict]:
    rows = []
    for value, answers in _by_value(question, found).items():
        low, high = bounded_accuracy(answers.right, answers.total)
        rows.append(
            {"value": value, "share": 100 * answers.accuracy, "low": 100 * low, "high": 100 * high,
             "right": answers.right, "pictures": answers.total}
        )  # fmt: skip
    return rows


def _falls(question: Question, found: dict[int, Answers]) -> tuple[Fall, ...]:
    known = _by_value(question, found)
    return falls(found[0], list(known), list(known.values()), question.parameter.rests)


def _chart(question: Question, found: dict[int, Answers], *, marked: bool = True) -> dict:
    parameter, marks = question.parameter, []
    for fall in _falls(question, found) if marked else ():
        if fall.first is not None and fall.first != fall.half:
            marks.append({"value": fall.first, "words": "clearly worse", "level": 1})
        if fall.half is not None:
            marks.append({"value": fall.half, "words": "half lost", "level": 0})
    return figures.strength_curve(
        _rows(question, found), title=hurt_words.axis_title(parameter), ends=(parameter.low, parameter.high),
        untouched=100 * found[0].accuracy, marks=marks,
    )  # fmt: skip


def _show(network: Network, question: Question, found: dict[int, Answers]) -> None:
    st.vega_lite_chart(
        _chart(question, found), key="augmentation.hurt.chart",
        alt=f"Accuracy over {hurt_words.axis_title(question.parameter)} of {question.title.lower()}, with marks where "
        "it falls.",
    )  # fmt: skip
    known = _by_value(question, found)
    st.markdown(hurt_words.curve_reading(question.parameter, found[0], known, _falls(question, found)))
    truth = ("Right is what the label says." if network.run is not None else
             "Nobody has labelled these photos: right is what the network says of them untouched.")  # fmt: skip
    st.caption(
        f"The band is the 95 % interval of {found[0].total:,} pictures, the dashed line the accuracy without any "
        f"change. {truth} “Clearly worse”: chance alone would bring about such a loss in fewer than 1 of 20 such "
        "curves (a significance test: McNemar, 1947, on the same pictures, corrected for the number of strengths)."
    )
    frame = pd.DataFrame(_rows(question, found)).rename(columns={"value": hurt_words.axis_title(question.parameter)})
    st.download_button("Curve as CSV", downloads.csv_bytes(frame), "accuracy-over-strength.csv", "text/csv",
                       on_click="ignore", icon=":material/download:", key="augmentation.hurt.csv")  # fmt: skip
