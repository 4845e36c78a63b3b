"""The five states of a study, from cause to sinks: killed (SIGKILL) at every step, and failed by both sinks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import dying_day
from alert_makers import STATES, states
from dying_day import TODAY, YESTERDAY
from ivigil.store import open_store, outbox
from sinks import MailSink, WebSink, mail_sink, web_sink

pytestmark = pytest.mark.slow
SHARES = 4
CLAIM_IS_OVER = timedelta(minutes=6)
Live = Callable[..., str]


@dataclass
class Sinks:
    """A mailbox and a webhook."""

    mail: MailSink
    web: WebSink

    @property
    def urls(self) -> list[str]:
        return [url.get_secret_value() for url in (self.mail.url("one@example.org"), self.web.url("?rto=1"))]

    def clear(self) -> None:
        self.mail.received.clear()
        self.web.received.clear()


@pytest.fixture(scope="module")
def sinks() -> Iterator[Sinks]:
    with mail_sink() as mail, web_sink() as web:
        yield Sinks(mail, web)


@pytest.fixture(scope="module")
def live(sinks: Sinks) -> Iterator[Live]:
    """Have a process of its own live through the day, or be killed at a step of it."""
    script = str(Path(dying_day.__file__))
    parent = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(home: Path, now: datetime, step: int | None = None) -> str:
        job = {"home": str(home), "notify": sinks.urls, "now": now.isoformat(), "step": step}
        parent.stdin.write(json.dumps(job) + "\n")
        parent.stdin.flush()
        return parent.stdout.readline().strip()

    yield run
    parent.communicate()


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory, live: Live) -> Path:
    """The home of a review whose five studies were told of."""
    home = tmp_path_factory.mktemp("yesterday")
    assert live(home, YESTERDAY) == "done"
    return home


@pytest.fixture
def lived(tmp_path: Path, yesterday: Path, live: Live, sinks: Sinks) -> Callable[[int], str]:
    """Live through today from yesterday's home, killed at a step and then begun again; what the first try came to."""

    def run(step: int) -> str:
        home = tmp_path / str(step)
        shutil.copytree(yesterday, home)
        sinks.clear()
        became = live(home, TODAY, step)
        assert live(home, TODAY + CLAIM_IS_OVER) == "done"
        return became

    return run


def check(sinks: Sinks, home: Path) -> None:
    """Each state was shown once on each channel, and only what was under way when it was killed was sent again."""
    shown = {body["alert"]["id"]: body["alert"]["kind"] for body in sinks.web.received}
    assert sorted(shown.values()) == sorted(map(str, STATES))
    assert {mail["X-Ivigil-Alert"] for mail in sinks.mail.received} == set(shown)
    assert len(sinks.mail.shown) == len(sinks.web.shown) == len(STATES)
    assert len(sinks.mail.received) + len(sinks.web.received) <= 2 * len(STATES) + 1
    store = open_store(f"sqlite:///{home / 'ivigil.sqlite3'}")
    assert set(states(store).values()) == {outbox.DELIVERED}
    store.close()


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_step_each_state_is_one_message(lived, sinks: Sinks, tmp_path: Path, share: int) -> None:
    """New, updated, retracted, decided and merged: killed at each commit and each message, each is shown once."""
    step = share
    while lived(step) == "killed":
        check(sinks, tmp_path / str(step))
        shutil.rmtree(tmp_path / str(step))
        step += SHARES
    check(sinks, tmp_path / str(step))
    assert step > 40, "the day has many steps, and the last of them was reached"


def test_both_sinks_fail_for_two_nights_and_each_state_is_one_message(
    yesterday: Path, live: Live, sinks: Sinks, tmp_path: Path
) -> None:
    """A mail server that is gone for two nights, a webhook that answers 500, 429 and hangs, and a kill between them."""
    home = tmp_path / "home"
    shutil.copytree(yesterday, home)
    sinks.clear()
    sinks.mail.stop()
    for hours, answer in enumerate((500, 429, None, None, 500, 429)):
        sinks.web.answer = answer
        assert live(home, TODAY + timedelta(hours=8 * hours)) == "done"
    assert sinks.mail.received == sinks.web.received == []
    assert sinks.web.tried >= 6
    sinks.web.answer = 204
    sinks.web.released.set()
    sinks.mail.start()
    back = TODAY + timedelta(days=2, hours=3)
    assert live(home, back, 5) == "killed"
    assert live(home, back + CLAIM_IS_OVER) == "done"
    check(sinks, home)
