"""A person's word on links stands, and what was decided follows its record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigil.errors import ConfigurationError, NotFound
from ivigil.records import AbstractSection, Author, PartialDate, Record
from ivigil.store import Store, library, open_store
from ivigil.surveillance.candidates import show_report
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.settling import join_reports, split_report
from review_at_work import at, held, settings_for

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def paper(source: str, number: int, title: str, **values: object) -> Record:
    return Record(
        source=source,
        source_id=str(number),
        title=title,
        authors=(Author(last_name="Okafor", initials="B"), Author(last_name="Lind", initials="C")),
        published=PartialDate(year=2024, month=3),
        journal="Journal of Connective Matters",
        abstract=(AbstractSection(text=f"We treated patients. {title}"),),
        **values,
    )


def arrivals() -> list[Record]:
    """One paper from three sources, its congress abstract, and a different paper of the same group."""
    one = "Intravenous immunoglobulin in thirty adults with diffuse systemic sclerosis: a cohort"
    return [
        paper("pubmed", 1, one + ".", pmid="91", doi="10.5555/one"),
        paper("europepmc", 1, one, pmid="91"),
        paper("scopus", 7, one.upper(), doi="10.5555/one"),
        paper("pubmed", 2, "Lung function under immunoglobulin in systemic sclerosis, part II", pmid="92"),
        paper("embase", 3, "Lung function under immunoglobulin in systemic sclerosis, part I", doi="10.5555/part1"),
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


WHOLE: dict[str, object] = {}


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(5)), cuts=st.sets(st.integers(1, 4)))
def test_the_order_of_arrival_does_not_matter(tmp_path_factory, order: list[int], cuts: set[int]) -> None:
    """Whatever order records come in, and in whatever batches, the store holds the same reports, studies and links."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('order') / 'x.sqlite3'}")
    records = [arrivals()[place] for place in order]
    edges = [0, *sorted(cuts), len(records)]
    for start, end in pairwise(edges):
        take(store, records[start:end])
    take(store, records)  # and once more: nothing changes
    found = {name: held(store)[name] for name in ("records", "reports", "studies", "links", "revisions")}
    store.close()
    assert WHOLE.setdefault("held", found) == found
    assert "europepmc:1+pubmed:1+scopus:7" in found["reports"]


def test_a_split_stays_split_and_decisions_follow(tmp_path, simulator, protocol) -> None:
    """Records parted by a person stay apart on later nights; a decision stays with the record it was made on."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, date(2024, 6, 1)) as context:
        take(context.store, arrivals())
        one = number_of(context, "pubmed", 1)
        first = {record["source"]: record["record_id"] for record in show_report(context, one)["records"]}
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


def test_joined_studies_share_a_study(tmp_path, simulator, protocol) -> None:
    """Two reports that a person calls one study are one study, and stay two reports."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, date(2024, 6, 1)) as context:
        take(context.store, arrivals())
        one, two = number_of(context, "pubmed", 1), number_of(context, "pubmed", 2)
        join_reports(context, one, two, kind="study", reviewer="first", why="same cohort")
        assert (number_of(context, "pubmed", 1), number_of(context, "pubmed", 2)) == (one, two)
        assert show_report(context, two)["study_id"] == show_report(context, one)["study_id"]


def test_nonsense_is_refused(tmp_path, simulator, protocol) -> None:
    """A split of everything or of strangers, a join with itself or an absent report is refused and changes nothing."""
    with at(settings_for(tmp_path, simulator), protocol, simulator, date(2024, 6, 1)) as context:
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
        assert held(context.store) == before
