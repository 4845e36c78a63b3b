"""Pages as they are seen seldom: before signing in, from a message's link, with much on them, with nothing, refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from browser import DARK, LIGHT, ON_A_PHONE, Browser, enter, serving
from ivigil.store import library
from ivigil.surveillance.context import Context
from ivigil.surveillance.decision_links import decision_link
from ivigil.surveillance.reviewers import Role, add_reviewer, local_link

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEWS = (LIGHT, DARK, ON_A_PHONE)
BUSY = {
    "candidates-filter": "/candidates?verdict=eligible&system=cutaneous", "conflicts-some": "/conflicts",
    "report-second-reading": "/reports/3", "links-some": "/links", "screener-challenger": "/screener",
    "alerts-some": "/alerts", "audit-some": "/audit",
}  # fmt: skip
REFUSED = {
    "error-403": ("/people", "Not yours to do"), "error-404": ("/reports/first", "Nothing is here"),
}  # fmt: skip
EMPTY = (
    "/", "/candidates", "/conflicts", "/studies", "/links", "/audit", "/screener", "/sources",
    "/runs", "/alerts", "/living-report",
)  # fmt: skip


def mail_link(context: Context, report: int, decision: str) -> str:
    """The path of a link as ada's message about a report has it."""
    with context.store.reading() as session:
        (record,) = library.records_of(session, [report])[report]
    link = decision_link(context, record.id, decision, recipient="ada@example.org")
    assert link is not None
    return link.removeprefix("https://review.example.org")


def test_pages_before_signing_in(busy: Context, browser: Browser, pictures: Path | None) -> None:
    """Signing in and deciding from a message are plain to see: what is kept, in whose name, what has run out."""
    with serving(busy) as address:
        local = local_link(busy)
        found = browser.examine(f"{address}/sign-in/{local}", "sign-in-local", VIEWS, pictures)
        token = add_reviewer(busy, "ada", Role.ADMIN)
        found += browser.examine(f"{address}/sign-in", "sign-in", VIEWS, pictures)
        found += browser.examine(f"{address}/sign-in/{token}", "sign-in-link", VIEWS, pictures)
        found += browser.examine(f"{address}/sign-in/used", "sign-in-expired", VIEWS, pictures)
        browser.says("This link no longer works")
        asked = address + mail_link(busy, 4, "exclude")
        found += browser.examine(asked, "decide", VIEWS, pictures)
        browser.find("button.act-exclude").click()
        browser.says("Kept: excluded")
        found += browser.examine(address + mail_link(busy, 4, "include"), "decide-again", VIEWS, pictures)
        browser.says("Decided in this name before: excluded")
        found += browser.examine(asked[:-3], "decide-forged", VIEWS, pictures)
        browser.says("This link no longer works")
        assert found == []


def test_pages_with_much_on_them(busy: Context, browser: Browser, pictures: Path | None) -> None:
    """An open filter, a conflict, a question, a lost comparison and failed deliveries fit their pages."""
    with serving(busy) as address:
        enter(browser, address, add_reviewer(busy, "ada", Role.ADMIN))
        found = []
        for name, path in BUSY.items():
            found += browser.examine(address + path, name, VIEWS, pictures)
        browser.open(f"{address}/people")
        browser.find("#new-name").send_keys("ada", Keys.ENTER)
        browser.says("That cannot be kept as it is")
        found += browser.look("error-422", pictures)
        enter(browser, address, add_reviewer(busy, "rea", Role.READER))
        for name, (path, said) in REFUSED.items():
            found += browser.examine(address + path, name, VIEWS, pictures)
            browser.says(said)
        assert found == []


def test_pages_with_nothing_on_them(empty: Context, browser: Browser, pictures: Path | None) -> None:
    """Before anything was searched each page says what is missing and what brings it."""
    with serving(empty) as address:
        enter(browser, address, add_reviewer(empty, "ada", Role.ADMIN))
        browser.says("ivigil bootstrap")
        found = []
        for path in EMPTY:
            found += browser.examine(address + path, f"empty{path.replace('/', '-')}", (DARK, ON_A_PHONE), pictures)
        assert found == []
