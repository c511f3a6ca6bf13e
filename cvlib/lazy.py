"""Heavy packages, imported when they are first used.

`lazy_loader.load` (SPEC 1) would put a stand-in into `sys.modules`, where whatever looks through the loaded modules
(Streamlit's file watcher, pytest, hypothesis) touches it and so imports the package after all. This stand-in is known
only to the module that made it.
"""

import contextlib
import importlib
import threading
from collections.abc import Iterator
from typing import Any

_one_at_a_time = threading.RLock()
"""TensorFlow and Keras import each other. Two threads that begin with one each would wait for one another, which Python
resolves by handing out a half-imported module."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Plain imports of heavy packages in here wait for those of other threads' stand-ins, and these for them."""
    with _one_at_a_time:
        yield


class LazyModule:
    """Stands for a package and imports it at the first access to one of its attributes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._module: Any = None

    def __getattr__(self, attribute: str) -> Any:
        # copy, pickle and inspect ask for special names; answering those would import the package.
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if self._module is None:
            with _one_at_a_time:
                self._module = importlib.import_module(self._name)
        return getattr(self._module, attribute)


def load(name: str) -> Any:
    """A stand-in for the package of this name."""
    return LazyModule(name)
