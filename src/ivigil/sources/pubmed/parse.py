"""PubMed XML to records: EFetch answers, baseline and update files, old MEDLINE files and books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lxml.etree import _Element as Element

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import Author, Record, RecordKind
from ivigil.sources.pubmed import fields
from ivigil.sources.pubmed.answers import read_root

NAME = "pubmed"
_SETS = frozenset({"PubmedArticleSet", "MedlineCitationSet", "PubmedBookArticleSet"})
_OWN_PMID = ("MedlineCitation/PMID", "BookDocument/PMID", "PMID")
_DELETIONS = frozenset({"DeleteCitation", "DeleteDocument"})


@dataclass(frozen=True)
class ArticleSet:
    """What one file or answer held; `rejected` pairs an id (or '#' and its place) with why it cannot be read."""

    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()


def parse_articles(body: bytes, context: SearchContext | None = None) -> ArticleSet:
    """Read a PubmedArticleSet, a MedlineCitationSet or a PubmedBookArticleSet.

    One article that cannot be read is rejected by itself; the others stand.

    Raises:
        SourceError: of the class an ERROR inside means; MalformedResponse when cut short, no XML, or of another root.
    """
    context = context or SearchContext(NAME)
    root = read_root(body, context)
    if root.tag not in _SETS:
        raise MalformedResponse(f"the root is {root.tag}, not PubmedArticleSet", context=context)
    records: list[Record] = []
    rejected: list[tuple[str, str]] = []
    deleted: list[str] = []
    for place, entry in enumerate(root, start=1):
        if entry.tag in _DELETIONS:
            deleted += fields.texts_at(entry, "PMID")
            continue
        try:
            records.append(_parse_entry(entry))
        except ValueError as error:  # pydantic's and our own
            own = (text for path in _OWN_PMID if (text := fields.text_at(entry, path)))
            rejected.append((next(own, f"#{place}"), " ".join(str(error).split())[:300]))
    return ArticleSet(tuple(records), tuple(rejected), tuple(deleted))


def _parse_entry(entry: Element) -> Record:
    if entry.tag == "PubmedBookArticle":
        return _parse_book(entry)
    if entry.tag == "MedlineCitation":
        return _parse_article(entry, None)
    if entry.tag == "PubmedArticle" and (citation := entry.find("MedlineCitation")) is not None:
        return _parse_article(citation, entry.find("PubmedData"))
    raise ValueError(f"{entry.tag} holds no citation")


def _parse_article(citation: Element, data: Element | None) -> Record:
    article = citation.find("Article")
    if article is None:
        raise ValueError("the citation has no Article")
    journal = article.find("Journal")
    pmid, version = _pmid_of(citation)
    ids = fields.Identifiers(citation, data, article)
    issns = fields.texts_at(article, "Journal/ISSN") + fields.texts_at(citation, "MedlineJournalInfo/ISSNLinking")
    return Record(
        source=NAME,
        source_id=pmid,
        version=version,
        title=fields.text_of(article.find("ArticleTitle")),
        vernacular_title=fields.text_at(article, "VernacularTitle"),
        abstract=fields.sections(article.find("Abstract")),
        other_abstracts=fields.other_abstracts(citation),
        authors=fields.authors(article.find("AuthorList")),
        journal=fields.text_at(journal, "Title"),
        journal_abbreviation=fields.text_at(journal, "ISOAbbreviation")
        or fields.text_at(citation, "MedlineJournalInfo/MedlineTA"),
        issns=tuple(dict.fromkeys(issns)),
        volume=fields.text_at(journal, "JournalIssue/Volume"),
        issue=fields.text_at(journal, "JournalIssue/Issue"),
        pages=_pages_of(article),
        published=fields.publication_date(article.find("Journal/JournalIssue/PubDate")),
        electronic=fields.publication_date(_electronic_date(article)),
        entered=_history_day(data, "entrez") or fields.day(citation.find("DateCreated")),
        indexed=_history_day(data, "medline"),
        revised=fields.day(citation.find("DateRevised")),
        languages=_languages_of(article),
        publication_types=fields.texts_at(article, "PublicationTypeList/PublicationType"),
        mesh=fields.mesh(citation),
        keywords=fields.texts_at(citation, "KeywordList/Keyword"),
        pmid=pmid,
        doi=ids.doi,
        pmcid=ids.pmcid,
        registry_ids=ids.registry,
        other_ids=ids.other,
        relations=fields.relations(citation),
        url=_url_of(pmid),
    )


def _parse_book(entry: Element) -> Record:
    document = entry.find("BookDocument")
    if document is None:
        raise ValueError("the book article has no BookDocument")
    book, data = document.find("Book"), entry.find("PubmedBookData")
    pmid, version = _pmid_of(document)
    ids = fields.Identifiers(document, data, None)
    book_title = fields.text_at(book, "BookTitle")
    isbns = fields.texts_at(book, "Isbn") if book is not None else ()
    return Record(
        source=NAME,
        source_id=pmid,
        version=version,
        kind=RecordKind.BOOK,
        title=fields.text_at(document, "ArticleTitle") or book_title or "",
        vernacular_title=fields.text_at(document, "VernacularTitle"),
        abstract=fields.sections(document.find("Abstract")),
        authors=_book_authors(document, book),
        journal=book_title,
        volume=fields.text_at(book, "Volume"),
        pages=_pages_of(document),
        publisher=fields.text_at(book, "Publisher/PublisherName"),
        published=fields.publication_date(book.find("PubDate") if book is not None else None),
        electronic=fields.publication_date(document.find("ContributionDate")),
        entered=_history_day(data, "entrez"),
        indexed=_history_day(data, "medline"),
        revised=fields.day(document.find("DateRevised")),
        languages=_languages_of(document),
        publication_types=fields.texts_at(document, "PublicationType"),
        keywords=fields.texts_at(document, "KeywordList/Keyword"),
        pmid=pmid,
        doi=ids.doi,
        pmcid=ids.pmcid,
        other_ids=ids.other + tuple(("isbn", isbn) for isbn in isbns),
        url=_url_of(pmid),
    )


def _book_authors(document: Element, book: Element | None) -> tuple[Author, ...]:
    """A chapter's authors, else the book's, else its editors."""
    lists = document.findall("AuthorList") + (book.findall("AuthorList") if book is not None else [])
    lists.sort(key=lambda listing: listing.get("Type") == "editors")
    return next((found for listing in lists if (found := fields.authors(listing))), ())


def _pmid_of(citation: Element) -> tuple[str, str]:
    element = citation.find("PMID")
    pmid = fields.text_of(element)
    if element is None or not pmid.isdecimal():
        raise ValueError(f"its PMID is {pmid!r}")
    return pmid, element.get("Version") or "1"


def _pages_of(article: Element) -> str | None:
    if pages := fields.text_at(article, "Pagination/MedlinePgn"):
        return pages
    ends = (fields.text_at(article, "Pagination/StartPage"), fields.text_at(article, "Pagination/EndPage"))
    return "-".join(page for page in ends if page) or None


def _electronic_date(article: Element) -> Element | None:
    return next(
        (one for one in article.iterfind("ArticleDate") if one.get("DateType", "Electronic") == "Electronic"), None
    )


def _history_day(data: Element | None, status: str) -> date | None:
    return fields.day(data.find(f"History/PubMedPubDate[@PubStatus='{status}']")) if data is not None else None


def _languages_of(article: Element) -> tuple[str, ...]:
    return tuple(language.lower() for language in fields.texts_at(article, "Language"))


def _url_of(pmid: str) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
