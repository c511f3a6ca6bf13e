"""One kept run: its files and the manifest that proves them whole."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cvlib.errors import RunNotFound

MANIFEST = "manifest.json"
VERSION = 1
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
DIGEST = re.compile(r"[0-9a-f]{64}(-stopped)?")


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
        """Raise `Damaged` unless every file is as the manifest says."""
        try:
            for name in self.names:
                self.read(name)
        except RunNotFound as error:
            raise Damaged(str(error)) from error


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
    return {"version": VERSION, "created": datetime.now(UTC).isoformat(timespec="seconds"), "files": facts}


def open_entry(digest: str, folder: Path) -> Entry:
    """The entry in this folder, its manifest read and its files' sizes compared.

    Raises:
        FileNotFoundError: there is no such folder.
        Damaged: the manifest is missing or makes no sense, or a file is missing or of another size.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        entry = Entry(digest, manifest, folder)
        whole = manifest["version"] == VERSION and entry.created is not None
        for name, facts in manifest["files"].items():
            whole &= FILE_NAME.fullmatch(name) is not None and (folder / name).stat().st_size == facts["size"]
            whole &= len(facts["sha256"]) == 64
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(type(error).__name__) from error
    if not whole:
        raise Damaged("other size or version")
    return entry
