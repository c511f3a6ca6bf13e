"""What the browser tests share: servers of small apps, a phone, and how to wait for a page."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, free_port, wait_until_healthy
from tests.conftest import ROOT

__all__ = ["PHONE", "assert_fits_a_phone", "open_step", "serving", "settled"]

SETTLED = """([quiet, patience]) => new Promise((resolve) => {
  const from = performance.now();
  let last = from;
  const watch = new MutationObserver(() => (last = performance.now()));
  watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributeFilter: ["src"] });
  const isBusy = () =>
    window.asked > window.told ||
    document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning" ||
    document.querySelector("[data-testid=stSkeleton], [data-testid=stSpinner]") !== null ||
    [...document.images].some((image) => !image.complete && image.loading !== "lazy");
  const look = () => {
    const now = performance.now();
    if (isBusy()) last = now;
    const isSettled = now - last >= quiet;
    if (!isSettled && now - from < patience) return void setTimeout(look, 30);
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(isSettled)));
  };
  look();
})"""
"""Whether a page comes to rest: its server has answered, its run has ended, all is there, and nothing changes."""


@contextmanager
def serving(app: Path, log: Path) -> Iterator[str]:
    """The address of a server that runs `app`; what it prints goes to `log`."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def settled(page: Page, quiet_ms: int = 200) -> None:
    """Wait until the page's run has ended and the page has not changed for `quiet_ms`."""
    assert page.evaluate(SETTLED, [quiet_ms, 40_000]), f"{page.url} does not come to rest"


def open_step(page: Page, step: str) -> None:
    """Choose a tab, and wait until it is filled."""
    page.get_by_role("tab", name=step, exact=True).tap()
    expect(page.get_by_role("tab", name=step, exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name=step, exact=True)).not_to_be_empty()
    settled(page)


def assert_fits_a_phone(page: Page, what: str = "") -> None:
    """Nothing is wider than 390 pixels, in the light and in the dark theme, once the page has come to rest."""
    settled(page)
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for scheme in ("dark", "light") if is_dark else ("light", "dark"):  # the one that it has first: each change costs
        page.emulate_media(color_scheme=scheme)
        settled(page, 100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, f"{what} {scheme}"
