"""The main journeys in a real browser: learn, test, draw, share, cancel, take home."""

import json
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cvlib.engine.jobs import FRESH_SECONDS
from tests.browser.serving import assert_fits_a_phone
from tests.images import files

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SLOW = "data=digits&model=lenet&epochs=200&batch_size=8"


@pytest.fixture(scope="module")
def trained(with_network: str) -> str:
    """The address of a workshop that has trained its default network."""
    return with_network


def stroke(page: Page, points: list[tuple[int, int]]) -> None:
    """Draw a line on the canvas, in its own pixels."""
    box = page.locator("canvas[role=img]").bounding_box()
    page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()


def test_from_the_front_door_to_a_trained_network_and_its_mistakes(server: str, page: Page) -> None:
    page.goto(server)
    expect(page.get_by_role("heading", name="The vision workshop")).to_be_visible()
    page.get_by_role("link", name="Open Classification").click()
    expect(page.get_by_text("Training pictures, one column a class")).to_be_visible()
    expect(page.get_by_text("Right on test pictures")).to_be_visible()
    page.get_by_role("tab", name="Test").click()
    expect(page.get_by_text("Its most confident mistakes")).to_be_visible()
    page.get_by_role("button", name="really 0, taken for 0").click()
    expect(page.get_by_text("Really “0”, taken for “0”")).to_be_visible()
    expect(page.get_by_text("✓ 0,").first).to_be_visible()


def test_a_tap_on_a_phone_shows_the_pictures_behind_the_square(trained: str, phone: Page) -> None:
    phone.goto(f"{trained}/classification?step=Test")
    for digit in (3, 6):
        phone.get_by_role("button", name=f"really {digit}, taken for {digit}").tap()
        expect(phone.get_by_text(f"Really “{digit}”, taken for “{digit}”")).to_be_visible()
    phone.get_by_role("button", name="really 6, taken for 6").tap()  # a second tap lets go of it
    expect(phone.get_by_text("Its most confident mistakes")).to_be_visible()


def test_the_keyboard_walks_through_the_matrix(trained: str, page: Page) -> None:
    page.goto(f"{trained}/classification?step=Test")
    page.get_by_role("button", name="really 0, taken for 0").press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Really “1”, taken for “1”")).to_be_visible()


def test_a_link_that_comes_first_opens_the_whole_workshop(server: str, page: Page) -> None:
    page.goto(f"{server}/classification?data=faces&model=mlp&epochs=4")
    expect(page.get_by_role("heading", name="Classification")).to_be_visible()
    expect(page.get_by_role("link", name="Home")).to_be_visible()
    expect(page.get_by_text("have not been trained yet")).to_be_visible()


def test_a_drawn_seven_is_read(trained: str, page: Page) -> None:
    page.goto(f"{trained}/classification?step=Try+it")
    page.locator("canvas[role=img]").wait_for()
    stroke(page, [(80, 60), (200, 60), (130, 230)])
    expect(page.get_by_text("As the network sees it")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("the answer appears here")).to_be_visible()


def test_an_uploaded_picture_is_shown_and_a_bad_one_costs_nothing(trained: str, page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "my cat.jpg", tmp_path / "no_[picture](x).png"
    good.write_bytes(files.encoded(files.picture(300, 200), "JPEG"))
    bad.write_bytes(b"no picture at all")
    page.goto(f"{trained}/classification?step=Try+it")
    page.get_by_text("Upload", exact=True).first.click()
    page.locator("input[type=file]").set_input_files(good)
    expect(page.get_by_text("my cat.jpg").first).to_be_visible()
    expect(page.get_by_text("As the network sees it")).to_be_visible()
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("is not a picture")).to_be_visible()
    expect(page.get_by_text("As the network sees it")).to_be_visible()


def test_the_camera_gives_a_picture(trained: str, page: Page) -> None:
    page.goto(f"{trained}/classification?step=Try+it")
    page.get_by_text("Camera", exact=True).first.click()
    page.wait_for_function("[...document.querySelectorAll('video')].some(video => video.readyState >= 3)")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_text("As the network sees it")).to_be_visible()


def test_closing_the_tab_and_reopening_the_link_finds_the_training_and_cancel_ends_it(
    server: str, browser: Browser
) -> None:
    first = browser.new_context()
    tab = first.new_page()
    tab.goto(f"{server}/classification?{SLOW}&seed=11")
    tab.get_by_role("button", name="Train", exact=True).click()
    expect(tab.get_by_text("of 200")).to_be_visible(timeout=60_000)
    link = tab.url
    first.close()
    closed = time.monotonic()
    second = browser.new_context()
    tab = second.new_page()
    tab.goto(link)
    expect(tab.get_by_text("of 200")).to_be_visible(timeout=30_000)
    # The closed tab still counts as waiting for a few seconds; after that this one alone decides.
    tab.wait_for_timeout(1000 * max(0.0, closed + FRESH_SECONDS + 1 - time.monotonic()))
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_text("Cancelled.")).to_be_visible(timeout=5_000)
    expect(tab.get_by_text("Right on test pictures")).to_be_visible()
    second.close()


def test_what_is_taken_home_is_whole(trained: str, page: Page, tmp_path: Path) -> None:
    page.goto(f"{trained}/classification?step=Take+it+home")
    for label, name in (
        ("Network for Keras", "digits-lenet.keras"),
        ("Network for a phone", "digits-lenet-tflite.zip"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "digits-lenet.keras") as archive:
        assert json.loads(archive.read("config.json"))["class_name"] == "Functional"
    with zipfile.ZipFile(tmp_path / "digits-lenet-tflite.zip") as archive:
        assert archive.read("labels.txt").split() == [str(k).encode() for k in range(10)]


def test_nothing_is_wider_than_a_phone(trained: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{trained}/classification?step=Take+it+home")
    for step in ("Take it home", "Learn", "Test", "Try it"):
        page.get_by_role("tab", name=step, exact=True).click()
        expect(page.get_by_role("tabpanel", name=step, exact=True)).not_to_be_empty()
        assert_fits_a_phone(page, step)
