"""What comes back over the wire, and what its status and headers say: a refusal of which class, how long to wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ivigil.errors import MalformedResponse, NotEntitled, QueryRejected, RateLimited, SearchContext, TransportError
from ivigil.sources.base import Payload

_MILLISECONDS = 1e11
"""Moments since 1970 above this (the year 5138 in seconds) are milliseconds."""


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


def refuse_failed(answer: Answer, context: SearchContext, now: datetime) -> None:
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


def refuse_rejected(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx that the source's reader knows nothing better about: to be called by readers."""
    said = f"answered {answer.status}: {answer.excerpt()}"
    if answer.status in (401, 403):
        raise NotEntitled(said, context=context, hint="check the source's API key and what it entitles to")
    if answer.status >= 400:
        raise QueryRejected(said, context=context, hint="check the strategy in the source's own syntax")


def _wait_in_body(answer: Answer) -> float | None:
    """Seconds that the body asks for: OpenAlex says them there too, and proxies lose headers."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return None
    wait = said.get("retryAfter") if isinstance(said, dict) else None
    return float(wait) if isinstance(wait, int | float) else None


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
