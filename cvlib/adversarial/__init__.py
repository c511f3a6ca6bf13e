"""Attacks on a classifier, and what may protect it.

result = adversarial.pgd(model, images, labels, epsilon=8)
result.images             # uint8, every value at most 8 from the original
result.success.mean()     # counted on these rounded pictures
"""

from cvlib.adversarial.attacks.carlini_wagner import carlini_wagner
from cvlib.adversarial.attacks.deepfool import deepfool
from cvlib.adversarial.attacks.gradient import bim, fgsm, mi_fgsm, pgd
from cvlib.adversarial.attacks.patch import patch
from cvlib.adversarial.attacks.sparse import sparse
from cvlib.adversarial.attacks.universal import universal
from cvlib.adversarial.base import AttackResult, Progress

__all__ = [
    "AttackResult",
    "Progress",
    "bim",
    "carlini_wagner",
    "deepfool",
    "fgsm",
    "mi_fgsm",
    "patch",
    "pgd",
    "sparse",
    "universal",
]
