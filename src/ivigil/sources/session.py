"""The polite way to a source: one place that waits its turn, retries, times out and keeps secrets.

A `PoliteSession` gives each source a `Channel`. Nothing else in the package talks HTTP to a source.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
import tenacity

from ivigil import __version__
from ivigil.errors import (
    ConfigurationError,
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    SearchContext,
    SourceError,
    TransportError,
)
from ivigil.sources.base import Page, Payload
from ivigil.sources.clock import Clock, SystemClock
from ivigil.sources.limiter import RateLimiter
from ivigil.sources.redact import RedactingFilter, Redactor

log = logging.getLogger(__name__)
T = TypeVar("T")
Params = Mapping[str, str]
_MILLISECONDS = 1e11
"""Moments since 1970 above this (the year 5138 in seconds) are milliseconds."""
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


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, its body and address already without secrets; `seconds` from sending to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str
    seconds: float = 0.0

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case; empty when the source names none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def payload(self) -> Payload:
        """What is kept of this answer."""
        return Payload(body=self.body, media_type=self.media_type, address=self.address)

    def excerpt(self, length: int = 200) -> str:
        """The first characters of the body on one line, for messages."""
        return " ".join(self.body[: 4 * length].decode("utf-8", "replace").split())[:length]


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
            _refuse_failed(answer, context, self.session.clock.now())
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


def _refuse_failed(answer: Answer, context: SearchContext, now: datetime) -> None:
    """Raise for the statuses that mean the same at every source; other 4xx are left to the source's reader."""
    said = f"answered {answer.status}: {answer.excerpt()}"
    wait = retry_after(answer.headers.get("Retry-After"), now)
    if wait is None and answer.headers.get("X-RateLimit-Remaining", "").strip() == "0":
        wait = until_reset(answer.headers.get("X-RateLimit-Reset"), now)
    if wait is None and answer.status == 429:
        wait = _wait_in_body(answer)
    if answer.status == 429 or (answer.status == 503 and wait is not None):
        raise RateLimited(
            said, context=context, retry_after=wait, hint="too many requests for this address or key; try later"
        )
    if answer.status >= 500:
        raise TransportError(said, context=context, hint="the source is in trouble; it is asked again on the next run")
    if answer.status == 200 and not answer.body.strip():
        raise TransportError("an empty answer", context=context, hint="it is asked again on the next run")
    if 300 <= answer.status < 400:
        place = answer.headers.get("Location", "nowhere").partition("?")[0]
        raise MalformedResponse(
            f"redirected to {place}", context=context, hint="set the source's base URL to where it lives now"
        )


def _wait_in_body(answer: Answer) -> float | None:
    """Seconds that the body asks for: OpenAlex says them there too, and proxies lose headers."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return None
    wait = said.get("retryAfter") if isinstance(said, dict) else None
    return float(wait) if isinstance(wait, int | float) else None


def refuse_rejected(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx that the source's reader knows nothing better about: to be called by readers."""
    said = f"answered {answer.status}: {answer.excerpt()}"
    if answer.status in (401, 403):
        raise NotEntitled(said, context=context, hint="check the source's API key and what it entitles to")
    if answer.status >= 400:
        raise QueryRejected(said, context=context, hint="check the strategy in the source's own syntax")


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After header in either of its forms (RFC 9110, 10.2.3); None where it says none."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value.strip())
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000" means UTC of unknown place
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def until_reset(value: str | None, now: datetime) -> float | None:
    """Seconds until a spent quota begins anew, from a moment in (milli)seconds since 1970; None without one."""
    if value is None or not value.strip().isdigit():
        return None
    moment = float(value.strip())
    return max(0.0, (moment / 1000 if moment > _MILLISECONDS else moment) - now.timestamp())


def log_page(context: SearchContext, number: int, page: Page) -> None:
    """One line per page fetched, with its facts as fields."""
    facts: dict[str, object] = {
        "source": context.source,
        "query_hash": context.query_hash,
        "page": number,
        "reported": page.reported,
        "records": len(page.records),
        "missing_ids": len(page.missing),
        "rejected": len(page.rejected),
        "deleted": len(page.deleted),
        "bytes": len(page.payload.body),
    }
    log.info("page fetched: %s", " ".join(f"{name}={value}" for name, value in facts.items()), extra=facts)


def _describe(error: BaseException) -> str:
    """The innermost cause in words; requests wraps what happened three deep."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}"
