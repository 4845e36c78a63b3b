"""RIS as each product writes it: the same tag means different things, so every product has its own row.

Measured on real exports; `BASE` is what the RIS specification and most products agree on.
"""

from __future__ import annotations

from ivigil.sources.files.fields import Dialect, Field, FieldMap

BASE: FieldMap = {
    Field.TYPE: ("TY",),
    Field.PUBLICATION_TYPES: ("M3",),
    Field.TITLE: ("TI", "T1", "CT"),
    Field.VERNACULAR: ("TT",),
    Field.ABSTRACT: ("AB", "N2"),
    Field.AUTHORS: ("AU", "A1"),
    Field.JOURNAL: ("JF", "T2", "JO", "JA", "J2"),
    Field.ABBREVIATION: ("JA", "J2", "JI", "J9"),
    Field.ISSN: ("SN",),
    Field.VOLUME: ("VL", "VO"),
    Field.ISSUE: ("IS",),
    Field.PAGES: ("PG", "C7"),
    Field.FIRST_PAGE: ("SP",),
    Field.LAST_PAGE: ("EP",),
    Field.PUBLISHER: ("PB", "PU"),
    Field.DATE: ("DA", "PY", "Y1"),
    Field.YEAR: ("PY", "Y1", "DA"),
    Field.LANGUAGE: ("LA",),
    Field.KEYWORDS: ("KW",),
    Field.PMID: ("PMID", "UR"),
    Field.DOI: ("DO", "M3", "L3", "L2", "UR"),
    Field.PMCID: ("C2",),
    Field.URL: ("UR", "L2"),
    Field.KEY: ("ID", "AN", "U1"),
}
# Accession numbers that name their own database are safe to keep from a file of unknown origin.
TELLING = r"^((?:WOS|MEDLINE|BCI|CCC|KJD|SCIELO|RSCI):\S+|CN-\d+|2-s2\.0-\d+|rayyan-\d+)$"
BASE_PATTERNS = {(Field.ACCESSION, "AN"): TELLING}
OVID_SOURCES = (
    ("psyc ?info", "psycinfo"),
    (r"\beric\b", "eric"),
    ("embase", "embase"),
    ("medline|pubmed", "medline"),
    ("cochrane|central", "cochrane"),
    ("cinahl", "cinahl"),
)

GENERIC = Dialect("ris", "file", {**BASE, Field.ACCESSION: ("AN",)}, patterns=BASE_PATTERNS)

IVIGIL = Dialect(
    "ivigil",
    "ivigil",
    {**BASE, Field.ACCESSION: ("AN",), Field.PMID: ("C5",), Field.PMCID: ("C6",), Field.KEY: ("AN",)},
    marks=((("AN", r"^ivigil-"),),),
)
RAYYAN = Dialect(
    "rayyan",
    "rayyan",
    {**BASE, Field.ACCESSION: ("AN",), Field.KEY: ("AN",), Field.PMID: ("C5",)},
    marks=((("AN", r"^rayyan-"),),),
    other_ids={"embase": ("U2",)},
)
COCHRANE = Dialect(
    "cochrane",
    "cochrane",
    {
        **BASE,
        Field.ACCESSION: ("AN",),
        Field.KEY: ("AN",),
        Field.PMID: ("C3",),
        Field.DOI: ("DO",),
        Field.REGISTRY: ("C3",),
    },
    marks=((("AN", r"^CN-\d"),), (("UR", r"cochranelibrary\.com/central"),)),
    patterns={(Field.PMID, "C3"): r"PUBMED (\d+)"},
)
WOS = Dialect(
    "wos",
    "wos",
    {
        **BASE,
        Field.ACCESSION: ("AN",),
        Field.KEY: ("AN",),
        Field.PMID: (),
        Field.ABBREVIATION: ("JI", "J9"),
        Field.PMCID: (),
    },
    marks=((("AN", r"^(?:WOS|MEDLINE|BCI|CCC|KJD|SCIELO|RSCI):"),),),
)
EMBASE = Dialect(
    "embase",
    "embase",
    {
        **BASE,
        Field.TITLE: ("T1", "TI"),
        Field.ABSTRACT: ("N2", "AB"),
        Field.ABBREVIATION: ("JO",),
        Field.PMID: ("C5",),
        Field.PMCID: (),
        Field.DOI: ("DO", "L2"),
        Field.ACCESSION: ("U2",),
        Field.KEY: ("U2",),
        Field.ENTERED: ("U3", "U4"),
        Field.REVISED: ("U4",),
        Field.REGISTRY: ("CN",),
    },
    marks=((("U2", r"^L\d+"),),),
)
SCOPUS = Dialect(
    "scopus",
    "scopus",
    {
        **BASE,
        Field.ABBREVIATION: ("J2",),
        Field.PMID: ("C2",),
        Field.PMCID: (),
        Field.DOI: ("DO",),
        Field.ACCESSION: ("UR",),
        Field.KEY: (),
    },
    marks=((("DB", r"^Scopus"), ("UR", r"scopus\.com")),),
    patterns={(Field.ACCESSION, "UR"): r"eid=(2-s2\.0-\d+)", (Field.PMID, "C2"): r"^(\d{1,9})(?: \(PubMed ID\))?$"},
)
OVID = Dialect(
    "ovid",
    "ovid",
    {
        **BASE,
        Field.TITLE: ("T1", "TI"),
        Field.ABSTRACT: ("N2", "AB"),
        Field.PUBLICATION_TYPES: ("PT",),
        Field.ABBREVIATION: ("JA", "NL"),
        Field.DOI: ("DO",),
        Field.ACCESSION: ("ID",),
        Field.KEY: ("ID",),
        Field.PMCID: (),
    },
    marks=(
        (("L2", r"ovidsp\.ovid|ovidweb"),),
        (("UR", r"ovidsp\.ovid|ovidweb"),),
        (("DB", ""), ("ID", ""), ("N2", "")),
    ),
    database=("DB", "L2", "UR"),
    sources=(*OVID_SOURCES, (r"[?&]D=psyc", "psycinfo"), (r"[?&]D=eric", "eric"), (r"[?&]D=(?:emed|oemez)", "embase")),
)
EBSCO = Dialect(
    "ebsco",
    "ebsco",
    {
        **BASE,
        Field.TITLE: ("T1", "TI"),
        Field.DOI: ("DO", "M3", "L3"),
        Field.ACCESSION: ("UR",),
        Field.KEY: ("UR",),
        Field.PMCID: (),
    },
    marks=((("DP", r"EBSCO"),), (("UR", r"search\.ebscohost\.com"),)),
    patterns={
        (Field.ACCESSION, "UR"): r"db=(\w+)&AN=([^&\s]+)",
        (Field.KEY, "UR"): r"AN=([^&\s]+)",
        (Field.PUBLICATION_TYPES, "M3"): r"^((?!10\.).+)",
    },
    database=("DB",),
    sources=((r"^(?:ccm|c8h|cin20|rzh|cul)\b", "cinahl"),),
)
PROQUEST = Dialect(
    "proquest",
    "proquest",
    {**BASE, Field.TITLE: ("T1", "TI"), Field.ACCESSION: ("AN",), Field.KEY: ("AN",), Field.PMCID: ()},
    marks=((("UR", r"search\.proquest\.com|www\.proquest\.com"), ("AN", r"^\d{6,}")),),
    patterns={(Field.ACCESSION, "AN"): r"^(\d{6,})", (Field.KEY, "AN"): r"^(\d{6,})"},
)
EPPI = Dialect(
    "eppi",
    "eppi",
    {**BASE, Field.TITLE: ("T1", "TI"), Field.ACCESSION: ("U1",), Field.KEY: ("U1",)},
    marks=((("KW", r"^eppi-reviewer"),), (("U1", r"^\d{6,}$"), ("ST", r"\(\d{4}\)$"))),
)
COVIDENCE = Dialect(
    "covidence",
    "covidence",
    {**BASE, Field.ACCESSION: ("AN",)},
    marks=((("PD", ""), ("NS", "")),),
    patterns=BASE_PATTERNS,
)
REFWORKS = Dialect(
    "refworks",
    "refworks",
    {**BASE, Field.TITLE: ("T1", "TI"), Field.PUBLICATION_TYPES: ("M1",), Field.PMID: ("C5",)},
    marks=((("ID", r"^RefID:"),),),
)
PSYCNET = Dialect(
    "psycnet",
    "psycinfo",
    {**BASE, Field.TITLE: ("T1", "TI"), Field.ACCESSION: ("ID",), Field.PUBLICATION_TYPES: (), Field.PMCID: ()},
    marks=((("ID", r"^(?:19|20)\d{2}-\d{5}-\d{3}$"), ("T1", "")),),
)
ENDNOTE = Dialect(
    "endnote",
    "endnote",
    {
        **BASE,
        Field.ACCESSION: ("AN",),
        Field.PMID: ("AN",),
        Field.DATE: ("ET", "DA", "PY"),
        Field.PUBLICATION_TYPES: ("M3",),
    },
    marks=((("ST", ""), ("ID", r"^\d{1,6}$")),),
    patterns={**BASE_PATTERNS, (Field.PMID, "AN"): r"^([1-9]\d{4,8})$"},
    other_ids={"embase": ("N1",)},
)
LENS = Dialect(
    "lens",
    "lens",
    {**BASE, Field.ACCESSION: ("UR",)},
    marks=((("UR", r"lens\.org/(?:lens/)?\d{3}-\d{3}"),),),
    patterns={(Field.ACCESSION, "UR"): r"lens\.org/(?:lens/)?(\d{3}-\d{3}-\d{3}-\d{2}[\dX])"},
)
DIMENSIONS = Dialect(
    "dimensions",
    "dimensions",
    {**BASE, Field.ACCESSION: ("UR",)},
    marks=((("UR", r"app\.dimensions\.ai"),),),
    patterns={(Field.ACCESSION, "UR"): r"(pub\.\d+)"},
)
ZOTERO = Dialect(
    "zotero",
    "zotero",
    {**BASE, Field.ACCESSION: ("AN",)},
    marks=((("DA", r"^\d{4}/\d{0,2}/\d{0,2}/"), ("TI", "")),),
    patterns=BASE_PATTERNS,
)

# Most telling first: an Embase record inside a Rayyan export is Rayyan's.
RIS_DIALECTS = (
    IVIGIL, RAYYAN, COCHRANE, WOS, EPPI, EMBASE, SCOPUS, EBSCO, PROQUEST, COVIDENCE, REFWORKS, OVID, PSYCNET, LENS,
    DIMENSIONS, ENDNOTE, ZOTERO,
)  # fmt: skip
