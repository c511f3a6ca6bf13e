"""All attacks by their names, with what a person must know to choose one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cvlib.adversarial.attacks import carlini_wagner, deepfool, gradient, patch, sparse, universal
from cvlib.adversarial.base import Steps
from cvlib.errors import UnknownName


@dataclass(frozen=True)
class Attack:
    """An attack.

    Attributes:
        name: in the catalogue.
        title: the field's term.
        how: what it does, in a sentence.
        paper: its source.
        steps: `steps(model, images, labels, **settings)`, the attack as an iterator.
        norms: in which it can be bound; the first is the usual one. None for those that find their own way.
        targets: whether a class can be wanted.
        settings: the names of its settings besides `epsilon`, with their usual values.
        needs_many: whether it is made on many pictures.
    """

    name: str
    title: str
    how: str
    paper: str
    steps: Callable[..., Steps]
    norms: tuple[str, ...] = ()
    targets: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)
    needs_many: bool = False


_GRADIENT = gradient.steps
_CARDS = (
    Attack(
        name="fgsm",
        title="FGSM",
        how="One step: every pixel moves by the same amount, up or down, whichever makes the network more wrong.",
        paper="Goodfellow, Shlens & Szegedy: Explaining and harnessing adversarial examples, 2015",
        steps=partial(_GRADIENT, count=1),
        norms=("linf", "l2"),
    ),
    Attack(
        name="pgd",
        title="PGD",
        how="Many small steps from a random place within the bound, and again from others: the usual yardstick.",
        paper="Madry et al.: Towards deep learning models resistant to adversarial attacks, 2018",
        steps=partial(_GRADIENT, random_start=True),
        norms=("linf", "l2"),
        settings={"count": 40, "restarts": 1, "step_size": None},
    ),
    Attack(
        name="bim",
        title="BIM (I-FGSM)",
        how="FGSM again and again with small steps, from the picture itself.",
        paper="Kurakin, Goodfellow & Bengio: Adversarial examples in the physical world, 2017",
        steps=_GRADIENT,
        norms=("linf", "l2"),
        settings={"count": 10, "step_size": None},
    ),
    Attack(
        name="mi_fgsm",
        title="MI-FGSM",
        how="Small steps with momentum: what it finds fools other networks more often, too.",
        paper="Dong et al.: Boosting adversarial attacks with momentum, 2018",
        steps=partial(_GRADIENT, momentum=1.0),
        norms=("linf", "l2"),
        settings={"count": 10, "step_size": None},
    ),
    Attack(
        name="deepfool",
        title="DeepFool",
        how="Looks for the nearest border between two classes and steps just over it: the least change, not the most.",
        paper="Moosavi-Dezfooli, Fawzi & Frossard: DeepFool, 2016",
        steps=deepfool.steps,
        targets=False,
        settings={"count": deepfool.STEPS},
    ),
    Attack(
        name="carlini_wagner",
        title="Carlini-Wagner",
        how="An optimiser searches for the smallest change that still wins. Slow and thorough.",
        paper="Carlini & Wagner: Towards evaluating the robustness of neural networks, 2017",
        steps=carlini_wagner.steps,
        settings={"count": carlini_wagner.STEPS, "searches": carlini_wagner.SEARCHES},
    ),
    Attack(
        name="sparse",
        title="Few pixels",
        how="Changes one pixel after the other as far as it goes, the most telling first.",
        paper="after Papernot et al.: The limitations of deep learning in adversarial settings, 2016 (JSMA)",
        steps=sparse.steps,
        settings={"pixels": sparse.PIXELS},
    ),
    Attack(
        name="universal",
        title="Universal perturbation",
        how="One perturbation for all pictures of a set; it is made on many and can be added to any.",
        paper="Moosavi-Dezfooli et al.: Universal adversarial perturbations, 2017",
        steps=universal.steps,
        norms=("linf",),
        settings={"rounds": universal.ROUNDS},
        needs_many=True,
    ),
    Attack(
        name="patch",
        title="Adversarial patch",
        how="A sticker, made on many pictures, that makes the network see one class wherever it lies.",
        paper="Brown et al.: Adversarial patch, 2017",
        steps=patch.steps,
        settings={"share": patch.SHARE, "count": patch.STEPS},
        needs_many=True,
    ),
)
CATALOG: Mapping[str, Attack] = {card.name: card for card in _CARDS}


def info(name: str) -> Attack:
    """The card of this attack.

    Raises:
        UnknownName: there is none of this name.
    """
    if name not in CATALOG:
        raise UnknownName(f"There is no attack {str(name)[:80]!r}. There are {', '.join(CATALOG)}.")
    return CATALOG[name]
