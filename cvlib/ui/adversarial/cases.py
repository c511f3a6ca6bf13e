"""The pictures that a network is judged on under attack."""

from dataclasses import dataclass

import numpy as np

from cvlib import networks
from cvlib.adversarial import asking
from cvlib.data.samples import SAMPLES, load_sample
from cvlib.engine import warm
from cvlib.networks import Network
from cvlib.ui.session import engine
from cvlib.ui.session import run as call
from cvlib.ui.subject import remember

MOST = 200


@dataclass(frozen=True, eq=False)
class Cases:
    """Pictures with their classes.

    Attributes:
        images: uint8 (N, H, W, C), as the network takes them.
        labels: int64 (N,), the true classes, or what the network says of them if nobody knows.
        words: what they are.
        is_truth: whether `labels` are the true classes.
    """

    images: np.ndarray
    labels: np.ndarray
    words: str
    is_truth: bool


def cases(network: Network, count: int = MOST) -> Cases:
    """The first test pictures of a person's own network; the sample photos for one that others trained."""

    def test() -> Cases:
        labels = network.test_labels[:count]
        found = call(warm.pictures, network.run.spec, "test", list(range(len(labels))))
        return Cases(found, labels, f"the first {len(labels)} test pictures", True)

    def photos() -> Cases:
        seen = np.stack([networks.as_seen(network, call(load_sample, name))[0] for name in SAMPLES])
        said = engine().run_with_model(network.name, asking.say, seen).argmax(axis=1)
        return Cases(seen, said, f"the {len(seen)} sample pictures", False)

    return remember(("cases", network.name, count), photos if network.run is None else test)


def siblings(network: Network) -> list[Network]:
    """All networks of this host that take the same pictures, this one first."""
    if network.run is None:
        found = [one for one in networks.here() if one.input_shape == network.input_shape]
    else:
        same = (network.data, network.run.spec.split_seed, network.run.spec.image_size, network.run.spec.test_share)
        found = [
            one
            for one in networks.own(engine().store)
            if (one.data, one.run.spec.split_seed, one.run.spec.image_size, one.run.spec.test_share) == same
        ]
    return [network, *(one for one in found if one.name != network.name)]
