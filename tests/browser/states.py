"""What a review comes to after some weeks: a conflict, a question, a challenger that lost, alerts nobody received."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from ivigil.records import Author, PartialDate, Record
from ivigil.screening.card import Interval
from ivigil.screening.comparison import Comparison, Trial
from ivigil.store import ledger, library
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.reviewing import save_view
from ivigil.surveillance.study_alerts import raise_study_alerts
from library_at_hand import NOW, keep_screener, keep_second_reading

NOWHERE = "json://127.0.0.1:9/ivigil"
"""A port of this machine that nothing listens on."""


def doubtful() -> list[Record]:
    """Two records of which one may be the other, online and in print: only a person can say."""
    title = "Capillary density under monthly immunoglobulin infusions in systemic sclerosis: forty outpatients"
    people = (Author(last_name="Okafor", initials="B"), Author(last_name="Lind", initials="C"))
    printed = Record(
        source="pubmed", source_id="9001", pmid="9001", title=title, authors=people, journal="Acta Vasa", volume="8",
        pages="515-523", published=PartialDate(year=2024, month=3), languages=("eng",),
    )  # fmt: skip
    changed = {"source": "embase", "source_id": "L9002", "pmid": None, "volume": None, "pages": "1-9"}
    return [printed, printed.model_copy(update={**changed, "published": PartialDate(year=2023)})]


def after_some_weeks(context: Context, conflict: int, disputed: int) -> Context:
    """The review with something on every page; two people differ on one report, two readers on another."""
    settings = context.settings.model_copy(
        update={"public_url": "https://review.example.org", "notify": (SecretStr(NOWHERE),)}
    )
    context = replace(context, settings=settings)
    with context.store.transaction() as session:
        run = ledger.open_run(session, "night", as_of=NOW, now=NOW)
        library.take_in(session, doubtful(), run_id=run, way="search", now=NOW)
        link_records(session, now=NOW)
        assess_reports(context, session)
        raise_study_alerts(context, session, run)
    deliver_due(context)
    decide(context, conflict, "include", reviewer="ada", note="Twelve adults, each with a skin score before and after.")
    decide(context, conflict, "exclude", reviewer="ben", reason="too-few", note="Only four of them were given it.")
    keep_second_reading(context, disputed)
    save_view(context, "ada", "Eligible, with skin", "verdict=eligible&system=cutaneous")
    _train_again(context)
    return context


def _train_again(context: Context) -> None:
    """Two challengers that lost."""
    keep_screener(context, "v2", 0.131, trained_at=NOW - timedelta(days=60))
    folds = Trial("folds", _about(0.131), _about(0.187), _about(0.056), 0.312, 0.448)
    forward = Trial("forward in time", _about(0.142), _about(0.139), _about(-0.003), 0.287, 0.291)
    why = "folds: its loss may be worse by more than 0.01: 0.056 [0.036, 0.076]"
    compared = Comparison("v1", "challenger", (folds, forward), promoted=False, why=why)
    keep_screener(context, "v3", 0.187, comparison=compared.to_dict())


def _about(value: float) -> Interval:
    return Interval(value=value, low=value - 0.02, high=value + 0.02)
