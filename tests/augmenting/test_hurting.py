"""A network's answers to augmented pictures, against networks whose answers are known beforehand."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.augmentation import CATALOG
from cvlib.augmentation.pipeline import Pipeline, Step
from cvlib.augmenting import answers, hurting
from cvlib.augmenting.answers import Answers
from cvlib.augmenting.looking import Shot
from cvlib.data.base import Split
from cvlib.errors import SpecError, UnknownName

SIDE = 8
ROTATION = CATALOG["rotation"].parameter("angle")
BRIGHTNESS = CATALOG["brightness"].swept


def halves():
    """A network that says 1 if the right half is brighter than the left one, else 0."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 1))
    weights = np.full((SIDE, SIDE, 1), -0.01, np.float32)
    weights[:, SIDE // 2 :] = 0.01
    layer = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, layer(keras.layers.Flatten()(inputs)))
    layer.set_weights([np.stack([-weights.ravel(), weights.ravel()], axis=1), np.zeros(2, np.float32)])
    return model


def sided(count: int, seed: int = 0) -> Split:
    """Pictures with one bright half: class 0 the left one, class 1 the right one; alternating."""
    images = np.random.default_rng(seed).integers(0, 60, (count, SIDE, SIDE, 1), dtype=np.uint8)
    labels = np.arange(count, dtype=np.int64) % 2
    images[labels == 0, :, : SIDE // 2] += 120
    images[labels == 1, :, SIDE // 2 :] += 120
    return Split(images=images, labels=labels)


def measured(model, split: Split, pipelines: list[str]) -> list[Answers]:
    parts = list(hurting.measure(model, split, pipelines))
    shares = [part.share for part in parts]
    assert shares == sorted(shares) and shares[-1] == 1
    found = {part.place: part.answers for part in parts if part.answers is not None}
    return [found[place] for place in range(len(pipelines))]


def test_a_mirror_takes_everything_from_a_network_that_tells_left_from_right() -> None:
    before, mirrored, upside_down = measured(
        halves(), sided(600), ["", "flip:direction=horizontal", "flip:direction=vertical"]
    )
    assert before.accuracy == 1 and mirrored.accuracy == 0 and upside_down.accuracy == 1
    changes = answers.by_class(before, mirrored)
    assert [(one.label, one.total, one.loss, one.into, one.into_share) for one in changes] == [
        (0, 300, 1.0, 1, 1.0),
        (1, 300, 1.0, 0, 1.0),
    ]
    assert all(one.into is None and one.loss == 0 for one in answers.by_class(before, upside_down))


def test_a_step_that_is_drawn_for_half_of_the_pictures_hurts_half_of_them() -> None:
    [mirrored] = measured(halves(), sided(1000), ["flip:direction=horizontal,p=0.5"])
    assert 0.44 < mirrored.accuracy < 0.56


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), name=st.sampled_from(["rotation", "brightness"]))
def test_where_nothing_changes_accuracy_is_that_of_the_untouched_pictures(seed: int, count: int, name: str) -> None:
    from sklearn.metrics import accuracy_score

    rng = np.random.default_rng(seed)
    split = Split(images=rng.integers(0, 256, (count, SIDE, SIDE, 1), dtype=np.uint8), labels=rng.integers(0, 2, count))
    model = halves()
    parameter = CATALOG[name].swept
    rests = answers.strengths(parameter)[0]
    before, resting = measured(model, split, ["", Step(name).fixed(parameter.name, rests).to_text()])
    expected = accuracy_score(split.labels, model.predict_on_batch(split.images).argmax(axis=1))
    assert before.accuracy == pytest.approx(expected) and resting.accuracy == before.accuracy
    np.testing.assert_array_equal(resting.said, before.said)


def test_the_curve_of_a_network_that_counts_light_falls_once_and_for_all() -> None:
    """It says 1 if the mean is over 100. Each picture is darkened out of its class at a strength of its own."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 1))
    layer = keras.layers.Dense(2, activation="softmax")
    model = keras.Model(inputs, layer(keras.layers.Flatten()(inputs)))
    layer.set_weights([np.repeat([[-1.0, 1.0]], SIDE * SIDE, axis=0) / 64, np.array([100.5, -100.5], np.float32)])
    levels = np.arange(101, 229)
    images = np.broadcast_to(levels[:, None, None, None], (128, SIDE, SIDE, 1)).astype(np.uint8)
    split = Split(images=images, labels=np.ones(128, np.int64))
    values = answers.strengths(BRIGHTNESS)
    texts = [Step("brightness").fixed(BRIGHTNESS.name, value).to_text() for value in values]
    before, *found = measured(model, split, ["", *texts])
    shares = dict(zip(values, [one.accuracy for one in found], strict=True))
    darker = [shares[value] for value in sorted(values) if value <= 0]
    assert darker == sorted(darker) and darker[-1] == 1
    assert all(shares[value] == 1 for value in values if value >= 0)
    up, down = answers.falls(before, values, found, 0.0)
    assert up == answers.Fall(128.0, 128.0, None, None)
    # Darker by d, the d lowest of 128 levels leave the class. Chance would do so with d pictures once in 2 ** d.
    clear = next(d for d in range(128) if 0.5**d < 0.05 / 16)
    tried = sorted(value for value in values if value < 0)[::-1]
    assert (down.end, down.first) == (-128.0, next(value for value in tried if -value >= clear))
    assert down.calm == next(value for value in reversed(tried) if -value < clear)
    assert down.half == next(value for value in tried if -value >= 64)


def test_tiles_are_judged_as_the_network_would_judge_them_alone() -> None:
    from cvlib.tasks import classification

    model, split = halves(), sided(2)
    verdicts = hurting.judge(model, Shot(split.images[0]), "flip:direction=horizontal,p=0.5", 24, seed=3)
    expected = classification.predict(model, verdicts.tiles.images)
    np.testing.assert_array_equal(verdicts.said, expected.argmax(axis=1))
    np.testing.assert_allclose(verdicts.sure, expected.max(axis=1), atol=1e-6)
    np.testing.assert_array_equal(verdicts.right, ~verdicts.tiles.drawn[0]["applied"])
    assert 0 < verdicts.right.sum() < 24
    again = hurting.judge(model, Shot(split.images[0]), "flip:direction=horizontal,p=0.5", 24, seed=3)
    np.testing.assert_array_equal(again.tiles.images, verdicts.tiles.images)


def test_a_true_label_outweighs_what_the_network_said() -> None:
    split = sided(2)
    verdicts = hurting.judge(halves(), Shot(split.images[0]), "", 3, label=1)
    assert not verdicts.right.any() and verdicts.before.argmax() == 0
    assert hurting.judge(halves(), Shot(split.images[0]), "", 3).right.all()


def test_a_mixed_tile_is_judged_against_the_larger_share() -> None:
    split = sided(4)
    mixing = next(card for card in CATALOG.values() if card.mixes and card.name == "mixup")
    pool = [Shot(split.images[1]), Shot(split.images[2])]
    verdicts = hurting.judge(halves(), Shot(split.images[0]), Step(mixing.name).to_text(), 24, pool=pool)
    truths = np.array([0, 1, 0])[verdicts.tiles.shares.argmax(axis=1)]
    np.testing.assert_array_equal(verdicts.truth, truths)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shot": Shot(np.zeros((SIDE, SIDE, 3), np.uint8))}, "takes pictures"),
        ({"shot": Shot(np.zeros((SIDE + 1, SIDE, 1), np.uint8))}, "takes pictures"),
        ({"shot": Shot(np.zeros((SIDE, SIDE, 1)))}, "takes pictures"),
        ({"label": 2}, "class must be"),
        ({"label": -1}, "class must be"),
        ({"pipeline": "mixup"}, "others to mix with"),
        ({"pipeline": "rotation:angle=0..999"}, "between"),
    ],
)
def test_what_cannot_be_judged_is_refused(change: dict, problem: str) -> None:
    given_ = {"shot": Shot(np.zeros((SIDE, SIDE, 1), np.uint8)), "pipeline": "rotation"} | change
    with pytest.raises(SpecError, match=problem):
        hurting.judge(halves(), given_.pop("shot"), given_.pop("pipeline"), 3, **given_)


def test_what_cannot_be_measured_is_refused_at_once() -> None:
    model, split = halves(), sided(4)
    with pytest.raises(SpecError, match="takes pictures"):
        hurting.measure(model, split.take([]), [""])
    with pytest.raises(SpecError, match="takes pictures"):
        hurting.measure(model, Split(images=np.zeros((2, 9, 9, 1), np.uint8), labels=np.zeros(2, np.int64)), [""])
    with pytest.raises(UnknownName):
        hurting.measure(model, split, ["no_such_transform"])


def test_a_measurement_is_kept_by_a_token() -> None:
    from cvlib import ongoing

    token = hurting.begin(halves(), sided(4), ("", "flip"))
    parts = []
    while found := ongoing.proceed(token):
        parts += found
    assert deque(parts, maxlen=1).pop().answers.accuracy == 0


def test_every_transform_can_be_measured() -> None:
    """On pictures of eight pixels, and one picture alone."""
    model = halves()
    texts = [Step(name).to_text() for name in CATALOG]
    for split in (sided(6), sided(1)):
        found = measured(model, split, texts)
        assert all(one.total == len(split) for one in found)


# -- where it falls -------------------------------------------------------------------------------------------------


@given(lost=st.integers(0, 40), won=st.integers(0, 40), same=st.integers(1, 20))
def test_the_chance_of_a_loss_is_that_of_scipys_sign_test(lost: int, won: int, same: int) -> None:
    from scipy.stats import binomtest

    truth = np.zeros(lost + won + same, np.int64)
    before, after = truth.copy(), truth.copy()
    after[:lost] = 1
    before[lost : lost + won] = 1
    found = answers.chance_of(Answers(truth, before), Answers(truth, after))
    expected = binomtest(lost, lost + won, alternative="greater").pvalue if lost + won else 1.0
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", CATALOG)
def test_strengths_lie_in_the_range_and_begin_where_nothing_changes(name: str) -> None:
    for parameter in CATALOG[name].parameters:
        if parameter.choices:
            continue
        values = answers.strengths(parameter)
        assert 2 <= len(values) <= 17 and len(set(values)) == len(values)
        assert all(parameter.low <= value <= parameter.high for value in values)
        if parameter.rests is not None:
            assert values[0] == parameter.rests
            if parameter.low < parameter.rests < parameter.high:
                assert {parameter.low, parameter.high} <= set(values)
        for value in values:
            text = Step(name).fixed(parameter.name, value).to_text()
            kept = Pipeline.from_text(text).steps[0].settings[parameter.name]
            assert kept == ((value, value) if parameter.is_range else value)


def test_an_angle_goes_to_both_sides_in_growing_steps() -> None:
    values = answers.strengths(ROTATION)
    assert values[:3] == (0.0, -8.0, 8.0) and sorted(values) == sorted(-value for value in values)
    up = sorted(value for value in values if value >= 0)
    steps = np.diff(up)
    assert len(up) == 9 and up[-1] == 180 and (np.diff(steps) >= 0).all()


def test_a_choice_has_no_strengths() -> None:
    with pytest.raises(SpecError, match="is no number"):
        answers.strengths(CATALOG["flip"].parameters[0])


def test_a_small_loss_is_no_fall() -> None:
    truth = np.zeros(200, np.int64)
    said = truth.copy()
    said[:3] = 1
    before, after = Answers(truth, truth), Answers(truth, said)
    [fall] = answers.falls(before, [0.0, 1.0], [before, after], 0.0)
    assert fall == answers.Fall(1.0, 1.0, None, None)


def test_without_a_resting_value_the_first_strength_may_be_the_fall() -> None:
    truth = np.zeros(100, np.int64)
    before, after = Answers(truth, truth), Answers(truth, np.ones(100, np.int64))
    assert answers.falls(before, [2.0, 1.0], [after, after], None) == (answers.Fall(2.0, None, 1.0, 1.0),)


@settings(max_examples=50)
@given(st.data())
def test_per_class_numbers_are_the_confusion_matrix_s(data: st.DataObject) -> None:
    from sklearn.metrics import confusion_matrix

    count = data.draw(st.integers(1, 40))
    pick = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    truth, was, said = (np.array(data.draw(pick), np.int64) for _ in range(3))
    changes = answers.by_class(Answers(truth, was), Answers(truth, said))
    shares = confusion_matrix(truth, said, labels=range(4)).astype(float)
    shares /= np.maximum(1, shares.sum(axis=1, keepdims=True))
    assert [one.loss for one in changes] == sorted((one.loss for one in changes), reverse=True)
    assert sum(one.total for one in changes) == count
    for one in changes:
        assert one.after == pytest.approx(shares[one.label, one.label])
        others = np.delete(shares[one.label], one.label)
        assert one.into_share == pytest.approx(others.max())
        assert (one.into is None) == (one.after == 1)


def test_answers_of_other_pictures_are_refused() -> None:
    with pytest.raises(SpecError, match="one answer a picture"):
        Answers(np.zeros(3, np.int64), np.zeros(2, np.int64))
    with pytest.raises(SpecError, match="one answer a picture"):
        Answers(np.zeros(0, np.int64), np.zeros(0, np.int64))
    with pytest.raises(SpecError, match="the same pictures"):
        answers.by_class(Answers(np.zeros(3, np.int64), np.zeros(3, np.int64)), Answers(*[np.zeros(2, np.int64)] * 2))
