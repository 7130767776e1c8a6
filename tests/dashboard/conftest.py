"""A dashboard that serves, and a real browser."""

from __future__ import annotations

import json
import shutil
import threading
import time
from contextlib import contextmanager

import pytest

from autotrain.dashboard.app import create

BROWSER = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
                if path), None)  # fmt: skip


@contextmanager
def serving(folder, storage=None, host="127.0.0.1"):
    server, address = create(folder, storage, host, 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield address.replace("[::]", "127.0.0.1")
    finally:
        server.close()
        thread.join(20)


@pytest.fixture(scope="session")
def serve():
    return serving


@pytest.fixture(scope="session")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium here")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield found
        found.close()


class Visit:
    """A page and all that it complained of or asked of other machines."""

    def __init__(self, page, address):
        self.page, self.address, self.said = page, address, []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._request)
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))

    def _console(self, message):
        if message.type == "error" or "Content Security" in message.text:
            self.said.append(message.text)

    def _request(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.said.append(f"asked for {request.url}")

    def open(self, path):
        self.page.goto(self.address + path.lstrip("/"))
        self.page.wait_for_selector("#page h1")

    def text(self, selector="#page"):
        return self.page.inner_text(selector)

    def until(self, condition, seconds=60):
        """Wait for a condition in JavaScript, which the page's policy lets only us evaluate."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"{condition}, where the page says\n{self.text()}"
            self.page.wait_for_timeout(50)

    def wait_for(self, words, selector="#page"):
        text = f"(document.querySelector({json.dumps(selector)}) || {{innerText: ''}}).innerText"
        self.until(f"{text}.includes({json.dumps(words)})")


@pytest.fixture
def visit(browser):
    opened = []

    def begin(address, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        opened.append(context)
        return Visit(context.new_page(), address)

    yield begin
    for context in opened:
        context.close()
