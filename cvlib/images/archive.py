"""A stranger's ZIP file of pictures: what is in it, read in memory and never unpacked to disk.

Everything is bounded by what the file says of itself before anything is inflated, and again while it is inflated,
because what a file says of itself may be a lie.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cvlib.errors import ImageError
from cvlib.images.limits import MEBI
from cvlib.images.names import inert_name

MAX_BYTES = 50 * MEBI
MAX_ENTRIES = 2_000
MAX_DIRECTORY_BYTES = 2 * MEBI
MAX_UNPACKED_BYTES = 200 * MEBI
MAX_ENTRY_BYTES = 20 * MEBI
MAX_RATIO = 100
SMALL_BYTES = 64 * 1024
"""Entries under this size may be packed better than `MAX_RATIO`: they cannot hurt."""
MAX_DEPTH = 3
END_MARK, END_BYTES, MAX_COMMENT = b"PK\x05\x06", 22, 65_535
LOCAL_HEADER_BYTES = 30
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
CLUTTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
MODELS = (".keras", ".h5", ".hdf5", ".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz", ".tflite", ".onnx")
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
REPACK = "Pack the pictures again as a plain ZIP and try that one."


@dataclass(frozen=True)
class ArchivedFile:
    """One file of an archive.

    Attributes:
        folders: names of the folders it lies in, from the outside, as inert text.
        name: its name as inert text.
        content: its bytes.
    """

    folders: tuple[str, ...]
    name: str
    content: bytes


@dataclass(frozen=True)
class Archive:
    """The files of an archive, and sentences on what was left out."""

    files: tuple[ArchivedFile, ...]
    notes: tuple[str, ...]


def read(data: bytes, *, name: str) -> Archive:
    """The files in these bytes, in the order of the archive.

    Args:
        data: a ZIP file.
        name: as the stranger named it.

    Raises:
        ImageError: why it cannot be used, and what to do.
    """
    shown = inert_name(name)
    _check_end(data, shown)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries, skipped = _wanted(archive.infolist(), shown)
            _check_overlaps(archive.infolist(), shown)
            files = tuple(_read_all(archive, entries, shown))
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError, OSError) as error:
        raise ImageError(f"{shown} is damaged: not all of it can be read. {REPACK}") from error
    return Archive(files, tuple(skipped.sentences()))


def _check_end(data: bytes, shown: str) -> None:
    """Bound the table of contents by its end record, before Python reads it."""
    if len(data) > MAX_BYTES:
        raise ImageError(f"{shown} has {len(data) / MEBI:.0f} MB; a ZIP may have {MAX_BYTES // MEBI} MB at most.")
    place = data.rfind(END_MARK, max(0, len(data) - END_BYTES - MAX_COMMENT))
    if place < 0 or len(data) - place < END_BYTES:
        raise ImageError(f"{shown} is no ZIP file, or it was cut off. {REPACK}")
    disk, _, here, total, size, start, _ = struct.unpack("<4H2LH", data[place + 4 : place + END_BYTES])
    if total > MAX_ENTRIES or here != total or disk != 0:
        raise ImageError(f"{shown} holds too many files; a ZIP may hold {MAX_ENTRIES:,} at most.")
    if size > MAX_DIRECTORY_BYTES or start + size > place:
        raise ImageError(f"{shown} is damaged: its table of contents is not what it says. {REPACK}")


REASONS = {
    "link": "links",
    "outside": "files with a path that leads outside",
    "deep": f"files in more than {MAX_DEPTH} folders",
    "archive": "archives inside the archive",
    "model": "model or data files, which are never loaded because they can run programs",
}


class _Skipped:
    """What was left out, by reason."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, reason: str) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + 1

    def sentences(self) -> Iterator[str]:
        for reason, count in self.counts.items():
            yield f"Left out: {count} {REASONS[reason]}."


def _wanted(infos: list[zipfile.ZipInfo], shown: str) -> tuple[list[zipfile.ZipInfo], _Skipped]:
    """The entries that may be pictures; raises if any of them is out of bounds."""
    skipped, kept = _Skipped(), []
    for info in infos:
        parts = info.filename.replace("\\", "/").split("/")
        if info.is_dir() or any(part in CLUTTER for part in parts) or parts[-1].startswith("._"):
            continue
        reason = _reason_to_skip(info, parts)
        if reason is None:
            kept.append(info)
        else:
            skipped.add(reason)
    for info in kept:
        _check_entry(info, shown)
    if sum(info.file_size for info in kept) > MAX_UNPACKED_BYTES:
        raise ImageError(
            f"{shown} unpacks to more than {MAX_UNPACKED_BYTES // MEBI} MB. Use fewer or smaller pictures."
        )
    return kept, skipped


def _reason_to_skip(info: zipfile.ZipInfo, parts: list[str]) -> str | None:
    lower = parts[-1].lower()
    if stat.S_ISLNK(info.external_attr >> 16):
        return "link"
    if parts[0] == "" or ".." in parts or ":" in parts[0] or "\0" in info.filename:
        return "outside"
    if len(parts) - 1 > MAX_DEPTH:
        return "deep"
    if lower.endswith(ARCHIVES):
        return "archive"
    return "model" if lower.endswith(MODELS) else None


def _check_entry(info: zipfile.ZipInfo, shown: str) -> None:
    if info.flag_bits & 1:
        raise ImageError(f"{shown} is locked with a password. Pack it again without one.")
    if info.compress_type not in METHODS:
        raise ImageError(f"{shown} is packed in a way that is not supported. {REPACK}")
    if info.file_size > MAX_ENTRY_BYTES:
        raise ImageError(f"{shown} holds a file of more than {MAX_ENTRY_BYTES // MEBI} MB. Use smaller pictures.")
    if info.file_size > SMALL_BYTES and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise ImageError(f"{shown} is packed more tightly than pictures can be. {REPACK}")


def _check_overlaps(infos: list[zipfile.ZipInfo], shown: str) -> None:
    """Entries that share their bytes unpack to many times their size."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise ImageError(f"{shown} is damaged: its files lie over each other. {REPACK}")
        end = info.header_offset + LOCAL_HEADER_BYTES + info.compress_size


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], shown: str) -> Iterator[ArchivedFile]:
    total = 0
    for info in entries:
        with archive.open(info) as file:
            content = file.read(MAX_ENTRY_BYTES + 1)
        total += len(content)
        if len(content) != info.file_size or total > MAX_UNPACKED_BYTES:
            raise ImageError(f"{shown} is damaged: a file in it is not as large as it says. {REPACK}")
        *folders, name = info.filename.replace("\\", "/").split("/")
        yield ArchivedFile(tuple(inert_name(folder) for folder in folders), inert_name(name), content)
