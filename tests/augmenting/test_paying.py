"""Does it pay: the intervals are SciPy's, the verdict follows from them, and only the pipeline differs in a pair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cvlib import data, recipes
from cvlib.augmenting import paying
from cvlib.augmenting.paying import Outcome
from cvlib.errors import SpecError

GENTLE = recipes.augmentation("gentle")


def outcome(share: float, count: int = 200) -> Outcome:
    right = np.zeros(count, bool)
    right[: round(share * count)] = True
    return Outcome(right, {"accuracy": [share], "val_accuracy": [share]}, 1.0)


@given(st.lists(st.integers(0, 450), min_size=2, max_size=9).filter(lambda values: len(set(values)) > 1))
def test_means_have_students_interval(values: list[int]) -> None:
    shares = np.array(values) / 450
    found = paying.mean_interval(shares)
    low, high = stats.t.interval(0.95, len(shares) - 1, shares.mean(), stats.sem(shares))
    assert (found.middle, found.low, found.high) == pytest.approx((shares.mean(), low, high))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=2, max_size=6))
def test_the_verdict_is_that_of_the_paired_t_test(pairs: list[tuple[int, int]]) -> None:
    outcomes = [(outcome(one / 200), outcome(two / 200)) for one, two in pairs]
    before, after = np.array(pairs).T / 200
    verdict = paying.judge(outcomes)
    assert verdict.gain.low < verdict.gain.middle < verdict.gain.high or abs(verdict.gain.middle) == 1
    if np.std(after - before, ddof=1) < 1 / 200:
        return  # differences that are nearly the same: the t-test makes too much of them
    tested = stats.ttest_rel(after, before)
    interval = np.clip(tested.confidence_interval(0.95), -1, 1)
    assert (verdict.gain.low, verdict.gain.high) == pytest.approx(tuple(interval), abs=1e-9)
    if abs(tested.pvalue - 0.05) > 1e-6:
        sign = "pays" if after.mean() > before.mean() else "harms"
        assert verdict.word == (sign if tested.pvalue < 0.05 else "unclear")


@pytest.mark.parametrize("right", [0, 1, 37, 99, 100])
def test_a_share_has_wilsons_interval(right: int) -> None:
    found = paying.share_interval(np.arange(100) < right)
    theirs = stats.binomtest(right, 100).proportion_ci(0.95, "wilson")
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-6)
    assert found.low <= found.middle <= found.high


def test_one_pair_is_judged_by_its_test_pictures() -> None:
    before, after = np.zeros(450, bool), np.zeros(450, bool)
    before[:400], after[:430] = True, True
    verdict = paying.judge([(Outcome(before, {}, 1.0), Outcome(after, {}, 1.0))])
    assert verdict.word == "pays" and verdict.trainings == 1
    assert verdict.gain.middle == pytest.approx(30 / 450)
    # By hand: (30.5 - 0.5) / 452 and 1.96 / 452 * sqrt(31 - 30 ** 2 / 452).
    assert verdict.gain.low == pytest.approx(30 / 452 - 1.959964 / 452 * (31 - 900 / 452) ** 0.5)
    same = paying.judge([(Outcome(before, {}, 1.0), Outcome(before, {}, 1.0))])
    assert same.word == "unclear" and same.gain.low < 0 < same.gain.high


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_interval_of_one_pair_holds_its_difference(count: int, seed: int) -> None:
    before, after = np.random.default_rng(seed).random((2, count)) < 0.5
    found = paying.paired_share_interval(before, after)
    assert -1 <= found.low <= found.middle <= found.high <= 1
    assert found.middle == pytest.approx(after.mean() - before.mean())
    mirrored = paying.paired_share_interval(after, before)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


def test_equal_gains_are_not_believed_to_the_last_digit() -> None:
    verdict = paying.judge([(outcome(share, 100), outcome(share + 0.01, 100)) for share in (0.9, 0.8, 0.85)])
    # By hand: t of 2 degrees of freedom, 4.303, times 0.01 / sqrt(6) / sqrt(3).
    assert verdict.gain.high - 0.01 == pytest.approx(4.303 * 0.01 / 18**0.5, rel=1e-3)


def test_a_share_is_no_more_than_all() -> None:
    verdict = paying.judge([(outcome(0.99), outcome(share)) for share in (0.99, 0.97, 1.0)])
    assert verdict.augmented.high == 1.0


def test_nothing_cannot_be_judged() -> None:
    with pytest.raises(SpecError):
        paying.judge([])


def test_a_pair_differs_in_the_pipeline_alone() -> None:
    made = paying.pairs("digits", "lenet", 100, GENTLE, 3)
    assert [pair.without.seed for pair in made] == [0, 1, 2]
    for pair in made:
        assert pair.augmented.replace(augmentation="") == pair.without and pair.augmented.augmentation == GENTLE
        assert pair.without.train_size == 100
    longer = paying.pairs("digits", "lenet", 100, GENTLE, 1, longer=2)[0]
    assert longer.without.epochs == 2 * made[0].without.epochs


def test_without_a_pipeline_there_is_nothing_to_compare() -> None:
    with pytest.raises(SpecError, match="no step"):
        paying.pairs("digits", "lenet", 100, "", 3)


@pytest.mark.parametrize("size", paying.SIZES)
@pytest.mark.parametrize("name", ["digits", "mnist", "faces", "shapes"])
def test_every_training_has_steps_enough_and_not_too_many_epochs(name: str, size: int | None) -> None:
    if size is not None and size not in paying.sizes_of(name):
        return
    spec = paying.spec_for(name, recipes.default_model(name), size, longer=4)
    count = size or data.info(name).train_count
    assert spec.epochs <= 200 and spec.train_size == size
    usual = paying.spec_for(name, recipes.default_model(name), size)
    assert usual.epochs * -(-count // usual.batch_size) >= paying.STEPS
