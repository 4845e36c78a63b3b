"""604 real citations read twice: by the package, and by an independent reader written for this test."""

from __future__ import annotations

import gzip
import io
import re
from xml.etree import ElementTree as ET

import pytest

from ivigil.sources.pubmed import parse_articles

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.fixture(scope="module")
def body(shared):
    return gzip.decompress((shared / "data/pubmed/medline16n0902.xml.gz").read_bytes())


@pytest.fixture(scope="module")
def pairs(body):
    """Each record with the second reading of its element."""
    second = {}
    for _, element in ET.iterparse(io.BytesIO(body)):
        if element.tag == "MedlineCitation":
            second[element.findtext("PMID")] = _read(element)
    records = parse_articles(body).records
    assert len(second) == len(records) == 604
    return [(record, second[record.pmid]) for record in records]


def _words(element):
    """Text in document order, by hand; blanks at its ends and doubled ones within mean nothing in XML."""
    return " ".join(part for part in re.split("[ \n\t]", _raw(element)) if part)


def _raw(element):
    parts = [element.text or ""]
    for child in element:
        parts += [_raw(child), child.tail or ""]
    return "".join(parts)


def _read(citation):
    article = citation.find("Article")
    issue = article.find("Journal").find("JournalIssue").find("PubDate")
    electronic = article.find("ArticleDate")
    return {
        "title": _words(article.find("ArticleTitle")),
        "sections": [
            (part.attrib.get("Label"), part.attrib.get("NlmCategory"), _words(part))
            for abstract in article
            if abstract.tag == "Abstract"
            for part in abstract
            if part.tag == "AbstractText"
        ],
        "other": [_words(part) for part in citation.findall("./OtherAbstract/AbstractText")],
        "vernacular": article.findtext("VernacularTitle"),
        "journal": article.find("Journal").findtext("Title"),
        "published": _date(issue),
        "electronic": _date(electronic) if electronic is not None else None,
        "authors": [
            person.findtext("CollectiveName")
            or "|".join(person.findtext(tag) or "" for tag in ("LastName", "ForeName", "Initials", "Suffix"))
            for person in article.iter("Author")
        ],
        "affiliations": [_words(one) for one in article.iter("Affiliation")],
        "languages": [one.text for one in article if one.tag == "Language"],
        "types": [one.text for one in article.find("PublicationTypeList")],
        "doi": next((one.text for one in article if one.tag == "ELocationID" and one.attrib["EIdType"] == "doi"), None),
        "mesh": [
            (heading[0].text, any(part.attrib["MajorTopicYN"] == "Y" for part in heading))
            for heading in citation.iter("MeshHeading")
        ],
        "created": tuple(int(citation.find("DateCreated").findtext(tag)) for tag in ("Year", "Month", "Day")),
        "relations": [(one.attrib["RefType"], one.findtext("PMID")) for one in citation.iter("CommentsCorrections")],
        "keywords": [_words(one) for one in citation.iter("Keyword")],
    }


def _date(element):
    """A list of one to three numbers: only what is stated, a range by its first month."""
    said = [part.text for part in element]
    if element.find("MedlineDate") is not None:
        said = re.split(r"[ -]", element.findtext("MedlineDate"))[:2]
    return [int(said[0])] + [MONTHS.index(one) + 1 if one in MONTHS else int(one) for one in said[1:]]


def _numbers(when):
    return [part for part in (when.year, when.month, when.day) if part is not None] if when else None


@pytest.mark.parametrize(
    ("field", "ours"),
    [
        ("title", lambda record: record.title),
        ("sections", lambda record: [(part.label, part.category, part.text) for part in record.abstract]),
        ("other", lambda record: [part.text for one in record.other_abstracts for part in one.sections]),
        ("vernacular", lambda record: record.vernacular_title),
        ("journal", lambda record: record.journal),
        ("published", lambda record: _numbers(record.published)),
        ("electronic", lambda record: _numbers(record.electronic)),
        (
            "authors",
            lambda record: [
                one.collective
                or "|".join(part or "" for part in (one.last_name, one.fore_name, one.initials, one.suffix))
                for one in record.authors
            ],
        ),
        ("affiliations", lambda record: [text for one in record.authors for text in one.affiliations]),
        ("languages", lambda record: list(record.languages)),
        ("types", lambda record: list(record.publication_types)),
        ("mesh", lambda record: [(one.descriptor, one.major) for one in record.mesh]),
        ("created", lambda record: (record.entered.year, record.entered.month, record.entered.day)),
        ("relations", lambda record: [(one.kind, one.pmid) for one in record.relations]),
    ],
)
def test_both_readings_agree(pairs, field, ours):
    """Every one of the 604 citations says the same in both readings."""
    different = [
        (record.pmid, ours(record), second[field]) for record, second in pairs if ours(record) != second[field]
    ]
    assert different == []


def test_both_readings_agree_on_the_doi(pairs):
    """579 of the citations state a DOI; ours is the same in lower case."""
    assert [record.doi for record, _ in pairs] == [second["doi"] and second["doi"].lower() for _, second in pairs]
    assert sum(1 for record, _ in pairs if record.doi) == len([1 for _, second in pairs if second["doi"]]) > 500


def test_keywords_are_the_same_set(pairs):
    """Repetitions apart, keywords agree."""
    assert all(list(record.keywords) == list(dict.fromkeys(second["keywords"])) for record, second in pairs)


def test_nothing_is_rejected_and_one_is_deleted(body):
    """The file's one withdrawn citation is told apart from its 604 articles."""
    found = parse_articles(body)
    assert (found.rejected, found.deleted) == ((), ("26432306",))


def test_an_older_form_and_todays_form_are_read_alike(shared):
    """Today's PubmedArticleSet gives its four articles, each entered on a day."""
    found = parse_articles(gzip.decompress((shared / "data/pubmed/test_current_medline.xml.gz").read_bytes()))
    assert len(found.records) == 4
    assert all(record.entered and record.title and record.authors for record in found.records)
