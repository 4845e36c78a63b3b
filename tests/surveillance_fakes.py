"""A source in memory that speaks every protocol of `sources.base`, and a review that searches nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from ivigil.errors import SearchContext, TransportError
from ivigil.protocol import Protocol
from ivigil.protocol_file import parse_protocol
from ivigil.records import PartialDate, Record
from ivigil.settings import Settings
from ivigil.sources.base import DateField, DocumentIds, Page, Payload, Reference, SearchRequest
from ivigil.sources.registry import SOURCES, Ability, SourceKind
from ivigil.sources.session import PoliteSession
from ivigil.store import open_store
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context

EVERYTHING = frozenset({Ability.SEARCH, Ability.RESOLVE, Ability.CITATIONS, Ability.REFERENCES})
PROTOCOL = """\
[review]
name = "fakes"
title = "A review of what is in memory"
start = 2020-01-01
cutoff = 2024-01-01
[strategies]
{strategies}
"""


def record(number: int, *, source: str = "memory", entered: date | None = None, **values: object) -> Record:
    """A record that says little: its title is its number in words nobody else uses."""
    day = entered or date(2024, 1, 10)
    said = {
        "title": f"Immunoglobulin in cohort {number} quux{number} corge{number}",
        "entered": day,
        "published": PartialDate(year=day.year, month=day.month, day=day.day),
        "pmid": str(50_000_000 + number),
    }
    return Record(source=source, source_id=str(number), **(said | values))


@dataclass
class Memory:
    """The source. `hidden` ids are left out of windows by entry, as a window loses them; `fails` names broken parts."""

    name: str = "memory"
    holdings: list[Record] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    fails: set[str] = field(default_factory=set)
    cited_by: dict[str, list[Record]] = field(default_factory=dict)
    cites: dict[str, tuple[Reference, ...] | None] = field(default_factory=dict)
    elsewhere: list[Record] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        self._note("harvest", f"{request.date_field.value} {request.window}")
        found = [one for one in self.holdings if self._is_in(one, request)]
        yield from self._pages(f"{request.strategy} {request.date_field} {request.window}", found)

    def count(self, strategy: str) -> int:
        self._note("count", strategy)
        return len(self.holdings)

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        self._note("held", ",".join(identifiers))
        return frozenset(one.source_id for one in self.holdings) & frozenset(identifiers)

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        self._note("fetch", ",".join(identifiers))
        yield from self._pages("fetch", [one for one in self.holdings if one.source_id in set(identifiers)])

    def look_up(self, documents: Sequence[DocumentIds]) -> Iterator[Page]:
        self._note("look_up", ",".join(str(one.pmid or one.doi or one.title) for one in documents))
        known = [*self.holdings, *self.elsewhere]
        found = [one for one in known if any(_is_the_same(one, document) for document in documents)]
        yield from self._pages("look_up", found)

    def citing(self, document: DocumentIds) -> Iterator[Page]:
        key = str(document.pmid or document.doi)
        self._note("citing", key)
        yield from self._pages(f"cites {key}", self.cited_by.get(key, []))

    def references(self, document: DocumentIds) -> tuple[Reference, ...] | None:
        key = str(document.pmid or document.doi)
        self._note("references", key)
        return self.cites.get(key)

    def times(self, what: str) -> int:
        """How often it was asked something."""
        return sum(kind == what for kind, _ in self.asked)

    def _note(self, what: str, about: str) -> None:
        self.asked.append((what, about))
        if what in self.fails:
            raise TransportError("no answer", context=SearchContext(self.name))

    def _is_in(self, one: Record, request: SearchRequest) -> bool:
        if request.date_field is DateField.ENTERED and one.source_id in self.hidden:
            return False
        days = {
            DateField.ENTERED: one.entered,
            DateField.PUBLISHED: one.published.earliest if one.published else None,
            DateField.REVISED: one.revised,
        }
        day = days[request.date_field]
        return day is not None and request.window.start <= day <= request.window.end

    def _pages(self, query: str, found: list[Record]) -> Iterator[Page]:
        payload = Payload(query.encode(), "text/plain", f"memory:{query}")
        for start in range(0, max(1, len(found)), 2):
            yield Page(query, len(found), tuple(found[start : start + 2]), payload)


def _is_the_same(one: Record, document: DocumentIds) -> bool:
    return bool(
        (document.pmid and one.pmid == document.pmid)
        or (document.doi and one.doi == document.doi)
        or (document.title and one.title == document.title)
    )


def serve(patch: pytest.MonkeyPatch, *memories: Memory, abilities: frozenset[Ability] = EVERYTHING) -> None:
    """Make these sources known under their names."""
    for memory in memories:
        kind = SourceKind(memory.name, "http://memory.invalid", False, lambda *_, it=memory: it, abilities)
        patch.setitem(SOURCES, memory.name, kind)


def fake_protocol(*names: str, more: str = "") -> Protocol:
    """A protocol that asks each of these sources for everything."""
    return parse_protocol(
        PROTOCOL.format(strategies="\n".join(f'{name} = "everything"' for name in names)) + more, Path("fakes.toml")
    )


@contextmanager
def on(
    home: Path, protocol: Protocol, day: date, *, sources: tuple[str, ...] = (), url: str = "", notify: str = ""
) -> Iterator[Context]:
    """The review on a day, in the database at a URL or else in its home, with a channel where one is named."""
    settings = Settings(
        home=home,
        database_url=SecretStr(url) if url else None,
        sources=sources or tuple(protocol.strategies),
        contact_email="team@example.org",
        embedding_model="none",
        notify=(SecretStr(notify),) if notify else (),
    )
    store = open_store(settings.database)
    with PoliteSession() as session:
        yield Context(settings, protocol, store, Clock.at(day), session)
    store.close()
