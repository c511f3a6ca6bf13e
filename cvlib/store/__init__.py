"""Finished runs on disk, each under the digest of its specification.

    store = Store()
    store.put(digest, {"run.json": b"...", "model.keras": b"..."})
    store.get(digest).read("run.json")

A content-addressed store: an entry is written once, whole or not at all, and checked when it is read. Where the disk
cannot take it, it is kept in memory and the answer is given all the same. Nothing in it is ever unpickled.
"""

from cvlib.store.entry import Entry, EntryInfo
from cvlib.store.folder import Store

__all__ = ["Entry", "EntryInfo", "Store"]
