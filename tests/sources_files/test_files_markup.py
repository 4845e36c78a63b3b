"""BibTeX, EndNote XML, PubMed XML and JSON lines, from files written here; and no belief in extensions."""

from __future__ import annotations

import gzip
import json
import logging

import pytest

from ivigil.errors import ImportError_
from ivigil.records import PartialDate, RecordKind
from ivigil.sources.files import ImportResult, read_file


@pytest.fixture
def read(tmp_path):
    def read_text(text: str, *, name: str = "export", **options) -> ImportResult:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return read_file(path, **options)

    return read_text


BIBTEX = r"""
@comment{ignored}
@article{testova2020,
  author = {Testov{\'a}, Ada and {Example Study Group} and Bela Probe},
  title = {An {IVIg} example with 5% \& more},
  journal = {Examples},
  year = {2020}, month = mar,
  pages = {45--52},
  doi = {10.1234/ex\_7},
  keywords = {one, two},
  abstract = {A 10% rise, then the rest of it.}
}
@inproceedings{testova2020, title = {Same key, other work}, year = 2021}
@article{broken, title = {Never closed
"""


def test_bibtex(read, caplog):
    """LaTeX is decoded, a bare percent sign costs no text, a repeated key no entry, and a broken entry is rejected."""
    with caplog.at_level(logging.DEBUG):
        result = read(BIBTEX)
    first, second = (item.record for item in result.records)
    assert (result.format, result.seen) == ("bibtex", 3)
    assert first.title == "An IVIg example with 5% & more"
    assert first.abstract_text == "A 10% rise, then the rest of it."
    assert [author.name for author in first.authors] == ["Testová A", "Example Study Group", "Probe B"]
    assert (first.doi, first.published) == ("10.1234/ex_7", PartialDate(year=2020, month=3))
    assert (first.pages, first.keywords) == ("45-52", ("one", "two"))
    assert second.kind is RecordKind.CONFERENCE_ABSTRACT
    assert [(item.line, item.why[:10]) for item in result.rejected] == [(14, "not BibTeX")]
    assert not caplog.records


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("@article{ WOS:1, title={x}, Unique-ID = {WOS:000223334444221}}", ("wos", "WOS:000223334444221")),
        (
            "@article{a, title={x}, source={Scopus}, url={https://www.scopus.com/x?eid=2-s2.0-85000000001&y=1}}",
            ("scopus", "2-s2.0-85000000001"),
        ),
        ("@article {PMID:31000001, Title={x}}", ("europepmc", "31000001")),
        ("@misc {PPR:PPR600001, Title={x}}", ("europepmc", "PPR600001")),
    ],
)
def test_bibtex_dialects(read, entry, expected):
    """Web of Science, Scopus and Europe PMC are told by what they write into BibTeX."""
    record = read(entry).records[0].record
    assert (record.source, record.source_id) == expected


ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records>
<record><rec-number>19</rec-number><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Baird, J. K.</style></author>
<author><style>Probe, B.</style></author></authors></contributors>
<titles><title><style>An example of </style><style face="italic">runs</style></title>
<secondary-title><style>J Ex</style></secondary-title></titles>
<periodical><full-title><style>Journal of Examples</style></full-title></periodical>
<dates><year><style>2019</style></year><pub-dates><date><style>Sep 18</style></date></pub-dates></dates>
<isbn><style>1234-5679 (Print)&#xD;2345-6789</style></isbn>
<accession-num><style>31000001</style></accession-num><abstract><style>Words\x0b here.</style></abstract>
<custom2><style>PMC7000001</style></custom2>
<electronic-resource-num><style>https://doi.org/10.1234/Ex.8</style></electronic-resource-num>
<keywords><keyword><style>one</style></keyword><keyword><style>two</style></keyword></keywords>
</record>
<record><titles><title>Another</title></titles></record>
</records></xml>
"""


def test_endnote_xml(read):
    """Style runs are joined, every identifier found, and characters that XML forbids dropped with a note."""
    result = read(ENDNOTE)
    record = result.records[0].record
    assert (result.format, result.seen, [item.line for item in result.records]) == ("endnote_xml", 2, [2, 15])
    assert (record.title, record.abstract_text) == ("An example of runs", "Words here.")
    assert (record.journal, record.pmid, record.pmcid) == ("Journal of Examples", "31000001", "PMC7000001")
    assert (record.doi, record.issns) == ("10.1234/ex.8", ("1234-5679", "2345-6789"))
    assert record.published == PartialDate(year=2019, month=9, day=18)
    assert [author.name for author in record.authors] == ["Baird JK", "Probe B"]
    assert result.notes == ("1 control characters that XML forbids were dropped",)


def test_cut_xml_is_refused(read):
    """XML that breaks off cannot be counted, so the whole file is refused by line."""
    with pytest.raises(ImportError_, match="not whole XML"):
        read(ENDNOTE[: ENDNOTE.index("<keywords>")])


def test_xml_entities_are_not_fetched(read, tmp_path):
    """An external entity in an EndNote file is never resolved."""
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    text = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><xml><records><record><titles><title>A &e;</title></titles></record></records></xml>'  # noqa: E501
    result = read(text)
    assert "hidden" not in result.records[0].record.model_dump_json()


PUBMED = """<?xml version="1.0" ?>
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">31000001</PMID><Article><Journal><Title>Examples</Title></Journal>
<ArticleTitle>One</ArticleTitle></Article></MedlineCitation></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID Version="1">31000002</PMID></MedlineCitation></PubmedArticle>
<DeleteCitation><PMID Version="1">31000009</PMID></DeleteCitation>
</PubmedArticleSet>
"""


@pytest.mark.parametrize("packed", [False, True])
def test_pubmed_xml(tmp_path, packed):
    """PubMed XML is read plain or gzipped; an article that cannot be read is rejected by its line, deletions noted."""
    path = tmp_path / "any.name"
    path.write_bytes(gzip.compress(PUBMED.encode()) if packed else PUBMED.encode())
    result = read_file(path)
    assert (result.format, result.seen) == ("pubmed_xml", 2)
    assert [(item.line, item.record.key) for item in result.records] == [(3, ("pubmed", "31000001", "1"))]
    assert [item.line for item in result.rejected] == [5]
    assert "31000002" in result.rejected[0].why
    assert result.notes == ("1 deletions were passed over",)


def test_json_lines(read):
    """The keys of the contract are read, lists as repeated values, and a broken line is rejected by its number."""
    item = {
        "key": "a-1", "title": "One", "abstract": "Words", "authors": ["Testova, Ada", "Probe B"],
        "journal": "Examples", "year": 2020, "pub_date": "2020-05-06", "language": "eng",
        "pub_types": ["Journal Article"], "mesh": ["Humans"], "pmid": 31000001, "doi": "10.1234/x", "label": True,
    }  # fmt: skip
    result = read(json.dumps(item) + '\n\n{"title": \n["no object"]\n{"journal": "J"}\n')
    record = result.records[0].record
    assert (result.format, result.seen, result.records[0].key) == ("jsonl", 4, "a-1")
    assert (record.pmid, record.published) == ("31000001", PartialDate(year=2020, month=5, day=6))
    assert (record.languages, record.publication_types) == (("eng",), ("Journal Article",))
    assert [author.last_name for author in record.authors] == ["Testova", "Probe"]
    assert [(item.line, item.why.split(":")[0]) for item in result.rejected] == [
        (3, "not JSON"),
        (4, "a JSON list, not an object"),
        (5, "neither title nor abstract, identifier or key"),
    ]
    assert result.records[0].label is not None
    assert result.records[0].label.included is True


def test_the_extension_is_never_believed(read):
    """A file is read as what it holds, whatever it is called."""
    assert read("PMID- 31000001\nTI  - One\n", name="export.ris").format == "medline"
    assert read("TY  - JOUR\nTI  - One\nER  - \n", name="export.csv").format == "ris"
    assert read("title,abstract\nOne,w\n", name="export.nbib").format == "csv"
    assert read("title,abstract\nOne,TY  - JOUR\n", name="export.ris").format == "csv"
    assert read(BIBTEX, name="export.xml").format == "bibtex"
