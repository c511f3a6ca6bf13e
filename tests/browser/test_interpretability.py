"""Interpretability in a real browser: the map of a class, on a desk and on a phone, and the network that cheats."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import assert_fits_a_phone, open_step, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def trained(with_network: str) -> str:
    """The page, on a host that has trained a network."""
    return f"{with_network}/interpretability"


def test_a_class_is_pressed_and_its_map_stands_over_the_picture(trained: str, page: Page) -> None:
    page.goto(trained)
    expect(page.get_by_role("heading", name="Interpretability")).to_be_visible()
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="LeNet on Digits").first.click()
    expect(page.get_by_text("Half of all heat lies on")).to_be_visible()
    maps = page.get_by_role("tabpanel").locator("img")
    expect(maps).to_have_count(2)
    before = maps.nth(1).get_attribute("src")
    page.locator("[data-testid=stButtonGroup] button").nth(1).click()
    expect(maps.nth(1)).not_to_have_attribute("src", before)
    settled(page)
    page.get_by_role("tab", name="Can I trust it?").click()
    expect(page.get_by_text("Area under the curve")).to_be_visible()


def test_nothing_is_wider_than_a_phone(trained: str, phone: Page) -> None:
    phone.goto(f"{trained}?step=Can+I+trust+it%3F")
    shown = phone.get_by_text("What the network said").or_(phone.get_by_text("What it wants to see"))
    for step in ("Can I trust it?", "Why?", "Inside a unit", "Take away"):
        open_step(phone, step)
        expect(shown.locator("visible=true")).to_be_visible()
        assert_fits_a_phone(phone, step)


def test_the_network_that_cheats_is_caught(trained: str, page: Page) -> None:
    page.goto(f"{trained}?step=Bias+hunt")
    page.get_by_role("button", name="Let it learn").click()
    expect(page.get_by_text("from another photographer").first).to_be_visible(timeout=150_000)
    page.get_by_text("Few (under 40 %)").click()
    expect(page.get_by_text("Why does it say “star”?")).to_be_visible()
    page.get_by_text("Put the tag on", exact=True).click()
    expect(page.get_by_text("such pictures it takes")).to_be_visible()
    assert np.char.isdigit(page.get_by_text("such pictures it takes").inner_text().split()[1])


def test_a_picture_of_ones_own_is_explained(trained: str, page: Page, tmp_path) -> None:
    from tests.images import files

    own = tmp_path / "my digit.png"
    own.write_bytes(files.encoded(files.picture(120, 90), "PNG"))
    page.goto(trained)
    page.get_by_text("Picture: ").first.click()
    page.get_by_text("Upload", exact=True).first.click()
    page.locator("input[type=file]").set_input_files(own)
    expect(page.get_by_text("Picture: my digit.png")).to_be_visible()
    expect(page.get_by_text("Half of all heat lies on").or_(page.get_by_text("The map is empty"))).to_be_visible()
