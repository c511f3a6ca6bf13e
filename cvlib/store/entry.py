"""One kept run: its files and the manifest that proves them whole."""

import contextlib
import errno
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cvlib.errors import RunNotFound

MANIFEST = "manifest.json"
VERSION = 1
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
DIGEST = re.compile(r"[0-9a-f]{64}(-stopped)?")


DAMAGE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO})
"""What the system says of files that are missing or unreadable; anything else may be the system's own trouble."""


class Damaged(Exception):
    """An entry whose files are not what its manifest says."""


@dataclass(frozen=True)
class EntryInfo:
    """What a listing says of an entry: `created` (UTC), `used` (seconds since 1970), `size_bytes`."""

    digest: str
    created: datetime
    used: float
    size_bytes: int


@dataclass(frozen=True)
class Entry:
    """A run in the store.

    Attributes:
        digest: its name.
        manifest: `created` (ISO 8601) and `files`: name -> `size` (bytes) and `sha256` (hexadecimal).
        folder: where its files are; None if it is kept in memory.
        content: the files themselves if it is kept in memory.
    """

    digest: str
    manifest: Mapping[str, Any]
    folder: Path | None = None
    content: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(sorted(self.manifest["files"]))

    @property
    def created(self) -> datetime:
        return datetime.fromisoformat(self.manifest["created"])

    @property
    def size_bytes(self) -> int:
        return sum(facts["size"] for facts in self.manifest["files"].values())

    def read(self, name: str) -> bytes:
        """The content of one of its files.

        Raises:
            KeyError: there is no such file in the entry.
            RunNotFound: the entry was evicted, or its file was damaged, since it was opened.
        """
        facts = self.manifest["files"][name]
        try:
            content = self.content[name] if self.folder is None else (self.folder / name).read_bytes()
        except OSError as error:
            raise RunNotFound("This run is no longer in the store. Train it again.") from error
        if hashlib.sha256(content).hexdigest() != facts["sha256"]:
            raise RunNotFound("This run was damaged on the disk. Train it again.")
        return content

    def path(self, name: str) -> Path | None:
        """Where the file is on the disk; None if the entry is kept in memory."""
        return self.folder / name if self.folder is not None and name in self.manifest["files"] else None

    def check(self) -> None:
        """Compare every file on the disk with the manifest, without loading it whole.

        Raises:
            Damaged: one of them is not as it was written.
        """
        for name, facts in self.manifest["files"].items():
            with _telling_damage(), open(self.folder / name, "rb") as file:
                content = hashlib.file_digest(file, "sha256")
            if content.hexdigest() != facts["sha256"]:
                raise Damaged("other content")

    def signature(self) -> tuple:
        """Changes whenever a file on the disk does, so that what was checked once need not be checked again."""
        with _telling_damage():
            found = [(name, (self.folder / name).stat()) for name in self.names]
        return (self.digest, *((name, stat.st_ino, stat.st_size, stat.st_mtime_ns) for name, stat in found))


@contextlib.contextmanager
def _telling_damage() -> Iterator[None]:
    """Raise `Damaged` for what is wrong with the files; too many open files and the like stay `OSError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in DAMAGE:
            raise
        raise Damaged(type(error).__name__) from error


def check_digest(digest: str) -> str:
    """The name of a run, if it is one.

    Raises:
        RunNotFound: it is not 64 hexadecimal digits, with or without `-stopped`.
    """
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise RunNotFound("There is no such run.")
    return digest


def manifest_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest of these files.

    Raises:
        ValueError: a name is not plain letters, digits, `_`, `-` and `.`, or is the manifest's own.
    """
    for name in files:
        if not FILE_NAME.fullmatch(name) or name == MANIFEST:
            raise ValueError(f"a file's name must be plain; received {name!r}")
    facts = {
        name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()
    }
    return {"version": VERSION, "created": datetime.now(UTC).isoformat(timespec="microseconds"), "files": facts}


def open_entry(digest: str, folder: Path) -> Entry:
    """The entry in this folder, its manifest read and its files' sizes compared.

    Raises:
        FileNotFoundError: there is no such folder.
        Damaged: the manifest is missing or makes no sense, or a file is missing or of another size.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    with _telling_damage():
        text = (folder / MANIFEST).read_bytes()
        try:
            entry = Entry(digest, json.loads(text), folder)
            whole = _makes_sense(entry)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Damaged(type(error).__name__) from error
        if not whole or any((folder / n).stat().st_size != f["size"] for n, f in entry.manifest["files"].items()):
            raise Damaged("other size or version")
    return entry


def _makes_sense(entry: Entry) -> bool:
    """Whether the manifest is of this version, has its time zone and names plain files with a SHA-256 each."""
    files = entry.manifest["files"].items()
    plain = all(FILE_NAME.fullmatch(name) and len(facts["sha256"]) == 64 for name, facts in files)
    return plain and entry.manifest["version"] == VERSION and entry.created.tzinfo is not None and entry.size_bytes >= 0
