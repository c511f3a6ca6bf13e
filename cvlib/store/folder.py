"""The store itself: a folder of entries with a budget."""

import contextlib
import errno
import json
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs
from filelock import FileLock

from cvlib.errors import RunNotFound
from cvlib.store import damaged, disk, leases
from cvlib.store.entry import MANIFEST, Damaged, Entry, EntryInfo, check_digest, manifest_of, open_entry
from cvlib.store.memory import Memory

BUDGET_BYTES = 10**9
KEEP_FREE_BYTES = 500 * 10**6
ORPHAN_SECONDS = 600.0
"""A temporary folder this old belongs to a writer that died."""
TOUCH_SECONDS = 60.0
LOCK_SECONDS = 30.0

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
        self._memory = Memory()
        self._checked: set[tuple] = set()
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
            with self._moving():
                if not path.exists() or not re.fullmatch(rb"[0-9a-f]{32}", path.read_bytes()):
                    draft = self._draft()
                    disk.write(draft, uuid.uuid4().hex.encode())
                    disk.rename(draft, path)
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

    def _draft(self) -> Path:
        return self.root / "tmp" / uuid.uuid4().hex

    def _moving(self) -> FileLock:
        """Held, for moments, by whoever changes what is in the store or takes a lease on it."""
        return FileLock(self.root / "locks" / "rename.lock", timeout=LOCK_SECONDS, poll_interval=0.01)

    def sweep(self) -> None:
        """Delete what writers that died have left behind."""
        oldest = time.time() - ORPHAN_SECONDS
        with contextlib.suppress(OSError):
            for path in (self.root / "tmp").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < oldest:
                        disk.remove(path)

    # -- reading ------------------------------------------------------------------------------------------------

    def get(self, digest: str, *, check: bool = True) -> Entry | None:
        """The entry of this digest, or None.

        Args:
            digest: the run's name; anything that cannot be one is simply not there.
            check: compare every file's SHA-256 with the manifest (once, and again when a file has changed).

        A damaged entry is set aside and is not there any more.
        """
        try:
            kept = self._memory.get(check_digest(digest))
            return kept if kept is not None else self._open(digest, check)
        except Damaged:
            return self._set_aside(digest)
        except (RunNotFound, OSError):
            return None

    def _open(self, digest: str, check: bool) -> Entry:
        entry = open_entry(digest, self._folder(digest))
        if check and (mark := entry.signature()) not in self._checked:
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

    def _set_aside(self, digest: str) -> Entry | None:
        """Move a damaged entry away; or return it, if it is whole after all: somebody was just replacing it."""
        with contextlib.suppress(OSError), self._moving():
            try:
                return self._open(digest, check=True)
            except Damaged as damage:
                damaged.set_aside(self._folder(digest), self.root / "damaged")
                log.warning("A damaged run was set aside and will be trained again: %s (%s)", digest[:12], damage)
        return None

    def entries(self) -> list[EntryInfo]:
        """What is in the store, newest first; read off the manifests alone."""
        found = {info.digest: info for info in self._on_disk()}
        found.update({entry.digest: self._info(entry, time.time()) for entry in self._memory.every()})
        return sorted(found.values(), key=lambda info: (info.created, info.used), reverse=True)

    def _on_disk(self) -> Iterator[EntryInfo]:
        with contextlib.suppress(OSError):
            for path in (self.root / "runs").iterdir():
                with contextlib.suppress(OSError, Damaged, RunNotFound):
                    entry = open_entry(check_digest(path.name), path)
                    yield self._info(entry, (path / MANIFEST).stat().st_mtime)

    @staticmethod
    def _info(entry: Entry, used: float) -> EntryInfo:
        return EntryInfo(entry.digest, entry.created, used, entry.size_bytes)

    def find(self, prefix: str) -> str:
        """The one digest that begins with `prefix`; a finished run goes before what was kept of a stopped one.

        Raises:
            RunNotFound: none, or several do, or it is shorter than four characters.
        """
        plain = re.fullmatch(r"[0-9a-f]{4,64}(-[a-z]*)?", prefix)
        found = sorted(info.digest for info in self.entries() if plain and info.digest.startswith(prefix))
        if found and all(digest.startswith(found[0]) for digest in found):
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

        Raises:
            RunNotFound: `digest` is none.
            ValueError: the name of a file is not plain.
        """
        check_digest(digest)
        manifest = manifest_of(files)
        try:
            self._make_room(sum(map(len, files.values())), spare=digest)
            entry = self._write(digest, files, manifest, replace)
            self.warning = None
            self._memory.pop(digest)
            return entry
        except OSError as error:
            self._warn(error)
            return self._memory.put(Entry(digest, manifest, content=dict(files)))

    def _write(self, digest: str, files: Mapping[str, bytes], manifest: Mapping, replace: bool) -> Entry:
        draft = self._draft()
        draft.mkdir(parents=True)
        try:
            for name, content in files.items():
                disk.write(draft / name, content)
            disk.write(draft / MANIFEST, json.dumps(manifest).encode())
            disk.sync_folder(draft)
            entry = self._publish(draft, digest, manifest, replace)
            disk.sync_folder(self.root / "runs")
            return entry
        finally:
            disk.remove(draft)

    def _publish(self, draft: Path, digest: str, manifest: Mapping, replace: bool) -> Entry:
        target = self._folder(digest)
        with self._moving():
            if target.exists():
                with contextlib.suppress(Damaged):
                    if not replace:
                        return open_entry(digest, target)
                self._discard(digest)
            disk.rename(draft, target)
        return Entry(digest, manifest, target)

    def remove(self, digest: str) -> None:
        """Forget this run."""
        self._memory.pop(check_digest(digest))
        with contextlib.suppress(OSError), self._moving():
            self._discard(digest)

    def _discard(self, digest: str) -> None:
        """Take an entry away in one step, then delete its files; who has one of them open reads on."""
        trash = self._draft()
        disk.rename(self._folder(digest), trash)
        disk.remove(trash)

    def _make_room(self, needed: int, *, spare: str) -> None:
        """Let the entries used least recently leave until `needed` bytes fit; those in use stay.

        Raises:
            OSError: the disk has no room for it, not even without them.
        """
        kept = sorted((info for info in self._on_disk() if info.digest != spare), key=lambda info: info.used)
        total = sum(info.size_bytes for info in kept)
        free = shutil.disk_usage(self.root).free - needed
        if free + total < self.keep_free_bytes or needed > self.budget_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # so nobody is evicted in vain
        excess = max(total + needed - self.budget_bytes, self.keep_free_bytes - free)
        for info in kept:
            if excess > 0 and self._evict(info.digest):
                excess -= info.size_bytes
        if shutil.disk_usage(self.root).free - needed < self.keep_free_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _evict(self, digest: str) -> bool:
        """Whether this entry is gone now; it is not while somebody holds a lease on it or, on Windows, reads it."""
        with self._moving():
            if leases.is_held(self.root / "leases" / digest):
                return False
            with contextlib.suppress(FileNotFoundError):  # somebody else has just evicted it
                try:
                    self._discard(digest)
                except PermissionError:
                    return False
            return True

    # -- sharing ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lease(self, digest: str) -> Iterator[None]:
        """While this is held, in whatever process, the entry is not evicted."""
        check_digest(digest)
        with contextlib.ExitStack() as held:
            with contextlib.suppress(OSError), self._moving():  # a disk that cannot be written to evicts nothing either
                held.callback(leases.give_back, leases.take(self.root / "leases" / digest))
            yield

    @contextlib.contextmanager
    def once(self, digest: str) -> Iterator[None]:
        """While this is held, nobody else holds it: so that a run is trained once however many want it."""
        lock = FileLock(self.root / "locks" / f"{check_digest(digest)}.lock")
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(lock)
            except OSError as error:
                self._warn(error)
            yield
