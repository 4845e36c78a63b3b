"""Four weeks of nights over every source that is searched, one of which fails each night: nothing is lost for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from ivigil.settings import Settings, SourceSettings
from ivigil.simulator.services import SERVICES
from ivigil.sources.registry import SOURCES, Ability, able
from ivigil.store import ledger, open_store
from ivigil.store.tables import RecordRow
from ivigil.surveillance.night import Tally, close_night, night_source, open_night, run_night
from ivigil.surveillance.windows import habits_of
from kept_text import kept_text
from review_at_work import at

FIRST = date(2024, 10, 14)
NIGHTS = 28
DAYS = [FIRST + timedelta(days=number) for number in range(NIGHTS)]
LONG = slice(9, 21)
"""Nights on which one and the same source is down: its windows' overlap alone would not bring back what came then."""
LONG_DOWN = "clinicaltrials"
HARMLESS = {"expire", "missing", "cursor", "noview", "nocursor"}
"""Faults that a client lives with: the night is whole in spite of them."""
TOKEN = "secret-token-4711"
KEYS = {name: f"secret-{name}-4711" for name in SOURCES}


SOUGHT = {
    "pubmed": '"systemic sclerosis"[tiab] AND IVIG[tiab]',
    "europepmc": 'TITLE_ABS:"systemic sclerosis" AND TITLE_ABS:IVIG',
    "clinicaltrials": 'AREA[ConditionSearch]"systemic sclerosis"',
    "openalex": '"systemic sclerosis" AND IVIG',
    "semanticscholar": '"systemic sclerosis" + IVIG',
    "scopus": 'TITLE-ABS-KEY("systemic sclerosis" AND IVIG)',
    "wos": 'TS=("systemic sclerosis" AND IVIG)',
    "embase": "'systemic sclerosis':ti AND ivig:ti,ab",
}


@pytest.fixture
def review(protocol):
    """The shipped review with short strategies, its search closed a few days before the first night."""
    closed = protocol.review.model_copy(update={"cutoff": FIRST - timedelta(days=4)})
    one = next(study for study in protocol.verified_studies if study.registration)
    return protocol.model_copy(update={"review": closed, "strategies": SOUGHT, "known_studies": (one,)})


@pytest.fixture
def sources():
    assert set(SOUGHT) == set(able(Ability.SEARCH))
    return able(Ability.SEARCH)


@pytest.fixture
def settings(tmp_path, simulator, sources):
    def at_home(name: str) -> Settings:
        return Settings(
            home=tmp_path / name,
            sources=sources,
            database_url=SecretStr(f"sqlite:///{tmp_path / name}.sqlite3"),
            contact_email="team@example.org",
            source={
                one: SourceSettings(
                    base_url=simulator.base_url(one),
                    api_key=SecretStr(KEYS[one]),
                    inst_token=SecretStr(TOKEN),
                )
                for one in sources
            },
        )

    yield at_home
    simulator.set_faults("")


def nights(settings, review, simulator, faults) -> Iterator[tuple[str, str]]:
    """Run every night with its fault; gives its status and why."""
    for number in range(NIGHTS):
        simulator.set_faults(faults[number])
        with at(settings, review, simulator, DAYS[number]) as context:
            night = open_night(context)
            outcomes = [night_source(context, night, source) for source in night.sources]
            summary = close_night(context, night, outcomes, Tally())
            yield summary.status, summary.why or ""


@contextmanager
def opened(settings):
    store = open_store(settings.database)
    with store.transaction() as session:
        yield session
    store.close()


def held(settings) -> dict[str, str]:
    with opened(settings) as session:
        return {f"{row.source}:{row.source_id}": row.content_hash for row in session.scalars(select(RecordRow))}


def first_seen(settings, source: str) -> list[date]:
    """The nights on which records of a source came."""
    with opened(settings) as session:
        rows = session.scalars(select(RecordRow).where(RecordRow.source == source))
        return [row.created_at.date() for row in rows]


def faults_of(source: str) -> list[str]:
    """What can go wrong at a source for a whole night, each kind once."""
    kinds = [name for name in SERVICES[source].faults.kinds if name not in HARMLESS]
    return [f"{source}:{kind}{'(retry=7200)' if kind == '429' else ''}*" for kind in sorted(kinds)]


def test_a_failing_source_a_night_loses_nothing(settings, review, simulator, sources, caplog):
    """Each night one source fails from its first request on, one for longer than its overlap; no record is lost."""
    spread = [faults_of(sources[n % len(sources)]) for n in range(NIGHTS)]
    faults = [kinds[n // len(sources) * 5 % len(kinds)] for n, kinds in enumerate(spread)]
    faults[LONG] = [f"{LONG_DOWN}:503*"] * len(faults[LONG])
    faults[-1] = f"{sources[0]}:503*2"  # the last one is short: what it broke could not come back on a later night
    whole, struck = settings("whole"), settings("struck")

    assert {status for status, _ in nights(whole, review, simulator, [""] * NIGHTS)} == {ledger.COMPLETE}
    caplog.set_level(logging.DEBUG, "ivigil")
    caplog.set_level(logging.DEBUG, "urllib3")  # writes whole addresses
    told = list(nights(struck, review, simulator, faults))

    assert sum(status == ledger.PARTIAL for status, _ in told) >= NIGHTS * 3 // 4
    for (status, why), fault in zip(told, faults, strict=True):
        source = fault.partition(":")[0]
        assert status == ledger.COMPLETE or why.startswith(source), (fault, why)
        assert not any(f"; {other}" in why for other in sources if other != source), (fault, why)
    assert told[-1][0] == ledger.COMPLETE
    found = held(whole)
    assert held(struck) == found
    assert set(first_seen(whole, LONG_DOWN)) & set(DAYS[LONG][: -habits_of(LONG_DOWN).overlap.days])
    assert {name.partition(":")[0] for name in found} == set(sources)
    assert_no_key_is_shown(struck, caplog.text + " ".join(why for _, why in told))


@pytest.mark.parametrize("fault", ["", "badkey", "drop"])
def test_no_key_is_kept_in_either_database(settings, review, simulator, store_url, caplog, fault: str):
    """After a whole night over every source, or one in which each refuses its key or hangs up, no key is kept."""
    keyed = [name for name in SOURCES if name in SERVICES and "badkey" in SERVICES[name].faults.kinds]
    simulator.set_faults(",".join(f"{name}:{fault}*" for name in keyed) if fault else "")
    caplog.set_level(logging.DEBUG)
    kept = settings("kept").model_copy(update={"database_url": SecretStr(store_url)})
    with at(kept, review, simulator, FIRST) as context:
        summary = run_night(context)
    assert summary.status == (ledger.PARTIAL if fault else ledger.COMPLETE)
    assert_no_key_is_shown(kept, caplog.text + json.dumps(summary.as_json()))


def assert_no_key_is_shown(settings, said: str) -> None:
    """No key stands in what was said, nor anywhere in the database, whose payloads are looked into unpacked."""
    with opened(settings) as session:
        kept = kept_text(session)
    assert "systemic sclerosis" in kept
    for secret in (*KEYS.values(), TOKEN):
        assert secret not in said
        assert secret not in kept
