"""The box canvas in a real browser: drawn, moved, named and deleted with mouse, finger and keyboard."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import PHONE, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
APP = Path(__file__).with_name("boxes_app.py")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("boxes") / "log"
    with serving(APP, log) as url:
        yield url
    assert "Traceback" not in log.read_text()


class Canvas:
    """The canvas on a page, in the pixels of its picture of 300 x 200."""

    def __init__(self, page: Page, address: str, query: str = "") -> None:
        self.page = page
        page.goto(f"{address}/?{query}")
        page.locator(".frame img").wait_for()

    def at(self, x: float, y: float) -> tuple[float, float]:
        area = self.page.locator(".layer").bounding_box()
        return area["x"] + x * area["width"] / 300, area["y"] + y * area["height"] / 200

    def drag(self, *points: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=4)
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def received(self, right: Callable[[Any], bool]) -> None:
        """Wait until Python has what is right."""
        said = self.page.get_by_text("received ")
        for _ in range(100):
            if right(last := json.loads(said.inner_text().removeprefix("received "))):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"Python has received {last}")

    def has(self, *boxes: list[float]) -> None:
        def near(found: Any) -> bool:
            return (
                isinstance(found, list)
                and len(found) == len(boxes)
                and all(
                    abs(one - other) < 1.5
                    for left, right in zip(found, boxes, strict=True)
                    for one, other in zip(left, right, strict=True)
                )
            )

        self.received(near)


def test_a_box_is_drawn_moved_resized_named_deleted_and_brought_back(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    canvas.has()
    canvas.button("<b>plate</b>").click()
    canvas.drag((100, 50), (180, 120))
    canvas.has([100, 50, 180, 120, 1])
    expect(page.locator(".label")).to_have_text("<b>plate</b>")  # inert
    canvas.drag((140, 85), (160, 95))
    canvas.has([120, 60, 200, 130, 1])
    canvas.drag((200, 130), (220, 150))  # by a handle
    canvas.has([120, 60, 220, 150, 1])
    canvas.drag((120, 105), (-40, 105))  # by another, beyond the edge
    canvas.has([0, 60, 220, 150, 1])
    canvas.button("=cmd").click()
    canvas.has([0, 60, 220, 150, 2])
    canvas.button("New box").click()
    canvas.drag((20, 70), (60, 100))  # over the other
    canvas.has([0, 60, 220, 150, 2], [20, 70, 60, 100, 2])
    canvas.button("Delete").click()
    canvas.has([0, 60, 220, 150, 2])
    canvas.drag((260, 20), (260.4, 20.4))  # a slip of the hand
    canvas.button("Undo").click()
    canvas.has([0, 60, 220, 150, 2], [20, 70, 60, 100, 2])


def test_all_of_it_with_the_keyboard(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    page.locator(".stage").focus()
    canvas.press("n")
    canvas.has([112, 75, 188, 125, 0])
    canvas.press("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp")
    canvas.has([122, 79, 198, 129, 0])
    canvas.press("Control+ArrowRight", "Alt+ArrowUp", "2")
    canvas.has([122, 79, 203, 124, 1])
    canvas.press("n", "n", "n")  # one more than there may be
    expect(page.get_by_text("3 boxes at most")).to_be_visible()
    canvas.press("]", "Delete")
    canvas.has([112, 75, 188, 125, 1], [112, 75, 188, 125, 1])
    canvas.press("[", "Backspace", "Control+z", "Escape", "Delete")
    canvas.has([112, 75, 188, 125, 1], [112, 75, 188, 125, 1])


def test_each_picture_has_its_own_boxes_and_finds_them_again(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    canvas.drag((100, 50), (180, 120))
    canvas.has([100, 50, 180, 120, 0])
    page.get_by_text("Other picture").click()
    canvas.has([30, 20, 90, 80, 0])
    expect(page.locator(".box")).to_have_count(1)
    canvas.drag((60, 50), (70, 60))
    canvas.has([40, 30, 100, 90, 0])
    page.get_by_text("Other picture").click()
    canvas.has([100, 50, 180, 120, 0])
    page.get_by_text("Shown").click()
    canvas.received(lambda found: found == "away")
    page.get_by_text("Shown").click()
    canvas.has([100, 50, 180, 120, 0])
    expect(page.locator(".box")).to_have_count(1)
    canvas.drag((140, 85), (150, 85))
    canvas.has([110, 50, 190, 120, 0])


def test_a_box_is_chosen_with_mouse_and_keyboard_and_stays_so(address: str, page: Page) -> None:
    canvas = Canvas(page, address, "mode=choose")
    canvas.received(lambda found: found is None)
    page.mouse.click(*canvas.at(50, 50))
    canvas.received(lambda found: found == "<i>small</i> 93 %")
    page.get_by_text("Without the first").click()
    expect(page.locator(".box")).to_have_count(2)
    canvas.received(lambda found: found == "<i>small</i> 93 %")
    page.get_by_text("Without the first").click()
    expect(page.locator(".box")).to_have_count(3)
    page.mouse.click(*canvas.at(50, 50))  # again: the one below
    canvas.received(lambda found: found == "large 80 %")
    page.locator(".stage").focus()
    canvas.press("ArrowRight", "ArrowRight")
    canvas.received(lambda found: str(found).startswith("a label"))
    expect(page.get_by_role("button", name="a label that is")).to_have_attribute("aria-pressed", "true")
    canvas.press("Escape")
    canvas.received(lambda found: found is None)


def test_on_a_phone_a_finger_draws_and_every_label_stays_in_the_picture(address: str, browser: Browser) -> None:
    context = browser.new_context(**PHONE, color_scheme="dark")
    canvas = Canvas(context.new_page(), address, "small=1")
    touch = context.new_cdp_session(canvas.page)
    for kind, *point in (("touchStart", 50, 50), ("touchMove", 120, 90), ("touchMove", 250, 150), ("touchEnd",)):
        points = [dict(zip("xy", canvas.at(*point), strict=True))] if point else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    canvas.received(lambda found: len(found) == 1 and abs(found[0][2] - 10) < 0.2)
    canvas = Canvas(canvas.page, address, "mode=choose")
    layer = canvas.page.locator(".layer").bounding_box()
    for label in canvas.page.locator(".label").all():
        box = label.bounding_box()
        assert layer["x"] - 1 <= box["x"] and box["x"] + box["width"] <= layer["x"] + layer["width"] + 1
        assert layer["y"] - 1 <= box["y"] and box["y"] + box["height"] <= layer["y"] + layer["height"] + 1
    assert canvas.page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
