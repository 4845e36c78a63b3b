"""Whatever comes in whatever order, and whatever people say meanwhile, the store holds what the links say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from ivigil.linking import cluster
from ivigil.records import Author, PartialDate, Record, Relation
from ivigil.store import Store, judgements, library
from ivigil.store import links as linked
from ivigil.store.tables import Base, DecisionRow, LinkRow, RecordRow, ReportRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.linking import REPORT, STUDY, link_records
from ivigil.surveillance.settling import join_reports, part_studies, settle_suggestion, split_report, take_back
from ivigil.surveillance.suggestions import open_questions
from review_at_work import at, held, settings_for

NOW = datetime(2024, 6, 1, tzinfo=UTC)
COHORT = "Intravenous immunoglobulin in thirty adults with diffuse systemic sclerosis"
FOLLOW_UP = "Capillary density under monthly infusions: a follow-up of forty outpatients"
TRIAL = "Infusions against placebo in diffuse disease of the skin and lung"

ERRATUM = (Relation(kind="ErratumFor", pmid="93"),)


def record(source: str, title: str, **values: Any) -> Record:
    fields: dict[str, Any] = {
        "authors": tuple(Author(last_name=name) for name in ("Okafor", "Lind", "Marel")),
        "published": PartialDate(year=2020),
        "journal": "Journal of Connective Matters",
    }
    return Record(source=source, title=title, **{**fields, **values})


MIXED = [
    record("pubmed", COHORT + ".", source_id="1", pmid="91", doi="10.5555/one", volume="4", pages="11-19"),
    record("europepmc", COHORT, source_id="1", pmid="91"),
    record("scopus", COHORT.upper(), source_id="7", doi="10.5555/one"),
    record("embase", COHORT, source_id="e1", kind="conference_abstract", journal="Arthritis", pages="S12"),
    record("medrxiv", COHORT, source_id="p", kind="preprint", doi="10.1101/2019.01.01.19000001"),
    record("wos", COHORT, source_id="bare"),
    record("pubmed", FOLLOW_UP, source_id="11", journal="Acta Vasa", volume="8", pages="515-523", pmid="92"),
    record("embase", FOLLOW_UP, source_id="12", journal="Acta Vasa", pages="1-9", published=None),
    record("scopus", FOLLOW_UP, source_id="13", journal="Vessel"),
    record("clinicaltrials", "A study", source_id="NCT90000001", kind="registration", registry_ids=("NCT90000001",)),
    record("pubmed", TRIAL, source_id="21", registry_ids=("NCT90000001",), pmid="93"),
    record("pubmed", f"{TRIAL}: long-term extension", source_id="22", registry_ids=("NCT90000001",), pmid="94"),
    record("pubmed", f"Erratum to: {TRIAL}", source_id="23", pmid="95", relations=ERRATUM),
    record("wos", "Lung function under immunoglobulin, part I", source_id="31", doi="10.5555/part1"),
    record("wos", "Lung function under immunoglobulin, part II", source_id="32", doi="10.5555/part2"),
]  # fmt: skip


@pytest.fixture(scope="module")
def review(tmp_path_factory, simulator, protocol) -> Iterator[Context]:
    """One review whose store each example empties: making the schema anew would cost more than the example."""
    settings_ = settings_for(tmp_path_factory.mktemp("home"), simulator)
    with at(settings_, protocol, simulator, date(2024, 6, 1)) as context:
        yield context


def empty(store: Store) -> Store:
    with store.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    return store


def take(store: Store, records: list[Record]) -> None:
    with store.transaction() as session:
        library.take_in(session, records, run_id=None, way="search", now=NOW)
        link_records(session, now=NOW)


def questions(store: Store) -> list[tuple[str, frozenset[str]]]:
    """What a person is asked, by the names of the records of both reports."""
    with store.transaction() as session:
        found = []
        for link in open_questions(session):
            sides = [linked.records_by_id(session, linked.same_reports(session, [end])) for end in ends(link)]
            names = (min(f"{row.source}:{row.source_id}" for row in rows.values()) for rows in sides)
            found.append((link.kind, frozenset(names)))
        return sorted(found, key=lambda item: (item[0], sorted(item[1])))


def ends(link: LinkRow) -> tuple[int, int]:
    return link.record_a, link.record_b


def test_orders_of_arrival_leave_one_store(review: Context) -> None:
    """In any order and portions the store ends with the same reports, studies, links and questions as all at once."""
    chance = random.Random(4)
    store = empty(review.store)
    take(store, MIXED)
    expected, asked = present(store), questions(store)
    assert len(asked) >= 2
    pure = cluster({f"{one.source}:{one.source_id}": one for one in MIXED})
    assert {"+".join(sorted(group)) for group in pure.clusters} == {name for name in expected["reports"] if "+" in name}
    for round_ in range(25):
        empty(store)
        left = chance.sample(MIXED, len(MIXED))
        while left:
            size = chance.randint(1, len(left))
            take(store, left[:size])
            left = left[size:]
        if round_ % 5 == 0:
            take(store, MIXED)
        assert present(store) == expected, round_
        assert questions(store) == asked


def present(store: Store) -> dict[str, Any]:
    return {name: held(store)[name] for name in ("records", "reports", "studies", "links", "revisions")}


STEPS = ("arrive", "change", "answer", "split", "join", "part", "undo", "decide")


@pytest.mark.parametrize("seed", range(25))
def test_every_word_is_kept_through_any_sequence(review: Context, seed: int) -> None:
    """Through any sequence words hold, decisions stay with their records, and linking all anew changes nothing."""
    chance = random.Random(seed)
    store = empty(review.store)
    team = Team(review, chance)
    for step in ["arrive", *chance.choices(STEPS, k=15)]:
        getattr(team, step)()
        _check_words(store, team.decided)
    before = _grouping(store), questions(store)
    with store.transaction() as session:
        linked.link_anew(session, [row.id for row in session.query(RecordRow)])
        link_records(session, now=NOW)
    assert (_grouping(store), questions(store)) == before


class Team:
    """Does at random what a night and reviewers do, and checks what each step must bring about at once."""

    def __init__(self, context: Context, chance: random.Random) -> None:
        self.context, self.chance = context, chance
        self.left = chance.sample(MIXED, len(MIXED))
        self.words: list[int] = []
        self.decided: dict[int, int] = {}

    def arrive(self) -> None:
        take(self.context.store, [self.left.pop() for _ in range(self.chance.randint(0, len(self.left)))])

    def change(self) -> None:
        with self.context.store.transaction() as session:
            held_now = [row.data for row in session.query(RecordRow).order_by(RecordRow.id)]
        for one in held_now[:1] and self.chance.sample(held_now, 1):
            take(self.context.store, [one.model_copy(update={"volume": str(self.chance.randint(1, 3))})])

    def answer(self) -> None:
        with self.context.store.transaction() as session:
            waiting = [link.id for link in open_questions(session)]
        if waiting:
            accept = self.chance.random() < 0.5
            link = self.chance.choice(waiting)
            self.words.append(settle_suggestion(self.context, link, accept=accept, reviewer="one"))

    def split(self) -> None:
        large = sorted((report, ids) for report, (_, ids) in self.grouping().items() if len(ids) > 1)
        if large:
            report, ids = self.chance.choice(large)
            gone = set(self.chance.sample(sorted(ids), self.chance.randint(1, len(ids) - 1)))
            split_report(self.context, report, sorted(gone), reviewer="one", why="")
            assert not any(now & gone and now & (ids - gone) for _, now in self.grouping().values())

    def join(self) -> None:
        kind = self.chance.choice([REPORT, STUDY])
        for first, second in self.two_reports():
            self.words.append(join_reports(self.context, first[0], second[0], kind=kind, reviewer="one", why=""))
            mine, other = self.now_in(first[1]), self.now_in(second[1])
            assert mine == other if kind == REPORT else mine[1] == other[1]

    def part(self) -> None:
        for first, second in self.two_reports():
            self.words.append(part_studies(self.context, first[0], second[0], reviewer="one", why=""))
            assert self.now_in(first[1])[1] != self.now_in(second[1])[1]

    def undo(self) -> None:
        with self.context.store.transaction() as session:
            standing = [word for word in self.words if linked.find_link(session, word) is not None]
        if standing:
            take_back(self.context, self.chance.choice(standing), reviewer="one")

    def decide(self) -> None:
        for report in sorted(self.grouping())[:1]:
            decision = decide(self.context, report, "include", reviewer=f"reviewer-{len(self.decided)}")
            with self.context.store.transaction() as session:
                self.decided[decision] = session.get_one(DecisionRow, decision).record_id

    def grouping(self) -> dict[int, tuple[int, frozenset[int]]]:
        return _grouping(self.context.store)

    def two_reports(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Two reports, each with one of its records, as one pair or none."""
        reports = sorted((report, min(ids)) for report, (_, ids) in self.grouping().items())
        return [tuple(self.chance.sample(reports, 2))] if len(reports) > 1 else []

    def now_in(self, record_id: int) -> tuple[int, int]:
        """The report and the study that a record is in."""
        return next((report, study) for report, (study, ids) in self.grouping().items() if record_id in ids)


def _grouping(store: Store) -> dict[int, tuple[int, frozenset[int]]]:
    """Report -> its study and its records."""
    with store.transaction() as session:
        standing = {row.id: row for row in session.query(ReportRow).filter(ReportRow.merged_into.is_(None))}
        members: dict[int, set[int]] = {report: set() for report in standing}
        for row in session.query(RecordRow):
            members[row.report_id or 0].add(row.id)
        assert all(members.values()), "a report that stands has records"
        return {report: (standing[report].study_id or 0, frozenset(ids)) for report, ids in members.items()}


def _check_words(store: Store, decided: dict[int, int]) -> None:
    grouping = _grouping(store)
    report = {id_: number for number, (_, ids) in grouping.items() for id_ in ids}
    with store.transaction() as session:
        for link in session.query(LinkRow).filter(LinkRow.state.in_(linked.SETTLED)):
            a, b = (report[end] for end in ends(link))
            if link.kind == REPORT:
                assert (a == b) is (link.state == linked.ACCEPTED)
            elif link.state in linked.PARTING and a != b:
                assert grouping[a][0] != grouping[b][0]
        for link in open_questions(session):
            assert report[link.record_a] != report[link.record_b]
        standing = judgements.standing_decisions(session)
        for decision, record_id in decided.items():
            assert decision in [row.id for row in standing[report[record_id]]]


def test_a_night_costs_statements_for_what_is_new(review: Context) -> None:
    """Fifty new records cost exactly as many statements in a store of 1,200 as in one of 300."""
    counts = []
    for size in (300, 1_200):
        store = empty(review.store)
        take(store, [_numbered(number) for number in range(size)])
        again = [_numbered(number) for number in range(25)]
        new = [one.model_copy(update={"source": "scopus", "title": one.title.upper()}) for one in again]
        new += [_numbered(number) for number in range(size, size + 25)]
        statements: list[str] = []
        note = lambda *call, kept=statements: kept.append(call[2])  # noqa: E731
        event.listen(store.engine, "before_cursor_execute", note)
        take(store, new)
        event.remove(store.engine, "before_cursor_execute", note)
        with store.transaction() as session:
            assert library.count_reports(session) == size + 25
        counts.append(len(statements))
    assert counts[0] == counts[1] < 200


def _numbered(number: int) -> Record:
    """One of many documents that have nothing in common."""
    chance = random.Random(number)
    words = ["".join(chance.choices("bdfgklmnprstvz", k=1) + chance.choices("aeiou", k=1)) * 3 for _ in range(7)]
    name = "".join(chance.choices("bdfgklmnprstvz", k=7))
    return record(
        "pubmed",
        " ".join(f"{word}{chance.randint(0, 99)}" for word in words),
        source_id=str(number),
        authors=(Author(last_name=name, initials="A"),),
        pmid=str(10_000 + number),
    )
