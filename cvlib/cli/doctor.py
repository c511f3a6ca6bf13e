"""`doctor`: is everything here that the workshop needs?"""

import argparse
import importlib.metadata
import os
import platform
import shutil
import sys
from typing import Any

from cvlib import data
from cvlib.cli.result import Result
from cvlib.data.scene_sets import SCENES
from cvlib.store import Store

PACKAGES = (
    "streamlit", "tensorflow", "keras", "keras-cv", "tf-explain", "plotly", "pandas", "numpy", "pillow",
    "scikit-learn", "scikit-image", "distributed", "platformdirs", "filelock",
)  # fmt: skip
STAND_INS = {"tensorflow": ("tensorflow-cpu", "tensorflow-macos")}
PYTHONS = ((3, 11), (3, 13))
ROOM_NEEDED = 500 * 2**20


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser."""
    commands.add_parser("doctor", help="check this installation").set_defaults(command=doctor)


def doctor(_options: argparse.Namespace) -> Result:
    """Look at the environment, the device, the store, and the data that is here."""
    from cvlib import device

    packages = {name: _version(name) for name in PACKAGES}
    problems = [f"The package {name} is not installed." for name, version in packages.items() if version is None]
    if not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]:
        problems.append(f"Python {platform.python_version()} is not supported: 3.11 to 3.13 are.")
    found = None
    if packages["tensorflow"] and packages["keras"]:
        device.configure()
        found = device.describe()
    store, store_problems = _store()
    problems += store_problems
    report = {
        "ok": not problems,
        "problems": problems,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": packages,
        "device": found,
        "store": store,
        "data": {name: info.available() for name, info in {**data.CATALOG, **SCENES}.items()},
        "cluster": os.environ.get("DASK_SCHEDULER_ADDRESS"),
    }
    return Result(report, _text(report), exit_code=int(bool(problems)))


def _version(package: str) -> str | None:
    for name in (package, *STAND_INS.get(package, ())):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _store() -> tuple[dict[str, Any], list[str]]:
    store = Store()
    free = shutil.disk_usage(store.root if store.root.exists() else store.root.anchor).free
    entries = store.entries()
    facts = {
        "folder": str(store.root),
        "runs": len(entries),
        "bytes": sum(entry.size_bytes for entry in entries),
        "free_bytes": free,
        "writable": store.warning is None,
    }
    problems = [] if store.warning is None else [store.warning]
    if free < ROOM_NEEDED:
        problems.append("Less than 500 MB are free where runs are kept, so no run will be kept on disk.")
    return facts, problems


def _text(report: dict[str, Any]) -> str:
    lines = [
        f"Python {report['python']} on {report['platform']}",
        f"Device: {report['device'] or 'unknown'}",
        f"Store: {report['store']['runs']} runs in {report['store']['folder']}",
        "Packages: " + ", ".join(f"{name} {version or 'MISSING'}" for name, version in report["packages"].items()),
        "Data: " + ", ".join(f"{name} {'yes' if here else 'not here'}" for name, here in report["data"].items()),
    ]
    return "\n".join([*lines, *(report["problems"] or ["All is well."])])
