"""Identifiers in the one spelling that records hold them in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from ivigil.errors import QueryRejected, SearchContext
from ivigil.records import Record

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"]+")
_DOI_URL = re.compile(
    r"(?:doi\.org/|[?&;](?:rft_id=info:)?(?:id=)?doi[:=])(10\.\d{4,9}(?:/|%2f)[^\s&?#]+)", re.IGNORECASE
)
_DOI_IN_TEXT = re.compile(r"doi:?\s*(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dX])", re.IGNORECASE)
_NAMED = re.compile(r"(?P<kind>PMID|DOI):(?P<value>\d+|10\.\d{4,9}/\S+)")
_NCT = re.compile(r"NCT\d{8}", re.IGNORECASE)

# Names of trial registries in MEDLINE's list of data banks (NLM, "MEDLINE Databank Sources"), lower case.
_REGISTRIES = frozenset(
    {
        "anzctr", "chictr", "clinicaltrials.gov", "cris", "ctri", "drks", "eudract", "irct", "isrctn", "jprn", "jrct",
        "japiccti", "jmacct", "kct", "ntr", "pactr", "rebec", "repec", "rpcec", "slctr", "tctr", "umin-ctr",
        "umin ctr", "euctr", "ctis", "lbctr", "itmctr",
    }
)  # fmt: skip


def clean_doi(text: str | None) -> str | None:
    """The DOI in a text, lower case and without its resolver; None where there is none.

    Stops and brackets of the sentence around it are left off. In an address only what follows a resolver counts.
    """
    said = (text or "").strip()
    if said.lower().startswith(("http://", "https://")):
        match = _DOI_URL.search(said)
        doi = unquote(match[1]) if match else None
    else:
        match = _DOI.search(said)
        doi = match[0] if match else None
    if doi is None:
        return None
    doi = doi.replace("\\_", "_").rstrip(".,;:'")
    for opening, closing in ("()", "[]", "{}", "<>"):
        while doi.endswith(closing) and doi.count(closing) > doi.count(opening):
            doi = doi[:-1].rstrip(".,;:")
    return doi.lower()


def doi_in_text(text: str | None) -> str | None:
    """A DOI announced by 'doi:' in running text, without the sentence's own punctuation."""
    match = _DOI_IN_TEXT.search(text or "")
    return clean_doi(match[1]) if match else None


def clean_orcid(text: str | None) -> str | None:
    """An ORCID as four groups of four; None where the text holds none."""
    match = _ORCID.search(text or "")
    return "-".join(match.groups()).upper() if match else None


def is_registry(bank: str, accession: str) -> bool:
    """Whether a data bank's accession number is a trial registration."""
    return bank.strip().lower() in _REGISTRIES or _NCT.fullmatch(accession.strip()) is not None


def clean_registry_id(bank: str, accession: str) -> str:
    """A registration number in upper case; ISRCTN's is given its prefix where only the digits are written."""
    number = re.sub(r"\s+", "", accession).upper()
    return f"ISRCTN{number}" if bank.strip().upper() == "ISRCTN" and number.isdigit() else number


@dataclass(frozen=True)
class NamedIds:
    """Documents asked for by a source's own ids, by PMID ("PMID:23910617") and by DOI ("DOI:10.1000/x")."""

    own: tuple[str, ...] = ()
    pmids: tuple[str, ...] = ()
    dois: tuple[str, ...] = ()


def sort_named_ids(identifiers: Iterable[str], own: re.Pattern[str], context: SearchContext) -> NamedIds:
    """The identifiers by what they are; `own` is the form of the source's own ids.

    Raises:
        QueryRejected: one is none of these; the message names it.
    """
    found: dict[str, list[str]] = {"own": [], "PMID": [], "DOI": []}
    for one in identifiers:
        match = _NAMED.fullmatch(one)
        if match is None and not own.fullmatch(one):
            message = f"{one!r} is neither an id of the source, nor PMID:<number>, nor DOI:<doi>"
            raise QueryRejected(message, context=context)
        kind, value = (match["kind"], match["value"].lower()) if match else ("own", one)
        found[kind].append(value)
    return NamedIds(tuple(found["own"]), tuple(found["PMID"]), tuple(found["DOI"]))


def names_of(record: Record) -> frozenset[str]:
    """Every way in which `sort_named_ids` lets a record be asked for."""
    pmid = {f"PMID:{record.pmid}"} if record.pmid else set[str]()
    return frozenset({record.source_id} | pmid | ({f"DOI:{record.doi}"} if record.doi else set()))
