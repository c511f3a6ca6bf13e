"""Transfer learning in a real browser: a fresh host, a ZIP of one's own, a phone."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cvlib.transfer import project
from tests.browser.serving import assert_fits_a_phone, open_step
from tests.pages.test_transfer_learning import bars

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def address(with_network: str) -> str:
    """The page, on a host that has a network to build on."""
    return f"{with_network}/transfer_learning"


def choose_own_network(page: Page) -> None:
    page.get_by_role("combobox", name="Build on").click()
    page.get_by_role("option", name="LeNet on Digits").first.click()


def test_from_a_zip_to_mistakes(address: str, page: Page, tmp_path: Path) -> None:
    own = tmp_path / "bars.zip"
    own.write_bytes(project.to_archive(bars(9)))
    page.goto(address)
    choose_own_network(page)
    page.locator("input[type=file]:not([webkitdirectory])").last.set_input_files(own)
    expect(page.get_by_text("Class 1 · 9 pictures")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Right on held-back pictures")).to_be_visible()
    page.get_by_role("tab", name="Try it").click()
    expect(page.get_by_text("Take a picture, or choose one").or_(page.get_by_text("most like it"))).to_be_visible()
    page.get_by_text("Live camera").click()
    page.get_by_role("button", name="Start the camera").click()
    answer = page.locator("h3", has_text=re.compile("I don't know|upright|lying"))
    expect(answer).to_be_visible()
    # The browser's test camera counts on; every answered frame asks for the next one.
    frames = page.evaluate("""() => new Promise((resolve) => {
        let seen = 0;
        const plot = document.querySelector("[data-testid=stMain]");
        new MutationObserver(() => (seen += 1) > 3 && resolve(seen)).observe(plot, { subtree: true, childList: true });
        setTimeout(() => resolve(seen), 10000);
    })""")
    assert frames > 3
    page.get_by_role("button", name="Stop the camera").click()
    page.get_by_role("tab", name="Mistakes").click()
    page.get_by_role("button", name="really upright, taken for upright").click()
    expect(page.get_by_text("Really “upright”, taken for “upright”")).to_be_visible()


def test_a_class_of_ones_own_from_the_camera(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_role("combobox", name="Pictures").click()
    page.get_by_role("option", name="My own pictures").click()
    expect(page.get_by_text("Class 1 · 0 pictures")).to_be_visible()
    page.get_by_role("button", name="Add pictures").first.click()
    page.get_by_text("Use the camera").click()
    page.wait_for_function("[...document.querySelectorAll('video')].some(video => video.readyState >= 3)")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_text("Class 1 · 1 picture", exact=True)).to_be_visible()


def test_nothing_is_wider_than_a_phone(address: str, phone: Page) -> None:
    phone.goto(address)
    choose_own_network(phone)
    phone.get_by_role("button", name="Train", exact=True).tap()
    expect(phone.get_by_text("Right on held-back pictures")).to_be_visible()
    for step in ("Pictures", "Train", "Try it", "Mistakes", "The race", "Take it home"):
        open_step(phone, step)
        assert_fits_a_phone(phone, step)


def test_a_folder_with_a_folder_a_class(address: str, page: Page, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(project.to_archive(bars(3)))) as archive:
        archive.extractall(tmp_path / "mine")
    page.goto(address)
    page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path / "mine")
    expect(page.get_by_text("Class 1 · 3 pictures")).to_be_visible()
    expect(page.get_by_role("combobox", name="Pictures")).to_have_value("My own pictures")
