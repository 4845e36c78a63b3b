"""Identifiers as export files write them, brought to one form."""

from __future__ import annotations

import re
from collections.abc import Iterable

PMID = re.compile(
    r"(?:(?:pubmed|pmid|medline|https?://(?:www\.)?(?:pubmed\.)?ncbi\.nlm\.nih\.gov(?:/pubmed)?)[\s:/]*)?"
    r"([1-9]\d{0,8})(?:\.0)?/?",
    re.IGNORECASE,
)
PMCID = re.compile(r"PMC(\d+)", re.IGNORECASE)
ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
REGISTRATION = re.compile(
    r"\b(NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|ChiCTR[-\w]*\d{5,}|DRKS\d{8}|JPRN-\w+|UMIN\d{9}|jRCT\w?\d{9,}|CTRI/\d{4}/\d{2,3}/\d+"
    r"|IRCT\w{8,}|NTR\d{1,5}|TCTR\d{11}|PACTR\d{15,16}|KCT\d{7}|RBR-\w{6,7}|\d{4}-\d{6}-\d{2}(?:-\d{2})?)\b"
)


def clean_pmid(text: str) -> str | None:
    """The PMID in '123', 'PUBMED 123' or a PubMed address; None for anything else."""
    found = PMID.fullmatch(text.strip())
    return found[1] if found else None


def clean_pmcid(text: str) -> str | None:
    """'PMC' and its digits, None where there are none."""
    found = PMCID.search(text)
    return f"PMC{found[1]}" if found else None


def clean_issns(texts: Iterable[str]) -> tuple[str, ...]:
    """Every ISSN in the texts as 1234-567X, each once; 13-digit ISBNs are passed over."""
    found = (match for text in texts for match in ISSN.finditer(text))
    return tuple(dict.fromkeys(f"{match[1]}-{match[2].upper()}" for match in found))


def find_registrations(texts: Iterable[str]) -> tuple[str, ...]:
    """Every trial registration number in the texts, each once."""
    return tuple(dict.fromkeys(match[1] for text in texts for match in REGISTRATION.finditer(text)))
