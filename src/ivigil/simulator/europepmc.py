"""Europe PMC's search over a library: GET search and POST searchPOST, cursor paging, three result types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ivigil.simulator.citations import Citations
from ivigil.simulator.cursors import START, cursor_at, offset_of
from ivigil.simulator.europepmc_query import parse
from ivigil.simulator.europepmc_results import as_xml, citation, core, idlist, lite
from ivigil.simulator.eutils_faults import rate_limited
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.query import QuerySyntaxError
from ivigil.simulator.wire import TEXT, XML, Reply, Request

VERSION = "6.9"
DEFAULT_SIZE, LARGEST_SIZE = 25, 1000
NO_QUERY = "No search criteria provided. Please provide a search criteria which is less than 1500 characters."
BAD_SIZE = "Invalid page size provided. Valid size is between 1 and 1000"
MAINTENANCE = "This API is temporarily unavailable due to maintenance."
FAULTS = ServiceFaults(
    endpoints=("search", "searchPOST", "citations"),
    name=lambda path: path.rpartition("/")[2],
    own={
        "503": FaultKind(lambda _: Reply.text(MAINTENANCE, TEXT, 503)),
        "error200": FaultKind(lambda _: _refused("Search service is not available.")),
        # No answer of its own is recorded; what is sent is PubMed's.
        "429": FaultKind(lambda struck: rate_limited(struck, 429), argument=RETRY),
        "limit200": FaultKind(lambda struck: rate_limited(struck, 200)),
        "cursor": FaultKind(lambda _: Reply.json({"version": VERSION}), ("search", "searchPOST")),
    },
)


class EuropePmc:
    """Answers Europe PMC's two search endpoints, and what cites an article."""

    def __init__(self, library: Library, citations: Citations, today: Callable[[], date]) -> None:
        self._library, self._citations, self._today = library, citations, today

    def answer(self, request: Request) -> Reply:
        """The reply to one call."""
        if request.endpoint.endswith("/citations") and request.endpoint.count("/") == 2:
            return self._citing(request)
        if (request.endpoint, request.method) not in {("search", "GET"), ("searchPOST", "POST")}:
            return Reply.text("", TEXT, 404)
        return self._search(request)

    def _citing(self, request: Request) -> Reply:
        source, name, _ = request.endpoint.split("/")
        found = [held for held in self._library.get([name], self._today()) if held.document.source == source]
        names = [name for held in found for name in self._citations.citing.get(held.document.identifier, ())]
        citing = self._library.get(names, self._today())
        page, size = request.number("page", 1), min(request.number("pageSize", DEFAULT_SIZE), LARGEST_SIZE)
        listed = citing[(page - 1) * size : page * size]
        body: dict[str, object] = {
            "version": VERSION,
            "hitCount": len(citing),
            "request": {"id": name, "source": source, "offSet": (page - 1) * size, "pageSize": size},
            "citationList": {"citation": [citation(holding) for holding in listed]},
        }
        return Reply.json(body) if request.get("format").lower() == "json" else Reply.text(as_xml(body), XML)

    def forget(self) -> None:
        """Nothing is kept: a cursor says all."""

    def _search(self, request: Request) -> Reply:
        query = request.get("query")
        if not query:
            return _refused(NO_QUERY)
        size = request.get("pageSize") or str(DEFAULT_SIZE)
        if not size.isdecimal() or not 1 <= int(size) <= LARGEST_SIZE:
            return _refused(BAD_SIZE)
        offset = offset_of(request.get("cursorMark") or START, query)
        if offset is None:
            return Reply.json({"version": VERSION})
        try:
            found, _ = self._library.search(query, parse, self._today())
        except QuerySyntaxError as error:
            return _refused(f"Invalid query: {error}")
        ordered = _sorted(found, request.get("sort"))
        if ordered is None:
            return Reply.text(MAINTENANCE, TEXT, 503)
        body = _page(request, ordered, offset, int(size))
        return Reply.json(body) if request.get("format").lower() == "json" else Reply.text(as_xml(body), XML)


def _page(request: Request, ordered: list[Holding], offset: int, size: int) -> dict[str, object]:
    """One page of hits, with the cursor to the next."""
    query, kind = request.get("query"), request.get("resultType") or "lite"
    page = ordered[offset : offset + size]
    body: dict[str, object] = {"version": VERSION, "hitCount": len(ordered)}
    if ordered:
        # Past the end the cursor stays where it is: a caller sees it repeat.
        following = cursor_at(offset + len(page), query) if page else request.get("cursorMark")
        body["nextCursorMark"] = following
        if request.method == "GET":
            given = "".join(f"&{name}={request.get(name)}" for name in ("pageSize", "sort") if request.get(name))
            body["nextPageUrl"] = (
                "https://www.ebi.ac.uk/europepmc/webservices/rest/search"
                f"?query={query}&cursorMark={following}&resultType={kind}{given}"
                f"&format={request.get('format') or 'xml'}"
            )
    body["request"] = {
        "queryString": query,
        "resultType": kind,
        "cursorMark": request.get("cursorMark") or START,
        "pageSize": size,
        "sort": request.get("sort"),
        "synonym": request.get("synonym").lower() == "true",
    }
    write = {"core": core, "idlist": idlist}.get(kind, lite)
    return body | {"resultList": {"result": [write(holding) for holding in page]}}


def _refused(message: str) -> Reply:
    """An application error: HTTP 200 with a code inside."""
    return Reply.json({"errCode": 404, "errMsg": message})


def _published(holding: Holding) -> int:
    when = holding.record.first_published
    return when.earliest.toordinal() if when else 0


def _entered(holding: Holding) -> int:
    return holding.record.entered.toordinal() if holding.record.entered else 0


def _first_author(holding: Holding) -> str:
    return holding.record.authors[0].name if holding.record.authors else ""


ORDERS: dict[str, Callable[[Holding], int | str]] = {
    "CITED": lambda _holding: 0,
    "P_PDATE_D": _published,
    "FIRST_PDATE_D": _published,
    "FIRST_IDATE_D": _entered,
    "PUB_YEAR": lambda holding: holding.record.year or 0,
    "AUTH_FIRST": _first_author,
}


def _sorted(found: list[Holding], order: str) -> list[Holding] | None:
    """In the order that is named ('FIELD asc|desc'), newest entry first without one; None for an unknown field."""
    if not order:
        return found
    name, _, direction = order.partition(" ")
    key = ORDERS.get(name)
    if key is None:
        return None
    return sorted(found, key=key, reverse=direction.strip().lower() == "desc")
