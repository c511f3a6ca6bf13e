"""Heavy packages, imported when they are first used.

`lazy_loader.load` (SPEC 1) would put a stand-in into `sys.modules`, where whatever looks through the loaded modules
(Streamlit's file watcher, pytest, hypothesis) touches it and so imports the package after all. This stand-in is known
only to the module that made it.
"""

import importlib
from typing import Any


class LazyModule:
    """Stands for a package and imports it at the first access to one of its attributes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        # copy, pickle and inspect ask for special names; answering those would import the package.
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


def load(name: str) -> Any:
    """A stand-in for the package of this name."""
    return LazyModule(name)
