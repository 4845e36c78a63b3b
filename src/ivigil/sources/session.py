"""The polite way to a source: one place that waits its turn, retries, times out and keeps secrets.

A `PoliteSession` gives each source a `Channel`. Nothing else in the package talks HTTP to a source.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
import tenacity

from ivigil import __version__
from ivigil.errors import (
    ConfigurationError,
    MalformedResponse,
    RateLimited,
    SearchContext,
    SourceError,
    TransportError,
)
from ivigil.sources.answer import Answer, refuse_failed
from ivigil.sources.clock import Clock, SystemClock
from ivigil.sources.limiter import RateLimiter
from ivigil.sources.redact import RedactingFilter, Redactor

log = logging.getLogger(__name__)
T = TypeVar("T")
Params = Mapping[str, str]
_CHATTY = "urllib3.connectionpool"
"""The logger that writes whole addresses at DEBUG."""


@dataclass(frozen=True)
class Patience:
    """How long and how often to try; all times in seconds."""

    attempts: int = 5
    connect_timeout: float = 10.0
    read_timeout: float = 90.0
    first_wait: float = 1.0
    longest_backoff: float = 30.0
    longest_retry_after: float = 120.0


class PoliteSession:
    """Gives out channels that share a clock, a random generator and a contact address.

    `contact` is the e-mail address that the sources' rules of use ask for; it goes into the User-Agent, unless
    `user_agent` gives another one. Tests turn waiting off by passing a `VirtualClock`.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        user_agent: str | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        patience: Patience | None = None,
    ) -> None:
        about = f"; mailto:{contact}" if contact else ""
        self.user_agent = user_agent or f"ivigil/{__version__} (living systematic review{about})"
        self.clock = clock or SystemClock()
        self.rng = rng or random.Random()
        self.patience = patience or Patience()
        self._limiters: dict[tuple[str, float], RateLimiter] = {}
        self._channels: list[Channel] = []

    def channel(
        self, source: str, *, rate: float, secrets: Iterable[str] = (), headers: Mapping[str, str] | None = None
    ) -> Channel:
        """A channel to one source at `rate` requests a second; channels of one source and rate share their limit."""
        limiter = self._limiters.setdefault((source, rate), RateLimiter(rate, self.clock))
        channel = Channel(source, self, limiter, Redactor(secrets), {"User-Agent": self.user_agent, **(headers or {})})
        self._channels.append(channel)
        return channel

    def close(self) -> None:
        """Close every connection; a later request would open a new one."""
        for channel in self._channels:
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Channel:
    """Asks one source, at its pace; raises the package's errors only, none of which holds a secret."""

    source: str
    session: PoliteSession
    limiter: RateLimiter
    redactor: Redactor
    headers: Mapping[str, str]
    _http: requests.Session = field(init=False, repr=False)
    _filter: RedactingFilter | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._http = requests.Session()
        self._http.headers.update(self.headers)
        if self.redactor.holds_secrets:
            self._filter = RedactingFilter(self.redactor)
            logging.getLogger(_CHATTY).addFilter(self._filter)

    def close(self) -> None:
        """Close the connections to this source, and stop watching the library's log lines."""
        self._http.close()
        if self._filter is not None:
            logging.getLogger(_CHATTY).removeFilter(self._filter)

    def get(
        self, address: str, params: Params, *, context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Answer, T]:
        """GET and `read` the answer; see `_ask`."""
        return self._ask("GET", address, params, context, read)

    def post(
        self, address: str, form: Params, *, context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Answer, T]:
        """POST a form and `read` the answer. For questions only: it is sent again when no answer came; see `_ask`."""
        return self._ask("POST", address, form, context, read)

    def post_json(
        self, address: str, params: Params, body: object, *, context: SearchContext, read: Callable[[Answer], T]
    ) -> tuple[Answer, T]:
        """POST JSON to an address with parameters and `read` the answer; otherwise as `post`."""
        return self._ask("POST", address, params, context, read, body)

    def keep_to(self, rate: float) -> None:
        """Go on at this many requests a second: for sources that state their limit with each answer."""
        self.limiter.change(rate)

    def _ask(
        self,
        method: str,
        address: str,
        params: Params,
        context: SearchContext,
        read: Callable[[Answer], T],
        body: object = None,
    ) -> tuple[Answer, T]:
        """Ask until there is an answer worth having, or patience ends.

        `read` turns the answer into a value and raises a `SourceError` where it is none; a `TransportError` or
        `RateLimited` it raises (an error inside a success) is retried like those of the wire, and a `MalformedResponse`
        once.
        """

        def attempt() -> tuple[Answer, T]:
            answer = self._send(method, address, params, context, body)
            refuse_failed(answer, context, self.session.clock.now())
            return answer, read(answer)

        retrying = tenacity.Retrying(
            sleep=self.session.clock.sleep,
            stop=tenacity.stop_after_attempt(self.session.patience.attempts),
            retry=self._is_worth_retrying,
            wait=self._wait,
            before_sleep=self._log_retry,
            reraise=True,
        )
        return retrying(attempt)

    def _send(self, method: str, address: str, params: Params, context: SearchContext, body: object = None) -> Answer:
        patience = self.session.patience
        as_form = method == "POST" and body is None
        failure: SourceError | ConfigurationError
        started = time.monotonic()
        with self.limiter.turn():
            try:
                response = self._http.request(
                    method,
                    address,
                    params=None if as_form else params,
                    data=params if as_form else None,
                    json=body,
                    timeout=(patience.connect_timeout, patience.read_timeout),
                    # A followed redirect could carry a key, or a form, to another host.
                    allow_redirects=method == "GET" and not self.redactor.holds_secrets,
                )
                return Answer(
                    status=response.status_code,
                    headers=response.headers,
                    body=self.redactor.data(response.content),
                    address=self.redactor.text(f"{address}?{urlencode(params)}"),
                    seconds=time.monotonic() - started,
                )
            except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
                failure = ConfigurationError(self.redactor.text(str(error)), field=f"{self.source}.base_url")
            except requests.RequestException as error:
                reason = self.redactor.text(_describe(error))
                failure = TransportError(
                    f"no whole answer from {urlsplit(address).netloc}: {reason}",
                    context=context,
                    hint="it is asked again on the next run; the window stays open until then",
                )
        raise failure  # outside the handler, so that the library's error, which may hold a key, is not chained to it

    def _is_worth_retrying(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited):
            return (error.retry_after or 0.0) <= self.session.patience.longest_retry_after
        if isinstance(error, MalformedResponse):  # cut short by accident, perhaps; a second time it is no accident
            return state.attempt_number == 1
        return isinstance(error, TransportError)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds: what the source asked for, else doubling from `first_wait`; with up to half as much again at random.

        The jitter keeps clients that failed together from coming back together.
        """
        patience = self.session.patience
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited) and error.retry_after is not None:
            return error.retry_after + self.session.rng.uniform(0.0, min(1.0, error.retry_after / 2))
        doubled: float = patience.first_wait * 2.0 ** (state.attempt_number - 1)
        return min(doubled, patience.longest_backoff) * (1 + self.session.rng.random() / 2)

    def _log_retry(self, state: tenacity.RetryCallState) -> None:
        wait = state.next_action.sleep if state.next_action else 0.0
        error = state.outcome.exception() if state.outcome else None
        log.warning(
            "asking again in %.1f s: %s",
            wait,
            error,
            extra={"source": self.source, "attempt": state.attempt_number, "wait_seconds": wait},
        )


def _describe(error: BaseException) -> str:
    """The innermost cause in words; requests wraps what happened three deep."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}"
