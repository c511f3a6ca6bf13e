"""Shared parts of the pages that need no browser."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from cvlib.errors import Busy, ImageError
from cvlib.ui import canvas, downloads, words
from cvlib.ui.errors import escaped
from cvlib.ui.uploads import Accounts


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_fault_63_cells_that_are_formulas_are_escaped(cell: str) -> None:
    frame = pd.DataFrame({cell: [cell], "number": [-1.5]})
    table = pd.read_csv(io.BytesIO(downloads.csv_bytes(frame)), encoding="utf-8-sig", keep_default_na=False)
    assert table.iloc[0, 0].startswith("'") and table.columns[0].startswith("'")
    assert table["number"][0] == -1.5


def test_fault_38_strange_labels_stay_distinct() -> None:
    frame = pd.DataFrame({"class": ["=a", "'=a", "Ж", "<script>"]})
    table = pd.read_csv(io.BytesIO(downloads.csv_bytes(frame)), encoding="utf-8-sig")
    assert list(table["class"])[2:] == ["Ж", "<script>"]


def test_a_downloaded_picture_has_no_metadata() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    again = Image.open(io.BytesIO(downloads.png_bytes(pixels)))
    assert (np.asarray(again) == pixels).all() and not again.info


def failing(kind: str) -> None:
    import streamlit as st

    from cvlib.errors import UserError
    from cvlib.ui.errors import guard

    with guard():
        if kind == "person":
            raise UserError("The file **x** is [not](http://evil) a picture.")
        if kind == "fault":
            raise RuntimeError("/secret/path of somebody")
        st.stop()
    st.text("the rest of the page")


def test_what_a_person_did_is_shown_as_it_is() -> None:
    app = AppTest.from_function(failing, args=("person",)).run()
    assert app.warning[0].value == r"The file \*\*x\*\* is \[not\]\(http\://evil\) a picture."
    assert app.text[0].value == "the rest of the page"


def test_fault_64_a_fault_shows_no_path_and_no_code() -> None:
    app = AppTest.from_function(failing, args=("fault",)).run()
    assert not app.exception and len(app.error) == 1
    assert "secret" not in app.error[0].value and "Traceback" not in app.error[0].value
    assert app.text[0].value == "the rest of the page"


def test_streamlits_own_exceptions_pass() -> None:
    app = AppTest.from_function(failing, args=("stop",)).run()
    assert not app.exception and not app.error and not app.text


@given(st.text())
def test_escaping_only_adds_backslashes(text: str) -> None:
    assert escaped(text).replace("\\", "") == text.replace("\\", "")


def test_uploads_are_bounded_for_a_session_and_for_all() -> None:
    accounts = Accounts(session_bytes=10, server_bytes=25)
    accounts.hold("a", 10)
    with pytest.raises(Busy, match="together are over"):
        accounts.hold("a", 11)
    accounts.hold("b", 10)
    with pytest.raises(Busy, match="The host holds"):
        accounts.hold("c", 6)
    accounts.release("a")
    accounts.hold("c", 10)
    assert accounts.total == 20


@pytest.mark.parametrize(
    "url", ["", "data:image/png;base64,%%%", "data:image/png;base64,aGVsbG8=", "javascript:alert(1)"]
)
def test_a_drawing_is_a_strangers_bytes(url: str) -> None:
    with pytest.raises(ImageError):
        canvas.decode_url(url)


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0 %"), (0.98765, "98.8 %"), (1, "100 %"), (0.9999, "100 %"), (0.001234, "0.123 %")]
)
def test_percent(share: float, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(("value", "said"), [(0, "0.0 s"), (3.21, "3.2 s"), (42, "42 s"), (75, "1 min 15 s")])
def test_seconds(value: float, said: str) -> None:
    assert words.seconds(value) == said


@given(st.integers(1, 5000), st.data())
def test_the_interval_of_a_share(total: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, total))
    low, high = words.bounded_accuracy(correct, total)
    assert 0 <= low <= correct / total <= high <= 1


def test_the_interval_of_a_known_case() -> None:
    # Wilson's interval for 8 of 10, as in Newcombe (1998): 0.490 to 0.943.
    assert words.bounded_accuracy(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)


def card(answer: int) -> None:
    from cvlib.ui.lesson import lesson

    lesson("More or less?", ("More", "Less"), answer=answer, explanation="It was 3.", key="card")


@pytest.mark.parametrize(("answer", "right"), [(0, True), (1, False)])
def test_the_lesson_waits_for_a_guess_and_scores_it(answer: int, right: bool) -> None:
    app = AppTest.from_function(card, args=(answer,)).run()
    assert not app.success and not app.info
    app.pills[0].set_value("More").run()
    assert bool(app.success) is right and bool(app.info) is not right
