"""Records written down in TOML, turned into documents.

A record needs `id` (PMID, PPR... or EXT...), `entered`, `title`; all else has a default drawn from the id, the same in
every run. Short forms: authors "Surname AB; @Group name", headings "Name/qualifier*; Name" (a star marks a major
topic), dates "2013", "2013-03", "2013-03-07" or a MEDLINE range such as "2013 Mar-Apr". A line of the abstract that
starts with a label in capitals and a colon is a section. `[[record.later]]` gives a later form: the day (`on`) and the
fields that change.
"""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from typing import Any

from ivigil.records import AbstractSection, Author, MeshHeading, PartialDate, Record, RecordKind, Relation
from ivigil.simulator.document import BEYOND, MEDLINE, PREPRINT, Document, grows
from ivigil.simulator.vocabulary import MONTHS

SECTION = re.compile(r"^([A-Z][A-Z &/,-]+): (.*)$")
NEVER = "never"


def read_toml(name: str) -> dict[str, Any]:
    """A data file of this package."""
    return tomllib.loads((resources.files(__package__) / "data" / name).read_text("utf-8"))


@dataclass(frozen=True)
class Names:
    """Made-up people, places and journals that fill what a record leaves open."""

    surnames: tuple[str, ...]
    forenames: tuple[str, ...]
    places: tuple[str, ...]
    journals: Mapping[str, str]
    real_journals: Mapping[str, str]

    @classmethod
    def load(cls) -> Names:
        """The banks of this package."""
        raw = read_toml("names.toml")
        return cls(
            tuple(raw["surnames"]), tuple(raw["forenames"]), tuple(raw["places"]), raw["journals"], raw["real_journals"]
        )

    def person(self, rng: random.Random, *, place: str | None = None) -> Author:
        """Somebody who does not exist."""
        surname, forename = rng.choice(self.surnames), rng.choice(self.forenames)
        places = (place,) if place else ()
        return Author(last_name=surname, fore_name=forename, initials=forename[0], affiliations=places)

    def people(self, rng: random.Random) -> tuple[Author, ...]:
        """One to nine authors, the first with an affiliation."""
        place = f"Department of {rng.choice(_DEPARTMENTS)}, {rng.choice(self.places)}."
        count = rng.choice((1, 2, 3, 3, 4, 4, 5, 6, 7, 9))
        return tuple(self.person(rng, place=place if number == 0 else None) for number in range(count))


_DEPARTMENTS = ("Rheumatology", "Dermatology", "Internal Medicine", "Clinical Immunology", "Neurology", "Pediatrics")


def partial(text: str) -> PartialDate:
    """A date as precise as it is written; a MEDLINE range keeps its words."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text)
    if match:
        year, month, day = (int(part) if part else None for part in match.groups())
        return PartialDate(year=year or 1, month=month, day=day)
    named = re.match(r"(\d{4}) ([A-Z][a-z]{2})", text)
    if named is None or named[2] not in MONTHS:
        raise ValueError(f"'{text}' is no date")
    return PartialDate(year=int(named[1]), month=MONTHS.index(named[2]) + 1, text=text)


def sections(text: str) -> tuple[AbstractSection, ...]:
    """An abstract, in sections where its lines have labels."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    labelled = [SECTION.match(line) for line in lines]
    if lines and all(labelled):
        return tuple(AbstractSection(label=each[1], text=each[2]) for each in labelled if each)
    return (AbstractSection(text=" ".join(lines)),) if lines else ()


def authors(text: str) -> tuple[Author, ...]:
    """People as 'Surname AB' and groups as '@Name', parted by semicolons."""
    people = []
    for each in (part.strip() for part in text.split(";")):
        if each.startswith("@"):
            people.append(Author(collective=each[1:]))
            continue
        surname, _, initials = each.rpartition(" ")
        people.append(Author(last_name=surname or initials, initials=initials if surname else None))
    return tuple(people)


def headings(text: str) -> tuple[MeshHeading, ...]:
    """Subject headings with qualifiers; a star marks a major topic."""
    found = []
    for each in (part.strip() for part in text.split(";")):
        name, *qualifiers = each.removesuffix("*").split("/")
        found.append(MeshHeading(descriptor=name, major=each.endswith("*"), qualifiers=tuple(qualifiers)))
    return tuple(found)


def relations(rows: list[dict[str, str]]) -> tuple[Relation, ...]:
    """Links to other documents."""
    return tuple(Relation(**row) for row in rows)


_CONVERSIONS: dict[str, Any] = {
    "abstract": sections,
    "authors": authors,
    "mesh": headings,
    "published": partial,
    "electronic": partial,
    "relations": relations,
    "types": tuple,
    "languages": tuple,
    "keywords": tuple,
    "registry_ids": tuple,
}
_RENAMED = {"types": "publication_types", "vernacular": "vernacular_title"}
_OWN = {
    "id",
    "label",
    "reason",
    "n",
    "design",
    "note",
    "later",
    "journal",
    "entrez",
    "indexed",
    "entered",
    "version_of",
}


def fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields as a record takes them."""
    return {
        _RENAMED.get(name, name): _CONVERSIONS[name](value) if name in _CONVERSIONS else value
        for name, value in raw.items()
        if name not in _OWN
    }


def document(raw: Mapping[str, Any], names: Names) -> Document:
    """The document that a row of a data file describes."""
    identifier, entered = raw["id"], raw["entered"]
    origin = next((each for each in (PREPRINT, BEYOND) if identifier.startswith(each)), MEDLINE)
    preprint = origin == PREPRINT
    rng = random.Random(zlib.crc32(identifier.encode()))
    values: dict[str, Any] = {
        "source": {PREPRINT: "europepmc", BEYOND: "elsewhere"}.get(origin, "pubmed"),
        "source_id": identifier,
        "entered": entered,
        "languages": ("eng",),
        **_defaults(rng, names, raw, entered, preprint=preprint),
        **fields(raw),
    }
    record = Record(**values)
    later = [
        (
            each["on"],
            record.model_copy(update={**fields({k: v for k, v in each.items() if k != "on"}), "revised": each["on"]}),
        )
        for each in raw.get("later", ())
    ]
    if origin == BEYOND:  # nobody gives it subject headings, or a PMID
        record = record.model_copy(update={"pmid": None, "mesh": (), "indexed": None, "revised": None})
    return replace(grows(record, *later, entrez=raw.get("entrez")), source=origin)


def _issn(journal: str) -> str:
    """A number in the form of an ISSN, from a range that is not given out."""
    digits = zlib.crc32(journal.encode())
    return f"9{digits % 1000:03d}-{digits // 1000 % 10_000:04d}"


def _defaults(
    rng: random.Random, names: Names, raw: Mapping[str, Any], entered: date, *, preprint: bool
) -> dict[str, Any]:
    """Plausible values for what the row leaves open."""
    defaults: dict[str, Any] = {"doi": f"10.5555/ivigil.{raw['id'].lower()}"} if rng.random() < 0.9 or preprint else {}
    if preprint:  # in the form of the preprint servers' own, from a year that none of theirs will be of
        defaults["doi"] = f"10.64898/2999.01.01.{raw['id'].removeprefix(PREPRINT)}"
    if "authors" not in raw:
        defaults["authors"] = names.people(rng)
    if preprint:
        online = PartialDate(year=entered.year, month=entered.month, day=entered.day)
        return defaults | {
            "kind": RecordKind.PREPRINT,
            "publication_types": ("Preprint",),
            "electronic": online,
            "publisher": "medRxiv",
        }
    short = raw.get("journal") or rng.choice(sorted(names.journals))
    issue_day = entered + timedelta(days=rng.randint(0, 75))
    start = rng.randint(1, 1800)
    defaults |= {
        "pmid": raw["id"],
        "publication_types": ("Journal Article",),
        "journal": names.journals.get(short) or names.real_journals[short],
        "journal_abbreviation": short,
        "issns": () if short in names.real_journals else (_issn(short),),
        "volume": str(rng.randint(3, 60)),
        "issue": str(rng.randint(1, 12)),
        "pages": f"{start}-{start + rng.randint(2, 14)}",
    }
    if "published" not in raw:
        defaults["published"] = PartialDate(year=issue_day.year, month=issue_day.month)
    if "indexed" in raw:
        defaults["indexed"] = None if raw["indexed"] == NEVER else raw["indexed"]
    elif "mesh" in raw:
        defaults["indexed"] = entered + timedelta(days=rng.randint(12, 160))
    defaults["revised"] = defaults.get("indexed") or entered
    return defaults
