"""The store: whole or not at all, whatever happens to the writer, the disk or the files."""

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvlib.errors import RunNotFound
from cvlib.store import Store, disk
from cvlib.store.entry import MANIFEST
from tests.conftest import ROOT

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64
FILES = {"run.json": b"{}", "model.keras": b"weights" * 100}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, keep_free_bytes=0)


def folder(store: Store, digest: str = ONE) -> Path:
    return store.root / "runs" / digest


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store.entries() == [] and store.get(ONE) is None


def test_what_was_put_is_got_by_this_and_by_another_store(store: Store) -> None:
    store.put(ONE, FILES)
    for reader in (store, Store(store.root)):
        entry = reader.get(ONE)
        assert {name: entry.read(name) for name in entry.names} == FILES
        assert entry.path("model.keras").read_bytes() == FILES["model.keras"]
    assert Store(store.root).identity == store.identity


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True), st.binary(), min_size=1)
)
def test_round_trip(store: Store, files: dict[str, bytes]) -> None:
    files.pop(MANIFEST, None)
    entry = store.put(ONE, files, replace=True)
    assert {name: entry.read(name) for name in store.get(ONE).names} == files


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "x\0", "manifest.json", ".hidden", "x" * 200])
def test_names_of_files_are_plain(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="plain"):
        store.put(ONE, {name: b""})
    assert store.entries() == []


@pytest.mark.parametrize(
    "digest", ["", "..", "../" + ONE, ONE[:-1], ONE.upper().replace("1", "G"), ONE + "-other", None]
)
def test_what_cannot_be_a_digest_is_not_there(store: Store, digest: str) -> None:
    assert store.get(digest) is None
    with pytest.raises(RunNotFound):
        store.put(digest, FILES)


def test_find(store: Store) -> None:
    store.put("12" * 32, FILES)
    store.put("1213" * 16, FILES)
    assert store.find("12" * 32) == "12" * 32
    assert store.find("12131") == "1213" * 16
    store.put("12" * 32 + "-stopped", FILES)
    assert store.find("12" * 32) == "12" * 32  # the finished one first
    assert store.find("12" * 32 + "-stopped") == "12" * 32 + "-stopped"
    for prefix in ("", "121", "1213" * 16 + "0", "../x", "****", "ffff", "-stopped", "1213" * 16 + "-stopped"):
        with pytest.raises(RunNotFound):
            store.find(prefix)
    store.put("1212" + "0" * 60, FILES)
    with pytest.raises(RunNotFound, match="3 runs begin"):
        store.find("1212")


def test_a_listing_is_newest_first(store: Store) -> None:
    for digest in (ONE, TWO, THREE):
        store.put(digest, FILES)
    assert [info.digest for info in store.entries()] == [THREE, TWO, ONE]
    assert all(info.size_bytes == sum(map(len, FILES.values())) for info in store.entries())


WRITER = """
import sys
from pathlib import Path
from cvlib.store import Store
store = Store(Path(sys.argv[1]), keep_free_bytes=0)
print("ready", flush=True)
while True:
    for fill in (b"a", b"b"):
        store.put("1" * 64, {f"{number}.bin": fill * 300_000 for number in range(4)}, replace=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_fault_41_killed_at_random_points_leaves_the_old_entry_or_none(tmp_path: Path) -> None:
    chance = random.Random(41)
    for _ in range(20):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
        writer.stdout.readline()
        threading.Event().wait(chance.uniform(0.0, 0.06))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        entry = Store(tmp_path).get(ONE)
        if entry is not None:
            assert len({entry.read(name)[:1] for name in entry.names}) == 1  # all of one writing
        assert not (tmp_path / "damaged").exists()


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> list[int]:
    """Make the `number`-th change of the disk fail, a write half-way; returns a list whose length counts them."""
    calls: list[int] = []

    def failing(real):
        def call(*args):
            calls.append(1)
            if len(calls) == number:
                if isinstance(args[-1], bytes):
                    args[0].write_bytes(args[1][: len(args[1]) // 2])
                raise OSError(code, os.strerror(code))
            return real(*args)

        return call

    for name in ("write", "sync_folder", "rename"):
        monkeypatch.setattr(disk, name, failing(getattr(disk, name)))
    return calls


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS], ids=["EIO", "ENOSPC", "EROFS"])
@pytest.mark.parametrize("number", range(1, 8))  # there are six
def test_fault_42_the_nth_change_of_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    store = Store(tmp_path, keep_free_bytes=0)
    calls = fail_at(monkeypatch, number, code)
    entry = store.put(ONE, FILES)
    assert {name: entry.read(name) for name in entry.names} == FILES  # the answer is there
    assert len(calls) == min(number, 6)
    if number <= 6:
        assert store.warning
        assert store.get(ONE) is not None
    monkeypatch.undo()
    found = Store(tmp_path).get(ONE)
    assert found is None or {name: found.read(name) for name in found.names} == FILES
    assert list((tmp_path / "tmp").iterdir()) == []


def damage(path: Path, how: str) -> None:
    if how == "flipped":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:-1])
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["flipped", "truncated", "empty", "missing"])
@pytest.mark.parametrize("name", ["model.keras", "run.json", MANIFEST])
def test_fault_43_damage_is_set_aside_and_said_once(
    store: Store, how: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(ONE, FILES)
    damage(folder(store) / name, how)
    fresh = Store(store.root, keep_free_bytes=0)
    assert fresh.get(ONE) is None and fresh.get(ONE) is None
    assert len(list((store.root / "damaged").iterdir())) == 1
    assert sum("set aside" in record.message for record in caplog.records) == 1
    fresh.put(ONE, FILES)  # trained again
    assert fresh.get(ONE).read("run.json") == b"{}"


def test_fault_43_damage_after_it_was_opened_is_noticed_when_it_is_read(store: Store) -> None:
    entry = store.put(ONE, FILES)
    damage(folder(store) / "model.keras", "flipped")
    with pytest.raises(RunNotFound, match="damaged"):
        entry.read("model.keras")


def test_fault_43_a_manifest_that_names_files_elsewhere_is_damage(store: Store) -> None:
    store.put(ONE, FILES)
    manifest = folder(store) / MANIFEST
    manifest.write_text(manifest.read_text().replace("run.json", "../../identity"))
    assert store.get(ONE) is None


def test_fault_44_an_older_recipe_is_a_miss(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from cvlib import spec

    older = spec.TrainingSpec().digest
    store.put(older, FILES)
    monkeypatch.setattr(spec, "RECIPE", spec.RECIPE + 1)
    assert store.get(spec.TrainingSpec().digest) is None


TRAINER = """
import sys, os
from pathlib import Path
from cvlib.store import Store
root = Path(sys.argv[1])
store = Store(root, keep_free_bytes=0)
with store.once("1" * 64):
    if store.get("1" * 64) is None:
        (root / f"trained-{os.getpid()}").touch()
        store.put("1" * 64, {"run.json": b"{}"})
"""


def test_fault_45_eight_writers_of_one_key_train_once(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", TRAINER, str(tmp_path)], cwd=ROOT) for _ in range(8)]
    assert [writer.wait(60) for writer in writers] == [0] * 8
    assert len(list(tmp_path.glob("trained-*"))) == 1


def test_fault_45_eight_threads_of_one_process(store: Store) -> None:
    trained = []

    def train(_: int) -> None:
        with store.once(ONE):
            if store.get(ONE) is None:
                trained.append(1)
                store.put(ONE, FILES)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(train, range(8)))
    assert trained == [1]


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete open files")
def test_fault_46_a_read_that_began_completes(store: Store) -> None:
    store.put(ONE, FILES)
    with open(store.get(ONE).path("model.keras"), "rb") as file:
        start = file.read(10)
        store.remove(ONE)
        assert store.get(ONE) is None
        assert start + file.read() == FILES["model.keras"]


def test_fault_46_a_read_that_comes_too_late_says_so(store: Store) -> None:
    entry = store.put(ONE, FILES)
    store.remove(ONE)
    with pytest.raises(RunNotFound, match="no longer"):
        entry.read("run.json")


def age(store: Store, digest: str, seconds: float) -> None:
    when = time.time() - seconds
    os.utime(folder(store, digest) / MANIFEST, (when, when))


def test_fault_47_over_budget_the_least_recently_used_leaves(tmp_path: Path) -> None:
    store = Store(tmp_path, budget_bytes=2500, keep_free_bytes=0)
    for number, digest in enumerate((ONE, TWO)):
        store.put(digest, {"a": bytes(1000)})
        age(store, digest, 1000 - number)
    store.get(ONE)  # used: now TWO is the oldest
    store.put(THREE, {"a": bytes(1000)})
    assert store.get(ONE) and store.get(THREE) and store.get(TWO) is None


def test_fault_47_what_is_in_use_stays(tmp_path: Path) -> None:
    store = Store(tmp_path, budget_bytes=2500, keep_free_bytes=0)
    for number, digest in enumerate((ONE, TWO)):
        store.put(digest, {"a": bytes(1000)})
        age(store, digest, 1000 - number)
    with Store(tmp_path).lease(ONE):
        store.put(THREE, {"a": bytes(1000)})
        assert store.get(ONE) and store.get(TWO) is None
    store.put(TWO, {"a": bytes(1000)})
    assert len(store.entries()) == 2


HOLDER = """
import sys
from pathlib import Path
from cvlib.store import Store
with Store(Path(sys.argv[1])).lease("1" * 64):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_fault_47_a_lease_counts_across_processes_until_its_holder_dies(tmp_path: Path) -> None:
    store = Store(tmp_path, budget_bytes=1500, keep_free_bytes=0)
    store.put(ONE, {"a": bytes(1000)})
    age(store, ONE, 1000)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, **pipes) as holder:
        assert holder.stdout.readline().strip() == b"held"
        store.put(TWO, {"a": bytes(1000)})
        assert store.get(ONE) is not None
        holder.kill()
    age(store, ONE, 1000)
    store.put(THREE, {"a": bytes(1000)})
    assert store.get(ONE) is None


def test_fault_48_a_folder_that_cannot_be_written_costs_the_cache_not_the_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "store")
    for digest in (ONE, TWO):
        with store.once(digest), store.lease(digest):
            assert store.put(digest, FILES).path("run.json") is None
    assert store.get(ONE).read("run.json") == b"{}"
    assert len(store.entries()) == 2
    assert store.warning and "disk" in store.warning
    assert sum("cannot be kept" in record.message for record in caplog.records) == 1


def test_a_full_disk_keeps_the_run_in_memory(tmp_path: Path) -> None:
    store = Store(tmp_path, keep_free_bytes=2**62)
    entry = store.put(ONE, FILES)
    assert entry.path("run.json") is None and store.get(ONE).read("run.json") == b"{}"
    assert store.warning


def test_fault_49_orphaned_temporaries_are_swept_and_young_ones_are_not(tmp_path: Path) -> None:
    Store(tmp_path)
    for name, seconds in (("old", 3600), ("young", 1)):
        (tmp_path / "tmp" / name).mkdir()
        (tmp_path / "tmp" / name / "file").write_bytes(b"x")
        os.utime(tmp_path / "tmp" / name, (time.time() - seconds,) * 2)
    Store(tmp_path)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["young"]


def test_strange_things_in_the_folder_are_tolerated(store: Store) -> None:
    store.put(ONE, FILES)
    (store.root / "runs" / "notes.txt").write_text("hello")
    (store.root / "runs" / ("5" * 64)).mkdir()
    assert [info.digest for info in store.entries()] == [ONE]
