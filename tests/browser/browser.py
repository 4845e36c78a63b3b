"""A real Chromium over a real server: set up, looked at, photographed, examined for accessibility."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from ivigil.review import create_app
from ivigil.surveillance.context import Context

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
    "--disable-background-networking", "--disable-sync", "--hide-scrollbars", "--force-device-scale-factor=1",
)  # fmt: skip
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP, PHONE = (1280, 900), (390, 844)
PATIENCE = 25
View = tuple[str, tuple[int, int]]
LIGHT, DARK, ON_A_PHONE = ("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE)


@contextmanager
def serving(context: Context) -> Iterator[str]:
    """The workspace on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(context), host="127.0.0.1", port=port, log_level="error", lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; skips where Chromium or its driver is not installed."""
    binary = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("Chromium and chromedriver are not installed (Debian: apt install chromium chromium-driver)")
    os.environ["SE_OFFLINE"] = "true"
    options = Options()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    opened = webdriver.Chrome(options=options, service=Service(driver))
    opened.set_page_load_timeout(PATIENCE * 2)
    try:
        yield Browser(opened)
    finally:
        opened.quit()


def _was_left(error: WebDriverException) -> bool:
    """Whether the page was just left for the next one; the driver has two ways to say so."""
    return isinstance(error, StaleElementReferenceException) or "does not belong to the document" in (error.msg or "")


class Browser:
    """What the tests do with a browser."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.resize(DESKTOP)

    def open(self, address: str) -> None:
        self.driver.get(address)

    def resize(self, size: tuple[int, int]) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE},
        )

    def prefer(self, scheme: str) -> None:
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            try:
                self.driver.switch_to.active_element.send_keys(key)
            except WebDriverException as error:
                if not _was_left(error):
                    raise
                self.driver.switch_to.active_element.send_keys(key)

    def tab(self) -> Any:
        self.press(Keys.TAB)
        return self.driver.switch_to.active_element

    def find(self, selector: str) -> Any:
        return self.wait(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None), selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str = "body") -> str:
        return self.find(selector).text

    def wait(self, condition: Any, what: str = "") -> Any:
        # A page may be replaced between finding a thing and looking at it: then it is looked for again.
        def holds(_: Any) -> Any:
            try:
                return condition()
            except WebDriverException as error:
                if not _was_left(error):
                    raise
                return None

        return WebDriverWait(self.driver, PATIENCE, 0.1).until(holds, f"waited for {what}")

    def at(self, part: str) -> None:
        self.wait(lambda: part in self.driver.current_url, part)

    def says(self, words: str) -> None:
        self.wait(lambda: words in self.driver.execute_script("return document.body?.textContent ?? ''"), words)

    def violations(self) -> list[str]:
        """Serious and critical findings of axe on the page shown, each with where."""
        if not AXE.is_file():
            pytest.skip("axe-core is not installed: npm install --prefix tests/browser")
        # CDP evaluates outside the page's policy, as a reviewer's own extension would.
        evaluate = {"expression": AXE.read_text(encoding="utf-8") + "; 'loaded'"}
        self.driver.execute_cdp_cmd("Runtime.evaluate", evaluate)
        run = "axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations))"
        said = self.driver.execute_cdp_cmd(
            "Runtime.evaluate", {"expression": run, "awaitPromise": True, "returnByValue": True}
        )
        assert "value" in said["result"], said
        return [
            f"{found['impact']} {found['id']}: {found['help']} at {node['target']}"
            for found in json.loads(said["result"]["value"])
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"][:3]
        ]

    def examine(self, address: str, name: str, views: Sequence[View], pictures: Path | None) -> list[str]:
        """What is wrong with a page in each view."""
        found = []
        for scheme, size in views:
            self.prefer(scheme)
            self.resize(size)
            self.open(address)
            found += self.look(f"{name}-{'phone-' if size == PHONE else ''}{scheme}", pictures)
        return found

    def look(self, name: str, pictures: Path | None) -> list[str]:
        """What axe finds on the page shown, and whether it scrolls sideways; photographed where there is a folder."""
        if pictures:
            self.photograph(pictures / f"{name}.png")
        found = [f"{name}: {finding}" for finding in self.violations()]
        if self.driver.execute_script("return document.documentElement.scrollWidth - window.innerWidth") > 0:
            found.append(f"{name}: wider than its window")
        return found

    def photograph(self, file: Path, *, whole: bool = False) -> None:
        """What the window shows, or the whole page, however long."""
        asked: dict[str, Any] = {"format": "png"}
        if whole:
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            asked |= {"captureBeyondViewport": True, "clip": {**size, "scale": 1}}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", asked)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))


def enter(browser: Browser, address: str, token: str) -> None:
    """Sign in by a link."""
    browser.open(f"{address}/sign-in/{token}")
    browser.says("This link works once")
    browser.find("button[type=submit]").click()
    browser.says("What waits")
