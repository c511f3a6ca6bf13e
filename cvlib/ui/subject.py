"""What is explained: a network, a picture as it sees it, and what it said."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from cvlib.data.samples import SAMPLES
from cvlib.engine import warm
from cvlib.explain import asking
from cvlib.explain.probe import SpatialLayer
from cvlib.networks import Network
from cvlib.tasks import classification
from cvlib.ui import address, network_picker, picker
from cvlib.ui.errors import escaped
from cvlib.ui.picker import PickedImage
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

KEPT = "explain.kept"
MOST_KEPT = 80
OFFERED = "explain.offered"
"""The picture that was offered to begin with, and for which network."""
FIRST_SAMPLE = "cat"


@dataclass(frozen=True, eq=False)
class Subject:
    """A network and a picture.

    Attributes:
        network: which.
        picture: as it was picked.
        seen: uint8 (H, W, C), as the network takes it.
        steps: what was done to it on the way, in words.
        probabilities: float32 (K,), what the network said.
        layers: its spatial layers worth a place on a slider; none for a network without.
    """

    network: Network
    picture: PickedImage
    seen: np.ndarray
    steps: tuple[str, ...]
    probabilities: np.ndarray
    layers: tuple[SpatialLayer, ...]

    @cached_property
    def digest(self) -> str:
        """Names network and picture in this session's memory."""
        return hashlib.sha256(
            self.network.name.encode() + str(self.seen.shape).encode() + self.seen.tobytes()
        ).hexdigest()

    @cached_property
    def ranked(self) -> list[int]:
        """The classes, the most probable first."""
        return [int(index) for index in np.argsort(-self.probabilities, kind="stable")]

    def name_of(self, index: int) -> str:
        """A class's name."""
        return self.network.class_names[index]

    def ask(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call `function(model, *args)` in the warm process."""
        return engine().run_with_model(self.network.name, function, *args)


def choose() -> Subject | None:
    """The left column: network and picture; None while one of them is missing."""
    network = network_picker.choose_network()
    if network is None:
        return None
    sources = ("sample", "upload", "camera", "drawing")
    own = ("test", *sources) if network.run is not None else sources
    _offer(network)
    current: PickedImage = st.session_state[picker.CURRENT]
    first = current.source if current.source in own else "sample"
    box = st.expander(
        f"Picture: {escaped(current.name)}", icon=":material/image:", key="explain.picture", on_change="rerun"
    )
    picked = current
    if box.open:
        with box:
            key = f"explain.{network.data or 'photo'}"
            picked = picker.pick_image(call, key=key, sources=own, first=first, network=network)
        if picked is not None and picked.name != current.name:
            st.rerun()  # the box's title names the picture
    if picked is None:
        return None
    address.write({"picture": picked.address})
    return subject(network, picked)


def _offer(network: Network) -> None:
    """A picture to begin with; another one for another network, as long as the person has not picked one."""
    name, offered = st.session_state.get(OFFERED, (None, None))
    current = st.session_state.get(picker.CURRENT)
    if current is None or (current is offered and name != network.name):
        st.session_state[picker.CURRENT] = _first_picture(network)
        st.session_state[OFFERED] = network.name, st.session_state[picker.CURRENT]


def _first_picture(network: Network) -> PickedImage:
    """What the address names; else something to begin with: a test picture of the person's own network, or the cat."""
    kind, _, name = st.query_params.get("picture", "").partition("-")
    if kind == "sample" and name in SAMPLES:
        return picker.sample_picture(call, name)
    if network.run is None:
        return picker.sample_picture(call, FIRST_SAMPLE)
    index = int(name) if kind == "test" and name.isdecimal() and len(name) < 9 else 0
    index = index if index < len(network.test_labels) else 0
    return picker.test_picture(network, index, call(warm.pictures, network.run.spec, "test", [index])[0])


def subject(network: Network, picked: PickedImage) -> Subject:
    """The network's answer to a picture, remembered in this session."""
    seen, steps = picked.seen_by(network)
    key = ("subject", network.name, hashlib.sha256(seen.tobytes()).hexdigest())

    def answer() -> tuple[np.ndarray, tuple[SpatialLayer, ...]]:
        with st.spinner("The network looks at the picture …"):
            said = engine().run_with_model(network.name, classification.predict, seen[np.newaxis])[0]
            return said, engine().run_with_model(network.name, asking.layers)

    probabilities, layers = remember(key, answer)
    return Subject(network, picked, seen, steps, probabilities, layers)


def remember(key: tuple, make: Callable[[], Any]) -> Any:
    """A result of this session: made once, and forgotten when many newer ones are there."""
    kept: dict[tuple, Any] = st.session_state.setdefault(KEPT, {})
    if key in kept:
        kept[key] = kept.pop(key)
    else:
        kept[key] = make()
    while len(kept) > MOST_KEPT:
        kept.pop(next(iter(kept)))
    return kept[key]
