"""A list's filter as an address, and back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from ivigil.surveillance.reviewing import Filter, Order, State

E = TypeVar("E", bound=StrEnum)
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Listing:
    """A filter and a page of it."""

    wanted: Filter
    page: int = 1

    @classmethod
    def of(cls, params: QueryParams) -> Listing:
        """What an address asks for; what it says wrongly is left out, so that an old link still opens."""
        filter_ = Filter(
            state=_one_of(State, params.get("state"), State.OPEN),
            verdicts=_several(params, "verdict"),
            designs=_several(params, "design"),
            systems=_several(params, "system"),
            sources=_several(params, "source"),
            year_from=_number(params.get("from")) or None,
            year_to=_number(params.get("to")) or None,
            has_abstract={"present": True, "missing": False}.get(params.get("abstract", "")),
            above_threshold={"above": True, "below": False}.get(params.get("threshold", "")),
            text=params.get("q", "")[:LONGEST_SEARCH].strip(),
            order=_one_of(Order, params.get("sort"), Order.SCORE),
        )
        return cls(filter_, max(_number(params.get("page")) or 1, 1))

    def query(self, **changes: object) -> str:
        """The address's query; `changes` replace what it says, an empty one takes it out."""
        f = self.wanted
        said: dict[str, object] = {
            "state": f.state if f.state is not State.OPEN else "",
            "verdict": f.verdicts,
            "design": f.designs,
            "system": f.systems,
            "source": f.sources,
            "from": f.year_from or "",
            "to": f.year_to or "",
            "abstract": {True: "present", False: "missing", None: ""}[f.has_abstract],
            "threshold": {True: "above", False: "below", None: ""}[f.above_threshold],
            "q": f.text,
            "sort": f.order if f.order is not Order.SCORE else "",
            "page": self.page if self.page > 1 else "",
        }
        said |= changes
        return urlencode({key: value for key, value in said.items() if value}, doseq=True)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the state and the order is asked for."""
        plain = Filter(state=self.wanted.state, order=self.wanted.order)
        return self.wanted != plain


def report_address(report_id: int, listing: Listing) -> str:
    """A report's address, which remembers the list it was opened from."""
    query = listing.query()
    return f"/reports/{report_id}" + (f"?{urlencode({'list': query})}" if query else "")


def _several(params: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in params.getlist(name) if value))[:20]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 6 else None


def _one_of(kind: type[E], text: str | None, default: E) -> E:
    return kind(text) if text in set(kind) else default
