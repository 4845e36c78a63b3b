"""What the team is told of a study over its life: new, updated, retracted, decided, merged; each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from ivigil.alerts import AlertContent, read_content, subscribers_from
from ivigil.protocol_file import load_protocol
from ivigil.records import AbstractSection, PartialDate, Record, Relation
from ivigil.settings import Settings
from ivigil.sources.session import PoliteSession
from ivigil.store import Store, ledger, library, open_store, outbox
from ivigil.surveillance.assessing import assess_reports
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide, undo
from ivigil.surveillance.decision_links import read_decision_link
from ivigil.surveillance.delivering import choices
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.settling import join_reports
from ivigil.surveillance.study_alerts import raise_study_alerts
from study_texts import ELIGIBLE

START = datetime(2025, 3, 1, 3, 0, tzinfo=UTC)
HOOKS = ("json://one.example.org", "json://two.example.org")


def paper(number: int = 1, abstract: str | None = ELIGIBLE, **values: object) -> Record:
    given: dict[str, object] = {
        "source": "pubmed",
        "source_id": str(39000000 + number),
        "pmid": str(39000000 + number),
        "title": f"Intravenous immunoglobulin in diffuse systemic sclerosis: open-label study {number}",
        "abstract": (AbstractSection(text=abstract),) if abstract else (),
        "journal": "Journal of Imaginary Rheumatology",
        "published": PartialDate(year=2025, month=1),
        "languages": ("eng",),
        "publication_types": ("Journal Article",),
    }
    return Record(**(given | values))


class Review:
    """A review that takes in what each night brings, without sources and without a screener."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.nights = 0

    def night(self, *records: Record, kind: str = "night") -> list[AlertContent]:
        """Take records in, link, read and raise; returns what was raised."""
        self.nights += 1
        now = START + timedelta(days=self.nights)
        self.context = replace(self.context, clock=Clock(fixed=now))
        before = len(self.told)
        with self.context.store.transaction() as session:
            run = ledger.open_run(session, kind, as_of=now, now=now)
            library.take_in(session, records, run_id=run, way="search", now=now)
            link_records(session, now=now)
        self.alert(run)
        return self.told[before:]

    def alert(self, run: int = 1) -> int:
        with self.context.store.transaction() as session:
            assess_reports(self.context, session)
            return raise_study_alerts(self.context, session, run)

    @property
    def told(self) -> list[AlertContent]:
        with self.context.store.transaction() as session:
            return [read_content(alert.content) for alert in reversed(outbox.list_alerts(session))]

    def deliveries(self) -> dict[str, list[str]]:
        """Kind -> states of its deliveries, by channel."""
        with self.context.store.transaction() as session:
            return {
                alert.kind: [delivery.state for delivery in alert.deliveries] for alert in outbox.list_alerts(session)
            }

    def show(self, *channels: int) -> None:
        """Let these of the two channels be told all that waits."""
        with self.context.store.transaction() as session:
            for alert in outbox.list_alerts(session):
                for channel in channels:
                    delivery = alert.deliveries[channel]
                    claimed = outbox.claim(
                        session, delivery.delivery_id, self.context.clock.now(), timedelta(minutes=5)
                    )
                    if claimed is not None:
                        outbox.record_delivered(session, claimed, self.context.clock.now())


@contextmanager
def review_in(home: Path, store: Store | None = None) -> Iterator[Review]:
    settings = Settings(home=home, notify=tuple(SecretStr(url) for url in HOOKS))
    opened = store or open_store(settings.database)
    with PoliteSession() as session:
        yield Review(Context(settings, load_protocol("ivig_ssc"), opened, Clock(fixed=START), session))
    opened.close()


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with review_in(tmp_path) as made:
        yield made


def kinds(told: Sequence[AlertContent]) -> list[str]:
    return [str(content.kind) for content in told]


def changed(content: AlertContent) -> dict[str, tuple[str | None, str | None]]:
    return {change.what: (change.before, change.after) for change in content.changes}


def test_a_new_study_is_told_once(review: Review) -> None:
    """An eligible study is told of the night it comes, with its facts, urgently; the next night is silent."""
    (told,) = review.night(paper())
    assert (str(told.kind), str(told.urgency)) == ("study_eligible", "high")
    assert told.study is not None
    assert (told.study.n_treated, told.study.verdict) == (14, "eligible")
    assert [(found.source, found.way) for found in told.study.found] == [("pubmed", "search")]
    assert told.report_id == 1
    assert review.night() == []


def test_a_changed_count_is_told_before_and_after(review: Review) -> None:
    """When a record's text changes how many were treated, one message says from what to what, in the study's thread."""
    (first,) = review.night(paper())
    (told,) = review.night(paper(abstract=ELIGIBLE.replace("Fourteen", "Eighteen"), version="2"))
    assert str(told.kind) == "study_updated"
    assert changed(told) == {"Treated": ("14", "18")}
    assert told.thread == "study_eligible:pubmed:39000001"
    assert told.replies_to is not None
    assert first.replies_to is None
    assert review.night() == []


def test_what_goes_back_is_told_again(review: Review) -> None:
    """A number that changes and changes back is two messages, since the team knows the middle one."""
    review.night(paper())
    review.night(paper(abstract=ELIGIBLE.replace("Fourteen", "Eighteen"), version="2"))
    (told,) = review.night(paper(version="3"))
    assert changed(told)["Treated"] == ("18", "14")
    assert review.night() == []


def test_a_study_that_becomes_eligible_when_its_abstract_comes(review: Review) -> None:
    """Nothing is told of a bare title without a threshold; when its abstract comes the study is new."""
    assert review.night(paper(abstract=None)) == []
    assert kinds(review.night(paper(version="2"))) == ["study_eligible"]


def test_a_verdict_that_falls_is_told(review: Review) -> None:
    """A study that is no longer eligible when its text changes is told of as changed, not left standing."""
    review.night(paper())
    case = "We report one adult with systemic sclerosis who received intravenous immunoglobulin. The skin score fell."
    (told,) = review.night(paper(abstract=case, publication_types=("Case Reports",), version="2"))
    assert str(told.kind) == "study_updated"
    assert changed(told)["Verdict"] == ("eligible", "ineligible")


def test_full_text_that_appears_is_told_quietly(review: Review) -> None:
    """A full text that becomes free to read is worth a message of low urgency."""
    review.night(paper())
    (told,) = review.night(paper(pmcid="PMC1", version="2"))
    assert (str(told.kind), str(told.urgency)) == ("study_updated", "low")
    assert set(changed(told)) == {"Full text"}


def test_what_is_no_news_is_not_told(review: Review) -> None:
    """A corrected page range, a second source's record of the same paper, and a re-read design are silent."""
    review.night(paper(doi="10.5555/ivig.1"))
    assert review.night(paper(doi="10.5555/ivig.1", pages="1-9", version="2")) == []
    assert review.night(paper(doi="10.5555/ivig.1", source="europepmc", source_id="MED/39000001")) == []


def test_a_retraction_and_its_end_are_told(review: Review) -> None:
    """Retracted, taken back and retracted again are three messages, and no night repeats one."""
    review.night(paper())
    retraction = (Relation(kind="RetractionIn", pmid="39999999"),)
    (told,) = review.night(paper(relations=retraction, version="2"))
    assert (str(told.kind), str(told.urgency)) == ("study_retracted", "high")
    assert told.thread == "study_eligible:pubmed:39000001"
    assert review.night() == []
    (back,) = review.night(paper(version="3"))
    assert str(back.kind) == "study_updated"
    assert "Retraction" in changed(back)
    (again,) = review.night(paper(relations=retraction, version="4"))
    assert str(again.kind) == "study_retracted"
    assert review.night() == []


@pytest.mark.parametrize(
    ("relation", "title", "kind"),
    [
        ("ErratumFor", "Correction to an open-label study", "study_corrected"),
        ("RetractionOf", "Retraction notice", "study_retracted"),
        ("ExpressionOfConcernFor", "Expression of concern", "study_updated"),
        ("CommentOn", "Immunoglobulin at last?", "study_updated"),
    ],
)
def test_a_document_about_a_study_is_a_notice_on_it(review: Review, relation: str, title: str, kind: str) -> None:
    """An erratum, a retraction notice or a comment is no study: it is told of the study it concerns, once."""
    review.night(paper())
    about = paper(2, None, title=title, relations=(Relation(kind=relation, pmid="39000001"),))
    (told,) = review.night(about)
    assert str(told.kind) == kind
    assert told.study is not None
    assert told.study.title == paper().title
    assert title in told.details[0]
    assert told.actions[0].url == "https://pubmed.ncbi.nlm.nih.gov/39000002/"
    assert review.night(replace_source(about)) == [], "the same document from a second source"
    said = {
        "ErratumFor": "ErratumIn",
        "RetractionOf": "RetractionIn",
        "ExpressionOfConcernFor": "ExpressionOfConcernIn",
    }
    if relation in said:
        note = (Relation(kind=said[relation], pmid="39000002"),)
        assert review.night(paper(relations=note, version="2")) == [], "the paper's own record says so later"


def replace_source(record: Record) -> Record:
    return record.model_copy(update={"source": "europepmc", "source_id": f"MED/{record.pmid}"})


def test_each_comment_is_told(review: Review) -> None:
    """Two comments on a study are two messages."""
    review.night(paper())
    note = (Relation(kind="CommentOn", pmid="39000001"),)
    comments = [paper(number, None, title=f"Comment by group {number}", relations=note) for number in (2, 3)]
    assert kinds(review.night(*comments)) == ["study_updated", "study_updated"]
    assert review.night() == []


def test_two_studies_told_of_apart_that_are_one(review: Review) -> None:
    """When two studies that the team was told of are joined, one message says so and goes on in the older thread."""
    assert kinds(review.night(paper(1), paper(2, ELIGIBLE.replace("Fourteen", "Eighteen")))) == ["study_eligible"] * 2
    join_reports(review.context, 1, 2, kind="study", reviewer="ada", why="the same trial")
    (told,) = review.night()
    assert str(told.kind) == "study_merged"
    assert changed(told)["Studies"] == ("2", "1")
    assert len(told.details) == 2
    assert told.thread == "study_eligible:pubmed:39000001"
    assert told.joins == ("study_eligible:pubmed:39000002",)
    assert review.night() == []


def test_a_further_report_of_a_study_is_an_update(review: Review) -> None:
    """A report that is joined to a study told of is told as that, not as another study."""
    review.night(paper(1))
    review.night(paper(2, None, title="Baseline data of a trial"))
    join_reports(review.context, 1, 2, kind="study", reviewer="ada", why="its first paper")
    (told,) = review.night()
    assert changed(told)["Reports of the study"] == ("1", "2")
    assert review.night() == []


def test_including_by_hand_tells_everybody_once(review: Review) -> None:
    """A report that no machine called eligible is told of when a person includes it, not when it is read anew."""
    review.night(paper(abstract=None))
    decide(review.context, 1, "include", reviewer="ada", note="asked the authors")
    decide(review.context, 1, "include", reviewer="bo")
    (told,) = review.told
    assert (str(told.kind), told.decision) == ("study_decided", "include")
    assert told.summary == "ada included this report."
    assert "asked the authors" in told.details[0]
    assert kinds(review.night(paper(abstract="A review of immunoglobulin.", version="2"))) == ["study_updated"]
    assert changed(review.told[-1]) == {"Abstract": ("none in any source", "now held")}


def test_excluding_takes_back_what_was_not_shown(review: Review) -> None:
    """Excluding a study ends what waits for a channel, and tells the channels that had shown it, and only those."""
    review.night(paper())
    review.show(0)
    decide(review.context, 1, "exclude", reviewer="ada", reason="too-few")
    assert review.deliveries() == {
        "study_eligible": [outbox.DELIVERED, outbox.WITHDRAWN],
        "study_decided": [outbox.PENDING],
    }
    assert review.told[-1].summary == "ada excluded this report."
    assert review.night(paper(abstract=ELIGIBLE.replace("Fourteen", "Eighteen"), version="2")) == []


def test_excluding_what_nobody_saw_tells_nobody(review: Review) -> None:
    """Excluding a study before any channel has shown it leaves nothing to say; taking that back tells it after all."""
    review.night(paper())
    decision = decide(review.context, 1, "exclude", reviewer="ada", reason="too-few")
    assert review.deliveries() == {"study_eligible": [outbox.WITHDRAWN] * 2}
    undo(review.context, decision, reviewer="ada")
    assert review.deliveries() == {"study_eligible": [outbox.PENDING] * 2}


def test_a_decision_taken_back_is_told(review: Review) -> None:
    """Who was told that a study is included is told when it is open again."""
    review.night(paper())
    decision = decide(review.context, 1, "include", reviewer="ada")
    undo(review.context, decision, reviewer="ada")
    assert [content.decision for content in review.told] == [None, "include", "open"]
    assert len({content.thread or "study_eligible:pubmed:39000001" for content in review.told}) == 1


def test_a_maybe_is_no_news(review: Review) -> None:
    """A maybe, and a decision that changes nothing, are told to nobody."""
    review.night(paper())
    decide(review.context, 1, "maybe", reviewer="ada")
    assert kinds(review.told) == ["study_eligible"]


def test_what_the_review_began_with_is_no_further_report(review: Review) -> None:
    """Of an included study, only a report that a night has brought is news."""
    review.night(paper(1), paper(2, ELIGIBLE.replace("Fourteen", "Eighteen")), kind="bootstrap")
    decide(review.context, 1, "include", reviewer="ada")
    join_reports(review.context, 1, 2, kind="study", reviewer="ada", why="one trial")
    before = len(review.told)
    review.night()
    fresh = review.night(paper(3, ELIGIBLE.replace("Fourteen", "Twenty")))
    assert kinds(fresh) == ["study_eligible"]
    join_reports(review.context, 1, 3, kind="study", reviewer="ada", why="its extension")
    review.night()
    assert all(content.kind != "study_eligible" for content in review.told[before + 2 :])


@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_the_whole_life_of_a_study(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """New, updated, retracted, merged and decided are one alert each on either database, however often it is asked."""
    store = open_store(request.getfixturevalue("postgres_url")) if url == "postgres" else None
    with review_in(tmp_path, store) as review:
        review.night(paper(1), paper(2, ELIGIBLE.replace("Fourteen", "Eighteen")))
        review.night(paper(abstract=ELIGIBLE.replace("Fourteen", "Sixteen"), version="2"))
        note = (Relation(kind="RetractionIn", pmid="39999999"),)
        review.night(paper(2, ELIGIBLE.replace("Fourteen", "Eighteen"), relations=note, version="2"))
        join_reports(review.context, 1, 2, kind="study", reviewer="ada", why="one trial")
        review.night()
        decide(review.context, 1, "include", reviewer="ada")
        for _ in range(3):
            review.alert()
        assert sorted(kinds(review.told)) == sorted(
            ["study_eligible"] * 2 + ["study_updated", "study_retracted", "study_merged", "study_decided"]
        )


def test_a_message_asks_for_a_decision_until_there_is_one(review: Review) -> None:
    """Where the workspace has an address, a study's message has one signed link a choice, to whom it was sent."""
    review.night(paper())
    public = review.context.settings.model_copy(update={"public_url": "https://review.example.org"})
    context = replace(review.context, settings=public)
    with context.store.transaction() as session:
        (alert,) = outbox.list_alerts(session)
        claimed = outbox.claim(session, alert.deliveries[0].delivery_id, context.clock.now(), timedelta(minutes=5))
    (channel, _other) = [subscriber.channel for subscriber in subscribers_from(public)]
    links = choices(context, claimed, channel)
    assert [link.label for link in links] == ["Include", "Exclude", "Maybe"]
    read = read_decision_link(context, links[1].url.rpartition("/")[2])
    assert (read.report_id, read.decision, read.recipient) == (1, "exclude", "json://one.example.org")
    assert choices(review.context, claimed, channel) == []
    decide(review.context, 1, "maybe", reviewer="ada")
    assert choices(context, claimed, channel) == ()
