"""Segmentation in a real browser: train, ask a pixel, paint against the network; and on a phone."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.serving import assert_fits_a_phone, open_step, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
QUICK = "segmenter=fcn&segment_epochs=2&segment_train_size=50"
STEPS = ("Learn", "See", "Judge", "Paint", "Own picture", "Inside", "Take it home")


@pytest.fixture(scope="module")
def trained(server: str, desk: BrowserContext) -> str:
    """The page's address after somebody pressed Train there."""
    address = f"{server}/segmentation?{QUICK}"
    page = desk.new_page()
    page.goto(address)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Mean IoU on test pictures")).to_be_visible(timeout=120_000)
    page.close()
    return address


def test_a_pixel_is_asked_and_the_network_judged(trained: str, page: Page) -> None:
    page.goto(f"{trained}&segment_step=See")
    stage = page.locator("[role=application]").first
    stage.wait_for()
    area = stage.bounding_box()
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] * 0.9)
    readout = page.locator(".readout").first
    expect(readout).to_contain_text("%")
    page.get_by_role("tab", name="Judge").click()
    expect(page.get_by_text("Boundary F1").first).to_be_visible()


def test_a_mask_is_painted_and_compared(trained: str, page: Page) -> None:
    page.goto(f"{trained}&segment_step=Paint")
    stage = page.locator(".painting [role=application]")
    stage.wait_for()
    area = stage.bounding_box()
    middle = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + area["width"] / 5, middle[1], steps=5)
    page.mouse.up()
    settled(page)  # the page runs again with what was painted
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("the network", exact=False).first).to_be_visible()
    expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)


def test_nothing_is_wider_than_a_phone(trained: str, phone: Page) -> None:
    phone.goto(trained)
    for step in STEPS:
        open_step(phone, step)
        assert_fits_a_phone(phone, step)
    for part in ("Without a network", "Teach it yours"):
        phone.get_by_text(part, exact=True).first.tap()
        assert_fits_a_phone(phone, part)
