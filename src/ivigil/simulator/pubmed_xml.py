"""Records written as PubMed writes them: PubmedArticle XML and MEDLINE text."""

from __future__ import annotations

import textwrap
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from ivigil.records import AbstractSection, Author, PartialDate, Record, Relation
from ivigil.simulator.library import Holding
from ivigil.simulator.vocabulary import IDENTIFIERS, MONTHS, TYPE_IDENTIFIERS, identifier

HEAD = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN" \
"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet>"""
NLM_CATEGORIES = {
    "BACKGROUND": "BACKGROUND",
    "INTRODUCTION": "BACKGROUND",
    "OBJECTIVE": "OBJECTIVE",
    "OBJECTIVES": "OBJECTIVE",
    "AIM": "OBJECTIVE",
    "AIMS": "OBJECTIVE",
    "METHODS": "METHODS",
    "PATIENTS AND METHODS": "METHODS",
    "DESIGN": "METHODS",
    "RESULTS": "RESULTS",
    "FINDINGS": "RESULTS",
    "CONCLUSION": "CONCLUSIONS",
    "CONCLUSIONS": "CONCLUSIONS",
}


def article_set(holdings: list[Holding]) -> str:
    """The answer of efetch: each article as it is held, real elements untouched."""
    articles = "".join(holding.xml or article(holding) for holding in holdings)
    return f"{HEAD}\n{articles}</PubmedArticleSet>\n" if articles else f"{HEAD}</PubmedArticleSet>"


def _tag(name: str, text: str | None, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text)}</{name}>" if text else ""


def _numeric(name: str, day: date | None, attributes: str = "") -> str:
    if day is None:
        return ""
    body = f"<Year>{day.year}</Year><Month>{day.month:02d}</Month><Day>{day.day:02d}</Day>"
    return f"<{name}{attributes}>{body}</{name}>"


def _partial(name: str, when: PartialDate, attributes: str = "") -> str:
    month = f"<Month>{when.month:02d}</Month>" if when.month else ""
    day = f"<Day>{when.day:02d}</Day>" if when.day else ""
    return f"<{name}{attributes}><Year>{when.year}</Year>{month}{day}</{name}>"


def _issue_date(when: PartialDate) -> str:
    if when.text:
        return f"<PubDate>{_tag('MedlineDate', when.text)}</PubDate>"
    month = f"<Month>{MONTHS[when.month - 1]}</Month>" if when.month else ""
    day = f"<Day>{when.day:02d}</Day>" if when.day else ""
    return f"<PubDate><Year>{when.year}</Year>{month}{day}</PubDate>"


def _author(author: Author) -> str:
    places = "".join(
        f"<AffiliationInfo>{_tag('Affiliation', place)}</AffiliationInfo>" for place in author.affiliations
    )
    if author.collective:
        return f'<Author ValidYN="Y">{_tag("CollectiveName", author.collective)}{places}</Author>'
    orcid = f'<Identifier Source="ORCID">{escape(author.orcid)}</Identifier>' if author.orcid else ""
    names = _tag("LastName", author.last_name) + _tag("ForeName", author.fore_name) + _tag("Initials", author.initials)
    return f'<Author ValidYN="Y">{names}{_tag("Suffix", author.suffix)}{orcid}{places}</Author>'


def _section(section: AbstractSection) -> str:
    label = ""
    if section.label:
        category = section.category or NLM_CATEGORIES.get(section.label.upper(), "UNASSIGNED")
        label = f" Label={quoteattr(section.label)} NlmCategory={quoteattr(category)}"
    return f"<AbstractText{label}>{escape(section.text)}</AbstractText>"


def _relation(relation: Relation) -> str:
    other = _tag("RefSource", relation.note or " ") + _tag("PMID", relation.pmid, ' Version="1"')
    return f"<CommentsCorrections RefType={quoteattr(relation.kind)}>{other}</CommentsCorrections>"


def _journal(record: Record) -> str:
    issn = "".join(_tag("ISSN", each, ' IssnType="Electronic"') for each in record.issns[:1])
    when = record.published or record.electronic
    issue = _tag("Volume", record.volume) + _tag("Issue", record.issue) + (_issue_date(when) if when else "")
    return (
        f'<Journal>{issn}<JournalIssue CitedMedium="Internet">{issue}</JournalIssue>'
        f"{_tag('Title', record.journal)}{_tag('ISOAbbreviation', record.journal_abbreviation)}</Journal>"
    )


def _article_body(record: Record) -> str:
    model = "Print-Electronic" if record.electronic and record.published else "Print"
    if record.electronic and not record.published:
        model = "Electronic"
    pages = f"<Pagination>{_tag('MedlinePgn', record.pages)}</Pagination>" if record.pages else ""
    doi = _tag("ELocationID", record.doi, ' EIdType="doi" ValidYN="Y"')
    sections = "".join(map(_section, record.abstract))
    abstract = f"<Abstract>{sections}</Abstract>" if sections else ""
    people = "".join(map(_author, record.authors))
    authors = f'<AuthorList CompleteYN="Y">{people}</AuthorList>' if people else ""
    languages = "".join(_tag("Language", language) for language in record.languages)
    banks = "".join(_tag("AccessionNumber", each) for each in record.registry_ids)
    if banks:
        banks = (
            '<DataBankList CompleteYN="Y"><DataBank><DataBankName>ClinicalTrials.gov</DataBankName>'
            f"<AccessionNumberList>{banks}</AccessionNumberList></DataBank></DataBankList>"
        )
    types = "".join(
        _tag("PublicationType", each, f' UI="{identifier(each, TYPE_IDENTIFIERS)}"')
        for each in record.publication_types
    )
    online = _partial("ArticleDate", record.electronic, ' DateType="Electronic"') if record.electronic else ""
    return (
        f'<Article PubModel="{model}">{_journal(record)}{_tag("ArticleTitle", record.title)}{pages}{doi}{abstract}'
        f"{authors}{languages}{banks}<PublicationTypeList>{types}</PublicationTypeList>"
        f"{_tag('VernacularTitle', record.vernacular_title)}{online}</Article>"
    )


def _headings(record: Record) -> str:
    rows = []
    for heading in record.mesh:
        major = "Y" if heading.major and not heading.qualifiers else "N"
        name = (
            f'<DescriptorName UI="{heading.ui or identifier(heading.descriptor, IDENTIFIERS)}" MajorTopicYN="{major}">'
        )
        qualifiers = "".join(
            f'<QualifierName UI="{identifier(each, {}, "Q")}" MajorTopicYN="{"Y" if heading.major else "N"}">'
            f"{escape(each)}</QualifierName>"
            for each in heading.qualifiers
        )
        rows.append(f"<MeshHeading>{name}{escape(heading.descriptor)}</DescriptorName>{qualifiers}</MeshHeading>")
    return f"<MeshHeadingList>{''.join(rows)}</MeshHeadingList>" if rows else ""


def _others(record: Record) -> str:
    return "".join(
        f'<OtherAbstract Type="{other.kind or "Publisher"}" Language="{other.language}">'
        f"{''.join(map(_section, other.sections))}</OtherAbstract>"
        for other in record.other_abstracts
    )


def _history(name: str, day: date | None) -> str:
    if day is None:
        return ""
    return (
        f'<PubMedPubDate PubStatus="{name}"><Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day>'
        "<Hour>6</Hour><Minute>0</Minute></PubMedPubDate>"
    )


def article(holding: Holding) -> str:
    """One PubmedArticle element. History: `entrez` is CRDT, `pubmed` EDAT, `medline` MHDA (EDAT until indexed)."""
    record = holding.record
    indexed = record.indexed
    status = (
        "MEDLINE" if indexed else "Publisher" if record.electronic and not record.published else "PubMed-not-MEDLINE"
    )
    relations = "".join(map(_relation, record.relations))
    relations = f"<CommentsCorrectionsList>{relations}</CommentsCorrectionsList>" if relations else ""
    keywords = "".join(_tag("Keyword", each, ' MajorTopicYN="N"') for each in record.keywords)
    keywords = f'<KeywordList Owner="NOTNLM">{keywords}</KeywordList>' if keywords else ""
    entrez = holding.document.entrez or record.entered
    history = _history("entrez", record.entered) + _history("pubmed", entrez) + _history("medline", indexed or entrez)
    ids = _tag("ArticleId", record.pmid, ' IdType="pubmed"') + _tag("ArticleId", record.doi, ' IdType="doi"')
    ids += _tag("ArticleId", record.pmcid, ' IdType="pmc"')
    place = f"<MedlineJournalInfo>{_tag('MedlineTA', record.journal_abbreviation)}</MedlineJournalInfo>"
    return (
        f'<PubmedArticle><MedlineCitation Status="{status}" Owner="NLM"><PMID Version="1">{record.pmid}</PMID>'
        f"{_numeric('DateCompleted', indexed)}{_numeric('DateRevised', record.revised or record.entered)}"
        f"{_article_body(record)}{place}{relations}{_headings(record)}{_others(record)}{keywords}</MedlineCitation>"
        f"<PubmedData><History>{history}</History>"
        f"<PublicationStatus>{'ppublish' if record.published else 'aheadofprint'}</PublicationStatus>"
        f"<ArticleIdList>{ids}</ArticleIdList></PubmedData></PubmedArticle>"
    )


def medline(holding: Holding) -> str:
    """One record as MEDLINE text (nbib)."""
    record = holding.record
    entrez = holding.document.entrez or record.entered
    lines: list[tuple[str, str | None]] = [
        ("PMID", record.pmid),
        ("OWN", "NLM"),
        ("STAT", "MEDLINE" if record.indexed else "Publisher"),
        ("DCOM", _compact(record.indexed)),
        ("LR", _compact(record.revised or record.entered)),
        *(("IS", f"{issn} (Electronic)") for issn in record.issns[:1]),
        ("VI", record.volume),
        ("IP", record.issue),
        ("DP", published(record)),
        ("TI", record.title),
        ("PG", record.pages),
        ("LID", f"{record.doi} [doi]" if record.doi else None),
        ("AB", " ".join(f"{part.label}: {part.text}" if part.label else part.text for part in record.abstract)),
        *(("CN", each.collective) for each in record.authors if each.collective),
    ]
    for each in record.authors:
        if not each.collective:
            lines += [("FAU", ", ".join(part for part in (each.last_name, each.fore_name) if part)), ("AU", each.name)]
    lines += [("LA", language) for language in record.languages]
    lines += [("PT", kind) for kind in record.publication_types]
    lines += [("TT", record.vernacular_title), ("TA", record.journal_abbreviation), ("JT", record.journal)]
    for heading in record.mesh:
        star = "*" if heading.major else ""
        tail = "".join(f"/{star}{each}" for each in heading.qualifiers)
        lines.append(("MH", f"{heading.descriptor}{tail}" if tail else f"{star}{heading.descriptor}"))
    lines += [("OT", keyword) for keyword in record.keywords]
    lines += [
        ("EDAT", _slashed(entrez)),
        ("MHDA", _slashed(record.indexed or entrez)),
        ("CRDT", _slashed(record.entered)),
        ("AID", f"{record.doi} [doi]" if record.doi else None),
        ("PST", "ppublish" if record.published else "aheadofprint"),
        ("SO", f"{record.journal_abbreviation}. {published(record)};{record.volume or ''}:{record.pages or ''}."),
    ]
    wrapped = [
        textwrap.fill(value, 90, initial_indent=f"{name:<4}- ", subsequent_indent=" " * 6, break_on_hyphens=False)
        for name, value in lines
        if value
    ]
    return "\n".join(wrapped) + "\n"


def published(record: Record) -> str:
    """The issue date in PubMed's words: '2015 Feb', '2010 Sep-Oct'."""
    when = record.published or record.electronic
    if when is None:
        return ""
    if when.text:
        return when.text
    parts = [str(when.year), MONTHS[when.month - 1] if when.month else "", str(when.day) if when.day else ""]
    return " ".join(part for part in parts if part)


def _compact(day: date | None) -> str | None:
    return day.strftime("%Y%m%d") if day else None


def _slashed(day: date | None) -> str | None:
    return day.strftime("%Y/%m/%d 06:00") if day else None
