"""The store itself: a folder of entries with a budget."""

import contextlib
import json
import logging
import os
import shutil
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs
from filelock import FileLock

from cvlib.errors import RunNotFound
from cvlib.store import disk, leases
from cvlib.store.entry import MANIFEST, Damaged, Entry, EntryInfo, check_digest, manifest_of, open_entry

BUDGET_BYTES = 10**9
KEEP_FREE_BYTES = 500 * 10**6
MEMORY_BYTES = 200 * 10**6
"""What is kept of runs that the disk cannot take."""
ORPHAN_SECONDS = 600.0
"""A temporary folder this old belongs to a writer that died."""
TOUCH_SECONDS = 60.0
DAMAGED_KEPT = 5

log = logging.getLogger(__name__)


def home() -> Path:
    """The folder for all that the workshop keeps: `CVLIB_HOME`, or the user's cache folder."""
    return Path(os.environ.get("CVLIB_HOME") or platformdirs.user_cache_path("vision-workshop"))


class Store:
    """Runs by digest. Safe to use from many threads and processes at once.

    Args:
        root: its folder; `home()` if None.
        budget_bytes: beyond this, the entries used least recently leave.
        keep_free_bytes: so much of the disk stays free.
    """

    def __init__(
        self, root: Path | None = None, *, budget_bytes: int = BUDGET_BYTES, keep_free_bytes: int = KEEP_FREE_BYTES
    ) -> None:
        self.root = Path(root) if root is not None else home()
        self.budget_bytes, self.keep_free_bytes = budget_bytes, keep_free_bytes
        self.warning: str | None = None
        self._memory: OrderedDict[str, Entry] = OrderedDict()
        self._checked: set[tuple[str, str]] = set()
        self._lock = threading.RLock()
        self._identity = self._find_identity()
        self.sweep()

    # -- the folder ---------------------------------------------------------------------------------------------

    @property
    def identity(self) -> str:
        """A random name of this folder: two stores with the same one share their entries."""
        return self._identity

    def _find_identity(self) -> str:
        path = self.root / "identity"
        try:
            for folder in ("runs", "tmp", "locks", "leases"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
            with FileLock(self.root / "locks" / "identity.lock"):
                if not path.exists():
                    disk.write(path, uuid.uuid4().hex.encode())
            return path.read_text()
        except OSError as error:
            self._warn(error)
            return f"memory-{uuid.uuid4().hex}"

    def _warn(self, error: OSError) -> None:
        if self.warning is None:
            log.warning("Runs cannot be kept on the disk (%s); they are kept in memory", error.strerror or error)
        self.warning = "Runs cannot be kept on this host's disk at the moment. They are kept until the server ends."

    def _folder(self, digest: str) -> Path:
        return self.root / "runs" / digest

    def sweep(self) -> None:
        """Delete what writers that died have left behind."""
        oldest = time.time() - ORPHAN_SECONDS
        with contextlib.suppress(OSError):
            for path in (self.root / "tmp").iterdir():
                if path.stat().st_mtime < oldest:
                    disk.remove(path)

    # -- reading ------------------------------------------------------------------------------------------------

    def get(self, digest: str, *, check: bool = True) -> Entry | None:
        """The entry of this digest, or None.

        Args:
            digest: the run's name; anything that cannot be one is simply not there.
            check: compare every file's SHA-256 with the manifest (once a process).

        A damaged entry is set aside and is not there any more.
        """
        try:
            check_digest(digest)
        except RunNotFound:
            return None
        with self._lock:
            kept = self._memory.get(digest)
        if kept is not None:
            return kept
        try:
            return self._open(digest, check)
        except (Damaged, RunNotFound) as error:
            self._set_aside(digest, str(error))
        except OSError:
            return None
        return None

    def _open(self, digest: str, check: bool) -> Entry:
        entry = open_entry(digest, self._folder(digest))
        mark = (digest, json.dumps(entry.manifest["files"], sort_keys=True))
        if check and mark not in self._checked:
            entry.check()
            self._checked.add(mark)
        self._touch(entry)
        return entry

    def _touch(self, entry: Entry) -> None:
        """Note the use, at most once a minute."""
        path = entry.folder / MANIFEST
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > TOUCH_SECONDS:
                os.utime(path)

    def _set_aside(self, digest: str, reason: str) -> None:
        damaged = self.root / "damaged"
        with contextlib.suppress(OSError):
            damaged.mkdir(exist_ok=True)
            disk.rename(self._folder(digest), damaged / f"{digest}-{uuid.uuid4().hex[:8]}")
            log.warning("A damaged run was set aside and will be trained again: %s (%s)", digest[:12], reason)
            for path in sorted(damaged.iterdir(), key=lambda path: path.stat().st_mtime)[:-DAMAGED_KEPT]:
                disk.remove(path)

    def entries(self) -> list[EntryInfo]:
        """What is in the store, newest first; read off the manifests alone."""
        found = {entry.digest: self._info(entry, time.time()) for entry in list(self._memory.values())}
        with contextlib.suppress(OSError):
            for path in (self.root / "runs").iterdir():
                with contextlib.suppress(OSError, Damaged, RunNotFound):
                    entry = open_entry(check_digest(path.name), path)
                    found[path.name] = self._info(entry, (path / MANIFEST).stat().st_mtime)
        return sorted(found.values(), key=lambda info: (info.created, info.used), reverse=True)

    @staticmethod
    def _info(entry: Entry, used: float) -> EntryInfo:
        return EntryInfo(entry.digest, entry.created, used, entry.size_bytes)

    def find(self, prefix: str) -> str:
        """The one digest that begins with `prefix`.

        Raises:
            RunNotFound: none, or several do, or it is shorter than four characters.
        """
        plain = len(prefix) >= 4 and all(letter in "0123456789abcdef-stopped" for letter in prefix)
        found = [info.digest for info in self.entries() if plain and info.digest.startswith(prefix)]
        if prefix in found:
            return prefix
        if len(found) == 1:
            return found[0]
        if found:
            raise RunNotFound(f"{len(found)} runs begin with these characters. Give more of them.")
        raise RunNotFound("There is no such run in the store. 'python -m cvlib runs' lists what there is.")

    # -- writing ------------------------------------------------------------------------------------------------

    def put(self, digest: str, files: Mapping[str, bytes], *, replace: bool = False) -> Entry:
        """Keep these files under this digest.

        Args:
            digest: the run's name.
            files: name -> content.
            replace: whether an entry that is there already gives way.

        Returns:
            The entry, which is on the disk or, where that failed, in memory.
        """
        check_digest(digest)
        manifest = manifest_of(files)
        try:
            self._make_room(sum(map(len, files.values())), spare=digest)
            entry = self._write(digest, files, manifest, replace)
            self.warning = None
            with self._lock:
                self._memory.pop(digest, None)
            return entry
        except OSError as error:
            self._warn(error)
            return self._remember(Entry(digest, manifest, content=dict(files)))

    def _write(self, digest: str, files: Mapping[str, bytes], manifest: Mapping, replace: bool) -> Entry:
        draft = self.root / "tmp" / uuid.uuid4().hex
        draft.mkdir(parents=True)
        try:
            for name, content in files.items():
                disk.write(draft / name, content)
            disk.write(draft / MANIFEST, json.dumps(manifest).encode())
            disk.sync_folder(draft)
            with FileLock(self.root / "locks" / "rename.lock", timeout=30):
                return self._publish(draft, digest, replace)
        finally:
            disk.remove(draft)

    def _publish(self, draft: Path, digest: str, replace: bool) -> Entry:
        target = self._folder(digest)
        if target.exists():
            with contextlib.suppress(Damaged):
                if not replace:
                    return open_entry(digest, target)
            self._discard(digest)
        disk.rename(draft, target)
        disk.sync_folder(target.parent)
        return Entry(digest, json.loads((target / MANIFEST).read_bytes()), target)

    def _remember(self, entry: Entry) -> Entry:
        with self._lock:
            self._memory[entry.digest] = entry
            while len(self._memory) > 1 and sum(kept.size_bytes for kept in self._memory.values()) > MEMORY_BYTES:
                self._memory.popitem(last=False)
        return entry

    def remove(self, digest: str) -> None:
        """Forget this run."""
        check_digest(digest)
        with self._lock:
            self._memory.pop(digest, None)
        with contextlib.suppress(OSError):
            self._discard(digest)

    def _discard(self, digest: str) -> None:
        """Take an entry away in one step, then delete its files; who has one of them open reads on."""
        trash = self.root / "tmp" / uuid.uuid4().hex
        disk.rename(self._folder(digest), trash)
        disk.remove(trash)

    def _make_room(self, needed: int, *, spare: str) -> None:
        """Let the entries used least recently leave until `needed` bytes fit; those in use stay."""
        kept = sorted((info for info in self.entries() if info.digest not in self._memory), key=lambda info: info.used)
        total = sum(info.size_bytes for info in kept) + needed
        free = shutil.disk_usage(self.root).free - needed
        for info in kept:
            if total <= self.budget_bytes and free >= self.keep_free_bytes:
                return
            if info.digest != spare and not leases.is_held(self.root / "leases" / info.digest):
                self._discard(info.digest)
                total, free = total - info.size_bytes, free + info.size_bytes
        if free < self.keep_free_bytes:
            raise OSError(28, "No space left on device")

    # -- sharing ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lease(self, digest: str) -> Iterator[None]:
        """While this is held, in whatever process, the entry is not evicted."""
        check_digest(digest)
        with leases.hold(self.root / "leases" / digest):
            yield

    @contextlib.contextmanager
    def once(self, digest: str) -> Iterator[None]:
        """While this is held, nobody else holds it: so that a run is trained once however many want it."""
        check_digest(digest)
        lock = FileLock(self.root / "locks" / f"{digest}.lock")
        try:
            lock.acquire()
        except OSError as error:
            self._warn(error)
            yield
            return
        try:
            yield
        finally:
            lock.release()
