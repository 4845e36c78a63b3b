"""What can go wrong at E-utilities, with the recorded bodies."""

from __future__ import annotations

from ivigil.simulator import eutils_answers as answers
from ivigil.simulator.fault_kinds import RETRY, FaultKind, ServiceFaults, Struck
from ivigil.simulator.wire import Reply


def rate_limited(struck: Struck, status: int) -> Reply:
    """The rate limit's answer, as 429 or inside 200."""
    key = struck.request.get("api_key")
    limit = answers.RATE_WITH_KEY if key else answers.RATE_WITHOUT_KEY
    return struck.with_wait(answers.rate_exceeded(key or struck.request.client, limit + 1, limit, status))


def _backend_down(struck: Struck) -> Reply:
    return answers.esearch_error(answers.BACKEND_DOWN, as_json=struck.request.get("retmode") == "json")


def _expired(struck: Struck) -> Reply:
    struck.forget()
    return struck.answer()


def _page(status: int) -> FaultKind:
    return FaultKind(lambda _: answers.server_error(status))


FAULTS = ServiceFaults(
    endpoints=("esearch", "efetch", "epost", "esummary", "einfo"),
    data=("efetch",),
    own={str(status): _page(status) for status in (500, 502, 503, 504)}
    | {
        "error200": FaultKind(_backend_down, ("esearch",)),
        "429": FaultKind(lambda struck: rate_limited(struck, 429), argument=RETRY),
        "limit200": FaultKind(lambda struck: rate_limited(struck, 200)),
        "badkey": FaultKind(lambda struck: answers.bad_key(struck.request.get("api_key"))),
        "expire": FaultKind(_expired, ("efetch", "esummary")),
        "missing": FaultKind(Struck.whole, ("efetch",), argument=r"\d+", standing=True),
    },
)
