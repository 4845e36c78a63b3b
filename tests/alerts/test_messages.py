"""Messages: everything a reader needs, in every form, and nothing from outside that acts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from pydantic import ValidationError

from alert_makers import START, content, study
from ivigil.alerts import (
    AlertContent,
    AlertDocument,
    AlertKind,
    Change,
    CriterionReading,
    Link,
    Neighbour,
    ProtocolName,
    Ranking,
    SecondReading,
    Term,
    read_content,
    render,
    study_facts,
    subject_line,
)
from ivigil.errors import AlertError
from ivigil.records import AbstractSection, Author, PartialDate, Record

EVIL = (
    '</td></table><script>alert(1)</script><img src=x onerror="y"> {{ 7*7 }} {% raw %} \x1b[31m\x07\u202e\r\nBcc: a@b.c'
)


def message(said: AlertContent):
    return render(said, message_id="a1" * 16, raised_at=START)


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_can_be_told(kind: AlertKind) -> None:
    """Each kind has a headline, a sentence and a message, with a study and without one."""
    for said in (content(kind), content(kind, study=None, ranking=None)):
        told = message(said)
        assert told.subject.startswith("[ivig-ssc] ")
        assert len(told.subject) <= 160
        assert told.document["kind"] == str(kind)
        assert told.document["summary"]
        for form in (told.text, told.html, told.chat_text, told.chat_html):
            assert form.strip()
            assert "None" not in form


def test_the_message_says_all_a_reader_needs() -> None:
    """A message has title, byline, link, design, number treated, systems, criteria with evidence, rank and source."""
    told = message(content())
    shown = lxml_html.fromstring(told.html).text_content()
    for form in (told.text, shown):
        flat = " ".join(form.split())
        for part in (
            study().title,
            "Arden K, Bell O, et al. J Imaginary Rheumatol. 2024-05-02",
            "open label",
            "14",
            "cutaneous, respiratory",
            "3 of 214 candidates",
            "1.250, screener v1",
            "pubmed (search), europepmc (search)",
            "population",
            "“Fourteen adults with diffuse disease.”",
            "unclear",
            "language",
        ):
            assert part in flat
    assert "https://doi.org/10.5555/x.1" in told.text
    assert 'href="https://doi.org/10.5555/x.1"' in told.html


def test_the_subject_names_what_matters() -> None:
    """The subject holds the review, what happened, how many were treated, and the title, in one line."""
    assert subject_line(content()).startswith("[ivig-ssc] Eligible study (14 treated): Monthly intravenous")
    assert "\n" not in subject_line(content(study=study(title="a\r\nBcc: x@y.z")))


def test_what_comes_from_outside_is_inert() -> None:
    """Markup, template syntax, control and direction characters of a record are shown as text or dropped."""
    told = message(
        content(
            study=study(title=EVIL, journal=EVIL, criteria=(CriterionReading(name=EVIL, status="met", evidence=EVIL),)),
            summary=EVIL,
            details=(EVIL,),
            protocol=ProtocolName(name=EVIL, title=EVIL),
            ranking=Ranking(screener=EVIL, score=1, rank=1),
        )
    )
    for page in (told.html, told.chat_html):
        tree = lxml_html.fromstring(f"<div>{page}</div>" if page is told.chat_html else page)
        assert tree.xpath("//script | //img | //*[@onerror]") == []
        assert "{{ 7*7 }}" in tree.text_content()
    for form in (told.subject, told.text, told.html, told.chat_text, told.chat_html):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", form)
    assert "\n" not in told.subject
    assert not any(line.startswith("Bcc:") for line in told.text.splitlines())


@given(st.text(max_size=80))
def test_no_text_breaks_a_message(said: str) -> None:
    """Whatever a title holds, the message renders, stays one document, and shows the title as text."""
    told = message(content(study=study(title=said), details=(said,)))
    tree = lxml_html.fromstring(told.html)
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//script") == []
    assert json.loads(json.dumps(told.document)) == told.document


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "https://a b", 'https://a"onclick=x', "//x"]
)
def test_only_web_addresses_are_links(address: str) -> None:
    """A link that is no plain http(s) address is refused."""
    with pytest.raises(ValidationError):
        Link(label="x", url=address)


def test_the_content_comes_back_as_it_was_stored() -> None:
    """What the outbox kept is read back as the same content, and is plain JSON."""
    said = content()
    assert read_content(json.loads(json.dumps(said.as_stored))) == said
    for broken in ({}, {"kind": "study_eligible"}, said.as_stored | {"schema_version": 2}, said.as_stored | {"x": 1}):
        with pytest.raises(AlertError, match="cannot be read"):
            read_content(broken)


def test_the_webhook_document_keeps_its_schema() -> None:
    """The document's fields are the documented ones; a change here is a change for every receiver."""
    schema = AlertDocument.model_json_schema(mode="serialization")
    assert set(schema["properties"]) == {
        "schema_version",
        "id",
        "raised_at",
        "subject",
        "kind",
        "urgency",
        "protocol",
        "summary",
        "details",
        "changes",
        "study",
        "ranking",
        "digest",
        "actions",
        "report_id",
        "thread",
        "replies_to",
        "joins",
        "decision",
        "run_id",
        "as_of",
    }
    assert schema["properties"]["schema_version"]["const"] == 1
    assert set(schema["$defs"]["StudyFacts"]["properties"]) == {
        "title",
        "journal",
        "published",
        "authors",
        "ids",
        "links",
        "design",
        "n_treated",
        "n_treated_chance",
        "treated",
        "organ_systems",
        "verdict",
        "criteria",
        "second_reading",
        "abstract_missing",
        "full_text",
        "notices",
        "reports",
        "found",
    }
    AlertDocument.model_validate(message(content()).document)


def test_the_facts_of_a_record() -> None:
    """A record and its reading become facts: short authors, known precision, links by identifier, evidence."""
    record = Record(
        source="pubmed",
        source_id="39000001",
        title="IVIG in SSc",
        abstract=(AbstractSection(text="x"),),
        authors=tuple(Author(last_name=name, initials="A") for name in ("One", "Two", "Three", "Four")),
        journal="J",
        published=PartialDate(year=2024, month=5),
        pmid="39000001",
        doi="10.5555/a(b)<c>;d",
        pmcid="PMC1",
        registry_ids=("NCT01",),
    )
    reading = {
        "verdict": "needs_full_text",
        "criteria": {
            "adults": {"status": "unclear", "evidence": None},
            "outcome": {"status": "met", "evidence": "skin  score"},
        },
        "n_treated": 7,
        "design": "rct",
        "organ_systems": ["cutaneous"],
    }
    facts = study_facts(record, reading, [("pubmed", "search"), ("pubmed", "search"), ("europepmc", "import")])
    assert facts.authors == "One A, Two A, Three A, et al."
    assert facts.published == "2024-05"
    assert facts.ids == {"pmid": "39000001", "doi": "10.5555/a(b)<c>;d", "pmcid": "PMC1", "registry": "NCT01"}
    assert [link.url for link in facts.links] == [
        "https://doi.org/10.5555/a%28b%29%3Cc%3E%3Bd",
        "https://pubmed.ncbi.nlm.nih.gov/39000001/",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/",
    ]
    assert [(c.name, c.status, c.evidence) for c in facts.criteria] == [
        ("adults", "unclear", None),
        ("outcome", "met", "skin score"),
    ]
    assert [(found.source, found.way) for found in facts.found] == [("pubmed", "search"), ("europepmc", "import")]


@pytest.mark.parametrize("url", [None, "javascript:x", "https://", "ftp://a/b", "https://x/" + "y" * 3000])
def test_a_record_with_little_is_told_all_the_same(url: str | None) -> None:
    """A record without title, abstract, date, authors or a usable address still makes facts and a message."""
    facts = study_facts(Record(source="wos", source_id="1", url=url), None)
    assert facts.title == "(no title)"
    assert facts.links == ()
    assert facts.abstract_missing
    assert "none in any source" in message(content(study=facts)).text


def test_an_address_of_the_source_stands_in_for_identifiers() -> None:
    """Without identifiers the source's own address is the link, with what is not allowed in one encoded."""
    (link,) = study_facts(Record(source="embase", source_id="1", url='https://x.org/a b?q="1"'), None).links
    assert link.url == "https://x.org/a%20b?q=%221%22"


def test_the_schema_in_the_docs_is_the_documents() -> None:
    """The published JSON schema is the one that documents are made by."""
    published = json.loads((Path(__file__).parents[2] / "docs" / "webhook.schema.json").read_text(encoding="utf-8"))
    assert published == AlertDocument.model_json_schema(mode="serialization")


def test_the_message_says_what_changed_what_was_seen_and_who_disagrees() -> None:
    """Changes, the screener's words, the nearest included study and a second reader stand in every written form."""
    second = SecondReading(
        model="local-reader",
        verdict="ineligible",
        agrees=False,
        criteria=(CriterionReading(name="sample_size", status="not_met", evidence="four adults"),),
    )
    ranking = Ranking(
        score=1.25,
        rank=3,
        of=214,
        threshold=0.61,
        terms_for=(Term(term="immunoglobulin", weight=0.92),),
        terms_against=(Term(term="registry", weight=-0.11),),
        nearest=Neighbour(title="Infusions and skin thickening", likeness=0.81),
    )
    told = message(
        content(
            AlertKind.STUDY_UPDATED,
            study=study(second_reading=second, reports=2, full_text=True),
            ranking=ranking,
            changes=(Change(what="Treated", before="14", after="18"),),
            actions=(Link(label="Include", url="https://review.example.org/decide/t.o.k"),),
        )
    )
    shown = lxml_html.fromstring(told.html).text_content()
    for form in (told.text, shown):
        flat = " ".join(form.split())
        for part in (
            "14 → 18",
            "immunoglobulin +0.92",
            "registry -0.11",
            "Infusions and skin thickening (likeness 0.81)",
            "at or above the calibrated 0.610",
            "local-reader",
            "“four adults”",
            "2 of this study",
            "free to read",
        ):
            assert part in flat
    assert 'href="https://review.example.org/decide/t.o.k"' in told.html
    assert "https://review.example.org/decide/t.o.k" in told.text
    assert "14 → 18" in told.chat_text
    assert not lxml_html.fromstring(told.html).xpath("//img | //link | //script | //*[@background]"), (
        "nothing is loaded"
    )


@pytest.mark.parametrize(
    ("decision", "headline"), [("include", "Included"), ("exclude", "Excluded"), ("open", "Open again")]
)
def test_a_decision_is_named_at_first_sight(decision: str, headline: str) -> None:
    """A decision's subject and every form of its message say which it was, and who made it."""
    told = message(content(AlertKind.STUDY_DECIDED, decision=decision, summary="ada said so."))
    assert told.subject.startswith(f"[ivig-ssc] {headline} (14 treated): ")
    for form in (told.text, told.html, told.chat_text, told.chat_html):
        assert headline.upper() in form.upper()
        assert "ada said so." in form


def test_a_mail_says_of_itself_only_what_is_so() -> None:
    """That a machine read the criteria is said while nobody has decided; that links ask, where there are such links."""
    link = Link(label="Include", url="https://review.example.org/decide/t.o.k")
    open_, asked = "the decision is yours", "asks for your word"
    said = {
        "new": render(content(), message_id="a1" * 16, raised_at=START, choices=(link,)),
        "no workspace": message(content()),
        "notice": message(content(AlertKind.STUDY_RETRACTED, actions=(link,))),
        "decided": message(content(AlertKind.STUDY_DECIDED, decision="include")),
        "watch": message(content(AlertKind.RUN_ABSENT, study=None, ranking=None)),
    }
    for form in ("text", "html"):
        found = {name: (open_ in getattr(told, form), asked in getattr(told, form)) for name, told in said.items()}
        assert found == {
            "new": (True, True),
            "no workspace": (True, False),
            "notice": (True, False),
            "decided": (False, False),
            "watch": (False, False),
        }
    assert [action["label"] for action in said["new"].document["actions"]] == ["Include"]


def test_a_long_name_keeps_its_distance() -> None:
    """In plain text a name that is longer than its column still stands apart from what is said of it."""
    change = Change(what="Reports of the study", before="1", after="2")
    assert "Reports of the study  1 → 2" in message(content(AlertKind.STUDY_UPDATED, changes=(change,))).text
