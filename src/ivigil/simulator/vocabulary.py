"""The corner of MeSH and of the publication types that the simulator knows: trees, entry terms, identifiers.

Tree positions and identifiers are MeSH's own; a heading whose identifier was not verified carries none here, and its
XML gets one from a range MeSH does not use.
"""

from __future__ import annotations

import zlib

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

STOP_WORDS = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "is",
        "its",
        "not",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    )
)
NARROWER = {
    "Scleroderma, Systemic": ("Scleroderma, Diffuse", "Scleroderma, Limited"),
    "Scleroderma, Limited": ("CREST Syndrome",),
    "Lung Diseases, Interstitial": ("Pulmonary Fibrosis",),
    "Myositis": ("Polymyositis", "Dermatomyositis"),
}
NARROWER_TYPES = {
    "clinical trial": ("randomized controlled trial", "controlled clinical trial", "clinical trial, phase ii"),
    "review": ("systematic review",),
}
ENTRY_TERMS = {
    "systemic sclerosis": "Scleroderma, Systemic",
    "systemic scleroderma": "Scleroderma, Systemic",
    "sclerosis, systemic": "Scleroderma, Systemic",
    "crest syndrome": "CREST Syndrome",
    "intravenous immunoglobulins": "Immunoglobulins, Intravenous",
    "intravenous immunoglobulin": "Immunoglobulins, Intravenous",
    "ivig": "Immunoglobulins, Intravenous",
}
IDENTIFIERS = {
    "Scleroderma, Systemic": "D012595",
    "Humans": "D006801",
    "Animals": "D000818",
    "Mice": "D051379",
    "Adult": "D000328",
    "Middle Aged": "D008875",
    "Aged": "D000368",
    "Female": "D005260",
    "Male": "D008297",
    "Child": "D002648",
    "Treatment Outcome": "D016896",
    "Retrospective Studies": "D012189",
    "Prospective Studies": "D011446",
    "Follow-Up Studies": "D005500",
}
TYPE_IDENTIFIERS = {
    "Journal Article": "D016428",
    "Review": "D016454",
    "Letter": "D016422",
    "Comment": "D016420",
    "Editorial": "D016421",
    "Case Reports": "D002363",
    "Randomized Controlled Trial": "D016449",
    "Multicenter Study": "D016448",
    "English Abstract": "D004740",
    "Retracted Publication": "D016441",
    "Research Support, Non-U.S. Gov't": "D013485",
}


def heading_for(text: str) -> str:
    """The heading that a term names: itself, or the one it is an entry term of."""
    return ENTRY_TERMS.get(text.strip().lower(), text.strip())


def _below(term: str, tree: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    children = next((below for above, below in tree.items() if above.lower() == term.lower()), ())
    return (term, *(deeper for child in children for deeper in _below(child, tree)))


def explode(heading: str) -> tuple[str, ...]:
    """The heading and all narrower ones; `heading/qualifier` keeps its qualifier."""
    name, slash, qualifier = heading.partition("/")
    return tuple(f"{below}{slash}{qualifier}" for below in _below(name, NARROWER))


def explode_type(kind: str) -> tuple[str, ...]:
    """The publication type and all narrower ones."""
    return _below(kind.strip().lower(), NARROWER_TYPES)


def identifier(name: str, known: dict[str, str], letter: str = "D") -> str:
    """MeSH's identifier where it is known, else a made-up one beyond MeSH's range, the same in every run."""
    return known.get(name) or f"{letter}99{zlib.crc32(name.encode()) % 10_000:04d}"
