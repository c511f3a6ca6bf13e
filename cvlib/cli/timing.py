"""How long a call takes."""

import time
from collections.abc import Callable
from typing import Any

TIMES = 3


def fastest(call: Callable[[], Any], *, times: int = TIMES) -> float:
    """Seconds of the fastest of a few calls, after one that compiles."""
    call()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)
