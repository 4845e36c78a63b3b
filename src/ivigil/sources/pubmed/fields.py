"""Single fields of a PubMed record, from their XML elements. Pure: elements in, plain values out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml.etree import _Element as Element

from ivigil.records import AbstractSection, Author, MeshHeading, OtherAbstract, PartialDate, Relation
from ivigil.sources.dates import partial_date, text_date
from ivigil.sources.identifiers import clean_doi, clean_orcid, clean_registry_id, doi_in_text, is_registry

_SPACES = re.compile(r"[ \t\r\n]+")
_PMC_NUMBER = re.compile(r"PMC\d+")


def text_of(element: Element | None) -> str:
    """All text inside an element, inline markup and MathML read through.

    Runs of plain white space become one space; typographic spaces are the author's and stay.
    """
    if element is None:
        return ""
    return _SPACES.sub(" ", "".join(str(part) for part in element.itertext())).strip()


def text_at(parent: Element | None, path: str) -> str | None:
    """The text of the first element at `path`; None where it is absent or empty."""
    if parent is None:
        return None
    return text_of(parent.find(path)) or None


def texts_at(parent: Element, path: str) -> tuple[str, ...]:
    """The texts of all elements at `path`, empty ones and repetitions left out, in order."""
    return tuple(dict.fromkeys(text for element in parent.iterfind(path) if (text := text_of(element))))


def sections(parent: Element | None) -> tuple[AbstractSection, ...]:
    """The AbstractText children of an Abstract or OtherAbstract."""
    if parent is None:
        return ()
    return tuple(
        AbstractSection(text=text, label=part.get("Label") or None, category=part.get("NlmCategory") or None)
        for part in parent.iterfind("AbstractText")
        if (text := text_of(part))
    )


def other_abstracts(citation: Element) -> tuple[OtherAbstract, ...]:
    """Abstracts in another language or of another kind."""
    return tuple(
        OtherAbstract(language=part.get("Language", "und").lower(), sections=read, kind=part.get("Type") or None)
        for part in citation.iterfind("OtherAbstract")
        if (read := sections(part))
    )


def authors(listing: Element | None) -> tuple[Author, ...]:
    """People and groups, in order; a name marked as no longer valid stands beside its correction and is left out."""
    if listing is None:
        return ()
    entries = listing.findall("Author")
    valid = [entry for entry in entries if entry.get("ValidYN") != "N"]
    return tuple(author for entry in (valid or entries) if (author := _author(entry)))


def _author(entry: Element) -> Author | None:
    # Up to 2014 an affiliation stood directly under its author.
    affiliations = texts_at(entry, "AffiliationInfo/Affiliation") or texts_at(entry, "Affiliation")
    orcid = next((clean_orcid(text_of(one)) for one in entry.iterfind("Identifier[@Source='ORCID']")), None)
    if group := text_at(entry, "CollectiveName"):
        return Author(collective=group, orcid=orcid, affiliations=affiliations)
    last, fore = text_at(entry, "LastName"), text_at(entry, "ForeName") or text_at(entry, "FirstName")
    if not (last or fore):
        return None
    return Author(
        last_name=last,
        fore_name=fore,
        initials=text_at(entry, "Initials"),
        suffix=text_at(entry, "Suffix"),
        orcid=orcid,
        affiliations=affiliations,
    )


def publication_date(element: Element | None) -> PartialDate | None:
    """A PubDate, ArticleDate or ContributionDate: parts, a season, or words (MedlineDate)."""
    if element is None:
        return None
    if words := text_at(element, "MedlineDate"):
        return text_date(words)
    year = text_at(element, "Year")
    if season := text_at(element, "Season"):
        return text_date(f"{year} {season}") if year else None
    return partial_date(year, text_at(element, "Month"), text_at(element, "Day"))


def day(element: Element | None) -> date | None:
    """A whole day in numbers (DateRevised, PubMedPubDate); None where it is absent or no real day."""
    when = publication_date(element)
    return when.earliest if when and when.day else None


def mesh(citation: Element) -> tuple[MeshHeading, ...]:
    """Subject headings. Before 2010 the major mark could sit on a qualifier alone, so both are looked at."""
    return tuple(
        MeshHeading(
            descriptor=name,
            ui=descriptor.get("UI") or None,
            major=any(one.get("MajorTopicYN") == "Y" for one in (descriptor, *heading.iterfind("QualifierName"))),
            qualifiers=texts_at(heading, "QualifierName"),
        )
        for heading in citation.iterfind("MeshHeadingList/MeshHeading")
        if (descriptor := heading.find("DescriptorName")) is not None and (name := text_of(descriptor))
    )


def relations(citation: Element) -> tuple[Relation, ...]:
    """Links to other documents; a notice of retraction may have no PMID, only words."""
    return tuple(
        Relation(
            kind=entry.get("RefType") or "Unspecified",
            pmid=text_at(entry, "PMID"),
            doi=doi_in_text(source),
            note="; ".join(part for part in (source, text_at(entry, "Note")) if part) or None,
        )
        for entry in citation.iterfind("CommentsCorrectionsList/CommentsCorrections")
        for source in [text_at(entry, "RefSource") or ""]
    )


class Identifiers:
    """The ids of one document, taken from its own lists and never from those of its references."""

    def __init__(self, citation: Element, data: Element | None, article: Element | None) -> None:
        found = list(_article_ids(data)) + list(_article_ids(citation))
        locations = list(_locations(article))
        others = [
            (other.get("Source", "other").lower(), text)
            for other in citation.iterfind("OtherID")
            if (text := text_of(other))
        ]
        pmc_numbers = [value for kind, value in found if kind == "pmc"] + [value for _, value in others]
        numbers = (match[0] for value in pmc_numbers if (match := _PMC_NUMBER.match(value.upper())))
        self.doi = next((doi for kind, value in found + locations if kind == "doi" and (doi := clean_doi(value))), None)
        self.pmcid = next(numbers, None)
        accessions = list(_accessions(article))
        self.registry = tuple(
            dict.fromkeys(clean_registry_id(bank, value) for bank, value in accessions if is_registry(bank, value))
        )
        named = [(kind, value) for kind, value in found + locations + others if kind not in {"doi", "pubmed", "pmc"}]
        named += [(bank.lower(), value) for bank, value in accessions if not is_registry(bank, value)]
        self.other = tuple(dict.fromkeys(pair for pair in named if pair[1] != self.pmcid))


def _article_ids(parent: Element | None) -> Iterator[tuple[str, str]]:
    for one in parent.iterfind("ArticleIdList/ArticleId") if parent is not None else ():
        if value := text_of(one):
            yield one.get("IdType", "pubmed").lower(), value


def _locations(article: Element | None) -> Iterator[tuple[str, str]]:
    for one in article.iterfind("ELocationID") if article is not None else ():
        if one.get("ValidYN") != "N" and (value := text_of(one)):
            yield one.get("EIdType", "other").lower(), value


def _accessions(article: Element | None) -> Iterator[tuple[str, str]]:
    for bank in article.iterfind("DataBankList/DataBank") if article is not None else ():
        for value in texts_at(bank, "AccessionNumberList/AccessionNumber"):
            yield text_at(bank, "DataBankName") or "databank", value
