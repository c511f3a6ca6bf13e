"""Many threads and processes on one folder."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cvlib.errors import RunNotFound
from cvlib.store import Store, leases

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


def small(root: Path, budget: int) -> Store:
    return Store(root, budget_bytes=budget, keep_free_bytes=0)


def test_fault_47_writers_that_evict_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    start = threading.Barrier(4)

    def write(writer: int) -> list[str]:
        store = small(tmp_path, 2500)
        start.wait()
        kept = [store.put(f"{writer}{number}" * 32, {"a": bytes(1000)}) for number in range(8)]
        return [entry.digest for entry in kept if entry.path("a") is None]

    with ThreadPoolExecutor(4) as pool:
        in_memory = list(pool.map(write, range(4)))
    assert in_memory == [[]] * 4
    last = small(tmp_path, 2500)
    last.put(ONE, {"a": bytes(1000)})
    assert sum(info.size_bytes for info in last.entries()) <= 2500
    assert list((tmp_path / "tmp").iterdir()) == [] == list((tmp_path / "leases").iterdir())


def test_fault_47_what_somebody_else_has_just_evicted_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = small(tmp_path, 1500), small(tmp_path, 1500)
    store.put(ONE, {"a": bytes(1000)})
    usage = shutil.disk_usage

    def evicted_meanwhile(root: Path) -> tuple[int, int, int]:
        other.remove(ONE)  # after it was listed, before it is evicted
        return usage(root)

    monkeypatch.setattr(shutil, "disk_usage", evicted_meanwhile)
    assert store.put(TWO, {"a": bytes(1000)}).path("a") is not None
    assert store.warning is None


def test_fault_47_a_lease_that_comes_while_an_eviction_is_decided_holds_or_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = small(tmp_path, 1500)
    store.put(ONE, {"a": bytes(1000)})
    decided, leased = threading.Event(), threading.Event()
    is_held = leases.is_held

    def decide_slowly(folder: Path) -> bool:
        answer = is_held(folder)
        decided.set()
        leased.wait(0.2)  # time for the reader to take its lease between the answer and the eviction, if it could
        return answer

    def read() -> bytes | None:
        decided.wait(10)
        reader = Store(tmp_path)
        with reader.lease(ONE):
            entry = reader.get(ONE)
            leased.set()
            writing.result(10)
            return entry.read("a") if entry else None

    monkeypatch.setattr(leases, "is_held", decide_slowly)
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(store.put, TWO, {"a": bytes(1000)})
        reading = pool.submit(read)
        assert reading.result(20) in (None, bytes(1000))


def test_fault_46_readers_of_an_entry_that_is_replaced_get_one_whole_writing(tmp_path: Path) -> None:
    store, ended, seen = small(tmp_path, 10**9), threading.Event(), []

    def read() -> None:
        reader = Store(tmp_path)
        while not ended.is_set():
            entry = reader.get(ONE)
            try:
                if entry is not None:
                    seen.append({entry.read(name)[:1] for name in entry.names})
            except RunNotFound:  # replaced between opening and reading
                continue

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(60):
            fill = b"ab"[number % 2 : number % 2 + 1]
            store.put(ONE, {"x": fill * 50_000, "y": fill * 50_000}, replace=True)
        ended.set()
        for reader in readers:
            reader.result(20)
    assert seen and all(len(writings) == 1 for writings in seen)
    assert not (tmp_path / "damaged").exists()


def test_a_full_disk_evicts_nobody_in_vain(tmp_path: Path) -> None:
    Store(tmp_path, keep_free_bytes=0).put(ONE, {"a": bytes(1000)})
    store = Store(tmp_path, keep_free_bytes=2**62)
    assert store.put(TWO, {"a": b""}).path("a") is None
    assert Store(tmp_path).get(ONE) is not None


def test_what_is_larger_than_the_budget_evicts_nobody(tmp_path: Path) -> None:
    store = small(tmp_path, 1500)
    store.put(ONE, {"a": bytes(1000)})
    assert store.put(TWO, {"a": bytes(2000)}).path("a") is None
    assert Store(tmp_path).get(ONE) is not None


def test_a_lease_of_what_is_not_there_is_harmless(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.lease(THREE), store.lease(THREE):
        assert store.get(THREE) is None
    with pytest.raises(RunNotFound), store.lease("../x"):
        pass
