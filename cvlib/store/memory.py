"""Runs that the disk could not take, kept until the server ends or others need the room."""

import threading
from collections import OrderedDict

from cvlib.store.entry import Entry

MEMORY_BYTES = 200 * 10**6


class Memory:
    """Entries in memory, bounded in bytes; the one used least recently leaves first, the newest always stays."""

    def __init__(self, limit_bytes: int = MEMORY_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, entry: Entry) -> Entry:
        """Keep this entry, and let others go if it needs their room."""
        with self._lock:
            self._entries[entry.digest] = entry
            self._entries.move_to_end(entry.digest)
            while len(self._entries) > 1 and self._size() > self.limit_bytes:
                self._entries.popitem(last=False)
        return entry

    def _size(self) -> int:
        return sum(entry.size_bytes for entry in self._entries.values())

    def get(self, digest: str) -> Entry | None:
        """The entry of this digest, which counts as its use, or None."""
        with self._lock:
            if digest in self._entries:
                self._entries.move_to_end(digest)
            return self._entries.get(digest)

    def pop(self, digest: str) -> None:
        """Forget this entry, if it is here."""
        with self._lock:
            self._entries.pop(digest, None)

    def every(self) -> list[Entry]:
        """All of them, the one used least recently first."""
        with self._lock:
            return list(self._entries.values())
