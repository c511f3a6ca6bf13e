"""A server of our own and a real Chromium before it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import ROOT

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

ANSWERED = """(() => {
  const send = WebSocket.prototype.send;
  const watched = new WeakSet();
  window.asked = window.told = 0;
  WebSocket.prototype.send = function (...content) {
    if (!watched.has(this)) this.addEventListener("message", () => (window.told = performance.now()));
    watched.add(this);
    window.asked = performance.now();
    return send.apply(this, content);
  };
})()"""
"""Begins a page: remembers when it last asked its server for something, and when the server last said something."""
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True, "is_mobile": True}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running workshop with an empty store."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    home: Path = tmp_path_factory.mktemp("server-home")
    with open(home / "log", "w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "CVLIB_HOME": str(home)}, stdout=log, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)
    assert "Traceback" not in (home / "log").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=40_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def desk(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with a large screen and a camera. Each page is a session of its own; only fetched files are shared."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, accept_downloads=True, permissions=["camera"]
    )
    context.set_default_timeout(40_000)
    context.add_init_script(ANSWERED)
    yield context
    context.close()


@pytest.fixture(scope="session")
def pocket(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with a phone."""
    context = browser.new_context(**PHONE)
    context.set_default_timeout(40_000)
    context.add_init_script(ANSWERED)
    yield context
    context.close()


@pytest.fixture(scope="session")
def with_network(server: str, desk: BrowserContext) -> str:
    """The same workshop after its first visitor, who had it train its default network."""
    page = desk.new_page()
    page.goto(f"{server}/classification")
    expect(page.get_by_text("Right on test pictures")).to_be_visible(timeout=90_000)
    page.close()
    return server


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    opened = desk.new_page()
    yield opened
    opened.close()


@pytest.fixture
def phone(pocket: BrowserContext) -> Iterator[Page]:
    opened = pocket.new_page()
    yield opened
    opened.close()
