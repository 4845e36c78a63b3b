"""A person's word on links stands, and what was decided follows its record."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ivigil.alerts import AlertKind
from ivigil.errors import ConfigurationError, NotFound
from ivigil.records import AbstractSection, Author, PartialDate, Record
from ivigil.store import Store, ledger, library, outbox
from ivigil.store import links as linked
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.candidates import show_report
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.settling import join_reports, part_studies, settle_suggestion, split_report, take_back
from ivigil.surveillance.study_alerts import raise_study_alerts
from ivigil.surveillance.suggestions import count_suggestions, list_suggestions
from review_at_work import at, held, settings_for

NOW = datetime(2024, 6, 1, tzinfo=UTC)
TREATED = (
    "We treated thirty adults with systemic sclerosis with intravenous immunoglobulin 2 g/kg monthly for six months."
    " The modified Rodnan skin score fell from 24 to 15."
)


def paper(source: str, number: int, title: str, **values: object) -> Record:
    fields: dict[str, object] = {
        "authors": (Author(last_name="Okafor", initials="B"), Author(last_name="Lind", initials="C")),
        "published": PartialDate(year=2024, month=3),
        "journal": "Journal of Connective Matters",
        "abstract": (AbstractSection(text=f"{title} {TREATED}"),),
        "languages": ("eng",),
    }
    return Record(source=source, source_id=str(number), title=title, **{**fields, **values})


ONE = "Intravenous immunoglobulin in thirty adults with diffuse systemic sclerosis: a cohort"


def arrivals() -> list[Record]:
    """One paper from three sources, and two parts of a different paper of the same group."""
    return [
        paper("pubmed", 1, ONE + ".", pmid="91", doi="10.5555/one"),
        paper("europepmc", 1, ONE, pmid="91"),
        paper("scopus", 7, ONE.upper(), doi="10.5555/one"),
        paper("pubmed", 2, "Lung function under immunoglobulin in systemic sclerosis, part II", pmid="92"),
        paper("embase", 3, "Lung function under immunoglobulin in systemic sclerosis, part I", doi="10.5555/part1"),
    ]


def doubtful() -> list[Record]:
    """Two records of which one may be the other, online and in print: only a person can say."""
    title = "Capillary density under monthly infusions: a follow-up of forty outpatients"
    return [
        paper("pubmed", 11, title, journal="Acta Vasa", volume="8", pages="515-523", abstract=()),
        paper("embase", 12, title, journal="Acta Vasa", pages="1-9", published=PartialDate(year=2023), abstract=()),
    ]


def take(store: Store, records: list[Record]) -> None:
    with store.transaction() as session:
        library.take_in(session, records, run_id=None, way="search", now=NOW)
        link_records(session, now=NOW)


def number_of(context: Context, source: str, number: int) -> int:
    """The report that a record is in."""
    with context.store.transaction() as session:
        row = library.find_by_key(session, source, str(number))
        assert row is not None
        assert row.report_id is not None
        return row.report_id


def record_ids(context: Context, report: int) -> dict[str, int]:
    return {record["source"]: record["record_id"] for record in show_report(context, report)["records"]}


def read_and_alert(context: Context) -> list[tuple[str, int]]:
    """Read what is unread and raise what is due; of every eligible study the alert's record, and its report today."""
    with context.store.transaction() as session:
        run = ledger.open_run(session, "night", as_of=NOW, now=NOW)
        assess_reports(context, session)
        raise_study_alerts(context, session, run)
        told = [alert for alert in outbox.list_alerts(session) if alert.kind == AlertKind.STUDY_ELIGIBLE]
        ends = [alert.record_id for alert in told if alert.record_id is not None]
        rows = linked.records_by_id(session, ends)
        return sorted((f"{rows[end].source}:{rows[end].source_id}", rows[end].report_id or 0) for end in ends)


@pytest.fixture
def context(tmp_path, simulator, protocol):
    with at(settings_for(tmp_path, simulator), protocol, simulator, date(2024, 6, 1)) as opened:
        yield opened


def test_a_split_stays_split_and_decisions_follow(context: Context) -> None:
    """Records parted by a person stay apart on later nights; a decision stays with the record it was made on."""
    take(context.store, arrivals())
    one = number_of(context, "pubmed", 1)
    first = record_ids(context, one)
    assert set(first) == {"pubmed", "europepmc", "scopus"}
    decide(context, one, "include", reviewer="first")
    split_report(context, one, [first["scopus"]], reviewer="first", why="another paper")
    changed = [record.model_copy(update={"volume": "9"}) for record in arrivals()]
    take(context.store, changed)
    kept, parted = number_of(context, "pubmed", 1), number_of(context, "scopus", 7)
    assert kept != parted
    assert number_of(context, "europepmc", 1) == kept
    assert len(show_report(context, kept)["decisions"]) == 1
    assert show_report(context, parted)["decisions"] == []

    join_reports(context, kept, parted, kind="report", reviewer="first", why="a mistake")
    again = number_of(context, "scopus", 7)
    assert again == number_of(context, "pubmed", 1)
    assert len(show_report(context, again)["decisions"]) == 1


def test_a_merged_report_comes_back_as_it_was(context: Context) -> None:
    """Two reports that were read, decided on and then merged are, once split, the two they were before."""
    one, other = doubtful()
    take(context.store, [one])
    take(context.store, [other])
    first, second = number_of(context, "pubmed", 11), number_of(context, "embase", 12)
    decide(context, first, "include", reviewer="first")
    decide(context, second, "exclude", reviewer="first", reason=context.protocol.exclusion_reasons[0].code)
    with context.store.transaction() as session:
        assess_reports(context, session)
    before = [show_report(context, report) for report in (first, second)]
    join_reports(context, first, second, kind="report", reviewer="first", why="")
    assert show_report(context, second)["report_id"] == first
    split_report(context, first, [record_ids(context, first)["embase"]], reviewer="first", why="")
    after = [show_report(context, report) for report in (first, second)]
    for was, is_ in zip(before, after, strict=True):
        for part in ("report_id", "records", "decisions", "scores", "assessments"):
            assert is_[part] == was[part], part


def test_alerts_follow_the_record_they_were_raised_on(context: Context) -> None:
    """After a split the parted report is told of once in its own name; joining and splitting again tells nothing."""
    take(context.store, arrivals()[:3])
    one = number_of(context, "pubmed", 1)
    assert read_and_alert(context) == [("europepmc:1", one)]
    split_report(context, one, [record_ids(context, one)["scopus"]], reviewer="first", why="another paper")
    other = number_of(context, "scopus", 7)
    assert read_and_alert(context) == [("europepmc:1", one), ("scopus:7", other)]
    join_reports(context, one, other, kind="report", reviewer="first", why="one after all")
    assert read_and_alert(context) == [("europepmc:1", one), ("scopus:7", one)]
    split_report(context, one, [record_ids(context, one)["scopus"]], reviewer="first", why="two after all")
    assert read_and_alert(context) == [("europepmc:1", one), ("scopus:7", other)]


def test_joined_studies_share_a_study(context: Context) -> None:
    """Two reports that a person calls one study are one study, and stay two reports."""
    take(context.store, arrivals())
    one, two = number_of(context, "pubmed", 1), number_of(context, "pubmed", 2)
    join_reports(context, one, two, kind="study", reviewer="first", why="same cohort")
    assert (number_of(context, "pubmed", 1), number_of(context, "pubmed", 2)) == (one, two)
    assert show_report(context, two)["study_id"] == show_report(context, one)["study_id"]


def test_studies_parted_by_a_person_stay_apart(context: Context) -> None:
    """What two reports share is outweighed by a person's word, also when a third is linked to both."""
    trial = {"registry_ids": ("NCT90000001",)}
    titles = ("Skin under infusion in early disease", "Lung function years after infusion", "Quality of life at home")
    three = [paper("pubmed", place, title, **trial) for place, title in enumerate(titles, start=21)]
    take(context.store, three[:2])
    one, two = (number_of(context, "pubmed", number) for number in (21, 22))
    assert show_report(context, one)["study_reports"] == [two]
    word = part_studies(context, one, two, reviewer="first", why="another trial under a mistyped number")
    take(context.store, three)
    take(context.store, [record.model_copy(update={"volume": "3"}) for record in three])
    assert two not in show_report(context, one)["study_reports"]
    take_back(context, word, reviewer="first")
    assert len(show_report(context, one)["study_reports"]) == 2


def test_a_suggestion_is_asked_once_and_its_answer_kept(context: Context) -> None:
    """A refused pair is not asked about again when records change, or when another record of either report comes."""
    take(context.store, doubtful())
    asked = list_suggestions(context)
    assert [item.rule for item in asked] == ["maybe-same-title"]
    assert [(side.record, side.pages) for side in asked[0].sides] == [("embase:12", "1-9"), ("pubmed:11", "515-523")]
    assert asked[0].as_json()["sides"][0]["authors"] == ("Okafor B", "Lind C")
    settle_suggestion(context, asked[0].link_id, accept=False, reviewer="first")
    with pytest.raises(NotFound):
        settle_suggestion(context, asked[0].link_id, accept=True, reviewer="second")
    third = doubtful()[0].model_copy(update={"source": "scopus", "source_id": "13"})
    take(context.store, [record.model_copy(update={"issue": "2"}) for record in doubtful()] + [third])
    assert number_of(context, "scopus", 13) == number_of(context, "pubmed", 11) != number_of(context, "embase", 12)
    assert [item for item in list_suggestions(context) if item.kind == "report"] == []


def test_two_documents_may_still_be_one_study(context: Context) -> None:
    """When a person says that two records are two documents, it is asked whether they are of one study."""
    take(context.store, doubtful())
    word = settle_suggestion(context, list_suggestions(context)[0].link_id, accept=False, reviewer="first")
    asked = list_suggestions(context)
    assert [(item.kind, item.rule) for item in asked] == [("study", "same-title-elsewhere")]
    settle_suggestion(context, asked[0].link_id, accept=True, reviewer="first")
    assert count_suggestions(context) == 0
    one, two = number_of(context, "pubmed", 11), number_of(context, "embase", 12)
    assert show_report(context, one)["study_reports"] == [two]
    take_back(context, word, reviewer="first")
    assert [item.kind for item in list_suggestions(context)] == ["report"]


def test_an_accepted_suggestion_joins(context: Context) -> None:
    """An accepted suggestion makes one report, and taking the word back asks again."""
    take(context.store, doubtful())
    word = settle_suggestion(context, list_suggestions(context)[0].link_id, accept=True, reviewer="first")
    assert number_of(context, "pubmed", 11) == number_of(context, "embase", 12)
    assert list_suggestions(context) == []
    take_back(context, word, reviewer="first")
    assert number_of(context, "pubmed", 11) != number_of(context, "embase", 12)
    assert count_suggestions(context) == 1


def test_nonsense_is_refused(context: Context) -> None:
    """A split of everything or of strangers, a join with itself or an absent report is refused and changes nothing."""
    take(context.store, arrivals())
    before = held(context.store)
    one = number_of(context, "pubmed", 1)
    everyone = [record["record_id"] for record in show_report(context, one)["records"]]
    for records in ([], everyone, [9999]):
        with pytest.raises(ConfigurationError):
            split_report(context, one, records, reviewer="first", why="")
    with pytest.raises(ConfigurationError):
        join_reports(context, one, one, kind="report", reviewer="first", why="")
    with pytest.raises(NotFound):
        join_reports(context, one, 99, kind="report", reviewer="first", why="")
    with pytest.raises(ConfigurationError):
        part_studies(context, one, number_of(context, "pubmed", 2), reviewer=" ", why="")
    with pytest.raises(NotFound):
        take_back(context, 1, reviewer="first")
    assert held(context.store) == before
