"""The few calls by which the store changes the disk, in one place so that tests can make each of them fail."""

import contextlib
import os
import shutil
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a new file and see it safely on the disk."""
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """See a folder's own entries safely on the disk, where the system can do that (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Move a folder to a name that is free, or a file over another, in one step."""
    os.replace(source, target)


def remove(path: Path) -> None:
    """Delete a file, or a folder and all in it, as far as that goes."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
