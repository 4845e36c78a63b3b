"""Reviewers who decide at the same moment lose nothing, and a message's link decides once it is confirmed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from review_client import client_of, local, named

from ivigil.store import judgements
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.decision_links import PURPOSE
from ivigil.surveillance.reviewers import Role, add_reviewer
from ivigil.surveillance.signing import signer
from library_at_hand import library_of, paper

WRITERS, EACH = 20, 3


def test_twenty_deciding_at_once_lose_nothing(tmp_path: Path, store_url: str) -> None:
    """Twenty reviewers decide on the same reports over HTTP at once: every decision is kept, each in its own name."""
    with library_of(tmp_path / "home", [paper(number) for number in range(EACH)], url=store_url) as context:
        reports = [one.report_id for one in list_candidates(context)]
        named(context, "admin", Role.ADMIN)
        browsers = [client_of(context).enter(add_reviewer(context, f"r{n:02}", Role.REVIEWER)) for n in range(WRITERS)]
        together = Barrier(WRITERS)

        def work(number: int) -> list[int]:
            together.wait()
            return [
                browsers[number]
                .submit(f"/reports/{report}/decisions", as_json=True, value=("include", "exclude", "maybe")[number % 3])
                .status_code
                for report in reports
            ]

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = [code for codes in pool.map(work, range(WRITERS)) for code in codes]
        assert answers == [200] * (WRITERS * EACH)
        with context.store.reading() as session:
            held = judgements.standing_decisions(session)
        assert {report: sorted(row.reviewer for row in rows) for report, rows in held.items()} == {
            report: [f"r{n:02}" for n in range(WRITERS)] for report in reports
        }


def test_an_undo_pressed_twice_at_once_is_kept_once(tmp_path: Path, store_url: str) -> None:
    """Of two undos at the same moment one is kept and the other is told so; the decision itself stays a row."""
    with library_of(tmp_path / "home", [paper(1)], url=store_url) as context:
        ada = local(context)
        report = list_candidates(context)[0].report_id
        number = ada.submit(f"/reports/{report}/decisions", as_json=True, value="include").json()["decision_id"]
        together = Barrier(2)

        def undo(_n: int) -> int:
            together.wait()
            return ada.submit(f"/decisions/{number}/undo", as_json=True, report_id=report).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(undo, range(2))) == [200, 422]
        with context.store.reading() as session:
            assert [row.value for row in judgements.decision_history(session, report)] == ["include", "undo"]


def test_a_messages_link_decides_only_when_confirmed(context: Context) -> None:
    """Opening the link, as a mail scanner does, decides nothing; confirming decides in the name of whom it went to."""
    token = signer(context, PURPOSE).sign([1, "exclude", "ada@example.org"])
    reader = client_of(context)
    for _ in range(2):
        assert "Exclude this report?" in reader.get(f"/decide/{token}").text
    report = next(one.report_id for one in list_candidates(context) if one.report_id == 1)
    assert reader.post(f"/decide/{token}", data={"value": "exclude", "reason": "too-few"}).status_code == 200
    with context.store.reading() as session:
        (row,) = judgements.standing_decisions(session)[report]
    assert (row.reviewer, row.value, row.reason) == ("ada@example.org", "exclude", "too-few")
    assert reader.get("/decide/forged").status_code == 410
    other = {"origin": "https://elsewhere.example"}
    assert reader.post(f"/decide/{token}", data={"value": "include"}, headers=other).status_code == 403


def test_a_conflict_is_settled_on_its_page(context: Context) -> None:
    """Two who differ appear on the page of conflicts; a third settles it, and their agreement is told."""
    admin = named(context, "chair", Role.ADMIN)
    ada, ben = named(context, "ada", Role.REVIEWER), named(context, "ben", Role.REVIEWER)
    ada.submit("/reports/1/decisions", value="include")
    ben.submit("/reports/1/decisions", value="exclude", reason="too-few")
    page = admin.get("/conflicts").text
    assert "Settle: include" in page
    assert (
        admin.submit("/reports/1/resolution", value="exclude", stage="title-abstract", reason="too-few").status_code
        == 303
    )
    page = admin.get("/conflicts").text
    assert "No conflicts" in page
    assert "Agreement between reviewers" in page
