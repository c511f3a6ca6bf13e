"""From a stranger's bytes to pixels: header first, then a process of its own decodes."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cvlib.errors import Busy, ImageError
from cvlib.images import header, limits
from cvlib.images.names import inert_name

CHILD = Path(__file__).with_name("child.py")
NAMED_PROBLEMS = 5
TIMED_OUT = 1_000
TOO_LONG, TOO_MUCH = "TimeoutExpired", "MemoryError"
"""What ends a child, and what an answer names as its error."""
_Answer = tuple[dict[str, Any], bytes]

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
    answer = _answers([(data, header.read(data, shown).format)])[0]
    return _unpack(answer, shown)


def decode_many(files: Iterable[tuple[bytes, str]]) -> BatchResult:
    """Many pictures, of which some may be bad.

    Args:
        files: (content, name) pairs.
    """
    kept, bad = [], []
    waiting: list[tuple[bytes, str, str]] = []

    def empty() -> None:
        answers = _answers([(data, kind) for data, kind, _ in waiting])
        for answer, (_, _, shown) in zip(answers, waiting, strict=True):
            try:
                kept.append(_unpack(answer, shown))
            except ImageError:
                bad.append(shown)
        waiting.clear()

    for data, name in files:
        shown = inert_name(name)
        try:
            waiting.append((data, header.read(data, shown).format, shown))
        except ImageError:
            bad.append(shown)
        if len(waiting) >= limits.PICTURES_A_CHILD or sum(len(one) for one, _, _ in waiting) > limits.MAX_BYTES:
            empty()
    empty()
    if not bad:
        return BatchResult(tuple(kept), None)
    named = ", ".join(bad[:NAMED_PROBLEMS]) + (f" and {len(bad) - NAMED_PROBLEMS} more" if len(bad) > 5 else "")
    return BatchResult(
        tuple(kept), f"{len(bad)} of {len(kept) + len(bad)} files could not be used and were left out: {named}."
    )


def _answers(files: list[tuple[bytes, str]]) -> list[_Answer]:
    """What a child makes of each file; another one goes on behind a file that ended the first.

    Raises:
        Busy: too many pictures are being read at once.
    """
    answers: list[_Answer] = []
    while len(answers) < len(files):
        if not _places.acquire(timeout=limits.WAIT_SECONDS):
            raise Busy("Many pictures are being read at the moment. Try again in a few seconds.")
        try:
            answers += _in_child(files[len(answers) :])
        finally:
            _places.release()
    return answers


def _in_child(files: list[tuple[bytes, str]]) -> list[_Answer]:
    """The answers up to the first file that ends the child, at least one."""
    command = [sys.executable, "-I", str(CHILD), str(limits.WORKING_SIDE)]
    command += [str(limits.CHILD_MEMORY_BYTES), str(limits.CHILD_CPU_SECONDS)]
    sent = b"".join(json.dumps({"kind": kind, "length": len(data)}).encode() + b"\n" + data for data, kind in files)
    seconds = limits.CHILD_WALL_SECONDS + (len(files) - 1) * limits.WALL_SECONDS_A_PICTURE
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=seconds, close_fds=True, check=False)
        output, code = done.stdout, done.returncode
        if done.returncode:
            log.info("A picture could not be decoded (%s): %s", done.returncode, done.stderr[-300:])
    except subprocess.TimeoutExpired as error:
        output, code = error.stdout or b"", TIMED_OUT
    answers = list(_split(output, len(files)))
    if len(answers) < len(files):
        error = TOO_LONG if code == TIMED_OUT else TOO_MUCH if code < 0 else "damaged"
        answers.append(({"error": error}, b""))
    return answers


def _split(output: bytes, count: int) -> Iterator[_Answer]:
    """The whole answers in a child's output."""
    place = 0
    for _ in range(count):
        end = output.find(b"\n", place)
        if end < 0:
            return
        facts = json.loads(output[place:end])
        height, width = facts.get("size", (0, 0))
        place = end + 1 + height * width * 3
        if place > len(output):
            return
        yield facts, output[end + 1 : place]


def _unpack(answer: _Answer, name: str) -> DecodedImage:
    facts, content = answer
    if facts.get("error") == TOO_LONG:
        raise ImageError(f"{name} takes too long to read. Save it again as a plain JPEG or PNG.")
    if facts.get("error") == TOO_MUCH:
        raise ImageError(f"{name} takes too much time or memory to read. Save it again as a plain JPEG or PNG.")
    if "error" in facts or min(facts["size"]) < 1:
        raise header.damaged(name)
    height, width = facts["size"]
    pixels = np.frombuffer(content, np.uint8).reshape(height, width, 3).copy()
    return DecodedImage(pixels, name, tuple(facts["notes"]), tuple(facts["original"]))
