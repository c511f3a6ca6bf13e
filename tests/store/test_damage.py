"""What is damage, what only looks like it, and what else may be found in the folder."""

import errno
import json
import os
import re
from pathlib import Path

import pytest

from cvlib.store import Entry, Store, damaged, disk, folder
from cvlib.store.entry import MANIFEST, Damaged, manifest_of
from cvlib.store.memory import Memory

ONE, TWO = "1" * 64, "2" * 64
FILES = {"run.json": b"{}", "model.keras": b"weights" * 100}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, keep_free_bytes=0)


def place(store: Store, digest: str = ONE) -> Path:
    return store.root / "runs" / digest


def aside(store: Store) -> list[Path]:
    found = store.root / "damaged"
    return list(found.iterdir()) if found.exists() else []


def test_fault_43_damage_after_it_was_checked_is_noticed_by_the_same_store(store: Store) -> None:
    store.put(ONE, FILES)
    assert store.get(ONE) is not None
    path = place(store) / "model.keras"
    path.write_bytes(b"W" + path.read_bytes()[1:])
    assert store.get(ONE) is None and len(aside(store)) == 1
    store.put(ONE, FILES)
    assert store.get(ONE).read("model.keras") == FILES["model.keras"]


def test_fault_43_what_is_replaced_while_it_is_checked_is_not_damaged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(ONE, FILES)

    def check_late(entry: Entry) -> None:
        monkeypatch.undo()
        Store(store.root, keep_free_bytes=0).put(ONE, {"run.json": b"[]"}, replace=True)
        raise Damaged("the files are others than the manifest that was read before says")

    monkeypatch.setattr(Entry, "check", check_late)
    assert store.get(ONE).read("run.json") == b"[]"
    assert aside(store) == []


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENOMEM, errno.EACCES])
def test_fault_43_trouble_of_the_system_is_not_damage(store: Store, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    store.put(ONE, FILES)

    def fail(path: Path) -> bytes:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", fail)
        assert store.get(ONE) is None
    assert aside(store) == [] and store.get(ONE) is not None


def test_fault_43_few_and_small_damaged_entries_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def damage_one() -> None:
        store.put(ONE, {"a": bytes(1000)})
        (place(store) / "a").write_bytes(b"")
        assert store.get(ONE) is None

    for _ in range(damaged.KEPT + 3):
        damage_one()
    assert len(aside(store)) == damaged.KEPT
    monkeypatch.setattr(damaged, "KEPT_BYTES", 500)
    damage_one()
    assert 1 <= len(aside(store)) < damaged.KEPT


def altered(**changes: object) -> bytes:
    return json.dumps({**manifest_of(FILES), **changes}).encode()


MANIFESTS = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "object": b"{}",
    "not text": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "other version": altered(version=99),
    "no time zone": altered(created="2020-01-01T00:00:00"),
    "no time": altered(created="yesterday"),
    "time a number": altered(created=5),
    "files a list": altered(files=["run.json"]),
    "files a number": altered(files=5),
    "facts a text": altered(files={"run.json": "x"}),
    "size a text": altered(files={"run.json": {"size": "2", "sha256": "0" * 64}}),
    "no sum": altered(files={"run.json": {"size": 2}}),
    "sum a number": altered(files={"run.json": {"size": 2, "sha256": 5}}),
    "elsewhere": altered(files={"../../identity": {"size": 32, "sha256": "0" * 64}}),
}


@pytest.mark.parametrize("content", MANIFESTS.values(), ids=MANIFESTS)
def test_fault_43_a_strange_manifest_hides_its_entry_only(store: Store, content: bytes) -> None:
    store.put(ONE, FILES)
    store.put(TWO, FILES)
    (place(store) / MANIFEST).write_bytes(content)
    assert [info.digest for info in store.entries()] == [TWO]
    assert store.get(ONE) is None and len(aside(store)) == 1
    assert store.put(ONE, FILES).path("run.json") is not None


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"../x", b"0" * 31])
def test_a_damaged_identity_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "identity").write_bytes(content)
    store = Store(tmp_path)
    assert re.fullmatch("[0-9a-f]{32}", store.identity)
    assert Store(tmp_path).identity == store.identity and store.warning is None


def test_fault_48_what_was_prepared_in_a_read_only_folder_is_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(ONE, FILES)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    for module, name in ((folder, "FileLock"), (disk, "write"), (disk, "rename"), (os, "utime"), (os, "mkdir")):
        monkeypatch.setattr(module, name, refuse)
    reader = Store(store.root, keep_free_bytes=0)
    assert reader.identity != store.identity  # what it writes is seen by itself alone
    with reader.lease(ONE):
        assert reader.get(ONE).read("run.json") == b"{}"
    assert reader.put(TWO, FILES).path("run.json") is None
    reader.remove(TWO)
    assert [info.digest for info in reader.entries()] == [ONE]
    assert sum("cannot be kept" in record.message for record in caplog.records) == 1


def test_the_memory_is_bounded_and_keeps_what_is_used() -> None:
    memory = Memory(limit_bytes=25)
    for number in range(3):
        memory.put(Entry(str(number), manifest_of({"a": bytes(10)}), content={"a": bytes(10)}))
        memory.get("0")
    assert [entry.digest for entry in memory.every()] == ["2", "0"]
    memory.put(Entry("big", manifest_of({"a": bytes(100)}), content={"a": bytes(100)}))
    assert [entry.digest for entry in memory.every()] == ["big"]
