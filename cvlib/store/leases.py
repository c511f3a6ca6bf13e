"""Leases: while one is held, in whatever process, an entry is not evicted.

A lease is a small file that its holder keeps locked. The system unlocks it when the holder dies, so nobody's death
keeps an entry for ever.
"""

import contextlib
import uuid
from pathlib import Path

from filelock import FileLock, Timeout


def take(folder: Path) -> FileLock:
    """A lease in this folder, held until it is given back.

    Raises:
        OSError: the disk cannot take it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{uuid.uuid4().hex}.lease")
    lock.acquire()
    return lock


def give_back(lock: FileLock) -> None:
    """End a lease and delete its file."""
    lock.release()
    with contextlib.suppress(OSError):
        Path(lock.lock_file).unlink()


def is_held(folder: Path) -> bool:
    """Whether anybody holds a lease in this folder; what the dead have left there is tidied away.

    Nobody may take one meanwhile.
    """
    held = False
    for path in list(folder.glob("*.lease")) if folder.is_dir() else []:
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            held = True
        else:
            give_back(lock)
    with contextlib.suppress(OSError):
        folder.rmdir()  # which does nothing unless it is empty
    return held
