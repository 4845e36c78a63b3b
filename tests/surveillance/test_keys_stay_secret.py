"""API keys of every source, through whole nights: in no log, payload, exception or database."""

from __future__ import annotations

import json
import logging
import re
from datetime import date

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData, select

from ivigil.errors import SourceError
from ivigil.settings import SourceSettings
from ivigil.sources.registry import SOURCES, Ability, able
from ivigil.store.ledger_tables import PayloadRow
from ivigil.surveillance.night import run_night
from review_at_work import at, settings_for

NIGHT = date(2024, 7, 1)
WITH_KEYS = ("pubmed", "openalex", "semanticscholar", "scopus", "wos", "embase")
SECRETS = {name: f"k3y+of={name}/Zz9&x" for name in WITH_KEYS}


def everything_in(store):
    """Every value of every row, answers unpacked."""
    tables = MetaData()
    tables.reflect(store.engine)
    with store.engine.connect() as connection:
        rows = [repr(tuple(row)) for table in tables.sorted_tables for row in connection.execute(select(table))]
    with store.transaction() as session:
        bodies = [row.body.decode("utf-8", "replace") for row in session.scalars(select(PayloadRow))]
    return "\n".join([*rows, *bodies])


@pytest.mark.parametrize(
    "faults", ["", ",".join(f"{name}:badkey*" for name in WITH_KEYS if name != "embase"),
               ",".join(f"{name}:500*" for name in WITH_KEYS)], ids=["sound", "refused", "broken"],
)  # fmt: skip
def test_a_night_leaves_no_key_behind(tmp_path, simulator, protocol, caplog, faults) -> None:
    """Sound, with every key refused (PubMed's refusal echoes it) and with every source down: no key is anywhere."""
    caplog.set_level(logging.DEBUG)
    plain = settings_for(tmp_path, simulator)
    searched = tuple(name for name in able(Ability.SEARCH) if name in protocol.strategies)
    assert set(WITH_KEYS) <= set(searched)
    settings = plain.model_copy(
        update={
            "sources": searched,
            "source": {
                name: SourceSettings(
                    base_url=simulator.base_url(name),
                    api_key=SecretStr(SECRETS[name]) if name in SECRETS else None,
                )
                for name in SOURCES
                if name in searched
            },
        }
    )
    simulator.reset_log()
    simulator.set_faults(faults)
    try:
        with at(settings, protocol, simulator, NIGHT) as context:
            summary = run_night(context)
            left = everything_in(context.store)
            errors = []
            for name in WITH_KEYS:
                try:
                    context.source(name).count(protocol.strategies[name])
                except SourceError as error:
                    errors += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    finally:
        simulator.set_faults("")
    assert len(summary.sources) == len(searched)
    assert bool(errors) is bool(faults)
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode("latin-1")
    places = {
        "database": left,
        "files": files,
        "log": caplog.text,
        "errors": "\n".join(errors),
        "settings": repr(settings),
        "requests as logged": repr(simulator.requests),
        "summary": repr(summary),
    }
    for name, key in SECRETS.items():
        assert any(each.source == name for each in simulator.requests)
        spellings = {key, json.dumps(key)[1:-1], re.sub(r"\W", lambda sign: f"%{ord(sign[0]):02X}", key)}
        for place, text in places.items():
            assert not [spelling for spelling in spellings if spelling in text], (name, place)
