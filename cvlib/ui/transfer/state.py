"""What a session has made on this page: its pictures, their features, and what was trained on them.

All of it lives in the session and, while it works on it, in a worker's memory. Nothing of it is put into a store.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from cvlib import images, networks
from cvlib.errors import UserError
from cvlib.networks import Network
from cvlib.transfer import asking, augmented, backbones, likeness, ready, splitting
from cvlib.transfer.augmented import COPIES
from cvlib.transfer.head import Learned
from cvlib.transfer.project import Project
from cvlib.ui import picker
from cvlib.ui.session import engine
from cvlib.ui.session import run as call

PROJECT, FEATURES, RESULT, NOTES = "transfer.project", "transfer.features", "transfer.result", "transfer.notes"
TUNED, TUNING, USE = "transfer.tuned", "transfer.tuning", "transfer.use"
"""What fine-tuning gave, one that goes on, and which of the two networks is used."""
RACE, CURVE, LITE = "transfer.race", "transfer.curve", "transfer.lite"
START = "transfer.start"
FIRST_SET = "faces"
PICTURES_A_CALL = 16


@dataclass(frozen=True)
class Base:
    """What is built upon: an ImageNet backbone, or a network that was trained here.

    Attributes:
        name: what the engine loads it by.
        title: for people.
        network: the run's network; None for an ImageNet backbone.
    """

    name: str
    title: str
    network: Network | None = None

    def seen(self, pixels: np.ndarray) -> np.ndarray:
        """A picture as it takes it: uint8 (H, W, C)."""
        if self.network is not None:
            return networks.as_seen(self.network, pixels)[0]
        side = backbones.info(self.name).side
        return pixels if pixels.shape[:2] == (side, side) else images.fit_for_network(pixels, (side, side), 3)[0]


@dataclass(frozen=True, eq=False)
class Result:
    """What was trained.

    Attributes:
        base: what it is built upon.
        project: the pictures it learned from.
        features: float32 (N, D) of all of them.
        held: bool (N,), the pictures that were held back.
        learned: the head, and the layers that were fine-tuned.
        history: a list a metric, a number an epoch.
        probabilities: float32 (N, K), what it says of all of them.
        threshold: how sure it must be to answer at all.
        least_likeness: how alike a picture must be to one that was learned from.
        seconds: from the press of the button.
        augmentation: text of the pipeline that made copies of the pictures to learn from; empty for none.
    """

    base: Base
    project: Project
    features: np.ndarray
    held: np.ndarray
    learned: Learned
    history: dict[str, list[float]]
    probabilities: np.ndarray
    threshold: float
    least_likeness: float
    seconds: float
    augmentation: str = ""

    @property
    def is_tuned(self) -> bool:
        """Whether more than the head has learned."""
        return bool(self.learned.changes)

    def seen(self, places: np.ndarray | None = None) -> np.ndarray:
        """Its pictures as the network takes them: uint8 (N, H, W, C)."""
        places = np.arange(len(self.held)) if places is None else places
        return np.stack([self.base.seen(self.project.pictures[int(place)].pixels) for place in places])

    def right(self) -> tuple[int, int]:
        """How many of the held-back pictures it names correctly, and how many there are."""
        right = self.probabilities[self.held].argmax(axis=1) == self.project.labels[self.held]
        return int(right.sum()), len(right)

    def answer(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What it says of a new picture: its features float32 (D,), and probabilities float32 (K,)."""
        seen = self.base.seen(pixels)[None]
        features = engine().run_with_model(self.base.name, asking.features, seen)
        if self.is_tuned:
            return features[0], engine().run_with_model(self.base.name, asking.probabilities, self.learned, seen)[0]
        return features[0], self.learned.head.probabilities(features)[0]


def project() -> Project:
    """This session's pictures; at first a ready set."""
    if PROJECT not in st.session_state:
        wanted = st.session_state.get(START, FIRST_SET)
        st.session_state[PROJECT] = call(asking.load_ready, wanted) if wanted in ready.CATALOG else _empty()
    return st.session_state[PROJECT]


def change(to: Project, notes: list[str] | None = None) -> None:
    """Take over changed pictures, if they fit into this session's share of the server's memory.

    Raises:
        Busy: they do not.
    """
    picker.share().hold(to.nbytes, "transfer")
    st.session_state[PROJECT] = to
    st.session_state[NOTES] = notes or []


def start_from(name: str) -> None:
    """Take a ready set, or begin with empty classes."""
    if name in ready.CATALOG:
        change(call(asking.load_ready, name))
    else:
        change(_empty())


def _empty() -> Project:
    return Project().with_class("Class 1").with_class("Class 2")


def result() -> Result | None:
    """What this session trained last: fine-tuned, if that was done and is to be used."""
    tuned = st.session_state.get(TUNED)
    return tuned if tuned is not None and st.session_state.get(USE, True) else st.session_state.get(RESULT)


def features_of(base: Base, made: Project, report: Callable[[float], None]) -> np.ndarray:
    """The features of all pictures: those that are known already are not computed again.

    Args:
        base: what turns pictures into features.
        made: the pictures.
        report: takes the share that is done.
    """
    kept: dict[tuple[str, ...], np.ndarray] = st.session_state.setdefault(FEATURES, {})
    keys = [(base.name, hashlib.sha256(picture.pixels.tobytes()).hexdigest()) for picture in made.pictures]
    missing = [place for place, key in enumerate(keys) if key not in kept]
    for start in range(0, len(missing), PICTURES_A_CALL):
        part = missing[start : start + PICTURES_A_CALL]
        seen = np.stack([base.seen(made.pictures[place].pixels) for place in part])
        found = engine().run_with_model(base.name, asking.features, seen)
        kept.update(zip([keys[place] for place in part], found, strict=True))
        report((start + len(part)) / len(missing))
    wanted = set(keys)
    for key in [key for key in kept if key[:2] not in wanted and key[0] == base.name]:
        del kept[key]  # pictures that were taken out are forgotten
    return np.stack([kept[key] for key in keys])


def copies_of(
    base: Base, made: Project, places: np.ndarray, pipeline: str, report: Callable[[float], None]
) -> np.ndarray:
    """The features of augmented copies, float32 (L, M, D) of L pictures; known ones are not computed again.

    Args:
        base: what turns pictures into features.
        made: the pictures.
        places: int (L,), which of them.
        pipeline: its text.
        report: takes the share that is done.
    """
    kept: dict[tuple[str, ...], np.ndarray] = st.session_state.setdefault(FEATURES, {})
    digests = [hashlib.sha256(made.pictures[int(place)].pixels.tobytes()).hexdigest() for place in places]
    keys = [(base.name, digest, pipeline) for digest in digests]
    missing = [number for number, key in enumerate(keys) if key not in kept]
    for start in range(0, len(missing), PICTURES_A_CALL // COPIES):
        part = missing[start : start + PICTURES_A_CALL // COPIES]
        seen = np.stack([base.seen(made.pictures[int(places[number])].pixels) for number in part])
        found = engine().run_with_model(base.name, asking.augmented_features, seen, pipeline)
        kept.update(zip([keys[number] for number in part], found, strict=True))
        report((start + len(part)) / len(missing))
    wanted = set(keys)
    for key in [key for key in kept if len(key) > 2 and key not in wanted and key[0] == base.name]:
        del kept[key]  # of pipelines that are no longer chosen
    return np.stack([kept[key] for key in keys])


def train(
    base: Base, made: Project, report: Callable[[float], None], seconds: Callable[[], float], *, augmentation: str = ""
) -> Result:
    """Train a head on the pictures' features.

    Args:
        base: what is built upon.
        made: the pictures.
        report: takes the share that is done.
        seconds: since the press of the button.
        augmentation: text of a pipeline that makes copies to learn from, too; empty for none.

    Raises:
        UserError: the pictures do not suffice, or the pipeline mixes them.
    """
    if problems := made.problems():
        raise UserError(problems[0])
    found = features_of(base, made, report)
    labels = made.labels
    held = splitting.hold_back(labels, [picture.hash for picture in made.pictures])
    taught = found, labels, held
    if augmentation:
        more = copies_of(base, made, np.flatnonzero(~held), augmentation, report)
        taught = augmented.with_copies(*taught, more)
    head, history = call(asking.train_head, *taught, len(made.class_names))
    trained = judged(base, made, found, held, Learned(head), history, head.probabilities(found), seconds())
    trained = replace(trained, augmentation=augmentation)
    st.session_state[RESULT] = trained
    for key in (TUNED, TUNING, USE, RACE, CURVE, LITE):
        st.session_state.pop(key, None)
    return trained


def judged(
    base: Base, made: Project, found: np.ndarray, held: np.ndarray, learned: Learned, history: dict[str, list[float]],
    probabilities: np.ndarray, seconds: float,
) -> Result:  # fmt: skip
    """A result with its thresholds, which are fitted on the held-back pictures."""
    least = likeness.threshold(probabilities[held], made.labels[held])
    alike = likeness.least_likeness(found, held)
    return Result(base, made, found, held, learned, history, probabilities, least, alike, seconds)
