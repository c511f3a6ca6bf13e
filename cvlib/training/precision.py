"""The dtype policy that a network is trained under."""

from collections.abc import Callable
from typing import Any

from cvlib import device, lazy
from cvlib.spec import TrainingSpec

keras = lazy.load("keras")


def built(spec: TrainingSpec, build: Callable[[], Any], network_of: Callable[[Any], Any] = lambda made: made) -> Any:
    """What `build` makes under the dtype policy that suits it and the device, and that policy.

    Args:
        spec: how it is to be trained.
        build: makes it anew under the policy of the moment.
        network_of: the Keras model in what was made.

    Returns:
        What was made, with the first weights that it has in float32, and the policy's name.
    """
    made = build()
    policy = device.policy(spec.precision, device.work_of(network_of(made)) * spec.batch_size)
    if policy == "float32":
        return made, policy
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        mixed = build()
    finally:
        keras.config.set_dtype_policy(before)
    network_of(mixed).set_weights(network_of(made).get_weights())
    return mixed, policy
