"""The data sets that Keras can fetch: from a folder of the host, from Keras' own cache, or from the internet.

Reference:
    F. Chollet and others (2015), Keras, module `keras.datasets`.
"""

import contextlib
import gzip
import os
import socket
import sys
import tarfile
import tempfile
import threading
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from cvlib import lazy
from cvlib.data.arrays import array_pool
from cvlib.data.base import Pool
from cvlib.errors import DataUnavailable, UserError

keras = lazy.load("keras")

ANSWER_SECONDS = 6.0
"""A server that has not taken a connection within this time is taken for unreachable."""
SILENCE_SECONDS = 20.0
"""A download that delivers nothing for this long is given up."""
WAIT_SECONDS = 120.0
"""So long one process waits for another that fetches the same data set."""
VALIDATION_SHARE = 0.1
DAMAGED = (EOFError, ValueError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, tarfile.TarError)
"""What the readers raise for a file that is not whole."""
NOT_THE_DATA = (UserError, MemoryError, ImportError)
"""Errors that fetching again would not mend, and that say enough by themselves."""

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Training pictures and labels, test pictures and labels: uint8 (N, H, W, C), int64 (N,), and so on."""


@dataclass(frozen=True, kw_only=True)
class KerasSet:
    """A module of `keras.datasets` and where its files are.

    Attributes:
        name: of the module, of the catalogue's entry and of the `.npz` in the host's folder.
        title: name for people.
        image_shape: (H, W, C) of each picture.
        num_classes: labels are 0 to this minus 1.
        host: server that Keras fetches from.
        cached: files below Keras' `datasets` folder that are there once it has been fetched.
        npz: the one of them that holds the four arrays by itself, if any.
    """

    name: str
    title: str
    image_shape: tuple[int, int, int]
    num_classes: int
    host: str
    cached: tuple[str, ...] = field(default=())
    npz: str | None = None

    def available(self) -> bool:
        """Whether it can be loaded without the internet: looks for files, imports nothing."""
        return self._npz_file() is not None or self._is_cached()

    def open_pool(self, *, seed: int = 0, image_size: int | None = None, train_size: int | None = None) -> Pool:
        """All its pictures with its own test split. The arguments change nothing: the pictures are what they are.

        Raises:
            DataUnavailable: it is neither on this machine nor to be had from the internet, or it is damaged.
        """
        x_train, y_train, x_test, y_test = self._read()
        images, labels = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
        return array_pool(images, labels, test_start=len(x_train), validation_share=VALIDATION_SHARE)

    def _npz_file(self) -> Path | None:
        """The file with the four arrays: the host's own before the one in Keras' cache."""
        folder = os.environ.get("CVLIB_DATA")
        files = [Path(folder) / f"{self.name}.npz"] if folder else []
        files += [_keras_home() / "datasets" / self.npz] if self.npz else []
        return next((file for file in files if file.is_file()), None)

    def _is_cached(self) -> bool:
        folder = _keras_cache()
        return all((folder / name).is_file() for name in self.cached)

    def _read(self) -> Arrays:
        file = self._npz_file()
        if file is None:
            return _checked(_fetch(self), self)
        try:
            # Without Keras, which does not look into a folder that it cannot write to.
            return _read_npz(file, self)
        except DataUnavailable:
            if file.parent != _keras_cache():
                raise
            # Keras' own copy: Keras knows its hash and fetches it anew.
            return _checked(_fetch(self), self)


def _keras_home() -> Path:
    """Keras' folder, found without importing it."""
    return Path(os.path.expanduser(os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")))


def _keras_cache() -> Path:
    """Where Keras fetches data sets to: not its folder if that cannot be written to (`get_file` in Keras)."""
    home = _keras_home()
    if home.exists() and not os.access(home, os.W_OK):
        home = Path("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()) / ".keras"
    return home / "datasets"


def _damaged(keras_set: KerasSet) -> DataUnavailable:
    height, width, channels = keras_set.image_shape
    return DataUnavailable(
        f"The file {keras_set.name}.npz on this machine is damaged or is not {keras_set.title}. Replace it by one "
        f"with the arrays x_train, y_train, x_test and y_test: pictures of {height} × {width} × {channels} with values "
        f"0 to 255 as uint8, labels 0 to {keras_set.num_classes - 1}."
    )


def _unavailable(keras_set: KerasSet, *, damaged: bool = False) -> DataUnavailable:
    state = "is damaged" if damaged else "is not"
    return DataUnavailable(
        f"{keras_set.title} {state} on this machine and could not be fetched from the internet. Choose another data "
        "set, or ask whoever runs the workshop to run “python -m cvlib prepare” while connected, or to put "
        f"{keras_set.name}.npz into the folder that CVLIB_DATA names."
    )


def _read_npz(path: Path, keras_set: KerasSet) -> Arrays:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = tuple(file[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    # A single array in place of an archive of arrays is a TypeError.
    except (*DAMAGED, OSError, KeyError, TypeError, NotImplementedError) as error:
        raise _damaged(keras_set) from error
    return _checked(arrays, keras_set)


def _checked(arrays: Arrays, keras_set: KerasSet) -> Arrays:
    """The arrays with channels, and labels as int64; `DataUnavailable` where they are not what they should be."""
    x_train, y_train, x_test, y_test = arrays
    parts = [_checked_part(*part, keras_set) for part in ((x_train, y_train), (x_test, y_test))]
    return (*parts[0], *parts[1])


def _checked_part(images: np.ndarray, labels: np.ndarray, keras_set: KerasSet) -> tuple[np.ndarray, np.ndarray]:
    shape, count = keras_set.image_shape, len(images) if images.ndim else 0
    shapes = (shape, shape[:2]) if shape[2] == 1 else (shape,)
    right_pictures = images.dtype == np.uint8 and images.shape[1:] in shapes
    right_labels = np.issubdtype(labels.dtype, np.integer) and labels.shape in ((count,), (count, 1))
    if not (count and right_pictures and right_labels):
        raise _damaged(keras_set)
    labels = labels.reshape(-1).astype(np.int64)
    if not np.array_equal(np.unique(labels), np.arange(keras_set.num_classes)):
        raise _damaged(keras_set)
    return images.reshape(count, *shape), labels


def _fetch(keras_set: KerasSet) -> Arrays:
    """Let Keras load the data set from its cache or the internet."""
    was_cached = keras_set._is_cached()
    if not was_cached and not _reachable(keras_set.host):
        raise _unavailable(keras_set)
    try:
        with _alone(keras_set):
            return _load(keras_set)
    except DAMAGED as error:
        if not (was_cached and _reachable(keras_set.host)):
            raise _unavailable(keras_set, damaged=was_cached) from error
    except NOT_THE_DATA:
        raise
    except Exception as error:  # Keras raises a bare Exception for a download that failed.
        raise _unavailable(keras_set) from error
    return _fetch_anew(keras_set)


def _fetch_anew(keras_set: KerasSet) -> Arrays:
    """Once more, without the files that turned out to be damaged: Keras checks the hashes of some sets only."""
    try:
        with _alone(keras_set):
            for name in keras_set.cached:
                (_keras_cache() / name).unlink(missing_ok=True)
            return _load(keras_set)
    except NOT_THE_DATA:
        raise
    except Exception as error:
        raise _unavailable(keras_set) from error


def _load(keras_set: KerasSet) -> Arrays:
    module = getattr(keras.datasets, keras_set.name)
    # Keras' progress bar writes to stdout, which belongs to the results of a command.
    with _silence_limit(), contextlib.redirect_stdout(sys.stderr):
        (x_train, y_train), (x_test, y_test) = module.load_data()
    return x_train, y_train, x_test, y_test


@contextlib.contextmanager
def _alone(keras_set: KerasSet) -> Iterator[None]:
    """Only one process fetches a data set at a time: Keras writes downloads straight to their place."""
    lock = Path(tempfile.gettempdir()) / f"cvlib-{keras_set.name}-{os.getuid() if hasattr(os, 'getuid') else 0}.lock"
    try:
        with FileLock(lock, timeout=WAIT_SECONDS):
            yield
    except Timeout as error:
        raise DataUnavailable(
            f"{keras_set.title} is being fetched from the internet right now. Try again in a minute."
        ) from error


@contextlib.contextmanager
def _silence_limit() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _reachable(host: str) -> bool:
    """Whether a download is worth trying; known within `ANSWER_SECONDS`, however long looking up the name takes."""
    if urllib.request.getproxies().get("https"):
        return True  # The proxy looks up names and connects; a direct connection may not even be allowed.
    answers: list[bool] = []

    def connect() -> None:
        with contextlib.suppress(OSError), socket.create_connection((host, 443), timeout=ANSWER_SECONDS):
            answers.append(True)

    # In a thread, because the system's name look-up knows no time limit.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    return bool(answers)
