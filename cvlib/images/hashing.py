"""A picture's difference hash: equal for copies, nearly equal for pictures that look the same.

N. Krawetz, "Kind of like that", 2013: the picture at 9 x 8 grey pixels, and for each of them whether the next is
darker.
"""

import numpy as np
from PIL import Image

SIDE = 8
NEAR_BITS = 5
"""Pictures whose hashes differ in this many of 64 bits or fewer look the same."""


def difference_hash(pixels: np.ndarray) -> int:
    """The hash of a picture, 64 bits.

    Args:
        pixels: uint8 (H, W, 1 or 3).
    """
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).convert("L")
    small = np.asarray(picture.resize((SIDE + 1, SIDE), Image.Resampling.BOX), np.int16)
    bits = (small[:, 1:] < small[:, :-1]).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ, 0 to 64."""
    return (one ^ other).bit_count()


def alike(hashes: list[int], *, most_bits: int = NEAR_BITS) -> list[int]:
    """Groups of pictures that look the same, directly or by a chain of others between them.

    Args:
        hashes: one a picture.
        most_bits: how far apart two of them may be.

    Returns:
        For each picture the place of the first one of its group.
    """
    first = list(range(len(hashes)))
    for place, value in enumerate(hashes):
        for other in range(place):
            if distance(value, hashes[other]) <= most_bits:
                mine, theirs = first[place], first[other]
                low, high = min(mine, theirs), max(mine, theirs)
                first = [low if group == high else group for group in first]
    return first
