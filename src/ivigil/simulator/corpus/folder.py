"""Real PubMed XML as a corpus: each article element is kept as it stands and read only as far as searching needs.

Takes today's PubmedArticleSet and the MedlineCitationSet of before 2016, which has no PubmedData: there the record's
creation date is DateCreated. Ids under DeleteCitation are dropped, also where an earlier file held them.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

from ivigil.errors import ConfigurationError
from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record
from ivigil.simulator.document import Document
from ivigil.simulator.vocabulary import MONTHS

WRAPPED = re.compile(r"<(PubmedArticle|PubmedBookArticle)>.*?</\1>", re.DOTALL)
BARE = re.compile(r"<MedlineCitation[ >].*?</MedlineCitation>", re.DOTALL)
DELETED = re.compile(r"<DeleteCitation>.*?</DeleteCitation>", re.DOTALL)
PMID = re.compile(r"<PMID[^>]*>(\d+)</PMID>")


def load_folder(path: Path) -> list[Document]:
    """Every citation of a file, or of a folder's `.xml` and `.xml.gz` files; a later version replaces an earlier one.

    Raises:
        ConfigurationError: nothing to read there, or a file that cannot be read.
    """
    files = [path] if path.is_file() else sorted([*path.glob("*.xml"), *path.glob("*.xml.gz")])
    if not files:
        raise ConfigurationError("no PubMed XML (.xml or .xml.gz) to serve", file=path, field="corpus")
    held: dict[str, Document] = {}
    for file in files:
        try:
            data = file.read_bytes()
            text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode("utf-8")
            for document in _documents(text):
                held[document.identifier] = document
            for block in DELETED.findall(text):
                for identifier in PMID.findall(block):
                    held.pop(identifier, None)
        except (OSError, EOFError, UnicodeDecodeError, ElementTree.ParseError, DefusedXmlException) as error:
            raise ConfigurationError(f"cannot be read as PubMed XML: {error}", file=file, field="corpus") from error
    if not held:
        raise ConfigurationError("holds no PubMed citation", file=path, field="corpus")
    return list(held.values())


def _documents(text: str) -> Iterator[Document]:
    wrapped = [match[0] for match in WRAPPED.finditer(text)]
    bare = [] if wrapped else [match[0] for match in BARE.finditer(text)]
    for element in wrapped:
        yield _document(element, element)
    for element in bare:
        yield _document(element, f"<PubmedArticle>\n{element}\n</PubmedArticle>\n")


def _document(element: str, served: str) -> Document:
    node = _Node(ElementTree.fromstring(element))
    record = node.record()
    entered = record.entered or date(1900, 1, 1)
    return Document(forms=((entered, record),), entrez=node.day(".//PubMedPubDate[@PubStatus='pubmed']"), xml=served)


def _month(name: str) -> int | None:
    """The month of a short English name; a season is none."""
    return MONTHS.index(name) + 1 if name in MONTHS else None


class _Node:
    """Reads the searchable part of one article element."""

    def __init__(self, element: Element) -> None:
        self._element = element

    def words(self, path: str) -> list[str]:
        return ["".join(found.itertext()).strip() for found in self._element.iterfind(path)]

    def word(self, path: str) -> str | None:
        return next((word for word in self.words(path) if word), None)

    def day(self, path: str) -> date | None:
        found = self._element.find(path)
        if found is None:
            return None
        parts = [found.findtext(name) for name in ("Year", "Month", "Day")]
        year, month, day = (int(part) if part and part.isdecimal() else 1 for part in parts)
        return date(year, month, day)

    def issue(self) -> PartialDate | None:
        found = self._element.find(".//JournalIssue/PubDate")
        if found is None:
            return None
        year, words = found.findtext("Year"), found.findtext("MedlineDate")
        if year is None:
            match = re.search(r"\d{4}", words or "")
            return PartialDate(year=int(match[0]), text=words) if match else None
        name = (found.findtext("Month") or "").capitalize()[:3]
        month = int(name) if name.isdecimal() else _month(name)
        day = found.findtext("Day")
        return PartialDate(year=int(year), month=month, day=int(day) if day and month else None)

    def authors(self) -> tuple[Author, ...]:
        people = []
        for each in self._element.iterfind(".//Article/AuthorList/Author"):
            group, surname = each.findtext("CollectiveName"), each.findtext("LastName")
            if group or surname:
                initials = each.findtext("Initials")
                people.append(Author(collective=group) if group else Author(last_name=surname, initials=initials))
        return tuple(people)

    def headings(self) -> tuple[MeshHeading, ...]:
        found = []
        for each in self._element.iterfind(".//MeshHeading"):
            parts = each.findall("QualifierName")
            name = each.find("DescriptorName")
            if name is not None and name.text:
                major = any(part.get("MajorTopicYN") == "Y" for part in (name, *parts))
                qualifiers = tuple(part.text or "" for part in parts)
                found.append(MeshHeading(descriptor=name.text, major=major, qualifiers=qualifiers))
        return tuple(found)

    def record(self) -> Record:
        identifier = self.word(".//PMID") or ""
        online = self.day(".//ArticleDate")
        entered = self.day(".//PubMedPubDate[@PubStatus='entrez']") or self.day(".//DateCreated")
        doi = self.word(".//Article/ELocationID[@EIdType='doi']") or self.word(
            "./PubmedData/ArticleIdList/ArticleId[@IdType='doi']"
        )
        return Record(
            source="pubmed",
            source_id=identifier,
            pmid=identifier,
            title=self.word(".//ArticleTitle") or "",
            vernacular_title=self.word(".//VernacularTitle"),
            abstract=tuple(AbstractSection(text=text) for text in self.words(".//Abstract/AbstractText") if text),
            authors=self.authors(),
            journal=self.word(".//Journal/Title"),
            journal_abbreviation=self.word(".//MedlineTA") or self.word(".//ISOAbbreviation"),
            issns=tuple(self.words(".//Journal/ISSN")),
            volume=self.word(".//JournalIssue/Volume"),
            issue=self.word(".//JournalIssue/Issue"),
            pages=self.word(".//MedlinePgn"),
            published=self.issue(),
            electronic=PartialDate(year=online.year, month=online.month, day=online.day) if online else None,
            entered=entered,
            indexed=self.day(".//PubMedPubDate[@PubStatus='medline']") or self.day(".//DateCompleted"),
            revised=self.day(".//DateRevised"),
            languages=tuple(self.words(".//Language")),
            publication_types=tuple(self.words(".//PublicationType")),
            mesh=self.headings(),
            keywords=tuple(self.words(".//KeywordList/Keyword")),
            doi=doi.lower() if doi else None,
        )
