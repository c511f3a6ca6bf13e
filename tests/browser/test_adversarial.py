"""Adversarial examples in a real browser: attack, watch, take away; and on a phone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.serving import assert_fits_a_phone, open_step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def address(with_network: str) -> str:
    """The page, on a host that has trained a network."""
    return f"{with_network}/adversarial"


def choose_network(page: Page) -> None:
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="LeNet on Digits").first.click()


def test_a_digit_is_attacked_and_taken_away(address: str, page: Page) -> None:
    page.goto(f"{address}?attack=pgd")
    choose_network(page)
    page.get_by_text("An answer I choose").click()
    page.get_by_role("button", name="Attack with PGD").click()
    expect(page.get_by_text("The same amount of random noise")).to_be_visible()
    expect(page.get_by_text("ooled").first).to_be_visible()  # fooled into one class or another, or not fooled
    page.get_by_text("Watch it happen").click()
    expect(page.get_by_text("The picture on its way")).to_be_visible()
    page.get_by_role("tab", name="Take away").click()
    expect(page.get_by_text("read again as if you had uploaded it")).to_be_visible()
    assert "attack=pgd" in page.url and "network=" in page.url


def test_nothing_is_wider_than_a_phone(address: str, phone: Page) -> None:
    phone.goto(address)
    choose_network(phone)
    phone.get_by_role("button", name="Attack with FGSM").tap()
    expect(phone.get_by_text("The same amount of random noise")).to_be_visible()
    for step in ("Fool it", "How little?", "Does it carry over?", "Defend it", "Take away"):
        open_step(phone, step)
        assert_fits_a_phone(phone, step)
