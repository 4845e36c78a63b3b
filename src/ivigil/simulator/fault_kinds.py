"""What can go wrong at a service: the kinds that all share, and those of its own with their recorded bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ivigil.simulator.wire import HTML, TEXT, Reply, Request

KEPT_SHARE = 0.7
PAGE = "<html><head><title>Not what was asked for</title></head><body></body></html>"
RETRY = r"retry=\d+"


@dataclass(frozen=True)
class Struck:
    """A request that a fault strikes: `answer` gives the true reply, `forget` drops what the service keeps."""

    request: Request
    answer: Callable[[], Reply]
    forget: Callable[[], None]
    argument: str = ""

    def with_wait(self, reply: Reply) -> Reply:
        """The reply with the Retry-After that was ordered, in place of its own."""
        wait = self.argument.removeprefix("retry=")
        return replace(reply, headers=(("Retry-After", wait),)) if wait else reply

    def whole(self) -> Reply:
        """The true reply."""
        return self.answer()

    def truncated(self) -> Reply:
        """A whole answer of which the end is missing."""
        whole = self.answer()
        return replace(whole, body=whole.body[: int(len(whole.body) * KEPT_SHARE)])


@dataclass(frozen=True)
class FaultKind:
    """One way to go wrong; it strikes at `endpoints`, at all where there are none.

    `argument` is the pattern of what may stand in brackets. A `standing` kind needs one and takes no count: it spoils
    no reply, the service itself heeds it.
    """

    spoil: Callable[[Struck], Reply]
    endpoints: tuple[str, ...] = ()
    argument: str = ""
    standing: bool = False


def server_page(status: int) -> FaultKind:
    """An HTML page of the web server with that status."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
    return FaultKind(lambda _: Reply.text(page, HTML, status))


def first_part(path: str) -> str:
    """The usual name of an endpoint: its first part, without an extension."""
    return path.partition("/")[0].partition(".")[0]


@dataclass(frozen=True)
class ServiceFaults:
    """What can go wrong at one service.

    `endpoints` are the names the fault language has for its endpoints, which `name` gives for a path; at those in
    `data` bodies come truncated or as HTML (all where there are none). `own` adds kinds or replaces shared ones.
    """

    endpoints: tuple[str, ...]
    own: Mapping[str, FaultKind] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    name: Callable[[str], str] = first_part

    @property
    def kinds(self) -> dict[str, FaultKind]:
        """Every kind by name."""
        shared = {str(status): server_page(status) for status in (500, 502, 503, 504)}
        shared |= {
            "drop": FaultKind(lambda _: Reply(b"", dropped=True)),
            "cut": FaultKind(lambda struck: replace(struck.answer(), cut=True)),
            "truncate": FaultKind(Struck.truncated, self.data),
            "html": FaultKind(lambda _: Reply.text(PAGE, HTML), self.data),
            "empty": FaultKind(lambda _: Reply(b"", TEXT)),
        }
        return shared | dict(self.own)
