"""The services by name: how each is built over the holdings, and what can go wrong there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ivigil.simulator import (
    clinicaltrials,
    crossref,
    embase,
    europepmc,
    eutils,
    eutils_faults,
    openalex,
    rxiv,
    scopus,
    semanticscholar,
    unpaywall,
    wos,
)
from ivigil.simulator.crossref_review import PublishedReview
from ivigil.simulator.fault_kinds import ServiceFaults
from ivigil.simulator.holdings import Holdings
from ivigil.simulator.trials import written_trials
from ivigil.simulator.wire import Gate, Meter, Reply, Request


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
    any where None; `withheld` are ids that a fetch must leave out; `clock` (seconds) is what rates are measured by.
    """

    holdings: Holdings
    today: Callable[[], date]
    rate_factor: float
    keys: frozenset[str] | None
    withheld: Callable[[], frozenset[str]]
    clock: Callable[[], float] = time.monotonic

    def meter(self) -> Meter:
        """A meter by the clock."""
        return Meter(self.clock)

    def gate(self) -> Gate:
        """A gate with a meter of its own."""
        return Gate(self.meter(), self.rate_factor, self.keys)


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
    return europepmc.EuropePmc(around.holdings.library("europepmc"), around.holdings.citations, around.today)


def _clinicaltrials(around: Surroundings) -> Service:
    return clinicaltrials.ClinicalTrials(written_trials(), around.today)


def _scopus(around: Surroundings) -> Service:
    return scopus.Scopus(around.holdings.library("scopus"), around.today, around.gate())


def _wos(around: Surroundings) -> Service:
    return wos.WebOfScience(around.holdings.library("wos"), around.today, around.gate())


def _embase(around: Surroundings) -> Service:
    return embase.Embase(around.holdings.library("embase"), around.today, around.gate())


def _rxiv(around: Surroundings) -> Service:
    return rxiv.Rxiv(around.holdings.documents, around.today)


def _crossref(around: Surroundings) -> Service:
    library = around.holdings.library("crossref")
    holdings = around.holdings
    return crossref.Crossref(
        library,
        holdings.citations,
        around.today,
        around.meter(),
        review=PublishedReview.of(holdings.documents, holdings.labels),
        rate_factor=around.rate_factor,
    )


def _openalex(around: Surroundings) -> Service:
    return openalex.OpenAlex(
        around.holdings.library("openalex"),
        around.holdings.citations,
        around.today,
        metered=bool(around.rate_factor),
        keys=around.keys,
    )


def _semanticscholar(around: Surroundings) -> Service:
    return semanticscholar.SemanticScholar(
        around.holdings.library("semanticscholar"),
        around.holdings.citations,
        around.today,
        around.gate(),
    )


def _unpaywall(around: Surroundings) -> Service:
    return unpaywall.Unpaywall(around.holdings.library("unpaywall"), around.today)


SERVICES: Mapping[str, ServiceKind] = {
    "pubmed": ServiceKind(_pubmed, eutils_faults.FAULTS),
    "europepmc": ServiceKind(_europepmc, europepmc.FAULTS),
    "clinicaltrials": ServiceKind(_clinicaltrials, clinicaltrials.FAULTS),
    "scopus": ServiceKind(_scopus, scopus.FAULTS),
    "wos": ServiceKind(_wos, wos.FAULTS),
    "embase": ServiceKind(_embase, embase.FAULTS),
    "rxiv": ServiceKind(_rxiv, rxiv.FAULTS),
    "crossref": ServiceKind(_crossref, crossref.FAULTS),
    "openalex": ServiceKind(_openalex, openalex.FAULTS),
    "semanticscholar": ServiceKind(_semanticscholar, semanticscholar.FAULTS),
    "unpaywall": ServiceKind(_unpaywall, unpaywall.FAULTS),
}
