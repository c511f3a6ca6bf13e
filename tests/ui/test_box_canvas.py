"""Boxes from a browser: what may come, what is kept, and which picture it belongs to."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvlib.tasks.detections import Detections, nothing
from cvlib.ui import box_canvas
from cvlib.ui.box_canvas import DrawnBox, read_boxes

NAMES = ("cup", "<script>alert(1)</script>", "=cmd")
SIZE_HW = (40, 60)
INFINITE, NO_NUMBER = float("inf"), float("nan")


def boxes_of(*rows: tuple[float, float, float, float, int]) -> Detections:
    edges = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    return Detections(edges, np.array([row[4] for row in rows], np.int64), np.ones(len(rows), np.float32), NAMES)


def picture(value: int = 0) -> np.ndarray:
    return np.full((*SIZE_HW, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([], []),
        ([[5, 5, 5, 5, 0]], []),  # no area
        ([[5, 5, 6.9, 20, 0]], []),  # a slip of the hand
        ([[20, 5, 10, 9, 0]], []),  # right of left
        ([[NO_NUMBER, 0, 10, 10, 0], [0, 0, INFINITE, 10, 0], [0, 0, 1e300, 10, 0]], []),
        ([[0, 0, 10, 10, 3], [0, 0, 10, 10, -1], [0, 0, 10, 10, 0.0], [0, 0, 10, 10, True]], []),
        ([[0, 0, 10, 10], [0, 0, 10, 10, 0, 0], "box", None, {}, 7, [["a"] * 5], [0, 0, "9", 9, 0]], []),
        ([[70, 5, 90, 9, 0]], []),  # beside the picture
        ([[1, 2, 30, 20, 2]], [[1, 2, 30, 20, 2]]),
        ([[-5, -5, 500, 500, 1]], [[0, 0, 60, 40, 1]]),
        ([None, [1, 2, 3, 4, 0], [2, 2, 9, 9, 1]], [[1, 2, 3, 4, 0], [2, 2, 9, 9, 1]]),
        ([[0, 0, 9, 9, 0]] * 7, [[0, 0, 9, 9, 0]] * 5),  # more than there may be
    ],
)
def test_only_boxes_within_the_picture_are_taken(sent: list, kept: list) -> None:
    found = read_boxes(sent, SIZE_HW, NAMES, 5)
    assert [[*box, label] for box, label in zip(found.boxes_xyxy.tolist(), found.labels.tolist(), strict=True)] == kept
    assert (found.scores == 1).all() and found.class_names == NAMES


@pytest.mark.parametrize("sent", [None, 3, "boxes", {"boxes": []}, True])
def test_what_is_no_list_is_nothing(sent: Any) -> None:
    assert read_boxes(sent, SIZE_HW, NAMES, 5) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)
ROW = st.lists(st.floats() | st.integers(-3, 80), min_size=4, max_size=4).map(lambda edges: [*edges, 1])


@settings(max_examples=150, deadline=None)
@given(sent=JSON | st.lists(ROW | JSON, max_size=9), most=st.integers(1, 5))
def test_whatever_is_sent_what_is_taken_are_boxes(sent: Any, most: int) -> None:
    found = read_boxes(sent, SIZE_HW, NAMES, most)
    if isinstance(sent, list):
        assert len(found) <= most and (found.sizes >= 1.99).all()
        assert (found.boxes_xyxy >= 0).all() and (found.boxes_xyxy[:, 2:] <= (60, 40)).all()
    else:
        assert found is None


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session without Streamlit."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(box_canvas.st, "session_state", state)
    return state


def asked(pixels: np.ndarray, boxes: Detections, kept: str = "kept") -> box_canvas._Sheet:
    return box_canvas._sheet(kept, pixels, boxes, 5)


def send(session: dict[str, Any], token: Any, *rows: list, kept: str = "kept") -> None:
    session["key"] = {"boxes": {"token": token, "boxes": list(rows)}}
    box_canvas._keep("key", kept)


def test_edits_stay_for_who_passes_the_first_boxes_and_for_who_passes_back_the_last(session: dict[str, Any]) -> None:
    first = boxes_of((1, 1, 9, 9, 0))
    sheet = asked(picture(), first)
    send(session, sheet.token, [2, 2, 8, 8, 1])
    again = asked(picture(), first)
    assert again.boxes.boxes_xyxy.tolist() == [[2, 2, 8, 8]] and again.token == sheet.token
    send(session, sheet.token, [3, 3, 8, 8, 1])
    late = asked(picture(), again.boxes)  # the page had not seen the last edit yet
    assert late.boxes.boxes_xyxy.tolist() == [[3, 3, 8, 8]] and late.token == sheet.token


@pytest.mark.parametrize(
    ("pixels", "boxes"),
    [
        (picture(1), boxes_of((1, 1, 9, 9, 0))),
        (picture(), boxes_of((1, 1, 9, 9, 1))),
        (picture(), nothing(NAMES)),
        (picture(), nothing(("other",))),
    ],
)
def test_another_picture_or_other_boxes_begin_anew(
    session: dict[str, Any], pixels: np.ndarray, boxes: Detections
) -> None:
    former = asked(picture(), boxes_of((1, 1, 9, 9, 0)))
    send(session, former.token, [2, 2, 8, 8, 1])
    sheet = asked(pixels, boxes)
    assert sheet.token != former.token and len(sheet.boxes) == len(boxes)
    send(session, former.token, [3, 3, 8, 8, 0], [3, 3, 8, 8, 0])  # a late edit of the former picture
    assert asked(pixels, boxes).boxes.boxes_xyxy.tolist() == boxes.boxes_xyxy.tolist()


def test_pictures_that_take_turns_keep_their_boxes(session: dict[str, Any]) -> None:
    for number in (0, 1):
        sheet = asked(picture(number), nothing(NAMES), f"kept {number}")
        send(session, sheet.token, [number, 0, 9, 9, number], kept=f"kept {number}")
    for number in (0, 1):
        assert asked(picture(number), nothing(NAMES), f"kept {number}").boxes.labels.tolist() == [number]


@pytest.mark.parametrize("sent", [None, [], 3, {}, {"token": None}, {"boxes": [[1, 1, 9, 9, 0]]}])
def test_what_names_no_picture_changes_nothing(session: dict[str, Any], sent: Any) -> None:
    first = boxes_of((1, 1, 9, 9, 0))
    asked(picture(), first)
    session["key"] = {"boxes": sent}
    box_canvas._keep("key", "kept")
    box_canvas._keep("key", "never shown")
    assert asked(picture(), first).boxes.boxes_xyxy.tolist() == [[1, 1, 9, 9]]


def test_a_picture_that_comes_with_many_boxes_keeps_them(session: dict[str, Any]) -> None:
    many = boxes_of(*[(number, 0, number + 5, 9, 0) for number in range(8)])
    sheet = asked(picture(), many)
    assert len(sheet.boxes) == 8
    send(session, sheet.token, *[[0, 0, 9, 9, 1]] * 20)
    assert len(asked(picture(), many).boxes) == 8


ONE, TWO = DrawnBox((1, 1, 9, 9), "#0072B2", "cup"), DrawnBox((2, 2, 8, 8), "#0072B2", "cup", "dashed")


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (None, None),
        ([], None),
        ({"token": "other", "index": 0, "box": [1, 1, 9, 9]}, None),
        ({"token": "this", "index": 0, "box": None}, None),
        ({"token": "this", "index": 0, "box": [1, 1, 9, 8]}, None),
        ({"token": "this", "index": 0, "box": [1, 1, 9, 9]}, 0),
        ({"token": "this", "index": 0, "box": [2, 2, 8, 8]}, 1),  # it stood at another place
        ({"token": "this", "index": 2, "box": [1, 1, 9, 9]}, 2),  # of two at the same place, the one that was pressed
        ({"token": "this", "index": [], "box": [1, 1, 9, 9]}, 0),
    ],
)
def test_the_chosen_box_is_found_again(sent: Any, place: int | None) -> None:
    assert box_canvas._chosen(sent, "this", [ONE, TWO, ONE]) == place


@pytest.mark.parametrize(
    "wrong",
    [
        {"xyxy": (0, 0, NO_NUMBER, 1)},
        {"xyxy": (5, 0, 1, 1)},
        {"color": "red"},
        {"color": "#0072B2;background:url(x)"},
        {"style": "dotted"},
    ],
)
def test_a_drawn_box_validates_itself(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        DrawnBox(**{"xyxy": (0, 0, 1, 1), "color": "#0072B2", **wrong})
