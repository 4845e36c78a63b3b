"""Ten minutes with coffee in a real browser: sign in, read, filter, decide by keys, differ, settle, export, retrain."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import DARK, LIGHT, ON_A_PHONE, Browser, enter
from ivigil.store import judgements
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewers import Role, add_reviewer
from ivigil.surveillance.reviewing import Filter, list_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = {
    "today": "/", "candidates": "/candidates", "report": "/reports/1", "conflicts": "/conflicts", "studies": "/studies",
    "links": "/links", "audit": "/audit", "screener": "/screener", "sources": "/sources", "runs": "/runs",
    "alerts": "/alerts", "living-report": "/living-report", "people": "/people", "error": "/reports/9999",
}  # fmt: skip


def words_on(context: Context, report: int) -> list[tuple[str, str, str | None]]:
    with context.store.reading() as session:
        rows = judgements.standing_decisions(session, [report]).get(report, [])
    return [(row.reviewer, row.value, row.reason) for row in rows]


def test_a_coffee_session(
    context: Context, address: str, browser: Browser, other_browser: Browser, tmp_path: Path
) -> None:
    """Two reviewers work a morning through: keys alone decide, undo and go on; what they differ on is settled."""
    enter(browser, address, add_reviewer(context, "ada", Role.ADMIN))
    listed = [line.report_id for line in list_page(context, Filter(), reviewer="ada").lines]
    first, second, third = listed[:3]

    browser.open(f"{address}/candidates")
    browser.press("/")
    browser.wait(lambda: browser.driver.switch_to.active_element.get_attribute("id") == "q", "focus on the search")
    browser.press("cohort", Keys.ENTER)
    browser.at("q=cohort")
    browser.says("12 open match")
    browser.find(".filters summary").click()
    browser.open(f"{address}/candidates?verdict=eligible&q=cohort&threshold=above")
    assert browser.all(".line")

    browser.open(f"{address}/candidates")
    browser.find(".line")
    browser.press("j", Keys.ENTER)
    browser.at(f"/reports/{first}")
    browser.find("a.evidence[data-criterion=intervention]").send_keys(Keys.ENTER)
    browser.find("mark.lit")
    assert "immunoglobulin" in " ".join(mark.text for mark in browser.all("mark.lit"))

    browser.press("i")
    browser.at(f"/reports/{second}")
    browser.says("Press u to take it back")
    assert words_on(context, first) == [("ada", "include", None)]
    browser.press("u")
    browser.at(f"/reports/{first}")
    browser.says("Taken back")
    assert words_on(context, first) == []
    browser.press("i")
    browser.at(f"/reports/{second}")
    browser.press("e")
    browser.find("dialog[open]")
    browser.press("3")
    browser.at(f"/reports/{third}")
    browser.wait(lambda: words_on(context, second) == [("ada", "exclude", "too-few")], "the exclusion")
    browser.press("m")
    browser.wait(lambda: words_on(context, third) == [("ada", "maybe", None)], "the maybe")
    browser.press("?")
    browser.find("dialog#keys[open]")
    browser.press(Keys.ESCAPE)

    enter(other_browser, address, add_reviewer(context, "ben", Role.REVIEWER))
    other_browser.open(f"{address}/reports/{first}")
    other_browser.says("1 of 2 has decided")
    other_browser.press("e")
    other_browser.find("dialog[open]")
    other_browser.press("1")
    other_browser.wait(lambda: len(words_on(context, first)) == 2, "the second word")

    browser.open(f"{address}/conflicts")
    browser.says("ben")
    browser.find("button.act-include").click()
    browser.says("No conflicts")
    assert browser.text("table").count("ada, ben") == 1

    exported = browser.driver.execute_async_script(
        "const done = arguments[0]; fetch('/export/csv').then(a => a.text()).then(done)"
    )
    row = next(line for line in exported.splitlines() if f"ivigil-{first}," in line)
    assert ",include," in row

    browser.open(f"{address}/screener")
    browser.find("#retrain").click()
    browser.wait(lambda: browser.find("#job").get_attribute("data-running") == "no", "the training's end")
    browser.wait(lambda: "too few" in browser.text("#job") or "against" in browser.text("#job"), "what it came to")

    browser.find(".who button").click()
    browser.says("Open the sign-in link")
    browser.open(f"{address}/candidates")
    browser.at("/sign-in")


def test_every_page_is_accessible(context: Context, address: str, browser: Browser, pictures: Path | None) -> None:
    """No page has a serious or critical finding of axe, light or dark, wide or narrow; and none scrolls sideways."""
    token = add_reviewer(context, "ada", Role.ADMIN)
    browser.open(f"{address}/sign-in/{token}")
    assert browser.violations() == []
    enter(browser, address, token)
    found = []
    for name, path in PAGES.items():
        found += browser.examine(address + path, name, (LIGHT, DARK, ON_A_PHONE), pictures)
    assert found == []


def test_everything_is_reached_by_the_keyboard(context: Context, address: str, browser: Browser) -> None:
    """By Tab alone one reaches the skip link first, then every page, and the decision; focus is always visible."""
    enter(browser, address, add_reviewer(context, "ada", Role.ADMIN))
    browser.open(f"{address}/reports/1")
    assert browser.tab().get_attribute("class") == "skip"
    reached = set()
    for _ in range(60):
        element = browser.tab()
        if element.tag_name == "body":  # once round
            break
        reached.add(element.get_attribute("href") or element.get_attribute("id") or element.text)
        outline = "return getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        assert browser.driver.execute_script(outline), element.get_attribute("outerHTML")[:200]
    assert {f"{address}/candidates", f"{address}/people", "note", "exclude"} <= reached
