"""How much uploaded matter is alive: bounded for each session and for the server."""

import threading
from dataclasses import dataclass, field

from cvlib.errors import Busy

MEBI = 2**20
SESSION_BYTES = 60 * MEBI
SERVER_BYTES = 600 * MEBI


class Accounts:
    """Bytes by owner; safe to share between threads.

    Args:
        session_bytes: most for one owner.
        server_bytes: most for all together.
    """

    def __init__(self, *, session_bytes: int = SESSION_BYTES, server_bytes: int = SERVER_BYTES) -> None:
        self.session_bytes, self.server_bytes = session_bytes, server_bytes
        self._held: dict[str, int] = {}
        self._lock = threading.Lock()

    def hold(self, owner: str, size: int) -> None:
        """Set what this owner holds to `size` bytes.

        Raises:
            Busy: it is too much for one session, or the server is full; what was held before stays.
        """
        with self._lock:
            if size > self.session_bytes:
                raise Busy(
                    f"Your pictures together are over {self.session_bytes // MEBI} MB. Remove some and try again."
                )
            others = sum(held for name, held in self._held.items() if name != owner)
            if others + size > self.server_bytes:
                raise Busy("The host holds as many uploaded pictures as it can. Try again in a few minutes.")
            self._held[owner] = size

    def release(self, owner: str) -> None:
        """Forget an owner whose session is over."""
        with self._lock:
            self._held.pop(owner, None)

    @property
    def total(self) -> int:
        """Bytes held by all."""
        with self._lock:
            return sum(self._held.values())


@dataclass(frozen=True)
class Share:
    """One owner's part of the accounts, to be closed with the session."""

    accounts: Accounts
    owner: str
    parts: dict[str, int] = field(default_factory=dict)

    def hold(self, size: int, part: str = "pictures") -> None:
        """See `Accounts.hold`; parts of the workshop that hold pictures of their own are added up."""
        others = sum(held for name, held in self.parts.items() if name != part)
        self.accounts.hold(self.owner, others + size)
        self.parts[part] = size

    def close(self) -> None:
        """See `Accounts.release`."""
        self.accounts.release(self.owner)
