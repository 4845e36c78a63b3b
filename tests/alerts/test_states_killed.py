"""The five states of a study, from cause to sinks: killed (SIGKILL) at every step, and failed by both sinks.

On SQLite every step of the day is one to be killed at. On PostgreSQL, where each costs more, these are: the first and
the last of each state, which are the commits that raise alerts, the first try to send a message and the commit after
its last; the day's last; and every eighth.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import dying_day
import postgres
from alert_makers import STATES, states
from dying_day import TODAY, YESTERDAY
from ivigil.store import open_store, outbox
from sinks import MailSink, WebSink, mail_sink, web_sink

pytestmark = pytest.mark.slow
SHARES = 4
EVERY = 8
CLAIM_IS_OVER = timedelta(minutes=6)
LiveThrough = Callable[..., str]
Again = Callable[[], AbstractContextManager["Life"]]


@dataclass(frozen=True)
class Life:
    """A review's home, and its database where that is not in its home."""

    home: Path
    url: str = ""


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
def live(sinks: Sinks) -> Iterator[LiveThrough]:
    """Have a process of its own live through the day, or be killed at a step of it."""
    script = str(Path(dying_day.__file__))
    parent = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(life: Life, now: datetime, step: int | None = None) -> str:
        job = {"home": str(life.home), "url": life.url, "notify": sinks.urls, "now": now.isoformat(), "step": step}
        parent.stdin.write(json.dumps(job) + "\n")
        parent.stdin.flush()
        return parent.stdout.readline().strip()

    yield run
    parent.communicate()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def again(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, live: LiveThrough
) -> Iterator[Again]:
    """Begin again where a review has told of its five studies: each time in a copy of its home and its database."""
    with ExitStack() as kept:
        home, server, url = tmp_path_factory.mktemp("yesterday"), "", ""
        if request.param == "postgres":
            server = request.getfixturevalue("postgres_server")
            url = kept.enter_context(postgres.database(server))
        assert live(Life(home, url), YESTERDAY) == "done"

        @contextmanager
        def copied() -> Iterator[Life]:
            copy = tmp_path_factory.mktemp("life") / "home"
            shutil.copytree(home, copy)
            with postgres.database(server, like=url) if url else nullcontext("") as own:
                yield Life(copy, own)
            shutil.rmtree(copy)

        yield copied


@pytest.fixture(scope="module")
def killed_at(again: Again, live: LiveThrough, sinks: Sinks) -> list[int]:
    """The steps to be killed at, by number, of a day that is lived through whole once."""
    with again() as life:
        sinks.clear()
        assert live(life, TODAY) == "done"
        check(sinks, life)
        steps = json.loads((life.home / dying_day.STEPS).read_text())
    assert len(steps) > 50, "the day has many steps"
    return telling(steps) if life.url else list(range(len(steps)))


def telling(steps: list[str]) -> list[int]:
    """The steps that the module's docstring names."""
    tries = {name: [at for at, other in enumerate(steps) if other == name] for name in steps}
    causes = tries.pop(dying_day.RAISES)
    del tries[dying_day.COMMITS]
    assert len(tries) == len(STATES), "what is left is the tries to send each state's message"
    ends = {at for tried in tries.values() for at in (tried[0], tried[-1] + 1)}
    return sorted({*range(0, len(steps), EVERY), *causes, *ends, len(steps) - 1})


def check(sinks: Sinks, life: Life) -> None:
    """Each state was shown once on each channel, and only what was under way when it was killed was sent again."""
    shown = {body["alert"]["id"]: body["alert"]["kind"] for body in sinks.web.received}
    assert sorted(shown.values()) == sorted(map(str, STATES))
    assert {mail["X-Ivigil-Alert"] for mail in sinks.mail.received} == set(shown)
    assert len(sinks.mail.shown) == len(sinks.web.shown) == len(STATES)
    assert len(sinks.mail.received) + len(sinks.web.received) <= 2 * len(STATES) + 1
    store = open_store(life.url or f"sqlite:///{life.home / 'ivigil.sqlite3'}")
    assert set(states(store).values()) == {outbox.DELIVERED}
    store.close()


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_step_each_state_is_one_message(again, live, killed_at, sinks: Sinks, share: int) -> None:
    """New, updated, retracted, decided and merged: killed at each commit and each message, each is shown once."""
    for step in killed_at[share::SHARES]:
        with again() as life:
            sinks.clear()
            assert live(life, TODAY, step) == "killed"
            assert live(life, TODAY + CLAIM_IS_OVER) == "done"
            check(sinks, life)


def test_both_sinks_fail_for_two_nights_and_each_state_is_one_message(again, live, sinks: Sinks) -> None:
    """A mail server that is gone for two nights, a webhook that answers 500, 429 and hangs, and a kill between them."""
    with again() as life:
        sinks.clear()
        sinks.mail.stop()
        for hours, answer in enumerate((500, 429, None, None, 500, 429)):
            sinks.web.answer = answer
            assert live(life, TODAY + timedelta(hours=8 * hours)) == "done"
        assert sinks.mail.received == sinks.web.received == []
        assert sinks.web.tried >= 6
        sinks.web.answer = 204
        sinks.web.released.set()
        sinks.mail.start()
        back = TODAY + timedelta(days=2, hours=3)
        assert live(life, back, 5) == "killed"
        assert live(life, back + CLAIM_IS_OVER) == "done"
        check(sinks, life)
