"""How far two pictures are apart, and how a perturbation keeps its bound when it is rounded to whole pixel values."""

from dataclasses import dataclass

import numpy as np

NORMS = ("linf", "l2")
"""The largest change of a value, and the root of the sum of the squared changes."""


@dataclass(frozen=True)
class Distance:
    """How far a picture is from another one.

    Attributes:
        linf: largest change of a value, 0 to 255.
        l2: root of the sum of the squared changes.
        l0: number of pixels that changed.
        psnr: peak signal-to-noise ratio in dB; infinite where nothing changed.
    """

    linf: float
    l2: float
    l0: int
    psnr: float


def distance(one: np.ndarray, other: np.ndarray) -> Distance:
    """The distance of two pictures uint8 (H, W, C)."""
    change = one.astype(np.float64) - other
    mean = float((change**2).mean())
    return Distance(
        linf=float(np.abs(change).max(initial=0)),
        l2=float(np.sqrt((change**2).sum())),
        l0=int((change != 0).any(axis=-1).sum()),
        psnr=float(10 * np.log10(255**2 / mean)) if mean else float("inf"),
    )


def size(change: np.ndarray, norm: str) -> np.ndarray:
    """The norm of each change: float64 (N,) of (N, H, W, C)."""
    flat = change.reshape(len(change), -1).astype(np.float64)
    return np.abs(flat).max(axis=1, initial=0) if norm == "linf" else np.sqrt((flat**2).sum(axis=1))


def rounded(images: np.ndarray, origin: np.ndarray, epsilon: np.ndarray | float, norm: str) -> np.ndarray:
    """Whole pixel values as near as can be, without leaving the bound or 0..255.

    Rounding each value can lead out of an L2 ball: then those values whose rounding adds most are rounded the other
    way, towards the origin.

    Args:
        images: float (N, H, W, C), within the bound.
        origin: uint8 (N, H, W, C).
        epsilon: the bound, a number or (N,).
        norm: one of `NORMS`.

    Returns:
        uint8 (N, H, W, C).
    """
    start = origin.astype(np.float64)
    change = np.asarray(images, np.float64) - start
    bound = np.broadcast_to(np.asarray(epsilon, np.float64), len(images))
    if norm == "linf":
        most = np.floor(bound)[:, None, None, None]
        whole = np.clip(np.rint(change), -most, most)
    else:
        whole = np.stack([_rounded_in_ball(one, limit) for one, limit in zip(change, bound, strict=True)])
    return np.clip(start + whole, 0, 255).astype(np.uint8)


def _rounded_in_ball(change: np.ndarray, bound: float) -> np.ndarray:
    whole, inside = np.rint(change), np.trunc(change)
    over = (whole**2).sum() - bound**2
    if over <= 0:
        return whole
    gains = (whole**2 - inside**2).ravel()
    order = np.argsort(-gains, kind="stable")
    needed = int(np.searchsorted(np.cumsum(gains[order]), over)) + 1
    flat = whole.ravel()
    flat[order[:needed]] = inside.ravel()[order[:needed]]
    while (flat**2).sum() > bound**2:  # a start outside the ball: towards the origin, largest values first
        largest = np.abs(flat).argmax()
        flat[largest] -= np.sign(flat[largest])
    return flat.reshape(change.shape)


def noise(images: np.ndarray, changes: np.ndarray, norm: str, *, seed: int) -> np.ndarray:
    """The pictures with chance in place of each change, of the same size: what an attack is not.

    Args:
        images: uint8 (N, H, W, C).
        changes: (N, H, W, C), as large as the noise is to be.
        norm: in which it is as large.
        seed: of the draw.

    Returns:
        uint8 (N, H, W, C).
    """
    rng, sizes = np.random.default_rng(seed), size(changes, norm)
    if norm == "linf":
        drawn = rng.choice((-1.0, 1.0), images.shape)
    else:
        drawn = rng.standard_normal(images.shape)
        drawn /= size(drawn, norm)[:, None, None, None]
    return rounded(images + drawn * sizes[:, None, None, None], images, sizes, norm)
