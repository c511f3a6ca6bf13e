"""From a stranger's bytes to pixels: header first, then a process of its own decodes."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cvlib.errors import Busy, ImageError
from cvlib.images import header, limits
from cvlib.images.names import inert_name

CHILD = Path(__file__).with_name("child.py")
NAMED_PROBLEMS = 5

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(limits.CHILDREN_AT_ONCE)


@dataclass(frozen=True)
class DecodedImage:
    """A picture that is safe to use.

    Attributes:
        pixels: uint8 (H, W, 3) RGB, at most 1024 pixels a side.
        name: the file's name as inert text.
        notes: sentences that say what was done to it.
        original_size_wh: width and height in pixels that the file had.
    """

    pixels: np.ndarray
    name: str
    notes: tuple[str, ...]
    original_size_wh: tuple[int, int]

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"pixels must be uint8 (H, W, 3); received {self.pixels.dtype} {self.pixels.shape}")


@dataclass(frozen=True)
class BatchResult:
    """Many pictures: those that are good, and one sentence on those that are not (None if all are)."""

    kept: tuple[DecodedImage, ...]
    problems: str | None


def decode(data: bytes, *, name: str) -> DecodedImage:
    """The picture in these bytes.

    Args:
        data: a JPEG, PNG, WebP, AVIF, GIF or BMP file, whatever its name says.
        name: as the stranger named it.

    Raises:
        ImageError: why it cannot be used, and what to do.
        Busy: too many pictures are being read at once.
    """
    shown = inert_name(name)
    found = header.read(data, shown)
    if not _places.acquire(timeout=limits.WAIT_SECONDS):
        raise Busy("Many pictures are being read at the moment. Try again in a few seconds.")
    try:
        answer = _in_child(data, found.format, shown)
    finally:
        _places.release()
    return _unpack(answer, shown)


def decode_many(files: Iterable[tuple[bytes, str]]) -> BatchResult:
    """Many pictures, of which some may be bad.

    Args:
        files: (content, name) pairs.
    """
    kept, bad = [], []
    for data, name in files:
        try:
            kept.append(decode(data, name=name))
        except ImageError:
            bad.append(inert_name(name))
    if not bad:
        return BatchResult(tuple(kept), None)
    named = ", ".join(bad[:NAMED_PROBLEMS]) + (f" and {len(bad) - NAMED_PROBLEMS} more" if len(bad) > 5 else "")
    return BatchResult(
        tuple(kept), f"{len(bad)} of {len(kept) + len(bad)} files could not be used and were left out: {named}."
    )


def _in_child(data: bytes, kind: str, name: str) -> bytes:
    command = [sys.executable, "-I", str(CHILD), kind, str(limits.WORKING_SIDE)]
    command += [str(limits.CHILD_MEMORY_BYTES), str(limits.CHILD_CPU_SECONDS)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=limits.CHILD_WALL_SECONDS, close_fds=True, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ImageError(f"{name} takes too long to read. Save it again as a plain JPEG or PNG.") from error
    if done.returncode == 0:
        return done.stdout
    log.info("A picture could not be decoded (%s): %s", done.returncode, done.stderr[-300:])
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise ImageError(f"{name} takes too much time or memory to read. Save it again as a plain JPEG or PNG.")
    raise header.damaged(name)


def _unpack(answer: bytes, name: str) -> DecodedImage:
    line, _, content = answer.partition(b"\n")
    facts = json.loads(line)
    height, width = facts["size"]
    if min(height, width) < 1 or len(content) != height * width * 3:
        raise header.damaged(name)
    pixels = np.frombuffer(content, np.uint8).reshape(height, width, 3).copy()
    return DecodedImage(pixels, name, tuple(facts["notes"]), tuple(facts["original"]))
