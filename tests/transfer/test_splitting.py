"""The split of a person's pictures: in proportion, and never the same picture on both sides."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cvlib.images import hashing
from cvlib.transfer.splitting import hold_back


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12)), max_size=40), st.integers(0, 5))
def test_no_likeness_stands_on_both_sides_and_no_class_goes_empty(pictures: list[tuple[int, int]], seed: int) -> None:
    labels = np.array([label for label, _ in pictures], dtype=np.int64)
    hashes = [0x0123456789ABCDEF * (value + 1) % 2**64 for _, value in pictures]
    held = hold_back(labels, hashes, seed=seed)
    groups = np.array(hashing.alike(hashes), dtype=np.int64)
    for group in np.unique(groups):
        assert len(set(held[groups == group])) == 1
    for label in np.unique(labels):
        assert (~held & (labels == label)).any()
    np.testing.assert_array_equal(held, hold_back(labels, hashes, seed=seed))


def test_a_quarter_of_every_class_is_held_back() -> None:
    labels = np.repeat([0, 1, 2], [40, 20, 8])
    hashes = np.random.default_rng(0).integers(0, 2**63, 68).tolist()
    held = hold_back(labels, hashes)
    assert [int(held[labels == label].sum()) for label in range(3)] == [10, 5, 2]


def test_too_few_pictures_are_all_learned_from() -> None:
    labels = np.array([0, 0, 1, 1, 1])
    held = hold_back(labels, [0, 2**40 - 1, 2**64 - 1, 255 << 50, 2**20 - 1])
    assert not held[:2].any() and held[2:].sum() == 1


def test_a_burst_of_the_camera_stays_together() -> None:
    labels = np.repeat([0, 1], 12)
    bursts = [0, 0xFFFF, 0xFFFF0000, 0xFFFF00000000]
    hashes = [bursts[place % 12 // 3] ^ (1 << place % 3) ^ (0xF0F0F0F0 << 32) * (place // 12) for place in range(24)]
    held = hold_back(labels, hashes)
    assert held.any()
    for start in range(0, 24, 3):
        assert len(set(held[start : start + 3])) == 1
