"""Work that goes on over many calls: a worker keeps it under a token that nobody can guess.

Whoever asks takes the next part, so that a page can draw progress, stop, and let others in between.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from cvlib.errors import JobError

KEPT = 16
"""So many works are kept; the one that was not asked for the longest time leaves first."""
SECONDS_KEPT = 600.0
"""Who has not asked for so long has left, and what their work holds is dropped when anybody asks for anything."""
SECONDS_A_CALL = 0.5
"""Small parts are taken together: others wait no longer than this."""
_works: "OrderedDict[str, tuple[Any, float]]" = OrderedDict()
_lock = threading.Lock()


def keep(work: Any) -> str:
    """Keep this; its token."""
    token = secrets.token_hex(16)
    with _lock:
        _works[token] = work, time.monotonic()
        _drop_old()
    return token


def _drop_old() -> None:
    """The first is the one that was not asked for the longest time."""
    oldest = time.monotonic() - SECONDS_KEPT
    while _works and (len(_works) > KEPT or next(iter(_works.values()))[1] < oldest):
        _works.popitem(last=False)


def find(token: str) -> Any:
    """What is kept under this token.

    Raises:
        JobError: it is no longer there.
    """
    with _lock:
        _drop_old()
        if token not in _works:
            raise JobError("This is no longer in the worker's memory. Start it again.")
        work, _ = _works.pop(token)
        _works[token] = work, time.monotonic()
        return work


def proceed(token: str) -> tuple[Any, ...]:
    """The next parts of an iterator that is kept, about half a second's worth; none after its last.

    Raises:
        JobError: it is no longer there.
    """
    parts, until = [], time.perf_counter() + SECONDS_A_CALL
    for part in find(token):
        parts.append(part)
        if time.perf_counter() > until:
            break
    return tuple(parts)


def forget(tokens: Iterable[str]) -> None:
    """Drop works and what they hold."""
    with _lock:
        for token in tokens:
            _works.pop(token, None)
