"""What Scopus and Embase answer to a caller who may not ask, or may not ask more; the bodies are recorded ones.

The answer to a spent quota is not recorded; its headers are those that clients were seen to read.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ivigil.simulator.fault_kinds import Struck
from ivigil.simulator.wire import Gate, Reply, Request

DAYS_TO_RESET = 3
QUOTA = 20_000


def service_error(code: str, words: str, status: int) -> Reply:
    """Elsevier's usual envelope, with its status line's twin in a header."""
    body = {"service-error": {"status": {"statusCode": code, "statusText": words}}}
    return Reply.json(body, status).with_headers(("X-ELS-Status", f"{code} - {words}"))


def refused_key(request: Request, gate: Gate) -> Reply | None:
    """The answer to a call without a key, or with a wrong one; None where it may pass."""
    key = request.headers.get("x-els-apikey", "")
    if not key:
        return service_error("AUTHENTICATION_ERROR", "Invalid API Key", 401)
    return None if gate.knows(key) else wrong_key()


def wrong_key() -> Reply:
    """Another envelope than the usual one."""
    return Reply.json({"error-response": {"error-code": "APIKEY_INVALID"}}, 401)


def view_refused() -> Reply:
    """The COMPLETE view is not in the key's rights."""
    return service_error("AUTHORIZATION_ERROR", "The requestor is not authorized to access the requested view", 401)


def cursor_refused() -> Reply:
    """The cursor is not in the key's rights."""
    return service_error("ENTITLEMENTS_ERROR", "Use of the cursor parameter is restricted", 403)


def quota_exceeded(struck: Struck) -> Reply:
    """The week's calls are spent: the headers say when the next week begins."""
    reply = service_error("QUOTA_EXCEEDED", "Quota Exceeded", 429)
    return struck.with_wait(reply) if struck.argument else reply.with_headers(*quota(0))


def quota(left: int) -> tuple[tuple[str, str], ...]:
    """The headers that say how much of the week's quota is left, and when it begins anew, in seconds since 1970."""
    reset = datetime.now(UTC) + timedelta(days=DAYS_TO_RESET)
    return (
        ("X-RateLimit-Limit", str(QUOTA)),
        ("X-RateLimit-Remaining", str(left)),
        ("X-RateLimit-Reset", str(int(reset.timestamp()))),
    )
