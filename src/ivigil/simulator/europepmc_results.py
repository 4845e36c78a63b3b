"""One record as Europe PMC's result types give it: idlist, lite, core."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

from ivigil.records import Author, PartialDate, Record
from ivigil.simulator.document import PREPRINT
from ivigil.simulator.library import Holding
from ivigil.simulator.pubmed_xml import published

RELATIONS = {
    "RetractionIn": "Retraction in",
    "RetractionOf": "Retraction of",
    "ErratumIn": "Erratum in",
    "ErratumFor": "Erratum for",
    "CommentIn": "Comment in",
    "CommentOn": "Comment on",
    "UpdateIn": "Update in",
    "UpdateOf": "Update of",
}
INDEX_LAG = timedelta(days=1)


def as_xml(body: dict[str, Any]) -> str:
    """An answer as the service writes it when JSON is not asked for: names become elements, a list repeats its own."""
    head = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><responseWrapper '
        'xmlns:slx="http://www.scholix.org" xmlns:epmc="https://www.europepmc.org/data">'
    )
    return f"{head}{''.join(_element(name, value) for name, value in body.items())}</responseWrapper>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, dict):
        inside = "".join(_element(key, each) for key, each in value.items())
    else:
        inside = escape(str(value).lower() if isinstance(value, bool) else str(value))
    return f"<{name}>{inside}</{name}>"


def idlist(holding: Holding) -> dict[str, Any]:
    """Identifiers only."""
    record = holding.record
    result: dict[str, Any] = {"id": record.source_id, "source": holding.document.source}
    if record.pmid:
        result["pmid"] = record.pmid
    if record.pmcid:
        result["pmcid"] = record.pmcid
        result["fullTextIdList"] = {"fullTextId": [record.pmcid]}
    return result


def _flags(record: Record, *, long: bool) -> dict[str, Any]:
    open_access = "Y" if record.pmcid else "N"
    flags: dict[str, Any] = {"isOpenAccess": open_access, "inEPMC": open_access, "inPMC": open_access}
    flags |= {"hasPDF": open_access, "hasBook": "N", "hasSuppl": "N", "citedByCount": 0}
    flags |= {"hasData": "N"} if long else {}
    flags |= {"hasReferences": "N", "hasTextMinedTerms": "N", "hasDbCrossReferences": "N", "hasLabsLinks": "N"}
    flags |= {"hasEvaluations": "N", "authMan": "N", "epmcAuthMan": "N", "nihAuthMan": "N"} if long else {}
    return flags | {"hasTMAccessionNumbers": "N"}


def _given(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value}


def _authors(record: Record) -> str:
    names = ", ".join(author.name for author in record.authors)
    return f"{names}." if names else ""


def _first_day(record: Record) -> str:
    when = record.first_published
    return when.earliest.isoformat() if when else ""


def _indexed(record: Record) -> str:
    return (record.entered + INDEX_LAG).isoformat() if record.entered else ""


def lite(holding: Holding) -> dict[str, Any]:
    """The short form, without abstract and dates of change."""
    record = holding.record
    result = idlist(holding)
    result |= _given(
        doi=record.doi,
        title=record.title,
        authorString=_authors(record),
        journalTitle=record.journal_abbreviation,
        issue=record.issue,
        journalVolume=record.volume,
        pubYear=str(record.year or ""),
        journalIssn="; ".join(record.issns).lower(),
        pageInfo=record.pages,
        pubType="; ".join(kind.lower() for kind in record.publication_types),
        bookOrReportDetails=_publisher(holding),
    )
    result |= _flags(record, long=False)
    return result | _given(firstIndexDate=_indexed(record), firstPublicationDate=_first_day(record))


def citation(holding: Holding) -> dict[str, Any]:
    """An entry of a list of citations."""
    record = holding.record
    return {"id": record.source_id, "source": holding.document.source} | _given(
        citationType="; ".join(kind.lower() for kind in record.publication_types),
        title=record.title,
        authorString=_authors(record),
        journalAbbreviation=record.journal_abbreviation,
        pubYear=record.year,
        volume=record.volume,
        issue=record.issue,
        pageInfo=record.pages,
        citedByCount=0,
    )


def _publisher(holding: Holding) -> dict[str, Any]:
    if holding.document.source != PREPRINT:
        return {}
    return {"publisher": holding.record.publisher or "", "yearOfPublication": holding.record.year}


def _author(author: Author) -> dict[str, Any]:
    if author.collective:
        return {"collectiveName": author.collective}
    result = _given(
        fullName=author.name, firstName=author.fore_name, lastName=author.last_name, initials=author.initials
    )
    if author.orcid:
        result["authorId"] = {"type": "ORCID", "value": author.orcid}
    if author.affiliations:
        places = [{"affiliation": place} for place in author.affiliations]
        result["authorAffiliationDetailsList"] = {"authorAffiliation": places}
    return result


def _journal(record: Record) -> dict[str, Any]:
    if not record.journal:
        return {}
    when = record.published or record.electronic
    journal = _given(
        title=record.journal,
        medlineAbbreviation=record.journal_abbreviation,
        isoabbreviation=record.journal_abbreviation,
        essn=record.issns[0] if record.issns else "",
    )
    info = _given(issue=record.issue, volume=record.volume, dateOfPublication=published(record))
    if when:
        info |= {"monthOfPublication": when.month or 0, "yearOfPublication": when.year}
        info["printPublicationDate"] = when.earliest.isoformat()
    return info | {"journal": journal}


def _abstract(record: Record) -> str:
    return "".join(
        f"<h4>{part.label.capitalize()}</h4>{part.text}" if part.label else part.text for part in record.abstract
    )


def _mesh(record: Record) -> list[dict[str, Any]]:
    headings = []
    for heading in record.mesh:
        entry: dict[str, Any] = {
            "majorTopic_YN": "Y" if heading.major else "N",
            "descriptorName": heading.descriptor,
        }
        if heading.qualifiers:
            entry["meshQualifierList"] = {
                "meshQualifier": [
                    {"abbreviation": name[:2].upper(), "qualifierName": name, "majorTopic_YN": "N"}
                    for name in heading.qualifiers
                ]
            }
        headings.append(entry)
    return headings


def _relations(record: Record) -> list[dict[str, Any]]:
    return [
        _given(
            id=relation.pmid,
            source="MED" if relation.pmid else "",
            reference=relation.note,
            type=RELATIONS.get(relation.kind, relation.kind),
        )
        | {"orderIn": place}
        for place, relation in enumerate(record.relations, start=1)
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _electronic(when: PartialDate | None) -> str:
    return when.earliest.isoformat() if when else ""


def core(holding: Holding) -> dict[str, Any]:
    """Everything the service holds on the record."""
    record = holding.record
    result = idlist(holding)
    result |= _given(doi=record.doi, title=record.title, authorString=_authors(record))
    if record.authors:
        result["authorList"] = {"author": [_author(author) for author in record.authors]}
    orcids = [{"type": "ORCID", "value": author.orcid} for author in record.authors if author.orcid]
    result |= _given(
        authorIdList={"authorId": orcids} if orcids else {},
        journalInfo=_journal(record),
        pubYear=str(record.year or ""),
        pageInfo=record.pages,
        bookOrReportDetails=_publisher(holding),
        abstractText=_abstract(record),
        publicationStatus="ppublish" if record.published else "aheadofprint",
        language=record.languages[0] if record.languages else "",
        pubModel="Print-Electronic" if record.electronic and record.published else "Print",
        pubTypeList={"pubType": list(record.publication_types)},
    )
    if headings := _mesh(record):
        result["meshHeadingList"] = {"meshHeading": headings}
    if record.keywords:
        result["keywordList"] = {"keyword": list(record.keywords)}
    if record.doi:
        url = {"availability": "Subscription required", "availabilityCode": "S", "documentStyle": "doi", "site": "DOI"}
        result["fullTextUrlList"] = {"fullTextUrl": [{**url, "url": f"https://doi.org/{record.doi}"}]}
    if relations := _relations(record):
        result["commentCorrectionList"] = {"commentCorrection": relations}
    result |= _flags(record, long=True)
    return result | _given(
        dateOfCompletion=_day(record.indexed),
        dateOfCreation=_day(record.entered),
        firstIndexDate=_indexed(record),
        dateOfRevision=_day(record.revised or record.entered),
        electronicPublicationDate=_electronic(record.electronic),
        firstPublicationDate=_first_day(record),
    )
