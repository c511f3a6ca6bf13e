"""SmoothGrad: the mean of the gradients of many slightly noisy copies of the picture.

D. Smilkov, N. Thorat, B. Kim, F. Viégas, M. Wattenberg, "SmoothGrad: removing noise by adding noise", 2017. Computed
here: tf-explain's fails on nested and Sequential models under Keras 3 and returns a grey uint8 mosaic.
"""

import numpy as np

from cvlib.explain.base import Method, Question, strongest


def part(question: Question, start: int, stop: int) -> np.ndarray:
    """The sum of the gradients of some noisy copies, float32 (H, W, C). Each copy has a seed of its own."""
    image, spread = question.image, question.options["noise"] * float(np.ptp(question.image) or 1.0)
    noise = [
        np.random.default_rng((question.seed, number)).standard_normal(image.shape, dtype=np.float32)
        for number in range(start, stop)
    ]
    copies = image + spread * np.stack(noise)
    return question.views.gradients(copies, question.target)[0].sum(axis=0)


def finish(_question: Question, total: np.ndarray, passes: int) -> tuple[np.ndarray, dict[str, float]]:
    """Of the mean gradient the strongest channel."""
    return strongest(total / passes), {}


METHOD = Method(
    name="smooth_grad",
    title="SmoothGrad",
    how="Adds noise to the picture many times and takes the mean of the gradients. What is only noise in the gradient "
    "cancels out, what the network really looks at stays.",
    paper="Smilkov, Thorat, Kim, Viégas & Wattenberg: SmoothGrad, 2017",
    cost="32 passes forward and back",
    part=part,
    finish=finish,
    passes=lambda question: int(question.options["samples"]),
    batch=8,
    signed=True,
    clipped=True,
    options={"samples": 32, "noise": 0.15},
)
