"""esummary and einfo bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

from ivigil.records import Record
from ivigil.simulator.eutils_answers import ESUMMARY
from ivigil.simulator.library import Holding
from ivigil.simulator.pubmed_xml import published
from ivigil.simulator.vocabulary import MONTHS
from ivigil.simulator.wire import Reply

FIELDS = (
    ("ALL", "All Fields", False),
    ("UID", "UID", False),
    ("FILT", "Filter", False),
    ("TITL", "Title", False),
    ("MESH", "MeSH Terms", False),
    ("MAJR", "MeSH Major Topic", False),
    ("JOUR", "Journal", False),
    ("AFFL", "Affiliation", False),
    ("PTYP", "Publication Type", False),
    ("LANG", "Language", False),
    ("TIAB", "Title/Abstract", False),
    ("OTRM", "Other Term", False),
    ("AUTH", "Author", False),
    ("PDAT", "Date - Publication", True),
    ("EDAT", "Date - Entry", True),
    ("CRDT", "Date - Create", True),
    ("MHDA", "Date - MeSH", True),
    ("MDAT", "Date - Modification", True),
)
LANGUAGE_NAMES = {"eng": "English", "fre": "French", "ger": "German", "jpn": "Japanese", "spa": "Spanish"}


def einfo(database: str, count: int, today: date) -> str:
    """The database list, or PubMed's description with its fields."""
    if not database:
        return "<eInfoResult>\n<DbList>\n\n\t<DbName>pubmed</DbName>\n</DbList>\n\n</eInfoResult>\n"
    if database != "pubmed":
        return f"<eInfoResult>\n\t<ERROR>Can not retrieve DbInfo for db={escape(database)}</ERROR>\n</eInfoResult>\n"
    fields = "".join(
        f"\t\t\t<Field>\n\t\t\t\t<Name>{name}</Name>\n\t\t\t\t<FullName>{full}</FullName>\n"
        f"\t\t\t\t<Description>{full}</Description>\n\t\t\t\t<TermCount/>\n"
        f"\t\t\t\t<IsDate>{'Y' if dated else 'N'}</IsDate>\n"
        "\t\t\t\t<IsNumerical>N</IsNumerical>\n\t\t\t\t<SingleToken>N</SingleToken>\n\t\t\t\t<Hierarchy>N</Hierarchy>\n"
        "\t\t\t\t<IsHidden>N</IsHidden>\n\t\t\t</Field>\n"
        for name, full, dated in FIELDS
    )
    return (
        "<eInfoResult>\n\t<DbInfo>\n\t\t<DbName>pubmed</DbName>\n\t\t<MenuName>PubMed</MenuName>\n"
        "\t\t<Description>PubMed bibliographic record</Description>\n"
        f"\t\t<DbBuild>Build-{today:%Y.%m.%d}.06.33</DbBuild>\n\t\t<Count>{count}</Count>\n"
        f"\t\t<LastUpdate>{today:%Y/%m/%d} 06:33</LastUpdate>\n"
        f"\t\t<FieldList>\n{fields}\t\t</FieldList>\n\t</DbInfo>\n</eInfoResult>\n"
    )


def _item(name: str, text: str | None, kind: str = "String", indent: int = 1) -> str:
    tabs = "\t" * indent
    return f'{tabs}<Item Name="{name}" Type="{kind}">{escape(text or "")}</Item>\n'


def _list(name: str, member: str, values: Sequence[str]) -> str:
    inside = "".join(_item(member, value, indent=2) for value in values)
    return f'\t<Item Name="{name}" Type="List">\n{inside}\t</Item>\n'


def _history(record: Record, entrez: date | None) -> list[tuple[str, str]]:
    days = (("pubmed", entrez), ("medline", record.indexed), ("entrez", record.entered))
    return [(name, f"{day:%Y/%m/%d} 06:00") for name, day in days if day]


def _electronic(record: Record) -> str:
    when = record.electronic
    if when is None:
        return ""
    month = f" {MONTHS[when.month - 1]}" if when.month else ""
    return f"{when.year}{month}{f' {when.day}' if when.day else ''}"


def _summary(holding: Holding) -> str:
    record = holding.record
    dates = _history(record, holding.document.entrez or record.entered)
    names = [author.name for author in record.authors]
    ids = [("pubmed", record.pmid), ("doi", record.doi), ("pmc", record.pmcid)]
    when, volume, pages = published(record), record.volume or "", record.pages or ""
    parts = [
        f"<DocSum>\n\t<Id>{record.pmid}</Id>\n",
        _item("PubDate", when, "Date"),
        _item("EPubDate", _electronic(record), "Date"),
        _item("Source", record.journal_abbreviation),
        _list("AuthorList", "Author", names),
        _item("LastAuthor", names[-1] if names else ""),
        _item("Title", record.title),
        _item("Volume", volume),
        _item("Issue", record.issue),
        _item("Pages", pages),
        _list("LangList", "Lang", [LANGUAGE_NAMES.get(each, each) for each in record.languages]),
        _item("NlmUniqueID", ""),
        _item("ISSN", ""),
        _item("ESSN", record.issns[0] if record.issns else ""),
        _list("PubTypeList", "PubType", record.publication_types),
        _item(
            "RecordStatus", "PubMed - indexed for MEDLINE" if record.indexed else "PubMed - as supplied by publisher"
        ),
        _item("PubStatus", "ppublish" if record.published else "aheadofprint"),
        '\t<Item Name="ArticleIds" Type="List">\n',
        *(_item(name, value, indent=2) for name, value in ids if value),
        '\t</Item>\n\t<Item Name="History" Type="List">\n',
        *(_item(name, value, "Date", 2) for name, value in dates),
        '\t</Item>\n\t<Item Name="References" Type="List"></Item>\n',
        _item("HasAbstract", "1" if record.abstract else "0", "Integer"),
        _item("PmcRefCount", "0", "Integer"),
        _item("FullJournalName", record.journal),
        _item("ELocationID", f"doi: {record.doi}" if record.doi else ""),
        _item("SO", f"{when};{volume}:{pages}"),
        "</DocSum>\n",
    ]
    return "".join(parts)


def summary_xml(holdings: Sequence[Holding]) -> Reply:
    """Version 1 summaries."""
    return Reply.text(f"{ESUMMARY}<eSummaryResult>\n" + "\n".join(map(_summary, holdings)) + "\n</eSummaryResult>\n")


def summary_json(holdings: Sequence[Holding], asked: Sequence[str]) -> Reply:
    """Summaries as JSON; an id that is not held carries an error of its own."""
    held = {holding.record.source_id: holding for holding in holdings}
    result: dict[str, object] = {"uids": list(asked)}
    for uid in asked:
        holding = held.get(uid)
        if holding is None:
            result[uid] = {"uid": uid, "error": "cannot get document summary"}
            continue
        record = holding.record
        ids = (("pubmed", record.pmid), ("doi", record.doi), ("pmc", record.pmcid))
        result[uid] = {
            "uid": uid,
            "pubdate": published(record),
            "epubdate": _electronic(record),
            "source": record.journal_abbreviation or "",
            "authors": [{"name": author.name, "authtype": "Author", "clusterid": ""} for author in record.authors],
            "title": record.title,
            "volume": record.volume or "",
            "issue": record.issue or "",
            "pages": record.pages or "",
            "lang": list(record.languages),
            "pubtype": list(record.publication_types),
            "articleids": [{"idtype": name, "idtypen": 1, "value": value} for name, value in ids if value],
            "history": [
                {"pubstatus": name, "date": value}
                for name, value in _history(record, holding.document.entrez or record.entered)
            ],
            "fulljournalname": record.journal or "",
        }
    return Reply.json({"header": {"type": "esummary", "version": "0.3"}, "result": result})
