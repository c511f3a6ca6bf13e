"""Leases: while one is held, in whatever process, an entry is not evicted.

A lease is a small file that its holder keeps locked. The system unlocks it when the holder dies, so nobody's death
keeps an entry for ever.
"""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold a lease in this folder; without one where the disk cannot take it."""
    lock = FileLock(folder / f"{uuid.uuid4().hex}.lease")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError:
        yield  # a disk that cannot be written to evicts nothing either
        return
    try:
        yield
    finally:
        lock.release()
        _forget(Path(lock.lock_file))


def is_held(folder: Path) -> bool:
    """Whether anybody holds a lease in this folder; leases of the dead are tidied away."""
    held = False
    for path in list(folder.glob("*.lease")) if folder.is_dir() else []:
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            held = True
        else:
            lock.release()
            _forget(path)
    return held


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
