"""What a training may take, and how many may wait."""

import os
from dataclasses import dataclass

import psutil

JOBS_A_SESSION = 2
"""One that runs and one that waits."""
JOBS_QUEUED = 30
INTERACTIVE_SECONDS = 60.0
"""How long a page waits for one interactive call."""
KEEP_SECONDS, KEEP_SHARE = 25.0, 0.2
"""What a training has to keep what it has learned when its time is up, in seconds and as a share of its time."""
GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class TrainingLimits:
    """Bounds of one training.

    Attributes:
        seconds: it is ended after this long.
        memory_bytes: it is ended when its process holds more than this.
        start_seconds: a process that has said nothing for this long after its start counts as dead.
        cancel_seconds: how long it may go on to keep its model after it was cancelled.
        attempts: how often a process that died is started.
    """

    seconds: float
    memory_bytes: int
    start_seconds: float = 40.0
    cancel_seconds: float = 0.7
    attempts: int = 2

    @property
    def asked_seconds(self) -> float:
        """After this long it is asked to stop and to keep what it has learned; that takes a while, too."""
        return self.seconds - min(KEEP_SECONDS, KEEP_SHARE * self.seconds)


def total_memory() -> int:
    """Bytes of memory this machine, or its container, has."""
    total = psutil.virtual_memory().total
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            with open(path) as file:
                total = min(total, int(file.read()))
        except (OSError, ValueError):
            continue
    return total


def training_limits() -> TrainingLimits:
    """The limits in force: 180 s (`CVLIB_TRAINING_SECONDS`) and 60 % of the memory (`CVLIB_TRAINING_MEMORY_MB`)."""
    megabytes = os.environ.get("CVLIB_TRAINING_MEMORY_MB")
    return TrainingLimits(
        seconds=float(os.environ.get("CVLIB_TRAINING_SECONDS", "180")),
        memory_bytes=int(megabytes) * 2**20 if megabytes else int(0.6 * total_memory()),
    )


def interactive_memory() -> int:
    """Bytes at which the warm process is restarted."""
    return max(GIB, min(4 * GIB, int(0.4 * total_memory())))
