"""Where damaged entries go: out of the way, and a few of them kept for whoever wants to know what happened."""

import os
import uuid
from pathlib import Path

from cvlib.store import disk

KEPT = 5
KEPT_BYTES = 100 * 10**6


def set_aside(folder: Path, place: Path) -> None:
    """Move an entry's folder below `place`, and let the oldest ones there go.

    Raises:
        OSError: the disk cannot do it.
    """
    place.mkdir(exist_ok=True)
    target = place / f"{folder.name}-{uuid.uuid4().hex[:8]}"
    disk.rename(folder, target)
    os.utime(target)
    _tidy(place)


def _tidy(place: Path) -> None:
    total = 0
    newest = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for number, path in enumerate(newest):
        total += sum(file.stat().st_size for file in path.rglob("*"))
        if number >= KEPT or total > KEPT_BYTES:
            disk.remove(path)
