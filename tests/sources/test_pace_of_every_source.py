"""Every source is asked as fast as it allows and never faster, measured where it counts: at the service."""

from __future__ import annotations

from importlib import import_module
from math import floor

import pytest

from ivigil.protocol_file import load_protocol
from ivigil.simulator import Simulator
from ivigil.sources.registry import Ability, able, make_source

REQUESTS = 25


@pytest.mark.parametrize("name", able(Ability.SEARCH))
def test_requests_keep_the_pace_and_do_not_dawdle(name, session, clock):
    """No second holds more requests than allowed, and many take at most 1.2 times as long as the rate asks for."""
    api = import_module(f"ivigil.sources.{name}.api")
    rate = getattr(api, "RATE_WITH_KEY", api.RATE)
    with Simulator(clock=clock.monotonic) as simulator:
        source = make_source(
            name, session=session, base_url=simulator.base_url(name), api_key="k-1", email="a@hospital.example"
        )
        for _ in range(REQUESTS):
            source.count(load_protocol("ivig_ssc").strategies[name])
        made = simulator.count(name)
        assert made >= REQUESTS
        assert {each.status for each in simulator.requests} == {200}
        assert simulator.peak_rate(name) <= max(1, floor(rate))
        assert clock.monotonic() <= 1.2 * made / rate
