"""One parameter from weak to strong: a strip of pictures, and a slider that sweeps a large one."""

import streamlit as st

from cvlib.augmentation import Pipeline, Step
from cvlib.augmentation.schema import Parameter
from cvlib.augmentation.words import decimals, number
from cvlib.augmenting import looking
from cvlib.augmenting.looking import Sweep
from cvlib.figures import grid
from cvlib.ui.augmentation import look, painting, spoken, tiles
from cvlib.ui.augmentation.state import Subject
from cvlib.ui.augmentation.tiles import Tile
from cvlib.ui.errors import escaped
from cvlib.ui.session import run as call

SWEPT, LARGE = "augmentation.swept", "augmentation.large"
"""The strip, and the large picture, by what was asked: the last ones of this session."""
PICTURES = 8
LARGE_PX = 320


def draw(subject: Subject, pipeline: Pipeline, seed: int) -> None:
    """In an expander: the step and the parameter, the strip, and the large picture."""
    box = st.expander("From weak to strong: one setting at a time", icon=":material/linear_scale:",
                      key="augmentation.sweep", on_change="rerun")  # fmt: skip
    if not box.open:
        return
    with box:
        choices = {
            f"{place}.{parameter.name}": (step, parameter)
            for place, step in enumerate(pipeline.active)
            for parameter in step.card.parameters
            if not parameter.choices
        }
        if not choices:
            st.info("No step of the pipeline has a setting that is a number. Add one, such as a rotation.",
                    icon=":material/add:")  # fmt: skip
            return
        step, parameter = _choose(choices)
        _strip(subject, step, parameter, seed)
        _large(subject, step, parameter, seed)


def _choose(choices: dict[str, tuple[Step, Parameter]]) -> tuple[Step, Parameter]:
    def title(name: str) -> str:
        step, parameter = choices[name]
        return f"{step.card.title}: {parameter.title.lower()}"

    key = "augmentation.swept.setting"
    if st.session_state.get(key) not in choices:
        st.session_state.pop(key, None)
    chosen = st.selectbox(
        "Setting", list(choices), format_func=title, key=key, persist_state="session",
        help="What goes from weak to strong. The step's other settings stay; no other step is used.",
    )  # fmt: skip
    return choices[chosen]


def _strip(subject: Subject, step: Step, parameter: Parameter, seed: int) -> None:
    asked = (look.shot_digest(subject.shot), step.to_text(), parameter.name, seed)
    kept = st.session_state.get(SWEPT)
    if kept is None or kept[0] != asked:
        others = look.pool(subject, Pipeline((step,)))
        found = call(looking.sweep, subject.shot, step.to_text(), parameter.name, PICTURES, seed=seed, pool=others)
        kept = st.session_state[SWEPT] = asked, found
    made: Sweep = kept[1]
    strip = [
        Tile(painting.tile(subject.shot, made.tiles, place), spoken.mixed(made.tiles, place), number(parameter, value))
        for place, value in enumerate(made.values)
    ]
    tiles.show("augmentation.strip", strip, columns=PICTURES // 2)
    way = "the lowest to the highest value" if parameter.rests is None else "where it changes nothing to the strongest"
    st.caption(f"{escaped(step.card.title)}, {parameter.title.lower()}: from {way}.")


def _large(subject: Subject, step: Step, parameter: Parameter, seed: int) -> None:
    value = st.slider(
        f"{step.card.title}: {parameter.title.lower()}", float(parameter.low), float(parameter.high),
        _first(step, parameter), float(parameter.step), key=f"augmentation.large.{step.name}.{parameter.name}",
        format=f"%.{decimals(parameter)}f{parameter.unit.replace('%', '%%')}",
        help=f"{parameter.help} Here for this one picture; your pipeline stays as it is.",
    )  # fmt: skip
    text = step.fixed(parameter.name, value).to_text()
    asked = (look.shot_digest(subject.shot), text, seed)
    kept = st.session_state.get(LARGE)
    if kept is None or kept[0] != asked:
        others = look.pool(subject, Pipeline((step,)))
        kept = st.session_state[LARGE] = asked, call(looking.draws, subject.shot, text, 1, seed=seed, pool=others)
    made = kept[1]
    pixels = painting.tile(subject.shot, made, 0, names=True)
    shown = grid.enlarge(pixels, LARGE_PX, smooth=max(pixels.shape[:2]) > tiles.TINY_PX)
    words = ", ".join(filter(None, (f"{step.card.title} {number(parameter, value)}", spoken.mixed(made, 0))))
    st.image(shown, caption=escaped(words), width=LARGE_PX, output_format="PNG")


def _first(step: Step, parameter: Parameter) -> float:
    """Where the large picture's slider begins: the strong end of the pipeline's own setting."""
    value = step.settings[parameter.name]
    return float(value[1] if isinstance(value, tuple) else value)
