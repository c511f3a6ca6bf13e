"""The interactive slot: what runs in the one process that keeps TensorFlow and the models used last.

Every function here runs in a worker, sent there by `cvlib.engine.Engine`.
"""

import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from cvlib import lazy, models, training
from cvlib.data import Dataset
from cvlib.errors import RunNotFound
from cvlib.export import arrays
from cvlib.models import pretrained
from cvlib.spec import TrainingSpec
from cvlib.store import Store
from cvlib.transfer import backbones

keras = lazy.load("keras")

MODELS_KEPT = 8
DATASETS_KEPT = 3


class Kept:
    """The values used last, each made once however many threads ask for it."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.values: OrderedDict[Any, Any] = OrderedDict()
        self.lock = threading.RLock()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self.lock:
            if key not in self.values:
                self.values[key] = make()
            self.values.move_to_end(key)
            while len(self.values) > self.size:
                self.values.popitem(last=False)
            return self.values[key]


_models = Kept(MODELS_KEPT)
_datasets = Kept(DATASETS_KEPT)


def warm_up() -> str:
    """Load TensorFlow and Keras, and say in words what device they found."""
    from cvlib import device

    device.configure()
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.predict_on_batch(keras.ops.zeros((1, 1)))
    return device.describe()


def dataset(spec: TrainingSpec) -> Dataset:
    """The data that this specification trains and tests with."""
    single = models.info(spec.model).single
    drawn = (spec.split_seed, spec.image_size, spec.train_size, spec.test_share, spec.seed)
    same_data = (spec.task, spec.data, single, *drawn)  # shapes are one a picture or many, with labels, boxes or masks
    return _datasets.get(same_data, lambda: training.load_data(spec))


def model(run: str, files: Mapping[str, bytes] | None = None) -> Any:
    """The Keras model of a run: from memory, from this host's store, or from the files that were sent along.

    A name of `cvlib.models.pretrained` or `cvlib.transfer.backbones` gives that network.

    Raises:
        RunNotFound: none of them has it.
    """
    return _models.get(run, lambda: _load(run, files))


def _load(run: str, files: Mapping[str, bytes] | None) -> Any:
    if run in pretrained.CATALOG:
        return pretrained.load(run)
    if run in backbones.CATALOG:
        return backbones.load(run)
    store = Store()
    with store.lease(run):
        entry = store.get(run)
        path = entry.path("model.keras") if entry else None
        if path is not None:
            return _load_file(path)
    content = entry.read("model.keras") if entry else (files or {}).get("model.keras")
    if content is None:
        raise RunNotFound("This run is no longer in the store. Train it again.")
    return _load_bytes(content)


def _load_bytes(content: bytes) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            file.write(content)
        return _load_file(path)


def _load_file(path: str | os.PathLike[str]) -> Any:
    """The model in a `.keras` file, after what defines its layers was imported."""
    with zipfile.ZipFile(path) as parts:
        needs_keras_cv = b"keras_cv" in parts.read("config.json")
    with lazy.alone():  # the warm-up may be importing TensorFlow in another thread
        from cvlib.models.detectors import decoding  # noqa: F401

        if needs_keras_cv:
            import keras_cv  # noqa: F401
    return keras.saving.load_model(path, compile=False)


def with_model(
    run: str,
    files: Mapping[str, bytes] | None,
    function: Callable[..., Any],
    args: tuple,
    kwargs: dict[str, Any],
) -> Any:
    """Call `function(model, *args, **kwargs)` with the model of a run."""
    return function(model(run, files), *args, **kwargs)


def pictures(spec: TrainingSpec, split: str, indices: list[int]) -> Any:
    """Pictures of a split (`train`, `validation`, `test`) of the data this specification names.

    Returns:
        uint8 (len(indices), H, W, C).
    """
    return getattr(dataset(spec), split).images[indices]


def labels(spec: TrainingSpec, split: str) -> Any:
    """The classes of a split of the data this specification names: int64 (N,)."""
    return getattr(dataset(spec), split).labels


def data_file(spec: TrainingSpec) -> bytes:
    """The pictures and labels of this specification as one npz file."""
    return arrays.as_npz(dataset(spec))


def with_split(model: Any, spec: TrainingSpec, function: Callable[..., Any], *args: Any) -> Any:
    """Call `function(model, test_split, *args)` with the test pictures of the data this specification names."""
    return function(model, dataset(spec).test, *args)


def with_validation(model: Any, spec: TrainingSpec, function: Callable[..., Any], *args: Any) -> Any:
    """Call `function(model, validation_split, *args)` with the validation pictures of the data it names."""
    return function(model, dataset(spec).validation, *args)
