"""Defences that change the picture before the network sees it, and whether they hold.

C. Guo et al., "Countering adversarial images using input transformations", 2018 (JPEG, bit depth);
W. Xu, D. Evans, Y. Qi, "Feature squeezing", 2018. They stop attacks that do not know of them; A. Athalye, N. Carlini
and D. Wagner, "Obfuscated gradients give a false sense of security", 2018, show how an attack that does goes through:
it asks the defended network, and takes the defence's gradient for that of the identity.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from cvlib.adversarial import base
from cvlib.adversarial.attacks import gradient
from cvlib.errors import UnknownName

MASKED = 0.15
"""If an attack that knows of the defence takes so much more accuracy, the defence only hid the gradient."""


@dataclass(frozen=True)
class Defence:
    """A defence.

    Attributes:
        name: in the catalogue.
        title: for people.
        how: what it does.
        apply: uint8 (N, H, W, C) to uint8 (N, H, W, C).
    """

    name: str
    title: str
    how: str
    apply: Callable[[np.ndarray], np.ndarray]


def _each(images: np.ndarray, change: Callable[[Image.Image], Image.Image]) -> np.ndarray:
    made = []
    for pixels in images:
        grey = pixels.shape[2] == 1
        changed = change(Image.fromarray(pixels[..., 0] if grey else pixels))
        made.append(np.asarray(changed, np.uint8).reshape(pixels.shape))
    return np.stack(made)


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert(picture.mode)


def jpeg(images: np.ndarray, *, quality: int = 50) -> np.ndarray:
    """Saved as JPEG and read again: uint8 (N, H, W, C)."""
    return _each(images, partial(_jpeg, quality=quality))


def blur(images: np.ndarray, *, radius: float = 1.0) -> np.ndarray:
    """Blurred with a Gaussian of this standard deviation in pixels: uint8 (N, H, W, C)."""
    return _each(images, lambda picture: picture.filter(ImageFilter.GaussianBlur(radius)))


def bit_depth(images: np.ndarray, *, bits: int = 3) -> np.ndarray:
    """Values rounded to 2 to the power of `bits` steps: uint8 (N, H, W, C)."""
    most = 2**bits - 1
    return np.rint(np.rint(images / 255 * most) * (255 / most)).astype(np.uint8)


_CARDS = (
    Defence("jpeg", "Save as JPEG", "Compressed with quality 50, which smooths fine patterns away.", jpeg),
    Defence("blur", "Blur", "A Gaussian blur of one pixel.", blur),
    Defence("bit_depth", "Fewer shades", "Only 8 shades a channel: small changes round to nothing.", bit_depth),
)
CATALOG: Mapping[str, Defence] = {card.name: card for card in _CARDS}


def info(name: str) -> Defence:
    """The card of this defence.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no defence {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]


@dataclass(frozen=True)
class Verdict:
    """How a defence did: shares of the pictures that are named correctly, 0 to 1.

    Attributes:
        clean: without attack, undefended.
        clean_defended: without attack, defended.
        attacked: under attack, undefended.
        unaware: defended, under an attack that does not know of the defence.
        aware: defended, under one that does.
    """

    clean: float
    clean_defended: float
    attacked: float
    unaware: float
    aware: float

    @property
    def only_hides(self) -> bool:
        """Whether it looked like a defence until the attack knew of it."""
        return self.unaware - self.attacked > MASKED and self.unaware - self.aware > MASKED


def judge(
    model: Any, name: str, images: np.ndarray, labels: np.ndarray, *, epsilon: float, count: int = 20, seed: int = 0
) -> Verdict:
    """Try a defence with PGD, unaware and aware of it.

    Args:
        model: takes pictures in 0..255 and gives probabilities.
        name: of the defence.
        images: uint8 (N, H, W, C).
        labels: int (N,), the true classes.
        epsilon: L-infinity bound in pixel values.
        count: steps of each attack.
        seed: of the random starts.
    """
    card = info(name)
    view = base.Attacked(model, images, labels)

    def right(pictures: np.ndarray) -> float:
        return float((~view.succeeded(base.probabilities(view.probe, pictures))).mean())

    settings = {"epsilon": epsilon, "count": count, "random_start": True, "seed": seed}
    unaware = base.run(gradient.steps(model, images, labels, **settings)).images
    aware = base.run(gradient.steps(model, images, labels, through=card.apply, **settings)).images
    # Who attacks takes the better of the two.
    fooled = [view.succeeded(base.probabilities(view.probe, card.apply(made))) for made in (unaware, aware)]
    return Verdict(
        clean=right(images),
        clean_defended=right(card.apply(images)),
        attacked=right(unaware),
        unaware=float((~fooled[0]).mean()),
        aware=float((~(fooled[0] | fooled[1])).mean()),
    )
