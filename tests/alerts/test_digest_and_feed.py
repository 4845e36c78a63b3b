"""The digest says what came and what is proven; the feed is valid Atom."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from lxml import html as lxml_html

from alert_makers import START, content, draft, study
from ivigil.alerts import (
    AlertKind,
    DigestContent,
    DigestItem,
    Link,
    ProtocolName,
    SourceState,
    atom_feed,
    digest_html,
    digest_markdown,
    digest_sentence,
    digest_text,
    message_of,
    render,
)
from ivigil.store import Store, outbox

PROTOCOL = ProtocolName(name="ivig-ssc", title="IVIG in systemic sclerosis")
SCHEMA = etree.RelaxNG(file=Path(__file__).with_name("atom.rng"))
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def digest(**values: object) -> DigestContent:
    given: dict[str, object] = {"since": date(2024, 5, 27), "until": date(2024, 6, 2), "runs": 7, "complete": 7}
    return DigestContent(**(given | values))


FULL = digest(
    complete=6,
    records_fetched=53,
    new_records=9,
    new_reports=5,
    eligible=(
        DigestItem(
            title="Monthly IVIG in SSc",
            byline="Arden K, et al. J Imaginary Rheumatol. 2024-05-02",
            verdict="eligible",
            n_treated=14,
            rank=1,
            score=1.25,
            link=Link(label="doi", url="https://doi.org/10.5555/x.1"),
        ),
    ),
    candidates=(DigestItem(title="*Another* | one", rank=2),),
    decisions_due=40,
    decisions_made=3,
    sources=(
        SourceState(source="pubmed", complete_through=date(2024, 6, 2)),
        SourceState(source="europepmc", problem="503 three nights in a row"),
    ),
    problems=("2 deliveries were given up",),
    guarantee="The list finds 92.3 % of what is included, if new studies are like the old.",
)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (digest(records_fetched=41), "Nothing new: 7 of 7 runs complete, 41 records fetched, none of them unknown."),
        (
            digest(runs=1, complete=1, records_fetched=1),
            "Nothing new: 1 of 1 run complete, 1 record fetched, none of them",
        ),
        (digest(complete=5), "Nothing new was found, but that is not proven: 5 of 7 runs complete."),
        (digest(runs=0, complete=0), "No run was made: nothing can be said about what is new."),
        (FULL, "5 new reports, 1 eligible; 1 run of 7 not complete, more may come."),
        (digest(new_reports=1), "1 new report."),
    ],
)
def test_the_digest_claims_only_what_is_proven(said: DigestContent, sentence: str) -> None:
    """Nothing new is said plainly with its numbers, and only where every run was complete."""
    assert digest_sentence(said).startswith(sentence)


def test_a_failing_source_leaves_nothing_new_unproven() -> None:
    """Where a source has a problem, the digest does not claim that nothing is new."""
    said = digest(sources=(SourceState(source="pubmed", problem="503"),))
    assert "not proven" in digest_sentence(said)


def test_the_digest_says_the_same_in_every_form() -> None:
    """Text, Markdown and HTML hold the sentence, the items, the counts, the sources, the problems, the guarantee."""
    shown = lxml_html.fromstring(digest_html(FULL, PROTOCOL)).text_content()
    markdown = digest_markdown(FULL, PROTOCOL).replace("\\", "")
    for form in (digest_text(FULL, PROTOCOL), markdown, shown):
        flat = " ".join(form.split())
        for part in (
            digest_sentence(FULL),
            "Monthly IVIG in SSc",
            "rank 1 · score 1.250 · 14 treated · eligible",
            "Another* | one",
            "6 of 7 complete",
            "53 records, 9 of them new",
            "3 made, 40 due",
            "2024-06-02",
            "503 three nights in a row",
            "2 deliveries were given up",
            "92.3 %",
        ):
            assert part in flat


def test_markdown_of_a_title_is_text() -> None:
    """What would be Markdown in a title is escaped."""
    assert r"\*Another\* \| one" in digest_markdown(FULL, PROTOCOL)


def test_a_digest_is_delivered_like_an_alert() -> None:
    """A digest's message holds the digest's own text and HTML, and its best items for chat."""
    said = content(AlertKind.DIGEST, study=None, ranking=None, digest=FULL)
    told = render(said, message_id="a1" * 16, raised_at=START)
    assert told.text == digest_text(FULL, said.protocol)
    assert told.html == digest_html(FULL, said.protocol)
    assert digest_sentence(FULL)[:30] in told.subject
    assert "Eligible: Monthly IVIG in SSc" in told.chat_text
    assert told.document["digest"]["new_reports"] == 5


def check_atom(feed: bytes) -> etree._Element:
    """RFC 4287: its grammar, and what a grammar cannot say (sections 3.3, 4.1.1 and 4.2.6)."""
    root = etree.fromstring(feed)
    SCHEMA.assertValid(root)
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
    for element in [root, *root.findall("a:entry", ATOM)]:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext("a:id", None, ATOM) or "")
        assert len(element.findall("a:link[@rel='alternate']", ATOM)) <= 1
        for moment in element.findall("a:updated", ATOM) + element.findall("a:published", ATOM):
            assert stamp.fullmatch(moment.text or "")
    assert all(content.get("type") == "html" for content in root.findall("a:entry/a:content", ATOM))
    ids = [entry.findtext("a:id", None, ATOM) for entry in root.findall("a:entry", ATOM)]
    assert len(ids) == len(set(ids))
    return root


def test_the_feed_is_valid_atom(store: Store) -> None:
    """The feed of what the outbox holds has all that Atom asks for, newest entry's time, and escaped content."""
    evil = content(AlertKind.STUDY_UPDATED, study=study(title="A <b>bold</b> & \x0b claim"))
    with store.transaction() as session:
        outbox.raise_alert(session, draft("a"), [], START)
        later = outbox.AlertDraft("b", str(evil.kind), "low", evil.as_stored)
        outbox.raise_alert(session, later, [], datetime(2024, 6, 2, tzinfo=UTC))
        alerts = outbox.list_alerts(session)
    feed = atom_feed(alerts, PROTOCOL, updated=START, address="https://review.example.org/feed.atom")
    root = check_atom(feed)
    assert root.findtext("a:updated", None, ATOM) == "2024-06-02T00:00:00Z"
    assert root.find("a:link[@rel='self']", ATOM).get("href") == "https://review.example.org/feed.atom"
    newest = root.find("a:entry", ATOM)
    assert newest.findtext("a:id", None, ATOM).replace("-", "").endswith(message_of(alerts[0]).id)
    assert "A <b>bold</b> & claim" in newest.findtext("a:title", None, ATOM)
    assert "A &lt;b&gt;bold&lt;/b&gt; &amp; claim" in newest.findtext("a:content", None, ATOM)
    assert newest.find("a:link", ATOM).get("href") == "https://doi.org/10.5555/x.1"


def test_an_empty_feed_is_valid_atom() -> None:
    """A feed without alerts is a feed too, with the time it was asked for."""
    root = check_atom(atom_feed([], PROTOCOL, updated=START))
    assert root.findtext("a:updated", None, ATOM) == "2024-06-01T03:00:00Z"
    assert atom_feed([], PROTOCOL, updated=START) == atom_feed([], PROTOCOL, updated=START)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"<updated>2024-06-01T03:00:00Z</updated>", b"<updated>yesterday</updated>"),
        (b"<id>", b"<id>urn:x</id><id>"),
        (b"<name>ivigil</name>", b""),
        (b" term=", b" word="),
        (b' href="https://doi.org/10.5555/x.1"', b""),
        (b"<content ", b"<body/><content "),
        (b' xmlns="http://www.w3.org/2005/Atom"', b""),
    ],
)
def test_what_is_no_atom_is_noticed(store: Store, there: bytes, instead: bytes) -> None:
    """The grammar that the feed is held to refuses a feed in which one thing is wrong."""
    with store.transaction() as session:
        outbox.raise_alert(session, draft("a"), [], START)
        feed = atom_feed(outbox.list_alerts(session), PROTOCOL, updated=START)
    assert SCHEMA.validate(etree.fromstring(feed))
    assert there in feed.replace(b"'", b'"')
    broken = feed.replace(b"'", b'"').replace(there, instead, 1)
    assert not SCHEMA.validate(etree.fromstring(broken))


def test_every_kind_of_alert_is_a_valid_entry(store: Store) -> None:
    """Alerts of every kind, with a study and without one, are valid entries."""
    with store.transaction() as session:
        for kind in AlertKind:
            outbox.raise_alert(session, draft(f"{kind}:a", kind=kind), [], START)
            outbox.raise_alert(session, draft(f"{kind}:b", kind=kind, study=None, ranking=None), [], START)
        alerts = outbox.list_alerts(session)
    entries = check_atom(atom_feed(alerts, PROTOCOL, updated=START)).findall("a:entry", ATOM)
    assert len(entries) == 2 * len(AlertKind)
