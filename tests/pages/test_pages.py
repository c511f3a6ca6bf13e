"""Every page, opened as a visitor opens it, with the real engine behind it."""

import os
import subprocess
import sys

import pytest
from streamlit.testing.v1 import AppTest

from cvlib.ui import session
from tests.conftest import ROOT
from tests.engine.helpers import until

pytestmark = pytest.mark.usefixtures("no_training_left")
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
from distributed.deploy import spec
from cvlib.engine import cluster
spec.SpecCluster = dict  # all that a cluster of its own is made of, but for its processes
assert set(cluster._embedded()["workers"]) == {"training", "interactive"}
print([name for name in ("tensorflow", "keras", "keras_cv", "tf_explain") if name in sys.modules])
"""


def test_no_page_loads_tensorflow_into_the_server() -> None:
    """A server in a process of its own; what needs TensorFlow runs in the workers that these tests have already."""
    engine = session.engine()
    until(lambda: engine.status().phase == "ready")
    done = subprocess.run(
        [sys.executable, "-c", OPEN_ALL],
        cwd=ROOT,
        env={**os.environ, "DASK_SCHEDULER_ADDRESS": engine._client.scheduler.address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr
