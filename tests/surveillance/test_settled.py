"""A report is settled where as many have decided as have to, and then for everything that asks, at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete

from ivigil.alerts import AlertKind, subscribers_from
from ivigil.store import ledger, outbox
from ivigil.store.tables import AssessmentRow, AuditRow
from ivigil.surveillance.agreement import TITLE_ABSTRACT
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.audit import audit_below
from ivigil.surveillance.candidates import list_candidates
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide, resolve
from ivigil.surveillance.delivering import choices
from ivigil.surveillance.places import places_of
from ivigil.surveillance.study_alerts import raise_study_alerts
from library_at_hand import NOW, library_of, paper

REPORTS = 6
ASKED = REPORTS
"""The report that is decided on: the last one, below the threshold."""
TREATED = (
    "We treated {n} consecutive adults with diffuse cutaneous systemic sclerosis with intravenous immunoglobulin "
    "2 g/kg monthly. The modified Rodnan skin score fell over one year."
)


@pytest.fixture(params=[1, 2], ids=["one decides", "two decide"])
def review(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Context]:
    """Six reports that read as eligible, on each of which one or two have to decide."""
    papers = [paper(n, abstract=TREATED.format(n=n + 9)) for n in range(1, REPORTS + 1)]
    changes = {"public_url": "https://review.example.org", "notify": (SecretStr("json://one.example.org"),)}
    with library_of(tmp_path, papers, reviewers=request.param) as context:
        yield replace(context, settings=context.settings.model_copy(update=changes))


def raise_alerts(context: Context) -> list[outbox.Alert]:
    with context.store.transaction() as session:
        raise_study_alerts(context, session, ledger.open_run(session, "night", as_of=NOW, now=NOW))
        return [one for one in outbox.list_alerts(session) if one.content["report_id"] == ASKED]


def undecided_for(context: Context, claimed: outbox.Claim) -> dict[str, bool]:
    """For what the report is undecided: each use that treats settled reports otherwise."""
    with context.store.transaction() as session:
        places = places_of(context, session)
        session.execute(delete(AuditRow))
        session.execute(delete(AssessmentRow))
        eligible = assess_reports(context, session)
    (channel,) = [subscriber.channel for subscriber in subscribers_from(context.settings)]
    return {
        "ranks": ASKED in places.ranks,
        "the list": ASKED in [one.report_id for one in list_candidates(context)],
        "the count of eligible": eligible == REPORTS,
        "the audit": ASKED in [one.report_id for one in audit_below(context).sample],
        "links in messages": bool(choices(context, claimed, channel)),
    }


def test_a_report_is_settled_for_everything_at_once(review: Context) -> None:
    """Where two decide, one word settles nothing, nor does a conflict; where one does, the first word settles it."""
    dual = review.protocol.screening.reviewers_per_report == 2
    (alert,) = raise_alerts(review)
    with review.store.transaction() as session:
        claimed = outbox.claim(session, alert.deliveries[0].delivery_id, NOW, timedelta(minutes=5))
    assert claimed is not None
    assert set(undecided_for(review, claimed).values()) == {True}
    decide(review, ASKED, "include", reviewer="ada")
    assert undecided_for(review, claimed) == dict.fromkeys(undecided_for(review, claimed), dual)
    decide(review, ASKED, "exclude", reviewer="ben", reason="too-few")
    assert undecided_for(review, claimed) == dict.fromkeys(undecided_for(review, claimed), dual)
    resolve(review, ASKED, "include", reviewer="ada", stage=TITLE_ABSTRACT)
    assert set(undecided_for(review, claimed).values()) == {False}


def test_one_of_two_words_makes_no_included_study(review: Context) -> None:
    """What one of two would include is told as a new study still, not as a further report of an included one."""
    decide(review, ASKED, "include", reviewer="ada")
    dual = review.protocol.screening.reviewers_per_report == 2
    told = AlertKind.STUDY_ELIGIBLE if dual else AlertKind.STUDY_DECIDED
    assert [alert.kind for alert in raise_alerts(review)] == [told]
