"""PubMed's E-utilities over a library: esearch, efetch, epost, esummary, einfo."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, timedelta

from ivigil.simulator import eutils_answers as answers
from ivigil.simulator.eutils_summary import einfo, summary_json, summary_xml
from ivigil.simulator.library import Holding, Library
from ivigil.simulator.pubmed_query import parse
from ivigil.simulator.pubmed_xml import article_set, medline
from ivigil.simulator.query import QuerySyntaxError
from ivigil.simulator.wire import JSON, TEXT, Meter, Reply, Request

CAP = 9_999
LAST_START = 9_998
DEFAULT_RETMAX = 20
FETCH_RETMAX = 10_000
KEPT_ENVIRONMENTS = 500
LARGEST_ID = 18_446_744_073_709_551_615
TOO_MANY = "Restrictions achieved. start and count adjusted to {start}, {count}"
BAD_IDS = f"Some IDs have invalid value and were omitted. Maximum ID value {LARGEST_ID}"
DATE_TYPES = {"pdat": "pdat", "edat": "edat", "mdat": "mdat", "crdt": "crdt", "mhda": "mhda"}


class History:
    """Search results kept by the server under (WebEnv, query key)."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[list[str]]] = OrderedDict()
        self._made = 0
        self._lock = threading.Lock()

    def keep(self, ids: list[str], environment: str = "") -> tuple[str, str]:
        """Keep a list, in the named environment where it is known; return (WebEnv, query key)."""
        with self._lock:
            if environment not in self._kept:
                self._made += 1
                environment = f"MCID_{self._made:024x}"
                self._kept[environment] = []
                while len(self._kept) > KEPT_ENVIRONMENTS:
                    self._kept.popitem(last=False)
            self._kept[environment].append(ids)
            return environment, str(len(self._kept[environment]))

    def find(self, environment: str, key: str) -> list[str] | None:
        """The kept list, or None where it is gone."""
        with self._lock:
            lists = self._kept.get(environment, [])
            return lists[int(key) - 1] if key.isdecimal() and 0 < int(key) <= len(lists) else None

    def expire(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


class Eutils:
    """Answers the E-utilities' endpoints.

    `rate_factor` multiplies the allowed rate (3 a second, 10 with a key), 0 turns the limit off; `keys`, when given,
    are the only API keys that are accepted; `withheld` names ids that efetch leaves out.
    """

    def __init__(
        self,
        library: Library,
        today: Callable[[], date],
        meter: Meter,
        *,
        rate_factor: float = 1.0,
        keys: frozenset[str] | None = None,
        withheld: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._library, self._today, self._meter = library, today, meter
        self._rate_factor, self._keys, self._withheld = rate_factor, keys, withheld
        self.history = History()

    def answer(self, request: Request) -> Reply:
        """The reply to one call: key and rate are checked first."""
        key = request.get("api_key")
        if key and self._keys is not None and key not in self._keys:
            return answers.bad_key(key)
        handler = {
            "esearch.fcgi": self.esearch,
            "efetch.fcgi": self.efetch,
            "epost.fcgi": self.epost,
            "esummary.fcgi": self.esummary,
            "einfo.fcgi": self.einfo,
        }.get(request.endpoint)
        if handler is None:
            return answers.server_error(404)
        if not self._rate_factor:
            return handler(request)
        limit = max(1, round((answers.RATE_WITH_KEY if key else answers.RATE_WITHOUT_KEY) * self._rate_factor))
        count = self._meter.count(key or request.client)
        reply = handler(request) if count <= limit else answers.rate_exceeded(key or request.client, count, limit)
        return reply.with_headers(
            ("X-RateLimit-Limit", str(limit)), ("X-RateLimit-Remaining", str(max(0, limit - count)))
        )

    def forget(self) -> None:
        """Forget every kept search."""
        self.history.expire()

    def esearch(self, request: Request) -> Reply:
        """Search; ids of at most the first 9,999 hits."""
        as_json = request.get("retmode") == "json"
        database = request.get("db", "pubmed") or "pubmed"
        if database != "pubmed":
            message = f"Invalid db name specified: {database}"
            return answers.esearch_error(message, as_json=as_json, header=False)
        term = request.get("term")
        if not term:
            return answers.esearch_error("Empty term and query_key - nothing todo", as_json=as_json)
        start = request.number("retstart", 0)
        if start > LAST_START:
            return answers.esearch_error(answers.BEYOND_CAP, as_json=as_json)
        try:
            found, question = self._library.search(self._windowed(term, request), parse, self._today())
        except QuerySyntaxError as error:
            return answers.esearch_error(str(error), as_json=as_json)
        kept = request.get("query_key")
        if kept and (earlier := self.history.find(request.get("WebEnv"), kept)) is not None:
            wanted = set(earlier)
            found = [holding for holding in found if holding.record.source_id in wanted]
        remarks = question.remarks
        found = _sorted(found, request.get("sort"), remarks.messages)
        ids = [holding.record.source_id for holding in found]
        size = request.number("retmax", DEFAULT_RETMAX)
        if size > CAP - start and len(ids) > CAP:
            size = CAP - start
            remarks.messages.append(TOO_MANY.format(start=start, count=size))
        if not ids:
            remarks.messages.append("No items found.")
        history = self.history.keep(ids[:CAP], request.get("WebEnv")) if request.get("usehistory") == "y" else None
        shown = ids[start : start + size]
        write = answers.esearch_json if as_json else answers.esearch_xml
        return write(shown, len(ids), start, question, history)

    def _windowed(self, term: str, request: Request) -> str:
        """The term with the date limits of the parameters; both ends are needed, as with the service."""
        tag = DATE_TYPES.get(request.get("datetype").lower() or "edat", "edat")
        first, last = request.get("mindate"), request.get("maxdate")
        days = request.get("reldate")
        if days.isdecimal():
            first = f"{self._today() - timedelta(days=int(days)):%Y/%m/%d}"
            last = f"{self._today():%Y/%m/%d}"
        return f"({term}) AND {first}:{last}[{tag}]" if first and last else term

    def efetch(self, request: Request) -> Reply:
        """Records by id list or kept search; what is not held is left out without a word."""
        ids = self._wanted(request)
        if isinstance(ids, str):
            return answers.efetch_error(ids)
        if not ids:
            return answers.efetch_error("ID list is empty! Possibly it has no correct IDs.", 400)
        withheld = self._withheld()
        holdings = self._library.get([each for each in ids if each not in withheld], self._today())
        mode, kind = request.get("retmode"), request.get("rettype")
        if mode == "xml":
            return Reply.text(article_set(holdings))
        if mode != "text":
            return answers.not_xml(ids)
        if kind == "medline":
            return Reply.text("\n" + "\n".join(map(medline, holdings)), TEXT)
        return answers.not_available(ids[0])

    def _wanted(self, request: Request) -> list[str] | str:
        """The ids a call asks for, or the message that says why they cannot be had."""
        if request.get("WebEnv"):
            key = request.get("query_key") or "1"
            kept = self.history.find(request.get("WebEnv"), key)
            if kept is None:
                return answers.NO_QUERY.format(key=key)
            start = request.number("retstart", 0)
            return kept[start : start + min(request.number("retmax", FETCH_RETMAX), FETCH_RETMAX)]
        return _valid(request.get("id"))[0]

    def epost(self, request: Request) -> Reply:
        """Keep an id list on the server."""
        database = request.get("db", "pubmed") or "pubmed"
        if database != "pubmed":
            return answers.epost_error(f"Invalid db name specified: {database}")
        ids, omitted = _valid(request.get("id"))
        if not ids:
            return answers.epost_error("Empty ID list; Nothing to store", *([BAD_IDS] if omitted else []))
        environment, key = self.history.keep(ids, request.get("WebEnv"))
        body = f"\t<QueryKey>{key}</QueryKey>\n\t<WebEnv>{environment}</WebEnv>\n</ePostResult>\n"
        return Reply.text(answers.EPOST + body)

    def esummary(self, request: Request) -> Reply:
        """Short forms of records by id list or kept search."""
        as_json = request.get("retmode") == "json"
        ids = self._wanted(request)
        if isinstance(ids, str):
            return answers.esummary_error(ids, as_json=as_json)
        if not ids:
            return answers.esummary_error("Empty id list - nothing todo", as_json=as_json)
        holdings = self._library.get(ids, self._today())
        return summary_json(holdings, ids) if as_json else summary_xml(holdings)

    def einfo(self, request: Request) -> Reply:
        """The databases, or what PubMed's record and fields are."""
        if request.get("retmode") == "json" and not request.get("db"):
            header = '{"header":{"type":"einfo","version":"0.3"},"einforesult":{"dblist":["pubmed"]}}'
            return Reply.text(header, JSON)
        return Reply.text(answers.EINFO + einfo(request.get("db"), self._library.size(self._today()), self._today()))


def _valid(text: str) -> tuple[list[str], bool]:
    """The ids of a comma list that can be ids, and whether any could not."""
    parts = [part for part in re.split(r"[,\s]+", text) if part]
    ids = [part for part in parts if part.isdecimal() and 0 < int(part) <= LARGEST_ID]
    return ids, len(ids) < len(parts)


def _sorted(found: list[Holding], order: str, messages: list[str]) -> list[Holding]:
    """Newest entry first unless another order is named."""
    match order.lower().replace("_", " ").replace("+", " "):
        case "" | "most recent" | "relevance":
            return found
        case "pub date":
            return sorted(found, key=lambda each: -_day(each).toordinal())
        case "author" | "first author":
            return sorted(found, key=lambda each: each.record.authors[0].name if each.record.authors else "")
        case "journal" | "journalname":
            return sorted(found, key=lambda each: each.record.journal or "")
        case "title":
            return sorted(found, key=lambda each: each.record.title)
        case _:
            messages.append(f"Unknown sort schema '{order}' ignored")
            return found


def _day(holding: Holding) -> date:
    when = holding.record.published or holding.record.electronic
    return when.earliest if when else date.min
