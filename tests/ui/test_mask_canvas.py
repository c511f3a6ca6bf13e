"""Masks from a browser: what may come, what is kept, and which picture it belongs to."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cvlib.ui import mask_canvas, picture_url
from cvlib.ui.mask_canvas import read_mask, run_lengths

NAMES = ("background", "<script>alert(1)</script>", "=cmd")
COLORS = ("#8C8C8C", "#0072B2", "#E69F00")
SIZE_HW = (4, 6)
MASKS = arrays.arrays(
    np.uint8,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=st.sampled_from([0, 1, 2, 255]),
)


def picture(value: int = 0) -> np.ndarray:
    return np.full((*SIZE_HW, 3), value, np.uint8)


def mask_of(value: int = 0) -> np.ndarray:
    return np.full(SIZE_HW, value, np.uint8)


@settings(max_examples=150, deadline=None)
@given(mask=MASKS)
def test_run_lengths_are_read_back(mask: np.ndarray) -> None:
    sent = run_lengths(mask)
    found = read_mask(sent, mask.shape, 3)
    assert found.dtype == np.uint8 and found.shape == mask.shape and (found == mask).all()
    assert all(type(number) is int for number in sent) and len(sent) <= 2 * mask.size


@pytest.mark.parametrize("mask", [mask_of()[:0], mask_of()[:, ::2], mask_of().T])
def test_run_lengths_of_empty_and_cut_masks(mask: np.ndarray) -> None:
    assert (read_mask(run_lengths(mask), mask.shape, 1) == mask).all()


def test_run_lengths_go_row_by_row() -> None:
    assert run_lengths(np.array([[0, 0, 1], [1, 1, 255]], np.uint8)) == [0, 2, 1, 3, 255, 1]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        3,
        True,
        "0,24",
        {"runs": [0, 24]},
        [],
        [0],
        [24],
        [0, 24, 0],
        [0, 23],  # not whole
        [0, 25],
        [0, 12, 0, 13],
        [0, 24, 1, 0],  # no run
        [0, 25, 1, -1],
        [0, -24],
        [3, 24],  # no such class
        [254, 24],
        [256, 24],
        [-1, 24],
        [0, 24.0],
        [0.0, 24],
        [False, 24],
        [0, 23, 1, True],
        [0, "24"],
        [0, None],
        [[0, 24]],
        [[0], [24]],
        [0, float("nan")],
        [0, float("inf")],
        [0, 2**31],
        [0, 2**63 - 1, 0, 2**63 - 1],
        [0, 10**400],
        [10**400, 24],
        [0, 1] * 25,  # more runs than pixels
    ],
)
def test_what_is_no_whole_mask_is_nothing(sent: Any) -> None:
    assert read_mask(sent, SIZE_HW, 3) is None


@pytest.mark.parametrize("sent", [[0, 24], (2, 24), [0, 12, 0, 12], [255, 1, 0, 23], [1, 1] * 24])
def test_a_whole_mask_is_taken(sent: Any) -> None:
    assert read_mask(sent, SIZE_HW, 3).reshape(-1).tolist() == np.repeat(sent[::2], sent[1::2]).tolist()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)
ALMOST = st.lists(st.integers(-1, 25) | st.just(255) | st.booleans() | st.floats(0, 24), max_size=12)


@settings(max_examples=200, deadline=None)
@given(sent=JSON | ALMOST)
def test_whatever_is_sent_what_is_taken_is_a_mask(sent: Any) -> None:
    found = read_mask(sent, SIZE_HW, 3)
    assert found is None or (found.shape == SIZE_HW and np.isin(found, [0, 1, 2, 255]).all())


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session without Streamlit."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(mask_canvas.st, "session_state", state)
    return state


def asked(pixels: np.ndarray, mask: np.ndarray, kept: str = "kept", names: tuple = NAMES) -> mask_canvas._Sheet:
    return mask_canvas._sheet(kept, pixels, mask, names)


def send(session: dict[str, Any], token: Any, mask: np.ndarray, kept: str = "kept") -> None:
    session["key"] = {"mask": {"token": token, "runs": run_lengths(mask)}}
    mask_canvas._keep("key", kept)


def test_paint_stays_for_who_passes_the_first_mask_and_for_who_passes_back_the_last(session: dict[str, Any]) -> None:
    first = mask_of()
    sheet = asked(picture(), first)
    send(session, sheet.token, mask_of(1))
    again = asked(picture(), first)
    assert (again.mask == 1).all() and again.token == sheet.token
    send(session, sheet.token, mask_of(2))
    late = asked(picture(), again.mask)  # the page had not seen the last stroke yet
    assert (late.mask == 2).all() and late.token == sheet.token
    assert not first.any()


@pytest.mark.parametrize(
    ("pixels", "mask", "names"),
    [
        (picture(1), mask_of(), NAMES),
        (picture(), mask_of(255), NAMES),
        (picture(), mask_of(), (*NAMES, "other")),
        (picture(), mask_of(), ("other", *NAMES[1:])),
    ],
)
def test_another_picture_mask_or_class_begins_anew(
    session: dict[str, Any], pixels: np.ndarray, mask: np.ndarray, names: tuple
) -> None:
    former = asked(picture(), mask_of())
    send(session, former.token, mask_of(1))
    sheet = asked(pixels, mask, names=names)
    assert sheet.token != former.token and (sheet.mask == mask).all()
    send(session, former.token, mask_of(2))  # a late stroke on the former picture
    assert (asked(pixels, mask, names=names).mask == mask).all()


def test_pictures_that_take_turns_keep_their_masks(session: dict[str, Any]) -> None:
    for number in (0, 1):
        sheet = asked(picture(number), mask_of(), f"kept {number}")
        send(session, sheet.token, mask_of(number + 1), kept=f"kept {number}")
    for number in (0, 1):
        assert (asked(picture(number), mask_of(), f"kept {number}").mask == number + 1).all()


def test_a_mask_of_another_size_or_of_more_classes_changes_nothing(session: dict[str, Any]) -> None:
    sheet = asked(picture(), mask_of(1), names=NAMES[:2])
    for wrong in (mask_of(2), mask_of()[1:]):
        send(session, sheet.token, wrong)
    assert (asked(picture(), mask_of(1), names=NAMES[:2]).mask == 1).all()


@pytest.mark.parametrize("sent", [None, [], 3, {}, {"token": None}, {"runs": [0, 24]}])
def test_what_names_no_picture_changes_nothing(session: dict[str, Any], sent: Any) -> None:
    asked(picture(), mask_of(1))
    session["key"] = {"mask": sent}
    mask_canvas._keep("key", "kept")
    mask_canvas._keep("key", "never shown")
    assert (asked(picture(), mask_of(1)).mask == 1).all()


@pytest.mark.parametrize(
    ("sent", "pixel"),
    [
        (None, None),
        ([], None),
        ({"row": 1, "column": 2}, None),
        ({"token": "other", "row": 1, "column": 2}, None),
        ({"token": "this", "row": 1}, None),
        ({"token": "this", "row": True, "column": 2}, None),
        ({"token": "this", "row": 1.0, "column": 2}, None),
        ({"token": "this", "row": "1", "column": []}, None),
        ({"token": "this", "row": -1, "column": 2}, None),
        ({"token": "this", "row": 4, "column": 2}, None),
        ({"token": "this", "row": 3, "column": 6}, None),
        ({"token": "this", "row": 3, "column": 5}, (3, 5)),
    ],
)
def test_the_pressed_pixel_is_one_of_this_picture(sent: Any, pixel: tuple[int, int] | None) -> None:
    assert mask_canvas._pressed(sent, "this", SIZE_HW) == pixel


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": mask_of()[1:]},
        {"labels": mask_of().astype(np.int64)},
        {"labels": mask_of(3)},
        {"class_names": ()},
        {"class_names": NAMES[:2]},
        {"class_names": ["class"] * 256, "colors": ["#0072B2"] * 256},
        {"colors": ("red", *COLORS[1:])},
        {"colors": ("#0072B2;background:url(x)", *COLORS[1:])},
    ],
)
def test_arguments_fit_each_other(wrong: dict[str, Any]) -> None:
    right = {"pixels": picture(), "labels": mask_of(), "class_names": NAMES, "colors": COLORS}
    mask_canvas._check(**right)
    with pytest.raises(ValueError, match="must be"):
        mask_canvas._check(**{**right, **wrong})


@pytest.mark.parametrize("edges", [(5, 0, 1, 1), (0, 5, 1, 1), (0, 0, float("nan"), 1), (0, 0, float("inf"), 1)])
def test_a_mark_is_a_rectangle(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        mask_canvas._mark(*edges, "red")


def test_a_confidence_is_sent_in_bytes() -> None:
    values = np.array([[0, 0.5, 1, 2, -1, float("nan"), float("inf")]])
    assert mask_canvas._in_bytes(values).tolist() == [[0, 128, 255, 255, 0, 0, 255]]


def test_urls_are_made_once_and_the_oldest_leave(session: dict[str, Any]) -> None:
    first = picture_url.grey_url(mask_of(0))
    assert first is picture_url.grey_url(mask_of(0)) and first.startswith("data:image/png;base64,")
    for value in range(40):
        picture_url.grey_url(mask_of(value))
    assert len(session[picture_url.URLS]) == picture_url.URLS_KEPT
