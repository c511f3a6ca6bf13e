"""The runner: chance, ranges, probabilities; and every transform eagerly as in a data set's graph."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from cvlib.augmentation import CATALOG, Pipeline, Step, batch, running
from cvlib.augmentation.batch import Batch
from cvlib.augmentation.chance import Chance
from tests.augmentation import laws

EACH = pytest.mark.parametrize("name", CATALOG)


@EACH
def test_the_same_seed_gives_the_same(name: str) -> None:
    given = laws.carried(name, laws.full(4, 16, 20, 3))
    laws.same(laws.ran(name, given, seed=3)[0], laws.ran(name, given, seed=3)[0])


@EACH
def test_another_seed_gives_something_else(name: str) -> None:
    given = laws.carried(name, laws.full(6, 32, 32, 3))
    drawn = any(each.is_range and each.usual[0] < each.usual[1] for each in CATALOG[name].parameters)
    if drawn or CATALOG[name].kind in ("erasing", "mixing", "policy"):
        results = [laws.ran(name, given, seed=seed)[0].images.numpy() for seed in range(4)]
        assert any((results[0] != each).any() for each in results[1:])


@EACH
def test_pictures_stay_pictures(name: str) -> None:
    given = laws.carried(name, laws.full(5, 17, 24, 3))
    made, _ = laws.ran(name, given)
    assert made.images.shape == given.images.shape and made.images.dtype == "float32"
    assert np.isfinite(made.images).all() and made.images.numpy().min() >= 0 and made.images.numpy().max() <= 255
    np.testing.assert_allclose(made.labels.numpy().sum(axis=1), 1, atol=1e-5)
    assert (made.masks is None) == (given.masks is None)
    if made.masks is not None:
        assert made.masks.dtype == "uint8" and set(np.unique(made.masks)) <= {0, 1, 2, 255}
    assert (made.marks is None) == (given.marks is None) == (made.box_labels is None)
    if made.marks is not None:
        assert made.marks.dtype == "uint8" and set(np.unique(made.marks)) <= {0, 1}
        assert made.marks.shape[-1] == made.box_labels.shape[-1] and made.box_labels.dtype == "int32"


@EACH
def test_a_picture_alone_is_enough(name: str) -> None:
    made, _ = laws.ran(name, Batch(tf.cast(laws.pictures(1, 12, 12, 1), tf.float32)))
    assert made.images.shape == (1, 12, 12, 1)
    assert made.labels is None and made.masks is None and made.marks is None and made.box_labels is None


@EACH
def test_probability_0_does_nothing(name: str) -> None:
    given = laws.carried(name, laws.full(5, 12, 16, 3))
    made, drawn = laws.ran(Step(name, {}, 0.0), given)
    assert not drawn["applied"].numpy().any()
    if made.marks is not None:
        count = given.marks.shape[-1]
        assert not made.marks[..., count:].numpy().any() and (made.box_labels[:, count:].numpy() == -1).all()
        made = made._replace(marks=made.marks[..., :count], box_labels=made.box_labels[:, :count])
    laws.same(made, given)


@pytest.mark.parametrize(
    ("name", "channels"),
    [*((name, 3) for name in CATALOG), *((name, 1) for name, card in CATALOG.items() if card.colour)],
)
def test_a_data_set_s_graph_does_the_same(name: str, channels: int) -> None:
    given = laws.carried(name, laws.full(5, 16, 20, channels))
    pipeline = Pipeline((Step(name, {}, 0.7), Step("rotation")))
    names = [field for field, part in given._asdict().items() if part is not None]

    @tf.autograph.experimental.do_not_convert  # as a training has it
    def change(parts: dict) -> dict:
        assert parts["images"].shape[0] is None
        made, _ = running.run(pipeline, Batch(**parts), Chance(np.array([5, 1], np.int32)))
        return {field: part for field, part in made._asdict().items() if field in names}

    parts = {field: getattr(given, field) for field in names}
    [made] = tf.data.Dataset.from_tensor_slices(parts).batch(8).map(change)
    eager, _ = running.run(pipeline, given, Chance(np.array([5, 1], np.int32)))
    for field in names:
        mine, other = made[field].numpy().astype(float), getattr(eager, field).numpy().astype(float)
        assert mine.shape == other.shape
        # The last digit may differ, and where it decides about a pixel, that pixel.
        assert (np.abs(mine - other) > 0.02).mean() < 0.002, field


def test_probability_1_changes_every_picture() -> None:
    given = laws.full(64, 8, 8, 1)
    made, drawn = laws.ran("flip", given)
    assert drawn["applied"].numpy().all()
    assert (made.images.numpy() == given.images.numpy()[:, :, ::-1]).all()


def test_a_probability_is_the_share_of_changed_pictures() -> None:
    given = laws.full(2000, 8, 8, 1)
    made, drawn = laws.ran("flip:p=0.3", given)
    changed = (made.images.numpy() != given.images.numpy()).any(axis=(1, 2, 3))
    assert (changed == drawn["applied"].numpy()).all()
    assert stats.binomtest(int(changed.sum()), 2000, 0.3).pvalue > 1e-4


@pytest.mark.parametrize(
    "name,parameter",
    [(name, each.name) for name, card in CATALOG.items() for each in card.parameters if each.is_range],
)
def test_draws_fill_their_range_evenly(name: str, parameter: str) -> None:
    card = CATALOG[name].parameter(parameter)
    low, high = card.low + 0.3 * (card.high - card.low), card.low + 0.6 * (card.high - card.low)
    given = Batch(tf.zeros([500, 8, 8, 3]))
    _, drawn = laws.ran(Step(name, {parameter: (low, high)}), given)
    values, (low, high) = drawn[parameter].numpy(), Step(name, {parameter: (low, high)}).settings[parameter]
    slack = 1e-5 * (abs(low) + abs(high))
    assert low - slack <= values.min() and values.max() <= high + slack
    if CATALOG[name].parameter(parameter).whole:
        found = [(values == each).sum() for each in np.arange(low, high + 1)]
        assert sum(found) == len(values) and stats.chisquare(found).pvalue > 1e-5
    else:
        assert stats.kstest(values, "uniform", (low, high - low)).pvalue > 1e-5


def test_a_range_without_width_is_one_value() -> None:
    _, drawn = laws.ran("rotation:angle=30..30", laws.full(9, 8, 8, 1))
    assert (drawn["angle"].numpy() == 30).all()


def test_steps_follow_each_other_and_draw_for_themselves() -> None:
    given = laws.full(50, 8, 8, 1)
    _, drawn = running.run(Pipeline.from_text("rotation;rotation"), given, Chance([0, 0]))
    assert abs(np.corrcoef(drawn[0]["angle"], drawn[1]["angle"])[0, 1]) < 0.5
    once = running.run(Pipeline.from_text("flip"), given, Chance([0, 0]))[0]
    then = running.run(Pipeline.from_text("brightness:p=0;flip"), given, Chance([0, 0]))[0]
    laws.same(once, then)


def test_steps_that_are_off_draw_nothing() -> None:
    given = laws.full(5, 8, 8, 1)
    with_it = running.run(Pipeline.from_text("!flip;rotation"), given, Chance([0, 0]))
    without = running.run(Pipeline.from_text("rotation"), given, Chance([0, 0]))
    laws.same(with_it[0], without[0])
    assert len(with_it[1]) == 1


def test_no_steps_change_nothing() -> None:
    given = laws.full(5, 8, 8, 1)
    made, drawn = running.run(Pipeline(), given, Chance([0, 0]))
    laws.same(made, given)
    assert drawn == ()


def test_chance_has_sources_of_its_own() -> None:
    chance = Chance([1, 2])
    one, two = (chance.uniform(name, [1000]).numpy() for name in ("one", "two"))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.2
    assert (one == Chance([1, 2]).uniform("one", [1000]).numpy()).all()
    assert (one != Chance([1, 3]).uniform("one", [1000]).numpy()).any()
    assert (one != chance.at("deeper").uniform("one", [1000]).numpy()).any()


def test_chance_s_numbers_are_distributed_as_said() -> None:
    chance = Chance([4, 2])
    assert stats.kstest(chance.uniform("u", [4000], -2.0, 5.0), "uniform", (-2, 7)).pvalue > 1e-4
    assert stats.kstest(chance.normal("n", [4000]), "norm").pvalue > 1e-4
    for alpha in (0.3, 1.0, 4.0):
        assert stats.kstest(chance.beta("b", [4000], alpha), "beta", (alpha, alpha)).pvalue > 1e-4
    whole = chance.whole("w", [4000], 5).numpy()
    assert set(whole) == {0, 1, 2, 3, 4} and stats.chisquare(np.bincount(whole)).pvalue > 1e-4


def test_a_batch_mixes_with_its_other_pictures() -> None:
    given = laws.full(6, 8, 8, 1)
    for seed in range(10):
        others = Chance([seed, 0]).others(given).images.numpy()
        assert not (others == given.images.numpy()).all(axis=(1, 2, 3)).any()


def test_a_pool_is_mixed_with_if_there_is_one() -> None:
    given, pool = laws.full(40, 8, 8, 1), laws.full(3, 8, 8, 1, seed=9)
    others = Chance([0, 0], pool).others(given).images.numpy()
    found = [(others == each).all(axis=(1, 2, 3)) for each in pool.images.numpy()]
    assert np.sum(found, axis=0).tolist() == [1] * 40 and all(each.any() for each in found)


def test_boxes_that_no_picture_has_take_no_room() -> None:
    """30 boxes of one's own and others without any: two mosaics would make 480 layers of them."""
    boxes = np.tile(np.float32([[2, 2, 9, 9]]), (3, 30, 1))
    blank, first = np.zeros((4, 12, 16, 3), np.uint8), np.zeros((3, 30), np.int32)
    own = batch.of_arrays(blank[:3], boxes_xyxy=boxes, box_labels=first)
    none = np.full((4, 30), -1, np.int32)
    pool = batch.of_arrays(blank, boxes_xyxy=np.zeros((4, 30, 4)), box_labels=none)
    made, _ = running.run(Pipeline.from_text("mosaic:p=0.5;mosaic"), own, Chance([0, 0], pool))
    assert made.marks.shape[-1] == made.box_labels.shape[-1] == 30
