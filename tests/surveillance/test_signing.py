"""Signed links: only what this installation made, for this purpose, and lately, is believed."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ivigil.errors import ConfigurationError, NotFound, TokenRefused
from ivigil.protocol_file import load_protocol
from ivigil.records import Record
from ivigil.settings import Settings, load_settings
from ivigil.sources.session import PoliteSession
from ivigil.store import library, open_store
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.decision_links import LASTS, decision_link, read_decision_link
from ivigil.surveillance.linking import link_records
from ivigil.surveillance.signing import SECRET_NAME, secret_key, signer

MADE = datetime(2024, 6, 1, 3, 0, tzinfo=UTC)
ADDRESS = "https://review.example.org/ivig"


def at(context: Context, when: datetime) -> Context:
    return replace(context, clock=Clock(wall=lambda: when))


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A review that holds one report."""
    settings = Settings(home=tmp_path, public_url=ADDRESS)
    store = open_store(settings.database)
    with PoliteSession(contact=None) as session:
        made = Context(settings, load_protocol("ivig_ssc"), store, Clock(wall=lambda: MADE), session)
        with store.transaction() as transaction:
            record = Record(source="pubmed", source_id="39000001", title="IVIG in systemic sclerosis", pmid="39000001")
            library.take_in(transaction, [record], run_id=None, way="import", now=MADE)
            link_records(transaction, now=MADE)
        yield made
    store.close()


def token_of(link: str | None) -> str:
    assert link is not None
    assert link.startswith(f"{ADDRESS}/decide/")
    return link.rpartition("/")[2]


def test_a_link_names_report_decision_and_recipient(context) -> None:
    """What a link proposes is read back as it was written, for thirty days."""
    token = token_of(decision_link(context, 1, "include", recipient="ada@example.org"))
    read = read_decision_link(at(context, MADE + LASTS), token)
    assert (read.report_id, read.record_id, read.decision, read.recipient) == (1, 1, "include", "ada@example.org")


def test_an_old_link_is_refused(context) -> None:
    """After thirty days a link is refused as too old, and the message says where to go instead."""
    token = token_of(decision_link(context, 1, "include", recipient="ada@example.org"))
    with pytest.raises(TokenRefused) as refused:
        read_decision_link(at(context, MADE + LASTS + timedelta(seconds=1)), token)
    assert refused.value.expired
    assert "workspace" in str(refused.value.hint)


def test_without_an_address_there_is_no_link(context) -> None:
    """Where the workspace has no public address, a message has no decision links."""
    private = replace(context, settings=context.settings.model_copy(update={"public_url": None}))
    assert decision_link(private, 1, "include", recipient="ada@example.org") is None


@given(st.data())
def test_no_change_to_a_token_is_believed(tmp_path_factory, data) -> None:
    """Whatever character of a token is changed, it is refused, or means what it meant."""
    settings = Settings(home=tmp_path_factory.getbasetemp(), secret_key=SecretStr("k" * 32))
    context = Context(settings, load_protocol("ivig_ssc"), None, Clock(wall=lambda: MADE), None)  # type: ignore[arg-type]
    mine = signer(context, "decide")
    token = mine.sign([1, "include", "ada@example.org"])
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.characters(codec="ascii")) + token[place + 1 :]
    try:
        assert mine.read(changed, lasts=LASTS) == [1, "include", "ada@example.org"]
    except TokenRefused:
        assert changed != token


def test_a_token_serves_its_purpose_alone(context) -> None:
    """A token made for one purpose, or with another secret, is refused; nothing else in it is looked at."""
    other_secret = context.settings.model_copy(update={"secret_key": SecretStr("x" * 32)})
    for forged in (
        signer(context, "feed").sign([1, "include", "ada"]),
        signer(replace(context, settings=other_secret), "decide").sign([1, "include", "ada"]),
        "",
        "x.y.z",
    ):
        with pytest.raises(TokenRefused) as refused:
            read_decision_link(context, forged)
        assert not refused.value.expired
    for odd in ("include", [1], [1, "delete", "ada"], ["1", "include", "ada"]):
        with pytest.raises(TokenRefused, match="nothing that can be decided"):
            read_decision_link(context, signer(context, "decide").sign(odd))


def test_a_link_to_what_is_not_held_says_so(context) -> None:
    """A link about a record that this store never held is not found, rather than about some other report."""
    with pytest.raises(NotFound):
        read_decision_link(context, token_of(decision_link(context, 99, "include", recipient="ada")))


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    """Processes that ask for the secret at the same time agree on one, in a file that its owner alone may read."""
    settings, barrier, keys = Settings(home=tmp_path / "new"), threading.Barrier(8), []

    def ask() -> None:
        barrier.wait()
        keys.append(secret_key(settings))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    file = settings.home / SECRET_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == [SECRET_NAME]


def test_a_secret_that_is_no_secret_is_refused(tmp_path: Path) -> None:
    """An emptied file and a short setting are errors that name file or variable, never a weak signature."""
    (tmp_path / SECRET_NAME).write_text("\n")
    with pytest.raises(ConfigurationError, match=SECRET_NAME):
        secret_key(Settings(home=tmp_path))
    with pytest.raises(ConfigurationError, match="IVIGIL_SECRET_KEY") as caught:
        load_settings(tmp_path, {"IVIGIL_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="IVIGIL_PUBLIC_URL"):
        load_settings(tmp_path, {"IVIGIL_PUBLIC_URL": "review.example.org"})
    assert load_settings(tmp_path, {"IVIGIL_PUBLIC_URL": f"{ADDRESS}/"}).public_url == ADDRESS
