"""The mask canvas in a real browser: asked about, and painted with mouse, finger and keyboard."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from cvlib.ui.mask_canvas import read_mask
from tests.browser.serving import PHONE, assert_fits_a_phone, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
APP = Path(__file__).with_name("masks_app.py")
SIZE_HW = (40, 60)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("masks") / "log"
    with serving(APP, log) as url:
        yield url
    assert "Traceback" not in log.read_text()


class Canvas:
    """The canvas on a page, in the pixels of its picture of 60 x 40."""

    def __init__(self, page: Page, address: str, query: str = "") -> None:
        self.page, self.stage = page, page.locator(".stage[data-ready]")
        page.goto(f"{address}/?{query}")
        self.stage.wait_for()

    def at(self, column: float, row: float) -> tuple[float, float]:
        area = self.page.locator(".layer").bounding_box()
        return area["x"] + (column + 0.5) * area["width"] / 60, area["y"] + (row + 0.5) * area["height"] / 40

    def drag(self, *points: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point))
        self.page.mouse.up()

    def click(self, column: float, row: float) -> None:
        self.page.mouse.click(*self.at(column, row))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def switch(self, name: str) -> None:
        self.page.get_by_text(name, exact=True).click()

    def resize(self, brush: int) -> None:
        self.page.locator("input.size").fill(str(brush))

    def says(self, text: str) -> None:
        expect(self.page.locator(".readout")).to_have_text(text)

    def received(self, right: Callable[[Any], bool]) -> None:
        """Wait until Python has what is right."""
        said = self.page.get_by_text("received ")
        for _ in range(100):
            if right(last := json.loads(said.inner_text().removeprefix("received "))):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"Python has received {last}")

    def painted(self, right: Callable[[np.ndarray], Any]) -> None:
        def is_right(found: Any) -> bool:
            return found != "away" and bool(right(read_mask(found, SIZE_HW, 4)))

        self.received(is_right)

    def dots(self, canvas: str = "canvas.mask") -> np.ndarray:
        """What is drawn, as uint8 (H, W, 4)."""
        url = self.page.locator(canvas).evaluate("canvas => canvas.toDataURL()")
        return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGBA"))

    def drawn(self, right: Callable[[np.ndarray], Any], canvas: str = "canvas.mask") -> None:
        """Wait until what is drawn is right."""
        for _ in range(100):
            if right(self.dots(canvas)):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{canvas} is not right")


def test_hover_names_class_and_probability_and_a_press_returns_the_pixel(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    canvas.says("Point at the picture, tap it, or use the arrow keys.")
    page.mouse.move(*canvas.at(20, 15))
    canvas.says("<b>car</b> 93 %, row 15, column 20")  # inert
    assert canvas.page.locator(".readout b").count() == 0
    page.mouse.move(*canvas.at(42, 24))
    canvas.says("=cmd 50 %, row 24, column 42")
    page.mouse.move(*canvas.at(58, 0))
    canvas.says("not judged, row 0, column 58")
    canvas.received(lambda found: found is None)
    canvas.click(42, 24)
    canvas.received(lambda found: found == [24, 42])
    page.mouse.move(0, 0)
    canvas.says("=cmd 50 %, row 24, column 42")  # the pressed one
    expect(page.locator(".ring")).to_be_visible()
    expect(page.locator(".cross")).to_be_hidden()
    canvas.switch("Unsure")
    canvas.says("=cmd, row 24, column 42")
    canvas.switch("Other mask")  # of the same picture
    expect(page.locator(".readout .name")).to_contain_text("a class whose")
    canvas.received(lambda found: found == [24, 42])
    canvas.switch("Other picture")
    canvas.received(lambda found: found is None)
    expect(page.locator(".ring")).to_be_hidden()
    canvas.switch("Other picture")
    canvas.received(lambda found: found == [24, 42])
    expect(page.locator(".ring")).to_be_visible()


def test_a_pixel_is_found_with_the_keyboard(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    canvas.stage.focus()
    canvas.press("ArrowRight")
    canvas.says("background 93 %, row 20, column 30")
    canvas.press("Shift+ArrowLeft", "ArrowUp")
    canvas.says("<b>car</b> 93 %, row 19, column 20")
    canvas.press("Enter")
    canvas.received(lambda found: found == [19, 20])
    canvas.press(*["Shift+ArrowDown"] * 3, "Space")
    canvas.received(lambda found: found == [39, 20])


def test_classes_are_painted_where_they_are_and_only_those_that_are_shown(address: str, page: Page) -> None:
    canvas = Canvas(page, address)
    dots = canvas.dots()
    assert dots[15, 20].tolist() == [0, 0x72, 0xB2, 255] and dots[0, 0].tolist() == [0x8C, 0x8C, 0x8C, 255]
    assert dots[0, 58, 3] == 0  # not judged
    assert canvas.page.locator("canvas.mask").evaluate("canvas => canvas.style.opacity") == "0.55"
    canvas.switch("Without background")
    canvas.drawn(lambda dots: dots[0, 0, 3] == 0 and dots[15, 20, 3] == 255)
    canvas.switch("Outlines")

    def around_the_car(lines: np.ndarray) -> bool:
        by = lines.shape[1] / 60
        row, left, middle = (round(pixel * by) for pixel in (15.5, 10, 20))
        inside, outside = lines[row, left + 1].tolist(), lines[row, left - 2]
        return inside == [0, 0x72, 0xB2, 255] and outside[3] == 0 and lines[row, middle, 3] == 0

    canvas.drawn(around_the_car, "canvas.lines")


def test_paint_fill_erase_undo_and_redo_with_the_mouse(address: str, page: Page) -> None:
    canvas = Canvas(page, address, "mode=paint")
    expect(page.locator("button.class .name")).to_contain_text(["background", "<b>car</b>", "=cmd", "a class"])
    canvas.resize(3)
    canvas.drag((10, 10), (30, 10))
    canvas.painted(lambda mask: (mask[9:12, 9:32] == 1).all() and (mask != 0).sum() == 69)
    canvas.button("=cmd").click()
    canvas.drag((10, 10), (10, 30), (30, 30), (30, 10))
    canvas.painted(lambda mask: (mask[10:31, 10] == 2).all() and (mask[30, 10:31] == 2).all())
    canvas.button("<b>car</b>").click()
    canvas.button("Fill area").click()
    canvas.click(20, 20)
    canvas.painted(lambda mask: (mask[12:29, 12:29] == 1).all() and mask[0, 0] == 0)
    canvas.button("Eraser").click()
    canvas.resize(5)
    canvas.click(20, 20)
    canvas.painted(lambda mask: (mask[18:23, 19:22] == 0).all() and mask[12, 12] == 1)
    canvas.button("Undo").click()
    canvas.painted(lambda mask: (mask[12:29, 12:29] == 1).all())
    canvas.press("Control+z")
    canvas.painted(lambda mask: mask[20, 20] == 0 and mask[30, 20] == 2)
    canvas.press("Control+Shift+z")
    canvas.painted(lambda mask: (mask[12:29, 12:29] == 1).all())
    canvas.button("Clear").click()
    canvas.painted(lambda mask: not mask.any())
    assert not canvas.dots().any()
    canvas.button("Undo").click()
    canvas.painted(lambda mask: mask[20, 20] == 1)
    assert canvas.dots()[20, 20].tolist() == [0, 0x72, 0xB2, 255]


def test_all_of_it_with_the_keyboard(address: str, page: Page) -> None:
    canvas = Canvas(page, address, "mode=paint")
    canvas.stage.focus()
    canvas.press("2", *["["] * 4, "ArrowUp")  # the cross-hair appears in the middle
    assert page.locator("input.size").input_value() == "1"
    expect(page.locator(".status")).to_have_text("Row 20, column 30: background.")
    canvas.press("Space", "Shift+ArrowRight", "ArrowDown", "ArrowDown", "Space", "ArrowDown")
    canvas.painted(lambda mask: (mask[20, 30:41] == 2).all() and (mask[20:23, 40] == 2).all() and mask.sum() == 26)
    canvas.press("Control+z")
    canvas.painted(lambda mask: not mask.any())
    canvas.press("Control+Shift+z", "]", "]", "1", "Space", "ArrowLeft", "Escape")  # the stroke is dropped
    canvas.painted(lambda mask: mask.sum() == 26)
    canvas.press("0", "]")
    canvas.button("Fill area").click()
    canvas.press("3")
    canvas.stage.focus()
    canvas.press("ArrowUp", "Space")  # in the middle again, on what was painted
    canvas.painted(lambda mask: (mask == 3).sum() == 13 and mask.sum() == 39)


def test_each_picture_has_its_own_mask_and_finds_it_again(address: str, page: Page) -> None:
    canvas = Canvas(page, address, "mode=paint")
    canvas.resize(4)
    canvas.drag((10, 10), (30, 10))
    canvas.painted(lambda mask: mask[10, 20] == 1)
    canvas.switch("Other picture")
    canvas.painted(lambda mask: (mask == 255).all())
    canvas.click(50, 30)
    canvas.painted(lambda mask: mask[30, 50] == 1 and (mask == 255).sum() > 2300)
    canvas.switch("Other picture")
    canvas.painted(lambda mask: mask[10, 20] == 1)
    canvas.switch("Shown")
    canvas.received(lambda found: found == "away")
    canvas.switch("Shown")
    canvas.painted(lambda mask: mask[10, 20] == 1)
    assert canvas.dots()[10, 20, 3] == 255
    canvas.drag((10, 30), (30, 30))
    canvas.painted(lambda mask: mask[10, 20] == 1 and mask[30, 20] == 1)


def test_on_a_phone_a_finger_paints_and_asks(address: str, browser: Browser) -> None:
    context = browser.new_context(**PHONE)
    canvas = Canvas(context.new_page(), address, "mode=paint")
    touch = context.new_cdp_session(canvas.page)
    canvas.button("=cmd").tap()
    for kind, *point in (("touchStart", 10, 10), ("touchMove", 12, 20), ("touchMove", 12, 35), ("touchEnd",)):
        points = [dict(zip("xy", canvas.at(*point), strict=True))] if point else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    canvas.painted(lambda mask: mask[10, 10] == 2 and (mask[20:36, 12] == 2).all())
    assert canvas.page.evaluate("scrollY") == 0
    assert_fits_a_phone(canvas.page, "painting")
    canvas = Canvas(canvas.page, address)
    canvas.page.touchscreen.tap(*canvas.at(3, 38))
    canvas.received(lambda found: found == [38, 3])
    expect(canvas.page.locator(".readout")).to_contain_text("93 %, row 38, column 3")
    assert canvas.page.locator(".readout").bounding_box()["height"] < 30
    assert_fits_a_phone(canvas.page, "looking")
    context.close()
