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
SECONDS_A_CALL = 0.5
"""Small parts are taken together: others wait no longer than this."""
_works: "OrderedDict[str, Any]" = OrderedDict()
_lock = threading.Lock()


def keep(work: Any) -> str:
    """Keep this; its token."""
    token = secrets.token_hex(16)
    with _lock:
        _works[token] = work
        while len(_works) > KEPT:
            _works.popitem(last=False)
    return token


def find(token: str) -> Any:
    """What is kept under this token.

    Raises:
        JobError: it is no longer there.
    """
    with _lock:
        if token not in _works:
            raise JobError("This is no longer in the worker's memory. Start it again.")
        _works.move_to_end(token)
        return _works[token]


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
