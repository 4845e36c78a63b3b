"""Faults on order: which request of which source goes wrong, and how.

A specification is a comma list of `SOURCE[.ENDPOINT]:KIND[(ARGUMENT)][@N][*M]`:

- SOURCE is one of the simulator's; ENDPOINT limits the fault to one of its endpoints, named as in its `FAULTS` (PubMed:
  `esearch`, `efetch`, ...; Europe PMC: `search`, `searchPOST`). Some kinds have endpoints of their own.
- `@N` strikes at the Nth request that the fault could strike (1 when left out), counted from when it was set.
- `*M` strikes M requests in a row (1 when left out); `*` alone never stops.

| kind | what arrives | where |
|---|---|---|
| `500` `502` `503` `504` | HTML page of the web server with that status (Europe PMC: 503 is text) | everywhere |
| `drop` | the connection closes before any byte | everywhere |
| `cut` | the connection closes in the middle of the body | everywhere |
| `truncate` | a whole HTTP answer whose body stops at 70 % | where records come |
| `html` | an HTML page where data was due | where records come |
| `empty` | HTTP 200 without a body | everywhere |
| `429`, `429(retry=S)` | the source's own rate limit answer, Retry-After its own or S seconds | everywhere |
| `error200` | HTTP 200 with an error inside (backend failed; errCode) | PubMed esearch, Europe PMC |
| `limit200` | the rate-limit body with status 200 | PubMed, Europe PMC |
| `badkey` | the source's answer to a wrong key (PubMed's echoes it) | sources with keys |
| `expire` | PubMed forgets every WebEnv just before | PubMed efetch, esummary |
| `missing(PMID)` | efetch leaves this PMID out, always (no @ or *) | PubMed efetch |
| `cursor` | the source does not know the cursor it gave | sources that page by cursor |

Kinds of single sources: `noview`, `nocursor` (a Scopus key without that right), `garbage` (Embase, overloaded), `403`
and `400` (the gate before ClinicalTrials.gov, and its refusal).

Example: `pubmed:error200@2,europepmc:503*3,pubmed:429(retry=7200)`. A source's own kinds stand beside its service.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

from ivigil.errors import ConfigurationError
from ivigil.simulator.fault_kinds import FaultKind
from ivigil.simulator.services import SERVICES
from ivigil.simulator.wire import Request

FORM = re.compile(
    r"(?P<source>[a-z]+)(?:\.(?P<endpoint>[A-Za-z]+))?:(?P<kind>[a-z0-9]+)"
    r"(?:\((?P<argument>[^()]*)\))?(?:@(?P<at>\d+))?(?P<repeat>\*\d*)?"
)
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

    @property
    def definition(self) -> FaultKind:
        """What its kind does."""
        return SERVICES[self.source].faults.kinds[self.kind]

    def strikes(self, request: Request) -> bool:
        """Count the request if the fault could strike it; true when it does."""
        if request.source != self.source or SERVICES[self.source].faults.name(request.endpoint) not in self.endpoints:
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
    if source not in SERVICES:
        raise ConfigurationError(f"'{entry}': no source '{source}' (there are {', '.join(SERVICES)})", field="faults")
    service = SERVICES[source].faults
    definition = service.kinds.get(kind)
    if definition is None:
        raise ConfigurationError(
            f"'{entry}': '{source}' has no kind '{kind}' (it has {', '.join(service.kinds)})", field="faults"
        )
    endpoints = definition.endpoints or service.endpoints
    if match["endpoint"]:
        endpoints = tuple(each for each in endpoints if each == match["endpoint"])
    if not endpoints:
        raise ConfigurationError(f"'{entry}': '{kind}' does not strike there", field="faults")
    if definition.standing and (match["at"] or match["repeat"]):
        raise ConfigurationError(f"'{entry}': {kind} holds always, without @ or *", field="faults")
    if (argument or definition.standing) and not re.fullmatch(definition.argument, argument):
        wanted = f"takes {definition.argument}" if definition.argument else "takes no argument"
        raise ConfigurationError(f"'{entry}': {kind} {wanted}", field="faults")
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
        """Ids that a fetch must leave out."""
        return frozenset(fault.argument for fault in self.faults if fault.definition.standing)

    def pick(self, request: Request) -> Fault | None:
        """The fault that strikes this request; every fault that could have struck it counts it."""
        with self._lock:
            struck = [fault for fault in self.faults if not fault.definition.standing and fault.strikes(request)]
        return struck[0] if struck else None
