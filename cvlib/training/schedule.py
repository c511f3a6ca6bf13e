"""Optimisers and how their learning rate moves."""

from typing import Any

from cvlib import lazy
from cvlib.spec import TrainingSpec

keras = lazy.load("keras")

WARM_SHARE = 0.3
START_DIVISOR = 25.0
END_SHARE = 1e-3


def optimizer(spec: TrainingSpec, steps: int) -> Any:
    """The Keras optimiser of a specification.

    Args:
        spec: names the optimiser, its rate and its schedule.
        steps: training steps in all.
    """
    rate = learning_rate(spec, steps)
    if spec.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    kinds = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW, "rmsprop": keras.optimizers.RMSprop}
    return kinds[spec.optimizer](rate)


def learning_rate(spec: TrainingSpec, steps: int) -> Any:
    """A number, or a schedule over the steps.

    `one_cycle` rises to the peak for 30 % of the steps and falls from there (L. N. Smith & N. Topin,
    "Super-convergence", 2018); `cosine` falls all the way (I. Loshchilov & F. Hutter, "SGDR", 2017).
    """
    peak = spec.learning_rate
    if spec.schedule == "constant":
        return peak
    if spec.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(peak, max(1, steps))
    warm = max(1, int(WARM_SHARE * steps))
    return keras.optimizers.schedules.CosineDecay(
        peak / START_DIVISOR, max(1, steps - warm), alpha=END_SHARE, warmup_target=peak, warmup_steps=warm
    )
