"""The words by which reports name their design; general to medicine, so they live here and not in a protocol."""

from __future__ import annotations

from ivigil.criteria import Design

# Publication types that settle the design, in lower case.
TYPES: dict[Design, frozenset[str]] = {
    Design.GUIDELINE: frozenset(
        {"practice guideline", "guideline", "consensus development conference", "consensus statement"}
    ),
    Design.PROTOCOL: frozenset(
        {
            "clinical trial protocol",
            "study protocol",
            "clinical trial registration",
            "trial registry record",
            "registration",
        }
    ),
    Design.RCT: frozenset({"randomized controlled trial"}),
}
REVIEW_TYPES = frozenset({"review", "systematic review", "scoping review", "meta-analysis", "network meta-analysis"})

# What a search of the literature is told by.
SEARCH: tuple[str, ...] = (
    "literature was searched",
    "literature search",
    "databases were searched",
    "medline",
    "embase",
    "pubmed",
    "scopus",
    "cochrane library",
    "web of science",
    "systematic search",
    "search of the literature",
    "studies were included",
    "articles were included",
    "papers were included",
    "publications were included",
    "articles were identified",
    "papers were identified",
    "publications were identified",
    "pooled estimate",
    "searched the literature",
    "eligible studies",
    "records were screened for eligibility",
    "citations were screened",
    "PRISMA",
)

_WILL = ["enrol*", "recruit", "include", "randomise", "randomize", "receive", "assign"]
_WILL_BE = ["enrolled", "recruited", "included", "randomised", "randomized", "assigned", "allocated", "invited"]

_TELL = ["we report", "we describe", "we present"]
_ONE = ["case", "patient", "woman", "man", "further case"]
_FEW = ["two", "three", "four"]

# Words of a title that say what the document is.
TITLE: dict[str, tuple[str, ...]] = {
    Design.GUIDELINE: (
        "guideline", "recommendation", "recommendations", "consensus statement", "position statement",
        "commissioning criteria", "commissioning policy", "points to consider", "consensus",
    ),
    Design.PROTOCOL: ("protocol", "rationale and design", "rationale of a", "design of a", "statistical analysis plan"),
    Design.PRECLINICAL: (
        "mice", "mouse", "murine", "rat", "animal model", "tight skin", "bleomycin induced", "rabbit", "zebrafish",
    ),
    Design.IN_VITRO: (
        "in vitro", "fibroblast", "cultured", "cell line", "equivalent culture", "lung slices", "umbilical vein",
        "endothelial cell", "endothelial cells",
    ),
    Design.CASE_REPORT: (
        "case report", "a case of", "a case from", "a patient with", "one patient with", "a woman with",
        "a man with",
        *(f"{few} patients" for few in _FEW), *(f"{few} cases" for few in _FEW),
    ),
    Design.REVIEW: (
        "systematic review", "systematic literature review", "literature review", "meta analysis", "scoping review",
        "narrative review", "review of the literature", "review of literature", "where do we stand",
        "state of the art", "overview", "current perspective", "a review", "update", "what do we know",
        "evidence based review", "umbrella review", "case based review", "mini review", "critical review",
        "comprehensive review", "future perspectives", "what is new", "mechanisms of action", "future", "viewpoint",
        "therapeutic strategies", "current and future", "perspectives",
    ),
}  # fmt: skip

# Words of a title or an abstract that say how the study was made.
TEXT: dict[str, tuple[str, ...]] = {
    Design.PROTOCOL: (
        *(f"will {verb}" for verb in _WILL), *(f"will be {verb}" for verb in _WILL_BE), "we plan to", "we intend to",
        "estimated enrolment", "estimated enrollment", "planned enrolment", "planned enrollment",
        "primary outcome will be", "planned to enrol", "planned to enroll", "planned to recruit",
        "withdrawn before enrol*", "withdrawn before recruit*", "withdrawn before any",
        "primary endpoint will be", "primary end point will be", "this protocol",
        "study protocol", "trial protocol",
    ),
    Design.GUIDELINE: (
        "this guideline", "these guidelines", "these recommendations", "our recommendations",
        "the recommendations were",
        "recommendations were graded", "recommendations were developed", "recommendations were formulated",
        "evidence based recommendations", "delphi",
    ),
    Design.PRECLINICAL: ("mice", "mouse", "murine", "rats", "rabbits", "animal model"),
    Design.REVIEW: (
        "this review", "this narrative review", "this systematic review", "present review", "our review", "we review",
        "this article reviews", "this paper reviews", "this mini review", "this scoping review", "we summarise",
        "we summarize", *SEARCH, "we discuss", "will be discussed", "this article we", "published evidence",
        "are discussed", "this chapter", "this overview", "has been described in", "studies remain few",
        "review summarises", "review summarizes", "reviewed the literature", "of the evidence",
    ),
    Design.RCT: (
        "randomised controlled", "randomized controlled", "randomised double blind", "randomized double blind",
        "randomised placebo", "randomized placebo", "randomly assigned", "randomly allocated", "were randomised",
        "were randomized", "was randomised", "was randomized", "randomised trial", "randomized trial",
        "randomised crossover", "randomized crossover", "randomised open label", "randomized open label",
        "randomised to", "randomized to", "patients randomised", "patients randomized", "random order",
        "randomised", "randomized",
        "or placebo", "versus placebo",
        "placebo controlled", "double blind", "randomised clinical trial", "randomized clinical trial",
        "randomised study", "randomized study", "randomised in", "randomized in", "randomised 1", "randomized 1",
    ),
    Design.PILOT: ("pilot", "feasibility study", "feasibility trial", "proof of concept"),
    Design.OPEN_LABEL: (
        "open label", "open trial", "open study", "open prospective", "open uncontrolled", "single arm",
        "uncontrolled trial", "phase 1 study", "phase 1 trial", "phase 2 study", "phase 2 trial", "phase II trial",
        "phase II study", "non controlled trial", "open non",
    ),
    Design.CASE_CONTROL: (
        "case control", "matched control", "comparative study", "were compared with those who",
        "compared to patients who did not",
        "compared with patients who did not", "patients who did not receive", "who had not received",
        "were not treated with",
        "than in untreated", "than untreated", "and untreated", "versus untreated", "vs untreated",
        "untreated group", "untreated arm", "untreated patients", "than those not treated", "than those who did not",
        "compared with untreated", "compared to untreated", "without IVIG", "matched",
        "comparative cohort", "control cohort", "controls who had not", "treated and untreated",
    ),
    Design.RETROSPECTIVE: (
        "retrospective", "retrospectively", "records of", "medical record", "case records", "case notes",
        "chart review", "charts",
        "files of", "files were", "we reviewed", "were reviewed", "database", "pharmacy records", "health record",
        "records were", "notes of", "we identified", "were identified from", "dossiers", "audit",
    ),
    Design.PROSPECTIVE: ("prospective", "prospectively", "longitudinal"),
    Design.CASE_REPORT: (
        "case report", "case series", "case based", "year old", "report the case", "describe the case",
        "present the case", *(f"{verb} a {one}" for verb in _TELL for one in _ONE),
        *(f"{verb} {few}" for verb in _TELL for few in _FEW), *(f"report of {few}" for few in _FEW),
        *(f"{few} cases" for few in _FEW),
    ),
    Design.IN_VITRO: (
        "in vitro", "cultured", "incubated", "skin equivalent", "organoid", "cell line", "muscle strips",
        "dermal fibroblasts", "organ bath",
    ),
}  # fmt: skip
