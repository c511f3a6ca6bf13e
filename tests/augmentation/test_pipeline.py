"""Pipelines, their text, and what the catalogue says of its transforms."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.augmentation import CATALOG, Pipeline, Step, info, parsed
from cvlib.augmentation.pipeline import LONGEST_TEXT, MOST_MIXED, MOST_STEPS
from cvlib.augmentation.schema import KINDS, Parameter, Transform
from cvlib.errors import SpecError, UnknownName

CARDS = pytest.mark.parametrize("card", CATALOG.values(), ids=CATALOG)


def settings_of(card: Transform) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries({}, optional={each.name: values_of(each) for each in card.parameters})


def values_of(parameter: Parameter) -> st.SearchStrategy:
    if parameter.choices:
        return st.sampled_from(list(parameter.choices))
    numbers = st.floats(parameter.low, parameter.high)
    return st.tuples(numbers, numbers) if parameter.is_range else numbers


def steps(names: list[str]) -> st.SearchStrategy[Step]:
    def step(name: str) -> st.SearchStrategy[Step]:
        return st.builds(Step, st.just(name), settings_of(CATALOG[name]), st.floats(0, 1), st.booleans())

    return st.sampled_from(names).flatmap(step)


ALONE = [name for name, card in CATALOG.items() if not card.mixes]
MIXING = [name for name, card in CATALOG.items() if card.mixes]
PIPELINES = st.tuples(
    st.lists(steps(ALONE), max_size=MOST_STEPS - MOST_MIXED), st.lists(steps(MIXING), max_size=MOST_MIXED)
).map(lambda parts: Pipeline((*parts[0], *parts[1])))


@settings(max_examples=300, deadline=None)
@given(PIPELINES)
def test_text_says_all(pipeline: Pipeline) -> None:
    text = pipeline.to_text()
    assert len(text) <= LONGEST_TEXT
    assert Pipeline.from_text(text) == pipeline
    assert Pipeline.from_text(text).to_text() == text


@CARDS
def test_small_differences_survive(card: Transform) -> None:
    for parameter in card.parameters:
        if parameter.is_range and not parameter.whole:
            value = (parameter.low, round(parameter.high - 0.001234, 6))
            step = Step(card.name, {parameter.name: value})
            assert Step.from_text(step.to_text()).settings[parameter.name] == value


def test_nothing_is_a_pipeline() -> None:
    assert not Pipeline() and Pipeline().to_text() == ""
    assert Pipeline.from_text("") == Pipeline() == parsed("")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "rotation:angle",
        "rotation:angle=",
        "rotation:angle=1",
        "rotation:angle=nan..3",
        "rotation:angle=-3..nan",
        "rotation:angle=-inf..inf",
        "rotation:angle=0..1e400",
        "rotation:angle=-999..3",
        "rotation:angle=1..2..3",
        "rotation:angle=one..two",
        "rotation:fill=purple",
        "rotation:fill=",
        "rotation:wheel=3",
        "rotation:,",
        "rotation:p=nan",
        "rotation:p=-0.1",
        "rotation:p=1.1",
        "rotation:p=",
        "!!rotation",
        " rotation",
        "Rotation",
        "rotation\n",
        "rotation:fill=constant\n",
        "zoom:factor=-100..100",
        "mixup:alpha=-1",
        "mixup:alpha=nan",
        "mixup:alpha=0..1",
        "\x00",
        "<script>alert(1)</script>",
        "__class__",
        ";".join(["flip"] * (MOST_STEPS + 1)),
        ";".join(["mosaic"] * (MOST_MIXED + 1)),
        "flip;" * 2000,
        "x" * 10_000,
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises((SpecError, UnknownName)) as caught:
        Pipeline.from_text(text)
    assert len(str(caught.value)) < 1000
    assert parsed(text) is None


@settings(deadline=None)
@given(PIPELINES, st.sampled_from(list(CATALOG)))
def test_there_is_room_for_what_can_be_added(pipeline: Pipeline, name: str) -> None:
    try:
        Pipeline((*pipeline.steps, Step(name)))
        fits = True
    except SpecError:
        fits = False
    assert pipeline.takes(name) == fits


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"!?[a-z]{3,9}:[a-z]+=[-0-9.ein]+", fullmatch=True))
def test_any_text_is_a_pipeline_or_refused(text: str) -> None:
    made = parsed(text)
    assert made is None or Pipeline.from_text(made.to_text()) == made


@pytest.mark.parametrize("thing", [None, 3, b"flip", ["flip"], {"flip": 1}])
def test_what_is_no_text_is_no_pipeline(thing: object) -> None:
    assert parsed(thing) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "3", None, 181, -181, 10**400, [3]])
def test_numbers_out_of_bounds_are_refused(value: object) -> None:
    with pytest.raises(SpecError):
        Step("rotation", {"angle": (0, value)})
    with pytest.raises(SpecError):
        Step("elastic", {"points": value})


@pytest.mark.parametrize("value", [3, None, (), (1, 2, 3), "1..2", {1: 2}])
def test_a_range_needs_two_ends(value: object) -> None:
    with pytest.raises(SpecError):
        Step("rotation", {"angle": value})


@pytest.mark.parametrize("value", ["purple", 3, None, ["constant"], ("constant",)])
def test_a_choice_is_one_of_its_words(value: object) -> None:
    with pytest.raises(SpecError):
        Step("rotation", {"fill": value})


@pytest.mark.parametrize("value", [math.nan, -0.01, 1.01, math.inf, "half", None])
def test_a_probability_is_a_share(value: object) -> None:
    with pytest.raises(SpecError):
        Step("flip", {}, value)


def test_ranges_are_put_in_order() -> None:
    assert Step("rotation", {"angle": (9, -3)}).settings["angle"] == (-3.0, 9.0)


def test_a_step_is_as_usual_but_for_what_is_said() -> None:
    step = Step("rotation").set(fill="reflect")
    assert step.settings == {"angle": (-15.0, 15.0), "fill": "reflect"}
    assert step.set(angle=(1, 2)).settings == {"angle": (1.0, 2.0), "fill": "reflect"}
    fixed = Step("rotation", {}, 0.3, on=False).fixed("angle", 7)
    assert fixed == Step("rotation", {"angle": (7, 7)})


def test_steps_that_are_off_are_kept_but_not_run() -> None:
    pipeline = Pipeline((Step("flip", on=False), Step("rotation"), Step("mixup", on=False)))
    assert pipeline.active == pipeline.canonical().steps == (Step("rotation"),)
    assert not pipeline.mixes and pipeline.stuck("masks") == ()
    assert not Pipeline((Step("flip", on=False),))
    assert Pipeline.from_text(pipeline.to_text()) == pipeline


def test_stuck_names_what_cannot_be_carried() -> None:
    pipeline = Pipeline((Step("flip"), Step("mixup")))
    assert pipeline.mixes
    assert pipeline.stuck() == pipeline.stuck("boxes") == ()
    assert pipeline.stuck("masks") == pipeline.stuck("boxes", "masks") == ("MixUp",)


def test_an_unknown_transform_is_refused_by_name() -> None:
    with pytest.raises(UnknownName, match="flip"):
        info("flop")


def test_the_issue_s_transforms_are_there() -> None:
    moving = ("flip", "rotation", "translation", "zoom", "shear", "crop_and_resize", "aspect_ratio", "perspective")
    assert {*moving, "elastic", "lens", "mixup", "cutmix", "mosaic"} <= set(CATALOG)
    assert {card.kind for card in CATALOG.values()} == set(KINDS)


@CARDS
def test_a_card_says_what_a_person_must_know(card: Transform) -> None:
    assert CATALOG[card.name] is card
    assert all((card.title, card.how.endswith("."), card.caveat.endswith("."), card.source))
    assert len({each.name for each in card.parameters}) == len(card.parameters)
    assert card.mixes == (card.kind == "mixing")
    assert card.carries <= {"boxes", "masks"}
    Step(card.name)


@CARDS
def test_a_parameter_is_a_control(card: Transform) -> None:
    for each in card.parameters:
        assert each.title and each.help.endswith(".")
        assert each.name != "p", "this letter stands for the probability"
        assert each.checked(each.usual) == each.usual
        if not each.choices:
            assert each.low < each.high and 0 < each.step <= each.high - each.low
            assert each.rests is None or each.low <= each.rests <= each.high


@CARDS
def test_a_sweep_goes_from_weak_to_strong(card: Transform) -> None:
    parameter = card.swept
    if parameter is None:
        return
    values = parameter.sweep(9)
    assert len(values) == 9 and values in (sorted(values), sorted(values, reverse=True))
    assert values[0] == (parameter.low if parameter.rests is None else parameter.rests)
    assert values[-1] in (parameter.low, parameter.high)
    for value in values:
        Step(card.name).fixed(parameter.name, value)
