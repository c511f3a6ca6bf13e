"""Every page, opened as a visitor opens it, with the real engine behind it."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT

PAGES = sorted(path.name for path in (ROOT / "pages").glob("*.py"))


def open_page(name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    return app if name == "home.py" else app.switch_page(f"pages/{name}").run()


@pytest.mark.parametrize("name", PAGES)
def test_opens_without_an_exception(name: str) -> None:
    app = open_page(name)
    assert not app.exception
    assert app.title


def test_home_has_a_card_for_every_page_that_exists_and_no_other() -> None:
    app = open_page("home.py")
    headings = " ".join(element.value for element in app.markdown)
    assert "Classification" in headings
    assert len(app.get("page_link")) == len(PAGES) - 1


OPEN_ALL = """
import sys
from tests.pages.test_pages import PAGES, open_page
for name in PAGES:
    assert not open_page(name).exception
print([name for name in ("tensorflow", "keras", "keras_cv", "tf_explain") if name in sys.modules])
"""


def test_no_page_loads_tensorflow_into_the_server(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_ALL], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr
