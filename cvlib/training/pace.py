"""How many steps go at once."""

from cvlib import device

STEP_WORK = 1.3e9
"""Multiply-adds forward that two processor cores manage, with the way back, in about 0.2 s."""
MOST_STEPS = 16


def steps_per_execution(work: float, steps: int) -> int:
    """How many steps TensorFlow takes before Python looks again: more are faster, fewer can be cancelled sooner.

    Args:
        work: multiply-adds of a step, forward.
        steps: steps an epoch.
    """
    most = MOST_STEPS * 4 if device.gpu_name() else MOST_STEPS
    return max(1, min(most, steps, round(STEP_WORK / max(1.0, work))))
