"""Augmentation in a real browser: build, look, take other draws, upload, share the link; and on a phone."""

import statistics
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.serving import assert_fits_a_phone, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WATCH = """() => {
  const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".tiles"));
  const tiles = host.shadowRoot.querySelector(".tiles");
  let released = null;
  window.redrawn = [];
  addEventListener("pointerup", () => (released = performance.now()), true);
  new MutationObserver(async () => {
    if (released === null) return;
    const from = released;
    released = null;
    await Promise.all([...tiles.querySelectorAll("img")].map((image) => image.decode().catch(() => null)));
    requestAnimationFrame(() => window.redrawn.push(performance.now() - from));
  }).observe(tiles, { subtree: true, attributes: true, attributeFilter: ["src"] });
}"""
"""From the release of a pointer to the frame in which all tiles are new."""


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("random draws of the pipeline")).to_be_visible(timeout=120_000)
    expect(page.locator(".tiles img")).not_to_have_count(0)


def sources(page: Page) -> list[str]:
    return page.locator(".tiles img").evaluate_all("images => images.map(image => image.src)")


def expect_others(page: Page, before: list[str]) -> list[str]:
    """Wait until the tiles are other ones."""
    expect(page.locator(".tiles img").first).not_to_have_attribute("src", before[0])
    settled(page)
    return sources(page)


def test_a_pipeline_is_built_and_shared(server: str, page: Page) -> None:
    open_page(page, f"{server}/augmentation?pipeline=rotation:angle=-10..10;translation;brightness")
    before = sources(page)
    assert len(before) == 9 and len(set(before)) == 9
    page.get_by_role("button", name="Add a transform").click()
    page.get_by_text("Light and colour").click()
    page.get_by_role("button", name="Solarise").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    after = expect_others(page, before)
    expect(page.get_by_text("inverted from").first).to_be_visible()
    page.get_by_role("button", name="Other draws").click()
    final = expect_others(page, after)
    again = page.context.new_page()
    open_page(again, page.url)
    assert sources(again) == final
    again.close()


def test_tiles_follow_a_slider(server: str, page: Page) -> None:
    open_page(page, f"{server}/augmentation?pipeline=rotation:angle=-10..10;translation;brightness")
    page.evaluate(WATCH)
    rail = page.locator('[data-testid="stSlider"]').first.bounding_box()
    thumb = page.get_by_role("slider").nth(1).bounding_box()
    for number in range(10):
        before = sources(page)
        page.mouse.click(rail["x"] + rail["width"] * (0.62 + 0.03 * number), thumb["y"] + thumb["height"] / 2)
        expect_others(page, before)
    times = page.evaluate("window.redrawn")
    assert len(times) >= 8
    middle = statistics.median(times)
    print(f"\n9 tiles at 224 px, 3 steps: {middle:.0f} ms from release to picture, median of {len(times)}")


def test_a_slider_is_moved_with_the_keyboard_and_keeps_the_focus(server: str, page: Page) -> None:
    open_page(page, f"{server}/augmentation?pipeline=rotation:angle=-10..10")
    before = sources(page)
    page.get_by_role("slider").nth(1).focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        before = expect_others(page, before)
    assert "-10..12" in page.url


def test_a_picture_of_ones_own(server: str, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "mine.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)).save(file)
    open_page(page, f"{server}/augmentation")
    before = sources(page)
    page.get_by_text("Picture", exact=True).click()
    page.get_by_text("Upload", exact=True).click()
    page.locator('input[type="file"]').set_input_files(file)
    expect_others(page, before)
    expect(page.get_by_text("mine.png, 224 × 168 pixels")).to_be_visible()


def test_nothing_is_wider_than_a_phone(server: str, phone: Page) -> None:
    open_page(phone, f"{server}/augmentation?picture=scene-street-3&pipeline=crop_and_resize;mixup;jpeg&grid=4x6")
    assert_fits_a_phone(phone, "grid")
    phone.get_by_text("From weak to strong").tap()
    expect(phone.get_by_text("from where it changes nothing")).to_be_visible()
    assert_fits_a_phone(phone, "sweep")
    phone.get_by_role("button", name="Add a transform").tap()
    expect(phone.get_by_role("dialog")).to_be_visible()
    assert_fits_a_phone(phone, "list")
