"""`ivigil alerts` as people use it: what was given up is seen, revived, and told once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivigil.cli.app import app
from library_at_hand import library_of, paper
from sinks import MailSink, WebSink, mail_sink, web_sink

Ask = Callable[..., dict]
TODAY = datetime.now(UTC).date()
NIGHTS_TO_DEATH = 100
"""More nights than a delivery has tries."""


@pytest.fixture
def web() -> Iterator[WebSink]:
    with web_sink() as sink:
        yield sink


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: WebSink, mail: MailSink) -> Ask:
    """Call `ivigil` on a review of one report that a mailbox and a webhook are told of; its JSON answer."""
    with library_of(tmp_path, [paper(1)]):
        pass
    channels = (mail.url("ada@example.org"), web.url())
    monkeypatch.setenv("IVIGIL_NOTIFY", ",".join(url.get_secret_value() for url in channels))

    def call(*words: str, day: int | None = None, code: int = 0):
        when = [] if day is None else ["--as-of", str(TODAY + timedelta(days=day))]
        result = CliRunner().invoke(app, [*words, "--home", str(tmp_path), "--json", *when])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    return call


def test_what_was_given_up_is_revived_and_told_once(ask: Ask, web: WebSink, mail: MailSink) -> None:
    """A webhook that fails until its delivery is given up is told once, and only once, after `alerts revive`."""
    web.answer = 503
    ask("decide", "1", "include", "--reviewer", "ada")
    assert ask("alerts", "deliver") == {"delivered": 1, "failed": 1, "dead": 0, "pending": 1}
    assert ask("alerts", "revive") == {"revived": 0}
    night = next(night for night in range(1, NIGHTS_TO_DEATH) if ask("alerts", "deliver", day=night)["dead"])
    assert "1 delivery was given up" in ask("status", day=night, code=1)["problems"]
    (alert,) = ask("alerts", "list")
    assert {one["state"] for one in alert["deliveries"]} == {"delivered", "dead"}
    web.answer = 204
    assert ask("alerts", "deliver", day=night + 30)["delivered"] == 0

    assert ask("alerts", "revive", day=night + 31) == {"revived": 1}
    assert ask("alerts", "deliver", day=night + 31) == {"delivered": 1, "failed": 0, "dead": 0, "pending": 0}
    assert ask("alerts", "revive", day=night + 32) == {"revived": 0}
    assert ask("alerts", "deliver", day=night + 32)["delivered"] == 0
    assert [body["alert"]["kind"] for body in web.received] == ["study_decided"]
    assert len(mail.received) == 1


def test_a_test_message_reaches_every_channel(ask: Ask, web: WebSink, mail: MailSink) -> None:
    """`alerts test` says of each channel whether it took the message, and fails where one did not."""
    assert all(said["ok"] for said in ask("alerts", "test"))
    assert len(web.received) == len(mail.received) == 1
    web.answer = 500
    said = {one["channel"].partition(":")[0]: one for one in ask("alerts", "test", code=1)}
    assert said["mailto"]["ok"]
    assert "500" in said["json"]["error"]
