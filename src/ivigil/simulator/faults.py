"""Faults on order: which request of which source goes wrong, and how.

A specification is a comma list of `SOURCE[.ENDPOINT]:KIND[(ARGUMENT)][@N][*M]`:

- SOURCE is `pubmed` or `europepmc`; ENDPOINT (`esearch`, `efetch`, `epost`, `esummary`, `einfo`, `search`,
  `searchPOST`) limits the fault to one of its endpoints. Some kinds have endpoints of their own, given below.
- `@N` strikes at the Nth request that the fault could strike (1 when left out), counted from when it was set.
- `*M` strikes M requests in a row (1 when left out); `*` alone never stops.

| kind | what arrives | endpoints |
|---|---|---|
| `error200` | HTTP 200 with an error inside (PubMed: backend failed; Europe PMC: errCode) | esearch, search |
| `500` `502` `504` | HTML page of the web server with that status | all |
| `503` | PubMed: HTML page; Europe PMC: its maintenance line as plain text | all |
| `429`, `429(retry=S)` | rate limit exceeded, Retry-After 2 or S seconds | all |
| `limit200` | the rate-limit body with status 200 | all |
| `badkey` | PubMed: 400, API key invalid (the body echoes the key) | all |
| `drop` | the connection closes before any byte | all |
| `cut` | the connection closes in the middle of the body | all |
| `truncate` | a whole HTTP answer whose body stops at 70 % | efetch, search |
| `html` | an HTML page where data was due | efetch, search |
| `empty` | HTTP 200 without a body | all |
| `expire` | PubMed forgets every WebEnv just before | efetch, esummary |
| `missing(PMID)` | efetch leaves this PMID out, always (no @ or *) | efetch |
| `cursor` | Europe PMC knows no cursor: only its version comes back | search |

Example: `pubmed:error200@2,europepmc:503*3,pubmed:429(retry=7200)`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ivigil.errors import ConfigurationError
from ivigil.simulator import eutils_answers as answers
from ivigil.simulator.wire import HTML, TEXT, Reply, Request

FORM = re.compile(
    r"(?P<source>[a-z]+)(?:\.(?P<endpoint>[A-Za-z]+))?:(?P<kind>[a-z0-9]+)"
    r"(?:\((?P<argument>[^()]*)\))?(?:@(?P<at>\d+))?(?P<repeat>\*\d*)?"
)
ENDPOINTS = {
    "pubmed": ("esearch", "efetch", "epost", "esummary", "einfo"),
    "europepmc": ("search", "searchPOST"),
}
ANYWHERE = ENDPOINTS["pubmed"] + ENDPOINTS["europepmc"]
LISTS = ("esearch", "search", "searchPOST")
RECORDS = ("efetch", "search", "searchPOST")
STRIKES = {
    "error200": LISTS,
    "500": ANYWHERE,
    "502": ANYWHERE,
    "503": ANYWHERE,
    "504": ANYWHERE,
    "429": ANYWHERE,
    "limit200": ANYWHERE,
    "badkey": ENDPOINTS["pubmed"],
    "drop": ANYWHERE,
    "cut": ANYWHERE,
    "truncate": RECORDS,
    "html": RECORDS,
    "empty": ANYWHERE,
    "expire": ("efetch", "esummary"),
    "missing": ("efetch",),
    "cursor": ENDPOINTS["europepmc"],
}
KEPT_SHARE = 0.7
PAGE = "<html><head><title>Not what was asked for</title></head><body></body></html>"
FOREVER = 1_000_000_000


@dataclass
class Fault:
    """One fault and how many requests it could have struck so far."""

    source: str
    kind: str
    endpoints: tuple[str, ...]
    argument: str = ""
    at: int = 1
    times: int = 1
    seen: int = 0

    def strikes(self, request: Request) -> bool:
        """Count the request if the fault could strike it; true when it does."""
        if request.source != self.source or request.endpoint.removesuffix(".fcgi") not in self.endpoints:
            return False
        self.seen += 1
        return self.at <= self.seen < self.at + self.times


def parse_faults(text: str) -> list[Fault]:
    """Read a specification.

    Raises:
        ConfigurationError: an entry that is none; the message quotes it and says what was expected.
    """
    entries = [entry.strip() for entry in re.split(r",(?![^(]*\))", text)]
    return [_parse(entry) for entry in entries if entry]


def _parse(entry: str) -> Fault:
    match = FORM.fullmatch(entry)
    if match is None:
        raise ConfigurationError(f"'{entry}' is not SOURCE[.ENDPOINT]:KIND[(ARGUMENT)][@N][*M]", field="faults")
    source, kind, argument = match["source"], match["kind"], match["argument"] or ""
    if source not in ENDPOINTS:
        raise ConfigurationError(f"'{entry}': no source '{source}' (there are {', '.join(ENDPOINTS)})", field="faults")
    if kind not in STRIKES:
        raise ConfigurationError(f"'{entry}': no kind '{kind}' (there are {', '.join(STRIKES)})", field="faults")
    endpoints = tuple(each for each in STRIKES[kind] if each in ENDPOINTS[source])
    if match["endpoint"]:
        endpoints = tuple(each for each in endpoints if each == match["endpoint"])
    if not endpoints:
        raise ConfigurationError(f"'{entry}': '{kind}' does not strike there", field="faults")
    if kind == "missing" and (not argument.isdecimal() or match["at"] or match["repeat"]):
        raise ConfigurationError(f"'{entry}': missing takes a PMID, as in missing(123), without @ or *", field="faults")
    if kind == "429" and argument and not re.fullmatch(r"retry=\d+", argument):
        raise ConfigurationError(f"'{entry}': 429 takes retry=SECONDS", field="faults")
    if argument and kind not in {"missing", "429"}:
        raise ConfigurationError(f"'{entry}': {kind} takes no argument", field="faults")
    if match["at"] == "0":
        raise ConfigurationError(f"'{entry}': requests are counted from 1", field="faults")
    repeat = match["repeat"] or "*1"
    times = int(repeat[1:]) if repeat[1:] else FOREVER
    return Fault(source, kind, endpoints, argument, int(match["at"] or 1), times)


@dataclass
class FaultPlan:
    """The faults that are set, with their counts; safe to use from several threads."""

    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def withheld(self) -> frozenset[str]:
        """PMIDs that efetch must leave out."""
        return frozenset(fault.argument for fault in self.faults if fault.kind == "missing")

    def pick(self, request: Request) -> Fault | None:
        """The fault that strikes this request; every fault that could have struck it counts it."""
        with self._lock:
            struck = [fault for fault in self.faults if fault.kind != "missing" and fault.strikes(request)]
        return struck[0] if struck else None


@dataclass(frozen=True)
class Struck:
    """A request that a fault strikes: `answer` gives the true reply, `expire` forgets kept searches."""

    fault: Fault
    request: Request
    answer: Callable[[], Reply]
    expire: Callable[[], None]

    def spoil(self) -> Reply:
        """The reply as the fault makes it."""
        spoiler = _SPOILERS.get(self.fault.kind)
        return spoiler(self) if spoiler else self.status()

    def status(self) -> Reply:
        """A failure of the server with the status that the kind names."""
        if (self.fault.source, self.fault.kind) == ("europepmc", "503"):
            return Reply.text("This API is temporarily unavailable due to maintenance.", TEXT, 503)
        return answers.server_error(int(self.fault.kind))

    def limited(self) -> Reply:
        """The rate limit's answer, as 429 or inside 200."""
        key = self.request.get("api_key")
        limit = answers.RATE_WITH_KEY if key else answers.RATE_WITHOUT_KEY
        status = 429 if self.fault.kind == "429" else 200
        reply = answers.rate_exceeded(key or self.request.client, limit + 1, limit, status)
        wait = self.fault.argument.removeprefix("retry=")
        return replace(reply, headers=(("Retry-After", wait),)) if wait else reply

    def error_inside(self) -> Reply:
        """HTTP 200 with an error in the body."""
        if self.fault.source == "europepmc":
            return Reply.json({"errCode": 404, "errMsg": "Search service is not available."})
        return answers.esearch_error(answers.BACKEND_DOWN, as_json=self.request.get("retmode") == "json")

    def truncated(self) -> Reply:
        """A whole answer of which the end is missing."""
        whole = self.answer()
        return replace(whole, body=whole.body[: int(len(whole.body) * KEPT_SHARE)])

    def expired(self) -> Reply:
        """The answer after every kept search was forgotten."""
        self.expire()
        return self.answer()


_SPOILERS: dict[str, Callable[[Struck], Reply]] = {
    "error200": Struck.error_inside,
    "429": Struck.limited,
    "limit200": Struck.limited,
    "badkey": lambda struck: answers.bad_key(struck.request.get("api_key")),
    "drop": lambda _: Reply(b"", dropped=True),
    "cut": lambda struck: replace(struck.answer(), cut=True),
    "truncate": Struck.truncated,
    "html": lambda _: Reply.text(PAGE, HTML),
    "empty": lambda _: Reply(b"", TEXT),
    "expire": Struck.expired,
    "cursor": lambda _: Reply.json({"version": "6.9"}),
}
