"""Detection in a real browser: train, press a box, label one's own; and on a phone."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.serving import assert_fits_a_phone, open_step, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
QUICK = "detector=sliding_window&detector_epochs=2&detector_train_size=50"
STEPS = ("Learn", "See", "Judge", "Own picture", "Inside", "Take it home")


@pytest.fixture(scope="module")
def trained(server: str, desk: BrowserContext) -> str:
    """The page's address after somebody pressed Train there."""
    address = f"{server}/detection?{QUICK}"
    page = desk.new_page()
    page.goto(address)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("mAP on test pictures")).to_be_visible(timeout=120_000)
    page.close()
    return address


def test_a_box_is_pressed_and_explained(trained: str, page: Page) -> None:
    page.goto(f"{trained}&step=See")
    page.get_by_text("The truth (white, dashed)").click()  # its boxes lie over the others
    expect(page.locator("button.box.dashed")).to_have_count(0)
    page.get_by_role("slider", name="Least confidence").press("Home")  # so small a network is sure of little
    box = page.locator("button.box.solid").first
    expect(box).to_be_visible()
    place = box.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(page.get_by_text("Each class is judged by itself")).to_be_visible()
    page.get_by_role("tab", name="Judge").click()
    expect(page.get_by_text("mAP at IoU 0.75")).to_be_visible()
    expect(page.get_by_text("What kind of mistakes?")).to_be_visible()


def test_the_detector_goes_home(trained: str, page: Page) -> None:
    page.goto(f"{trained}&step=Take it home")
    with page.expect_download() as download:
        page.get_by_role("button", name="Detector for Keras").click()
    assert download.value.suggested_filename == "shapes-sliding_window.zip"


def test_own_pictures_are_labelled_by_hand(server: str, page: Page) -> None:
    page.goto(f"{server}/detection?part=label")
    page.get_by_role("button", name="Start with an example").click()
    expect(page.get_by_text("24 of 24 pictures have boxes")).to_be_visible()
    before = page.get_by_text("4 boxes.")
    expect(before).to_be_visible()
    surface = page.locator("[role=application]")
    surface.focus()
    page.keyboard.press("n")
    expect(page.get_by_text("5 boxes").or_(page.get_by_text("Box 5 of 5"))).to_be_visible()
    settled(page)  # while the page runs again after an edit, the button still names the file of before
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as YOLO").click()
    assert download.value.suggested_filename == "my-boxes-yolo.zip"


def test_nothing_is_wider_than_a_phone(trained: str, phone: Page) -> None:
    phone.goto(trained)
    for step in STEPS:
        open_step(phone, step)
        assert_fits_a_phone(phone, step)
    for part in ("One thing", "Label your own", "Faces, the old way"):
        phone.get_by_text(part, exact=True).first.tap()
        assert_fits_a_phone(phone, part)
    expect(phone.get_by_text("Pick a photo with a face")).to_be_visible()  # its classifier has been trained by now
