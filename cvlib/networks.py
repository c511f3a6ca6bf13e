"""Every network that can be asked about a picture: a person's own runs, and those that others trained on ImageNet."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cvlib import data, recipes, runs
from cvlib.errors import DataUnavailable, RunNotFound, UnknownName
from cvlib.images import fit_for_network
from cvlib.models import pretrained
from cvlib.runs import Run
from cvlib.store import Store
from cvlib.tasks import classification


@dataclass(frozen=True)
class Network:
    """A trained classifier, without its weights.

    Attributes:
        name: the run's name, or `imagenet/...`: what the engine loads it by.
        title: for people.
        class_names: K names.
        input_shape: (H, W, C) of the pictures it takes.
        run: the run that it is; None for one that others trained.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    input_shape: tuple[int, int, int]
    run: Run | None = None

    @property
    def is_pretrained(self) -> bool:
        """Whether others trained it."""
        return self.run is None

    @property
    def data(self) -> str | None:
        """Name of the data set it was trained on here; None for one that others trained."""
        return None if self.run is None else self.run.spec.data

    @cached_property
    def test_labels(self) -> np.ndarray:
        """The true classes of its test pictures, int64 (N,); empty for one that others trained."""
        return np.zeros(0, np.int64) if self.run is None else self.run.test["labels"]


def of_run(run: Run) -> Network:
    """The network of a run."""
    card = data.info(run.spec.data)
    height, width, channels = card.image_shape
    size = run.spec.image_size
    return Network(run.name, recipes.title(run.spec), run.class_names, (size or height, size or width, channels), run)


def of_pretrained(name: str) -> Network:
    """A network that others trained.

    Raises:
        UnknownName: there is none of this name.
        DataUnavailable: the names of its classes are not on this host.
    """
    card = pretrained.info(name)
    return Network(card.name, card.title, pretrained.class_names(), (card.side, card.side, 3))


def find(store: Store, name: str) -> Network:
    """The network of this name.

    Raises:
        UserError: there is none, or it is not on this host.
    """
    if name.startswith(pretrained.PREFIX):
        return of_pretrained(name)
    run = runs.load(store, name)
    if run is None:
        raise RunNotFound("This run is no longer in the store. Train it again.")
    return of_run(run)


def own(store: Store) -> list[Network]:
    """The networks of all runs, newest first; those whose data set or architecture is no longer known are left out."""
    found = []
    for run in runs.every(store):
        try:
            if run.spec.task == "classification":
                found.append(of_run(run))
        except (UnknownName, RunNotFound):
            continue
    return found


def here() -> list[Network]:
    """The pre-trained networks that this host has."""
    found = []
    for card in pretrained.CATALOG.values():
        try:
            if card.available():
                found.append(of_pretrained(card.name))
        except DataUnavailable:
            continue
    return found


def as_seen(network: Network, pixels: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """A person's picture as this network takes it: uint8 (H, W, C), and what was done to it, in words."""
    if network.run is not None:
        return classification.as_seen(network.run.spec, pixels)
    return fit_for_network(pixels, network.input_shape[:2], network.input_shape[2])
