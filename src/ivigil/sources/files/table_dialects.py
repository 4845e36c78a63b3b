"""Tables as each product exports them: column names, all lower case, and the columns that give a product away."""

from __future__ import annotations

from ivigil.sources.files.fields import Dialect, Field, FieldMap

# The names that tables of any origin use. The order is the order of trust.
BASE: FieldMap = {
    Field.TYPE: ("item type", "type of reference", "reference type", "type_of_reference"),
    Field.PUBLICATION_TYPES: ("publication type", "document type", "doctype", "content type", "publication_types",
                              "pub_types", "work type"),
    Field.TITLE: ("title", "article title", "item title", "primary title", "primary_title", "document title",
                  "display_name", "titles", "study title"),
    Field.VERNACULAR: ("original title", "vernacular_title"),
    Field.ABSTRACT: ("abstract", "abstract note", "abstract text", "abstracts", "abstract_text", "notes_abstract"),
    Field.AUTHORS: ("authors", "author", "author(s)", "author names", "authors_names", "first_authors",
                    "author full names"),
    Field.JOURNAL: ("journal", "source title", "publication title", "journal title", "journal/book", "journal name",
                    "journal_name", "source", "secondary_title"),
    Field.ABBREVIATION: ("journal abbreviation", "abbreviated source title", "journal_abbreviation"),
    Field.ISSN: ("issn", "eissn", "issns"),
    Field.VOLUME: ("volume", "journal volume"),
    Field.ISSUE: ("issue", "journal issue", "number"),
    Field.PAGES: ("pages", "art. no.", "article number"),
    Field.FIRST_PAGE: ("first page", "page start", "start page", "start_page"),
    Field.LAST_PAGE: ("last page", "page end", "end page", "end_page"),
    Field.PUBLISHER: ("publisher", "book publisher"),
    Field.DATE: ("publication date", "date of publication", "publication_date", "pub_date", "date", "published"),
    Field.YEAR: ("year", "publication year", "published year", "publication_year", "pub_year", "publication date",
                 "date of publication", "publication_date", "pub_date", "date"),
    Field.MONTH: ("month", "published month"),
    Field.DAY: ("day",),
    Field.LANGUAGE: ("language", "article language", "language of original document", "languages"),
    Field.KEYWORDS: ("keywords", "author keywords", "manual tags", "automatic tags", "subjects"),
    Field.MESH: ("mesh",),
    Field.PMID: ("pmid", "pubmed id", "pubmed_id", "medline pmid", "accession number"),
    Field.DOI: ("doi", "item doi", "doi link"),
    Field.PMCID: ("pmcid", "pmc_id"),
    Field.REGISTRY: ("clinical trial numbers", "ctgov id", "ictrp id", "registry_ids", "trial registration"),
    Field.URL: ("url", "link", "permalink", "plink"),
    Field.KEY: ("key", "id", "record_id", "record id", "refid", "ref id", "reference id", "ref", "row_id"),
}  # fmt: skip
BASE_PATTERNS = {(Field.PMID, "accession number"): r"^(?:PMID:? ?)([1-9]\d{0,8})$"}
GENERIC = Dialect("table", "file", BASE, patterns=BASE_PATTERNS)

IVIGIL = Dialect(
    "ivigil",
    "ivigil",
    {**BASE, Field.JOURNAL: ("journal",), Field.ACCESSION: ("report_key",), Field.KEY: ("report_key",)},
    marks=((("report_key", ""),),),
)
RAYYAN = Dialect(
    "rayyan",
    "rayyan",
    {**BASE, Field.ACCESSION: ("key",)},
    marks=((("key", r"^rayyan-\d+"),),),
    patterns={(Field.ACCESSION, "key"): r"^(rayyan-\d+)$"},
)
COVIDENCE = Dialect(
    "covidence",
    "covidence",
    {**BASE, Field.KEY: ("covidence #",)},
    marks=((("covidence #", ""),),),
    patterns=BASE_PATTERNS,
    other_ids={"covidence": ("covidence #",)},
)
COCHRANE = Dialect(
    "cochrane",
    "cochrane",
    {**BASE, Field.ACCESSION: ("central id",), Field.KEY: ("central id",)},
    marks=((("central id", ""),),),
    other_ids={"embase": ("embase id",), "cinahl": ("cinahl id",)},
)
EMBASE = Dialect(
    "embase",
    "embase",
    {
        **BASE,
        Field.JOURNAL: ("source title", "source"),
        Field.DATE: ("date of publication", "source"),
        Field.YEAR: ("publication year", "source"),
        Field.ACCESSION: ("pui", "embase accession id"),
        Field.KEY: ("pui", "embase accession id"),
        Field.ENTERED: ("aip/ip entry date", "full record entry date"),
        Field.REVISED: ("full record entry date",),
        Field.DOI: ("doi", "open url link"),
        Field.KEYWORDS: (
            "author keywords",
            "keywords",
            "emtree drug index terms (major focus)",
            "emtree drug index terms",
            "emtree medical index terms (major focus)",
            "emtree medical index terms",
        ),
        Field.URL: ("embase link", "full text link"),
    },
    marks=(
        (("pui", ""),),
        (("emtree drug index terms", ""),),
        (("emtree medical index terms", ""),),
        (("author names", ""),),
    ),
    patterns={
        (Field.JOURNAL, "source"): r"^(.+?) \(\d{4}\)",
        (Field.DATE, "source"): r"Date of Publication: ([^.]+)",
        (Field.YEAR, "source"): r"\((\d{4})\)",
    },
    keywords_by_comma=True,
)
SCOPUS = Dialect(
    "scopus",
    "scopus",
    {
        **BASE,
        Field.ACCESSION: ("eid",),
        Field.KEY: ("eid",),
        Field.JOURNAL: ("source title",),
        Field.KEYWORDS: ("author keywords", "index keywords"),
    },
    marks=((("eid", r"^2-s2\.0-"),),),
)
PUBMED = Dialect(
    "pubmed",
    "pubmed",
    {
        **BASE,
        Field.ACCESSION: ("pmid",),
        Field.KEY: ("pmid",),
        Field.ENTERED: ("create date",),
        Field.DATE: ("citation",),
        Field.VOLUME: ("citation",),
        Field.ISSUE: ("citation",),
        Field.PAGES: ("citation",),
    },
    marks=((("journal/book", ""), ("pmid", "")),),
    patterns={
        (Field.DATE, "citation"): r"\. (\d{4}(?: [A-Z][a-z]{2}(?: \d{1,2})?)?)[;:.]",
        (Field.VOLUME, "citation"): r"\. \d{4}[^;:.]*;(\w+)",
        (Field.ISSUE, "citation"): r"\. \d{4}[^;:.]*;\w*\(([^)]+)\)",
        (Field.PAGES, "citation"): r"\. \d{4}[^;:.]*;[^:.]*:([\w-]+)\.",
    },
)
EBSCO = Dialect(
    "ebsco",
    "ebsco",
    {**BASE, Field.ACCESSION: ("plink",), Field.KEY: ("accession number",), Field.PMID: ()},
    marks=((("plink", ""), ("article title", "")),),
    patterns={(Field.ACCESSION, "plink"): r"db=(\w+)&AN=([^&\s]+)"},
    database=("plink",),
    sources=((r"db=(?:ccm|c8h|cin20|rzh|cul)\b", "cinahl"),),
)
ZOTERO = Dialect(
    "zotero",
    "zotero",
    {**BASE, Field.ACCESSION: ("key",)},
    marks=((("item type", ""), ("abstract note", "")), (("item type", ""), ("library catalog", ""))),
)
OPENALEX = Dialect(
    "openalex",
    "openalex",
    {
        **BASE,
        Field.TITLE: ("title", "display_name"),
        Field.TYPE: ("type",),
        Field.PUBLICATION_TYPES: ("type",),
        Field.AUTHORS: ("authorships.author.display_name", "authorships.raw_author_name"),
        Field.JOURNAL: ("primary_location.source.display_name",),
        Field.ISSN: ("primary_location.source.issn", "primary_location.source.issn_l"),
        Field.VOLUME: ("biblio.volume",),
        Field.ISSUE: ("biblio.issue",),
        Field.FIRST_PAGE: ("biblio.first_page",),
        Field.LAST_PAGE: ("biblio.last_page",),
        Field.DATE: ("publication_date",),
        Field.YEAR: ("publication_year",),
        Field.ENTERED: ("created_date",),
        Field.KEYWORDS: ("keywords.display_name",),
        Field.MESH: (),
        Field.PMID: ("ids.pmid",),
        Field.DOI: ("doi", "ids.doi"),
        Field.ACCESSION: ("id",),
        Field.KEY: ("id",),
        Field.URL: ("primary_location.landing_page_url",),
    },
    marks=((("id", r"^https://openalex\.org/W\d+"),),),
    patterns={(Field.ACCESSION, "id"): r"(W\d+)$", (Field.KEY, "id"): r"(W\d+)$"},
    given_first=True,
)
ABSTRACKR = Dialect(
    "abstrackr",
    "abstrackr",
    {**BASE, Field.ACCESSION: ("(internal) id",), Field.KEY: ("(source) id",)},
    marks=((("(internal) id", ""),),),
    keywords_by_comma=True,
)
EPPI = Dialect(
    "eppi",
    "eppi",
    {**BASE, Field.ACCESSION: ("id",)},
    marks=((("shorttitle", ""), ("id", r"^\d{6,}$")), (("short title", ""), ("id", r"^\d{6,}$"), ("included", ""))),
)
ASREVIEW = Dialect(
    "asreview",
    "file",
    BASE,
    marks=((("asreview_label", ""),), (("asreview_ranking", ""),), (("record_id", ""), ("included", ""))),
    patterns=BASE_PATTERNS,
)
SPRINGER = Dialect("springer", "springer", BASE, marks=((("item title", ""), ("item doi", "")),), given_first=True)

TABLE_DIALECTS = (
    IVIGIL, RAYYAN, COVIDENCE, COCHRANE, SCOPUS, PUBMED, OPENALEX, ZOTERO, EBSCO, ABSTRACKR, EPPI, EMBASE, SPRINGER,
    ASREVIEW,
)  # fmt: skip

KNOWN_COLUMNS = frozenset(
    name for dialect in (GENERIC, *TABLE_DIALECTS) for names in dialect.fields.values() for name in names
)
TITLE_COLUMNS = frozenset(BASE[Field.TITLE]) | frozenset(BASE[Field.ABSTRACT])
