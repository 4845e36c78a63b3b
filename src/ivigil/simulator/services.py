"""The services by name: how each is built over the holdings, and what can go wrong there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ivigil.simulator import europepmc, eutils, eutils_faults
from ivigil.simulator.fault_kinds import ServiceFaults
from ivigil.simulator.holdings import Holdings
from ivigil.simulator.wire import Meter, Reply, Request


class Service(Protocol):
    """One source's wire."""

    def answer(self, request: Request) -> Reply:
        """The reply to one call."""
        ...

    def forget(self) -> None:
        """Drop what is kept from one call to the next."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What a service is built from.

    `rate_factor` multiplies the rates callers are held to, 0 lets everybody pass; `keys` are the only ones accepted,
    any where None; `withheld` are ids that a fetch must leave out.
    """

    holdings: Holdings
    today: Callable[[], date]
    rate_factor: float
    keys: frozenset[str] | None
    withheld: Callable[[], frozenset[str]]

    def meter(self) -> Meter:
        """A meter by the machine's clock."""
        return Meter(time.monotonic)


@dataclass(frozen=True)
class ServiceKind:
    """How a service is built, and its faults."""

    build: Callable[[Surroundings], Service]
    faults: ServiceFaults


def _pubmed(around: Surroundings) -> Service:
    return eutils.Eutils(
        around.holdings.library("pubmed"),
        around.today,
        around.meter(),
        rate_factor=around.rate_factor,
        keys=around.keys,
        withheld=around.withheld,
    )


def _europepmc(around: Surroundings) -> Service:
    return europepmc.EuropePmc(around.holdings.library("europepmc"), around.today)


SERVICES: Mapping[str, ServiceKind] = {
    "pubmed": ServiceKind(_pubmed, eutils_faults.FAULTS),
    "europepmc": ServiceKind(_europepmc, europepmc.FAULTS),
}
