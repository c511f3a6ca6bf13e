"""Splits and draws: every class in proportion, nothing twice, the same again with the same seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvlib.data.arrays import array_pool
from cvlib.data.base import Pool
from cvlib.data.partition import draw_evenly, partition
from cvlib.errors import SpecError

label_lists = st.lists(st.integers(0, 5), min_size=1, max_size=80).map(lambda values: np.array(values, np.int64))


def pool_of(counts: list[int], **settings) -> Pool:
    labels = np.repeat(np.arange(len(counts)), counts)
    return array_pool(np.zeros((len(labels), 2, 2, 1), np.uint8), labels, **settings)


def fair_counts(labels: np.ndarray, count: int) -> list[int]:
    """How many each class gives when always the one that gave least, and still has some, gives the next."""
    left, given_by = Counter(labels.tolist()), Counter(dict.fromkeys(labels.tolist(), 0))
    for _ in range(min(count, len(labels))):
        giver = min((label for label in left if left[label]), key=lambda label: given_by[label])
        left[giver] -= 1
        given_by[giver] += 1
    return sorted(given_by.values())


@given(labels=label_lists, count=st.integers(1, 100), seed=st.integers(0, 2**31 - 1))
def test_a_draw_is_even_by_class(labels: np.ndarray, count: int, seed: int) -> None:
    if count < len(np.unique(labels)) and count < len(labels):
        with pytest.raises(SpecError):
            draw_evenly(labels, count, seed=seed)
        return
    drawn = draw_evenly(labels, count, seed=seed)
    assert len(set(drawn.tolist())) == len(drawn) == min(count, len(labels))
    given_by = [int((labels[drawn] == label).sum()) for label in np.unique(labels)]
    assert sorted(given_by) == fair_counts(labels, count)


@given(labels=label_lists, counts=st.tuples(st.integers(6, 80), st.integers(6, 80)), seed=st.integers(0, 99))
def test_a_larger_draw_contains_the_smaller(labels: np.ndarray, counts: tuple[int, int], seed: int) -> None:
    small, large = (set(draw_evenly(labels, count, seed=seed).tolist()) for count in sorted(counts))
    assert small <= large


def test_another_seed_draws_other_pictures() -> None:
    labels = np.repeat(np.arange(3), 100)
    first, again, other = (set(draw_evenly(labels, 30, seed=seed).tolist()) for seed in (1, 1, 2))
    assert first == again != other


def test_no_size_takes_all() -> None:
    assert draw_evenly(np.zeros(7, np.int64), None, seed=0).tolist() == list(range(7))


SPLITS = {
    "own quarter": ([400, 200, 40], {}, None, 160),
    "a share": ([400, 200, 40], {}, 0.5, 320),
    "the data set's test pictures": ([100, 100], {"test_start": 150}, None, 50),
    "a share in place of them": ([100, 100], {"test_start": 150}, 0.25, 50),
}


@pytest.mark.parametrize("counts, settings, share, expected", SPLITS.values(), ids=SPLITS)
def test_parts_are_disjoint_and_complete(counts, settings, share, expected: int) -> None:
    pool = pool_of(counts, **settings)
    parts = partition(pool, seed=0, test_share=share)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    assert sorted(together.tolist()) == list(range(len(pool.labels)))
    assert len(parts.test) == expected


def test_every_class_is_in_proportion() -> None:
    pool = pool_of([400, 200, 40])
    parts = partition(pool, seed=3)
    for part in (parts.train, parts.validation, parts.test):
        expected = np.array([400, 200, 40]) * len(part) / 640
        # Two roundings: of the test pictures, and of the validation pictures among the others.
        assert np.abs(np.bincount(pool.labels[part]) - expected).max() < 2


def test_the_given_test_pictures_stay() -> None:
    pool = pool_of([100, 100], test_start=150)
    assert [partition(pool, seed=seed).test.tolist() for seed in (0, 1)] == [list(range(150, 200))] * 2


def test_spare_pictures_are_trained_on_only() -> None:
    pool = array_pool(np.zeros((100, 2, 2, 1), np.uint8), np.arange(100) % 2, test_start=60)
    pool = Pool(labels=pool.labels, take=pool.take, test_start=60, spare=20)
    parts = partition(pool, seed=0)
    assert set(range(80, 100)) <= set(parts.train.tolist())
    assert parts.test.tolist() == list(range(60, 80))
    assert not set(range(80, 100)) & set(partition(pool, seed=0, test_share=0.5).test.tolist())


def test_validation_has_a_ceiling() -> None:
    assert len(partition(pool_of([40_000, 40_000]), seed=0).validation) == 5_000


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_out_of_bounds_is_refused(share: float) -> None:
    with pytest.raises(SpecError, match="test_share"):
        partition(pool_of([50, 50]), seed=0, test_share=share)


@pytest.mark.parametrize("counts", [[1, 50], [2, 2], [3, 3, 3]])
def test_too_few_pictures_are_a_sentence(counts: list[int]) -> None:
    with pytest.raises(SpecError, match="too few pictures"):
        partition(pool_of(counts), seed=0)
