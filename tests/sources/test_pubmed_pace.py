"""PubMed at its own pace, with the simulator on the same clock: everything comes, never too fast and hardly slower."""

from __future__ import annotations

import random
from datetime import date

import pytest

from ivigil.simulator import Simulator
from ivigil.sources.base import SearchRequest, Tally, Window
from ivigil.sources.clock import VirtualClock
from ivigil.sources.pubmed import PubMed
from ivigil.sources.session import PoliteSession

HITS = 12_000
WEEK = Window(date(2025, 3, 3), date(2025, 3, 9))
STRATEGY = 'IVIG[tiab] AND "systemic sclerosis"[tiab] AND Filler[au]'


ONE_DAY = Window(WEEK.start, WEEK.start)


@pytest.mark.parametrize(
    ("window", "hits", "api_key", "allowed"), [(WEEK, HITS, None, 3), (ONE_DAY, 1_715, "a-key", 10)]
)
def test_a_window_comes_whole_at_the_allowed_pace(window, hits, api_key, allowed):
    """12,000 hits, above the cap, are all fetched and counted; no second sees more requests than PubMed allows."""
    clock = VirtualClock()
    with (
        Simulator(today=date(2025, 4, 1), bulk=HITS, clock=clock.monotonic) as simulator,
        PoliteSession(clock=clock, rng=random.Random(1)) as session,
    ):
        pubmed = PubMed(session, base_url=simulator.base_url("pubmed"), api_key=api_key)
        tally, pmids = Tally(), set()
        for page in pubmed.harvest(SearchRequest(STRATEGY, window)):
            tally.add(page)
            pmids.update(record.pmid for record in page.records)
        requests = simulator.count("pubmed")
        assert (tally.reported, tally.records, len(pmids), tally.complete) == (hits, hits, hits, True)
        assert {each.status for each in simulator.requests} == {200}  # not once was the limit met
        assert simulator.peak_rate("pubmed") <= allowed
        assert clock.slept <= 1.2 * requests / allowed
