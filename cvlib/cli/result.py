"""What a command gives back."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """A command's outcome.

    Attributes:
        data: what `--json` prints; strict JSON values.
        text: what people read.
        exit_code: 0, or 1 if what was asked could not be done in full.
    """

    data: dict[str, Any]
    text: str
    exit_code: int = 0
