"""Data sets from a folder, from Keras' cache, or from nowhere: the right arrays, or a sentence that helps."""

import gzip
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cvlib import data
from cvlib.data import keras_datasets
from cvlib.data.cifar10 import CIFAR10
from cvlib.data.fashion_mnist import FASHION_MNIST
from cvlib.data.mnist import MNIST
from cvlib.errors import DataUnavailable

ROOT = Path(__file__).resolve().parents[2]


def arrays(train: int = 100, test: int = 40, side: tuple[int, ...] = (28, 28)) -> dict[str, np.ndarray]:
    """A tiny data set of ten classes as a right file holds it."""
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (train, *side), dtype=np.uint8),
        "y_train": (np.arange(train) % 10).astype(np.uint8),
        "x_test": rng.integers(0, 256, (test, *side), dtype=np.uint8),
        "y_test": (np.arange(test) % 10).astype(np.uint8),
    }


@pytest.fixture
def host_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "host"
    folder.mkdir()
    monkeypatch.setenv("CVLIB_DATA", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_datasets, "_reachable", lambda host: False)


def check_sentence(error: pytest.ExceptionInfo[DataUnavailable], folder: Path) -> None:
    text = str(error.value)
    assert str(folder) not in text and "/" not in text and "Traceback" not in text
    assert text.endswith(".")


RIGHT: dict[str, Callable[[dict], dict]] = {
    "as Keras has it": lambda a: a,
    "with channels": lambda a: a | {"x_train": a["x_train"][..., None], "x_test": a["x_test"][..., None]},
    "labels as columns": lambda a: a | {"y_train": a["y_train"][:, None].astype(np.int32)},
    "and something more": lambda a: a | {"names": np.arange(3)},
}


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT)
def test_a_file_of_the_host_is_read(host_folder: Path, change: Callable) -> None:
    right = arrays()
    assert not data.info("mnist").available()
    np.savez(host_folder / "mnist.npz", **change(right))
    assert data.info("mnist").available()
    loaded = data.load("mnist")
    assert [len(split) for split in (loaded.train, loaded.validation, loaded.test)] == [90, 10, 40]
    np.testing.assert_array_equal(loaded.test.images[..., 0], right["x_test"])
    np.testing.assert_array_equal(loaded.test.labels, right["y_test"])
    for split in (loaded.train, loaded.validation):
        np.testing.assert_array_equal(split.images[..., 0], right["x_train"][split.ids])
        np.testing.assert_array_equal(split.labels, right["y_train"][split.ids])


def test_colour_pictures_of_the_host(host_folder: Path) -> None:
    np.savez_compressed(host_folder / "cifar10.npz", **arrays(side=(32, 32, 3)))
    assert data.load("cifar10").train.images.shape == (90, 32, 32, 3)


WRONG: dict[str, Callable[[dict], dict]] = {
    "nothing": lambda a: {},
    "no test labels": lambda a: {name: a[name] for name in ("x_train", "y_train", "x_test")},
    "float pictures": lambda a: a | {"x_train": a["x_train"] / 255},
    "another size": lambda a: a | {"x_test": a["x_test"][:, :14]},
    "colour": lambda a: a | {"x_train": np.repeat(a["x_train"][..., None], 3, axis=-1)},
    "no pictures": lambda a: a | {"x_test": a["x_test"][:0], "y_test": a["y_test"][:0]},
    "a number for the pictures": lambda a: a | {"x_train": np.uint8(3)},
    "fewer labels than pictures": lambda a: a | {"y_train": a["y_train"][:50]},
    "labels with fractions": lambda a: a | {"y_train": a["y_train"] + 0.5},
    "a label too high": lambda a: a | {"y_train": a["y_train"] + 1},
    "a label below zero": lambda a: a | {"y_train": a["y_train"].astype(int) - 1},
    "a class without pictures": lambda a: a | {"y_train": np.zeros(100, np.uint8)},
    "pickled objects": lambda a: a | {"y_train": np.array([{}] * 100, dtype=object)},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_file_of_the_host_is_a_sentence(host_folder: Path, change: Callable) -> None:
    np.savez(host_folder / "mnist.npz", **change(arrays()))
    with pytest.raises(DataUnavailable, match="damaged or is not MNIST") as caught:
        data.load("mnist")
    check_sentence(caught, host_folder)


def whole_file(folder: Path) -> bytes:
    np.savez_compressed(folder / "whole.npz", **arrays())
    return (folder / "whole.npz").read_bytes()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "text": lambda whole: b"<html>404</html>",
    "cut in half": lambda whole: whole[: len(whole) // 2],
    "a flipped bit": lambda whole: whole[:5_000] + bytes([whole[5_000] ^ 16]) + whole[5_001:],
    "a pickle": lambda whole: b"\x80\x04K\x01.",
    "a single array": lambda whole: (
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr':'|u1','fortran_order':False,'shape':(2,)}".ljust(117) + b"\nab"
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_of_the_host_is_a_sentence(host_folder: Path, damage: Callable) -> None:
    (host_folder / "mnist.npz").write_bytes(damage(whole_file(host_folder)))
    with pytest.raises(DataUnavailable, match="damaged") as caught:
        data.load("mnist")
    check_sentence(caught, host_folder)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_without_internet_the_remedy_is_named(name: str, offline: None, tmp_path: Path) -> None:
    assert not data.info(name).available()
    with pytest.raises(DataUnavailable, match="python -m cvlib prepare") as caught:
        data.load(name)
    assert f"{name}.npz" in str(caught.value) and "CVLIB_DATA" in str(caught.value)
    check_sentence(caught, tmp_path)


def test_no_answer_is_an_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def never(*_args, **_settings):
        released.wait(60)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", never)
    monkeypatch.setattr(keras_datasets, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    try:
        assert not keras_datasets._reachable("example.invalid")
        assert not released.is_set()
    finally:
        released.set()


@pytest.mark.parametrize("listening", [True, False])
def test_a_server_is_reachable_when_it_takes_a_connection(listening: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.create_connection
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listening:
            server.listen()
        here = server.getsockname()
        monkeypatch.setattr(socket, "create_connection", lambda _address, timeout: connect(here, timeout=timeout))
        monkeypatch.setattr("urllib.request.getproxies", dict)
        assert keras_datasets._reachable("example.invalid") is listening


def test_a_proxy_is_trusted_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://127.0.0.1:9"})
    assert keras_datasets._reachable("example.invalid")


def put_in_cache(keras_set: keras_datasets.KerasSet, content: bytes = b"x") -> list[Path]:
    files = [keras_datasets._keras_cache() / name for name in keras_set.cached]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return files


@pytest.mark.parametrize("keras_set", [MNIST, FASHION_MNIST, CIFAR10], ids=lambda one: one.name)
def test_keras_cache_makes_it_available(keras_set: keras_datasets.KerasSet) -> None:
    assert not keras_set.available()
    files = put_in_cache(keras_set)
    assert keras_set.available()
    files[-1].unlink()
    assert not keras_set.available()


def loader(answers: list) -> Callable:
    """Stands for Keras: gives, or raises, one answer after the other."""

    def load(_keras_set):
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return tuple(answer.values())

    return load


def test_a_damaged_cache_is_fetched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    files = put_in_cache(FASHION_MNIST)
    monkeypatch.setattr(keras_datasets, "_reachable", lambda host: True)
    monkeypatch.setattr(keras_datasets, "_load", loader([EOFError(), arrays()]))
    assert len(data.load("fashion_mnist").test) == 40
    assert not any(file.exists() for file in files)


def test_a_damaged_cache_stays_where_nothing_better_can_be_had(monkeypatch: pytest.MonkeyPatch, offline: None) -> None:
    files = put_in_cache(FASHION_MNIST)
    monkeypatch.setattr(keras_datasets, "_load", loader([EOFError()]))
    with pytest.raises(DataUnavailable, match="is damaged on this machine"):
        data.load("fashion_mnist")
    assert all(file.exists() for file in files)


@pytest.mark.parametrize("answers", [[Exception("URL fetch failure")], [EOFError(), Exception("URL fetch failure")]])
def test_a_failed_download_is_a_sentence(answers: list, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_cache(FASHION_MNIST)
    monkeypatch.setattr(keras_datasets, "_reachable", lambda host: True)
    monkeypatch.setattr(keras_datasets, "_load", loader(answers))
    with pytest.raises(DataUnavailable, match="could not be fetched"):
        data.load("fashion_mnist")
    assert not answers


def test_want_of_memory_is_not_called_want_of_data(monkeypatch: pytest.MonkeyPatch) -> None:
    files = put_in_cache(CIFAR10)
    monkeypatch.setattr(keras_datasets, "_load", loader([MemoryError()]))
    with pytest.raises(MemoryError):
        data.load("cifar10")
    assert all(file.exists() for file in files)


def test_one_process_fetches_and_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_datasets, "_reachable", lambda host: True)
    monkeypatch.setattr(keras_datasets, "WAIT_SECONDS", 0.05)
    with keras_datasets._alone(FASHION_MNIST), pytest.raises(DataUnavailable, match="Try again in a minute"):
        data.load("fashion_mnist")


def test_a_cache_that_cannot_be_written_to_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    file = keras_datasets._keras_cache() / "mnist.npz"
    file.parent.mkdir(parents=True)
    np.savez(file, **arrays())
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert MNIST.available()
    assert len(data.load("mnist").test) == 40


def test_a_damaged_copy_of_keras_is_left_to_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_cache(MNIST)
    monkeypatch.setattr(keras_datasets, "_load", loader([arrays()]))
    assert len(data.load("mnist").test) == 40


KERAS_ITSELF = """
from cvlib import data
from cvlib.data.base import Split
from cvlib.errors import DataUnavailable
loaded = data.load("fashion_mnist")
assert loaded.test.images.shape == (40, 28, 28, 1) and len(loaded.train) == 90, loaded
assert loaded.test.labels.tolist() == [i % 10 for i in range(40)]
try:
    data.load("mnist")
except DataUnavailable as error:
    assert "prepare" in str(error)
else:
    raise AssertionError("there is no such server")
"""


def test_keras_itself_reads_its_cache_and_nothing_is_printed(tmp_path: Path) -> None:
    """Keras in a process of its own: its real reader and its real failure to download, by a proxy that is not there."""
    folder, values = tmp_path / "keras" / "datasets" / "fashion-mnist", arrays()
    folder.mkdir(parents=True)
    for name, part in (("train", "train"), ("t10k", "test")):
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(bytes(16) + values[f"x_{part}"].tobytes()))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(bytes(8) + values[f"y_{part}"].tobytes()))
    environment = os.environ | {"https_proxy": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}
    done = subprocess.run(
        [sys.executable, "-c", KERAS_ITSELF], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
