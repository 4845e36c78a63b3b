"""Where a report can be read freely is asked once, kept, and shown wherever the report is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from rich.console import Console

from ivigil.alerts.about import links
from ivigil.cli.tables import print_report
from ivigil.records import AbstractSection
from ivigil.settings import Settings, SourceSettings
from ivigil.simulator.holdings import drawn
from ivigil.simulator.unpaywall import OPEN_SHARE
from ivigil.sources.base import OpenCopy
from ivigil.sources.registry import Ability
from ivigil.store import full_texts, inquiries
from ivigil.store.ledger import FULL_TEXTS
from ivigil.surveillance.candidates import list_candidates, show_report
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.explaining import explain_report
from ivigil.surveillance.full_texts import find_full_texts
from ivigil.surveillance.night import run_night
from ivigil.surveillance.report_view import view_report
from review_at_work import Killed, at, kill_at_commit
from surveillance_fakes import Memory, fake_protocol, record, serve

Day = Callable[..., AbstractContextManager[Context]]
UNKNOWN = "10.5555/nobody.knows"
FEW = (AbstractSection(text="Two patients with systemic sclerosis were treated with intravenous immunoglobulin."),)


@pytest.fixture
def dois(simulator) -> dict[bool, str]:
    """A DOI that the simulated service has an open copy of (True), and one of a closed document (False)."""
    simulator.today = date(2024, 6, 1)
    library = simulator._around.holdings.library("unpaywall")
    held = library.get([str(number) for number in range(90_001_001, 90_001_041)], simulator.as_of())
    plain = [one.record.doi for one in held if one.record.doi and not one.record.pmcid]
    return {(drawn("publisher", doi) < OPEN_SHARE): doi for doi in reversed(plain)}


@pytest.fixture
def on_day(tmp_path, simulator, protocol, monkeypatch, dois) -> Day:
    """The review of three undecided reports on a day of June 2024: an open one, a closed one and an unknown one."""
    holdings = [record(n, doi=doi) for n, doi in enumerate((dois[True], dois[False], UNKNOWN), start=1)]
    serve(monkeypatch, Memory(holdings=holdings), abilities=frozenset({Ability.SEARCH}))

    def open_(day: date, *, sources=("memory", "unpaywall"), email="team@example.org"):
        settings = Settings(
            home=tmp_path,
            sources=sources,
            contact_email=email,
            embedding_model="none",
            source={"unpaywall": SourceSettings(base_url=simulator.base_url("unpaywall"))},
        )
        reads = fake_protocol("memory").model_copy(update={"criteria": protocol.criteria})
        return at(settings, reads, simulator, day)

    yield open_
    simulator.set_faults("")


def asked(context: Context) -> dict[str, int]:
    with context.store.transaction() as session:
        return inquiries.found(session, FULL_TEXTS, "unpaywall")


def test_an_open_copy_is_found_and_shown(on_day: Day, dois) -> None:
    """What was read the night before is asked about; the copy's address is in the list, on the page and in `show`."""
    with on_day(date(2024, 6, 1)) as context:
        assert run_night(context).as_json()["full_texts"]["asked"] == 0  # nothing has been read yet
    with on_day(date(2024, 6, 2)) as context:
        summary = run_night(context)
        assert summary.as_json()["full_texts"] == {"asked": 3, "found": 1, "new": 0, "changed": 0, "errors": []}
        listed = {one.best.doi: one.as_json() for one in list_candidates(context)}
        address = f"https://doi.org/{dois[True]}"
        assert {doi: one["full_text_url"] for doi, one in listed.items()} == {
            dois[True]: address, dois[False]: None, UNKNOWN: None,
        }  # fmt: skip
        report_id = listed[dois[True]]["report_id"]
        shown = show_report(context, report_id)
        assert shown["full_text_url"] == address
        console = Console(width=200, record=True)
        print_report(console, shown | {"explanation": vars(explain_report(context, report_id))})
        assert f"Full text (open): {address}" in console.export_text()
        view = view_report(context, report_id, reviewer="ada")
        assert ("Full text (open)", address) in [(one.label, one.url) for one in links(view.record, view.full_text_url)]


def test_a_closed_document_is_asked_about_again_after_a_month(on_day: Day, dois) -> None:
    """An open copy is not asked for twice; a document without one is, after thirty days and not before."""
    counts = []
    for day in (date(2024, 6, 1), date(2024, 6, 2), date(2024, 6, 3), date(2024, 7, 1), date(2024, 7, 2)):
        with on_day(day) as context:
            counts.append(run_night(context).as_json()["full_texts"]["asked"])
    assert counts == [0, 3, 0, 0, 2]


@pytest.mark.parametrize(
    "without", [{"sources": ("memory",)}, {"email": None}], ids=["not in IVIGIL_SOURCES", "no e-mail address"]
)
def test_a_service_that_is_not_set_up_is_not_asked(on_day: Day, without) -> None:
    """The service is asked only where the settings name it and give it an address."""
    for day in (1, 2):
        with on_day(date(2024, 6, day), **without) as context:
            run_night(context)
    assert asked(context) == {}


def test_only_what_may_be_read_whole_is_asked_about(on_day: Day, monkeypatch, dois) -> None:
    """A report that reads as ineligible is left alone until somebody includes it; an excluded one is left alone too."""
    holdings = [record(1, doi=dois[True], title="A report of two weavers", abstract=FEW), record(2, doi=dois[False])]
    serve(monkeypatch, Memory(holdings=holdings), abilities=frozenset({Ability.SEARCH}))
    with on_day(date(2024, 6, 1)) as context:
        run_night(context)
        reports = {one.best.doi: one for one in list_candidates(context)}
        assert reports[dois[True]].verdict == "ineligible"
        decide(context, reports[dois[False]].report_id, "exclude", reviewer="ada")
        assert find_full_texts(context, 1).counts == {"asked": 0, "found": 0}
        decide(context, reports[dois[True]].report_id, "include", reviewer="ada")
        assert find_full_texts(context, 1).counts == {"asked": 1, "found": 1}


def test_a_failure_is_no_answer(on_day: Day, simulator) -> None:
    """An answer that cannot be read is told of in the run, costs no document, and leaves the night whole."""
    with on_day(date(2024, 6, 1)) as context:
        run_night(context)
    simulator.set_faults("unpaywall:html*")
    with on_day(date(2024, 6, 2)) as context:
        summary = run_night(context)
        assert summary.status == "complete"
        assert any("MalformedResponse" in note for note in summary.notes)
        assert asked(context) == {}
    simulator.set_faults("")
    with on_day(date(2024, 6, 3)) as context:
        assert run_night(context).as_json()["full_texts"]["asked"] == 3


def test_a_step_killed_anywhere_is_made_good(on_day: Day) -> None:
    """Killed after any of its transactions and begun again, the step asks what is left and comes to the same."""
    with on_day(date(2024, 6, 1)) as context:
        run_night(context)
        left = []
        for commit in (2, 3, 4):
            with pytest.raises(Killed):
                find_full_texts(kill_at_commit(context, commit), 1)
            left.append(len(asked(context)))
        assert left == [0, 0, 1]
        assert find_full_texts(context, 1).counts["asked"] == 2
        whole = asked(context)
        assert sorted(whole.values()) == [0, 0, 1]
        assert find_full_texts(context, 1).counts["asked"] == 0
        assert asked(context) == whole


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://e.org/a", "https://e.org/\u202efdp.a", "x"])
def test_only_web_addresses_become_links(on_day: Day, monkeypatch, dois, address: str) -> None:
    """What a browser must not be sent to is passed over for the next copy, and no link is ever made of it."""
    good = OpenCopy("https://repository.example/a")
    assert [one.url for one in links(record(1), address)] == [one.url for one in links(record(1))]
    with on_day(date(2024, 6, 1)) as context:
        run_night(context)
        answer = type("Answer", (), {"doi": dois[True], "copies": (OpenCopy(address), good)})
        monkeypatch.setattr("ivigil.sources.unpaywall.Unpaywall.locate", lambda _self, _doi: answer)
        find_full_texts(context, 1)
        with context.store.transaction() as session:
            assert full_texts.urls_of(session, [*dois.values(), UNKNOWN]) == {dois[True]: good.url}
