"""Heavy packages are imported when they are first used, one at a time."""

import sys
import threading
from pathlib import Path

import pytest

from cvlib import lazy

SLOW = """
import time
import lazy_log
lazy_log.seen.append({name!r})
time.sleep(0.2)
lazy_log.seen.append({name!r})
READY = True
"""


def test_two_threads_import_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that import each other, begun by two threads at once, would see halves of each other."""
    names = ("lazy_one", "lazy_other")
    (tmp_path / "lazy_log.py").write_text("seen = []\n")
    for name in names:
        (tmp_path / f"{name}.py").write_text(SLOW.format(name=name))
    monkeypatch.syspath_prepend(tmp_path)
    threads = [threading.Thread(target=lambda name=name: lazy.load(name).READY) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second, third, fourth = sys.modules["lazy_log"].seen
    assert first == second != third == fourth


def test_a_plain_import_can_wait_for_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lazy_alone.py").write_text("READY = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    other = threading.Thread(target=lambda: lazy.load("lazy_alone").READY)
    with lazy.alone():
        other.start()
        other.join(0.2)
        assert "lazy_alone" not in sys.modules
    other.join()
    assert "lazy_alone" in sys.modules


def test_special_names_import_nothing() -> None:
    stand_in = lazy.load("a_package_that_does_not_exist")
    assert not hasattr(stand_in, "__wrapped__")
    with pytest.raises(ModuleNotFoundError):
        _ = stand_in.anything
