"""Difference hashes: copies are equal, likenesses near, others far."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cvlib.images import hashing

HASH = st.integers(0, 2**64 - 1)


def photo(seed: int) -> np.ndarray:
    """Soft blobs, as photos have them."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((120, 90), Image.Resampling.BICUBIC))


def test_a_smaller_noisier_darker_copy_is_alike() -> None:
    pixels = photo(1)
    smaller = np.asarray(Image.fromarray(pixels).resize((60, 45)))
    noisy = np.clip(pixels + np.random.default_rng(0).normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
    for copy in (smaller, noisy, (pixels * 0.8).astype(np.uint8)):
        bits = hashing.distance(hashing.difference_hash(pixels), hashing.difference_hash(copy))
        assert bits <= hashing.NEAR_BITS
    assert hashing.difference_hash(pixels) == hashing.difference_hash(pixels.copy())


def test_other_pictures_are_far() -> None:
    hashes = [hashing.difference_hash(photo(seed)) for seed in range(12)]
    assert min(hashing.distance(a, b) for a in hashes for b in hashes if a != b) > hashing.NEAR_BITS


def test_grey_pictures_have_a_hash_too() -> None:
    grey = photo(2)[..., :1]
    assert hashing.difference_hash(grey) == hashing.difference_hash(np.repeat(grey, 3, axis=2))


@given(HASH, HASH, HASH)
def test_the_distance_is_a_metric(one: int, other: int, third: int) -> None:
    assert hashing.distance(one, one) == 0 and hashing.distance(one, other) == hashing.distance(other, one)
    assert hashing.distance(one, third) <= hashing.distance(one, other) + hashing.distance(other, third)


@given(st.lists(st.integers(0, 255), max_size=12))
def test_groups_are_the_chains_of_near_hashes(hashes: list[int]) -> None:
    groups = hashing.alike(hashes, most_bits=1)
    reached = [{place} for place in range(len(hashes))]
    for _ in hashes:  # the closure by brute force
        for a in range(len(hashes)):
            for b in range(len(hashes)):
                if hashing.distance(hashes[a], hashes[b]) <= 1:
                    reached[a] |= reached[b]
    assert groups == [min(found) for found in reached]
