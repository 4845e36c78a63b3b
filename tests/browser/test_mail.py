"""The e-mails in a real Chromium, as a mail server took them: readable light and dark, wide and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from mails import MAILS, links_of, messages

from browser import Browser
from ivigil.alerts import AlertKind, channels_from
from ivigil.store import judgements, ledger
from ivigil.surveillance.context import Context
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.study_alerts import raise_study_alerts
from library_at_hand import NOW
from sinks import mail_sink

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = (600, 360)
SCHEMES = ("light", "dark")

# Each piece of text that is shown, with its contrast to what lies behind it (WCAG 2.1, 1.4.3).
CONTRASTS = """
const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
const parts = colour => colour.match(/[\\d.]+/g).map(Number)
const behind = node => {
  for (; node; node = node.parentElement) {
    const colour = parts(getComputedStyle(node).backgroundColor)
    if (colour.length === 3 || colour[3] === 1) return colour
  }
  return [255, 255, 255]
}
const found = []
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
while (walk.nextNode()) {
  const holder = walk.currentNode.parentElement, box = holder.getBoundingClientRect()
  if (!walk.currentNode.data.trim() || !box.width || !box.height) continue
  const [a, b] = [parts(getComputedStyle(holder).color), behind(holder)].map(light).sort((x, y) => y - x)
  found.push([walk.currentNode.data.trim(), (a + 0.05) / (b + 0.05)])
}
return found
"""
# What reaches beyond the window to either side.
BEYOND = """
return [...document.body.querySelectorAll('*')].filter(e => {
  const box = e.getBoundingClientRect()
  return box.width && (box.left < -0.5 || box.right > window.innerWidth + 0.5)
}).map(e => e.outerHTML.slice(0, 120))
"""
LOADED = "return performance.getEntriesByType('resource').map(e => e.name)"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Each mail's address: the HTML that was read out of the message that a mail server took."""
    folder = tmp_path_factory.mktemp("mails")
    found = {}
    with mail_sink() as sink:
        (channel,) = channels_from([sink.url("ada@example.org")])
        for name, message in messages():
            channel.send(message)
            file = folder / f"{name}.html"
            file.write_text(sink.received[-1].get_body(("html",)).get_content(), encoding="utf-8")
            (folder / f"{name}.txt").write_text(sink.received[-1].get_body(("plain",)).get_content(), encoding="utf-8")
            found[name] = file.as_uri()
    return found


@pytest.fixture
def shown(browser: Browser, pages: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    """Every mail, one after the other, in every scheme and width: its name, scheme and width."""

    def show() -> Iterator[tuple[str, str, int]]:
        for name, address in pages.items():
            for scheme in SCHEMES:
                browser.prefer(scheme)
                for width in WIDTHS:
                    browser.resize((width, 800))
                    browser.open(address)
                    yield name, scheme, width

    return show()


def test_every_kind_of_alert_is_looked_at() -> None:
    """No kind of alert is without a mail among those that are shown here."""
    assert {content.kind for content in MAILS.values()} == set(AlertKind)


def test_mails_are_readable_everywhere(browser: Browser, shown, pictures: Path | None) -> None:
    """Light or dark, 600 or 360 pixels wide: no mail scrolls sideways, loads anything or has text of low contrast."""
    faults = []
    grounds = set()
    for name, scheme, width in shown:
        where = f"{name}, {scheme}, {width}"
        if pictures:
            browser.photograph(pictures / f"mail-{name}-{scheme}-{width}.png", whole=True)
        wide = browser.driver.execute_script("return document.documentElement.scrollWidth")
        faults += [f"{where}: {wide} pixels wide"] if wide > width else []
        faults += [f"{where}: beyond the edge: {found}" for found in browser.driver.execute_script(BEYOND)]
        faults += [f"{where}: loads {found}" for found in browser.driver.execute_script(LOADED)]
        texts = browser.driver.execute_script(CONTRASTS)
        assert len(texts) >= 3
        faults += [f"{where}: contrast {ratio:.1f}: {text}" for text, ratio in texts if ratio < 4.5]
        ground = "return getComputedStyle(document.querySelector('.card')).backgroundColor"
        grounds.add((scheme, browser.driver.execute_script(ground)))
    assert faults == []
    assert len(grounds) == len({ground for _, ground in grounds}) == 2, "each scheme has one ground of its own"


def test_links_lead_somewhere(browser: Browser, pages: dict[str, str]) -> None:
    """Every link is a whole web address with words of its own, and every address that a mail's facts hold is one."""
    for name, address in pages.items():
        browser.open(address)
        held = {link.get_dom_attribute("href"): link.text.strip() for link in browser.all("a")}
        assert all(held.values()), name
        assert all(
            parts.scheme in ("http", "https") and "." in parts.netloc and not parts.fragment
            for parts in map(urlsplit, held)
        ), name
        assert set(held) == {link.url for link in links_of(MAILS[name])}, name


def test_choices_are_easy_to_hit(browser: Browser, pages: dict[str, str]) -> None:
    """On a phone each choice is a button of a finger's size whose whole face is the link."""
    browser.resize((360, 800))
    browser.open(pages["new"])
    buttons = browser.all("a.button, a.lead")
    assert [button.text for button in buttons] == ["Include", "Exclude", "Maybe", "Open in the workspace"]
    for button in buttons:
        assert button.size["height"] >= 40, button.text
        assert button.size["width"] >= 80, button.text


def test_a_choice_in_a_mail_asks_and_then_decides(
    context: Context, address: str, browser: Browser, tmp_path: Path
) -> None:
    """The link of a mail that was really sent opens a page that decides nothing until its button is pressed."""
    with mail_sink() as sink:
        set_ = {"notify": (sink.url("ada@example.org"),), "public_url": address}
        told = replace(context, settings=context.settings.model_copy(update=set_))
        with told.store.transaction() as session:
            raise_study_alerts(told, session, ledger.open_run(session, "night", as_of=NOW, now=NOW))
        assert deliver_due(told).delivered > 0
        mail = sink.received[0]
    file = tmp_path / "mail.html"
    file.write_text(mail.get_body(("html",)).get_content(), encoding="utf-8")
    browser.open(file.as_uri())
    browser.find("a.lead").click()
    browser.at("/decide/")
    browser.says("ada@example.org")
    with context.store.reading() as session:
        assert judgements.standing_decisions(session) == {}
    browser.find("main button[type=submit]").click()
    browser.wait(lambda: decisions(context) == [("ada@example.org", "include")], "the decision")


def decisions(context: Context) -> list[tuple[str, str]]:
    with context.store.reading() as session:
        rows = judgements.standing_decisions(session)
    return [(row.reviewer, row.value) for held in rows.values() for row in held]


def test_mails_are_accessible(browser: Browser, pages: dict[str, str]) -> None:
    """No mail has a serious or critical finding of axe, light or dark."""
    found = []
    for name, address in pages.items():
        for scheme in SCHEMES:
            browser.prefer(scheme)
            browser.open(address)
            found += [f"{name} {scheme}: {finding}" for finding in browser.violations()]
    assert found == []
