"""The simulator itself: routes, faults, the request log, and a control endpoint for other processes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from ivigil.errors import ConfigurationError
from ivigil.simulator.corpus import Labels
from ivigil.simulator.fault_kinds import Struck
from ivigil.simulator.faults import FaultPlan, parse_faults
from ivigil.simulator.holdings import Holdings
from ivigil.simulator.services import SERVICES, Service, Surroundings
from ivigil.simulator.transport import Incoming, Server
from ivigil.simulator.wire import TEXT, Reply, Request, peak_rate

SOURCES = tuple(SERVICES)
SECRETS = frozenset({"api_key", "apikey"})
"""Parameters that the log does not keep, in lower case."""
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Logged:
    """One request as it was answered; `moment` is by the simulator's clock, in seconds."""

    moment: float
    source: str
    endpoint: str
    method: str
    status: int
    params: Mapping[str, str]


class Simulator:
    """The sources on this machine, over a corpus written for the purpose or a folder of real PubMed XML.

    Args:
        today: records that enter later are not visible yet; all are when it is None. May be set while it runs, here or
            by `PUT /control {"today": "2024-06-01"}`.
        corpus: a folder (or file) of PubMed XML to serve instead of the written corpus.
        faults: what goes wrong, in the language of `faults`; may be set while it runs (`PUT /control {"faults": ...}`).
        bulk: so many generated hits more in PubMed, all entered in one week (for slicing under the cap).
        rate_limit: hold callers to the sources' rates. `rate_factor` multiplies them, so that a demo need not wait.
        port: 0 takes a free one.
        api_keys: the only keys that are accepted; any when None.
        clock: what moments of requests and rates are measured by, in seconds; a test may hand in its own.

    Raises:
        ConfigurationError: the corpus cannot be read, the faults are none.
    """

    def __init__(  # noqa: PLR0913 - each is a switch of its own
        self,
        *,
        today: date | None = None,
        corpus: Path | None = None,
        faults: str = "",
        bulk: int = 0,
        rate_limit: bool = True,
        rate_factor: float = 1.0,
        port: int = 0,
        api_keys: frozenset[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.today = today
        self.requests: list[Logged] = []
        self._plan = FaultPlan(parse_faults(faults))
        holdings = Holdings.of_folder(corpus) if corpus else Holdings.written(bulk)
        self._labels, self._last = holdings.labels, holdings.last
        self._around = Surroundings(
            holdings,
            self.as_of,
            rate_factor=rate_factor if rate_limit else 0.0,
            keys=api_keys,
            withheld=lambda: self._plan.withheld,
            clock=clock,
        )
        self._clock = clock
        self._services: dict[str, Service] = {}
        self._lock = threading.Lock()
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bind and serve in the background."""
        try:
            self._server = Server(LOOPBACK, self._port, self._route)
        except OSError as error:
            raise ConfigurationError(f"port {self._port} cannot be used: {error.strerror}", field="port") from error
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and free the port."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None

    @property
    def url(self) -> str:
        """Address of the server itself; `/control` lies under it."""
        if self._server is None:
            raise ConfigurationError("the simulator is not running: use it as a context manager or call start()")
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def base_url(self, source: str) -> str:
        """What to set as the base URL of a source."""
        if source not in SOURCES:
            raise ConfigurationError(f"the simulator has no source '{source}' (it has {', '.join(SOURCES)})")
        return f"{self.url}/{source}"

    def as_of(self) -> date:
        """The simulated day; the day after the last change of the corpus where none is set."""
        return self.today or self._last

    def set_faults(self, text: str) -> None:
        """Replace the faults; their counts begin anew."""
        self._plan = FaultPlan(parse_faults(text))

    def labels(self) -> Labels:
        """What the review decided on each record of its era (none for a folder of real XML)."""
        return self._labels

    def count(self, source: str, endpoint: str = "") -> int:
        """Requests so far of a source, or of one of its endpoints."""
        return sum(each.source == source and endpoint in {"", each.endpoint} for each in self.requests)

    def peak_rate(self, source: str) -> int:
        """The most requests of a source within any one second."""
        return peak_rate(sorted(each.moment for each in self.requests if each.source == source))

    def reset_log(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self.requests = []

    def answer(self, request: Request) -> Reply:
        """The reply to a request of a source, faults included; it is logged."""
        moment = self._clock()
        service = self._service(request.source)
        fault = self._plan.pick(request)
        if fault is None:
            reply = service.answer(request)
        else:
            struck = Struck(request, lambda: service.answer(request), service.forget, fault.argument)
            reply = fault.definition.spoil(struck)
        with self._lock:
            shown = {name: value for name, value in request.params.items() if name.lower() not in SECRETS}
            status = 0 if reply.dropped else reply.status
            self.requests.append(Logged(moment, request.source, request.endpoint, request.method, status, shown))
        return reply

    def _service(self, source: str) -> Service:
        """The service of a source, built when it is first asked."""
        with self._lock:
            if source not in self._services:
                self._services[source] = SERVICES[source].build(self._around)
            return self._services[source]

    def _route(self, incoming: Incoming) -> Reply:
        address = urlsplit(incoming.target)
        source, _, endpoint = address.path.strip("/").partition("/")
        if (source, endpoint) == ("control", ""):
            return self.control(incoming.method, incoming.body)
        if source not in SOURCES or incoming.method == "PUT":
            return Reply.text("Not Found", TEXT, 404)
        is_json = incoming.headers.get("content-type", "").startswith("application/json")
        form = "" if is_json else incoming.body.decode("utf-8", "replace")
        params = dict(parse_qsl(address.query, keep_blank_values=True) + parse_qsl(form, keep_blank_values=True))
        return self.answer(
            Request(
                source,
                unquote(endpoint),
                incoming.method,
                params,
                incoming.client,
                incoming.headers,
                incoming.body if is_json else b"",
            )
        )

    def control(self, method: str, body: bytes) -> Reply:
        """GET: state and counts. PUT: set `today` (ISO date or null) and `faults`, as JSON."""
        try:
            wanted: dict[str, Any] = json.loads(body) if method == "PUT" else {}
            plan = parse_faults(wanted["faults"]) if "faults" in wanted else None
            today = date.fromisoformat(wanted["today"]) if wanted.get("today") else None
        except (ConfigurationError, ValueError, TypeError, AttributeError) as error:
            return Reply.json({"error": str(error)}, 400)
        if unknown := sorted(set(wanted) - {"today", "faults"}):
            return Reply.json({"error": f"unknown field {unknown[0]!r}: today and faults can be set"}, 400)
        if plan is not None:
            self._plan = FaultPlan(plan)
        if "today" in wanted:
            self.today = today
        return Reply.json(
            {
                "today": self.today.isoformat() if self.today else None,
                "requests": {source: self.count(source) for source in SOURCES},
                "peak_rate": {source: self.peak_rate(source) for source in SOURCES},
            }
        )
