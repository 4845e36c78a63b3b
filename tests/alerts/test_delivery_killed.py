"""Delivery by a process that is really killed (SIGKILL) at each step, at real sinks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_makers import STATES, Clock, draft, states
from ivigil.alerts import channels_from, deliver_due, names_of
from ivigil.store import open_store, outbox

# Imports once, then forks a deliverer for each line it is given. A deliverer stops at its seam, says its process id,
# and waits to be killed.
DELIVERERS = """
import json, os, signal, sys
from datetime import datetime
from pydantic import SecretStr
from ivigil.alerts import channels_from, deliver
from ivigil.store import open_store, outbox

def stopping(module, name, before):
    whole = getattr(module, name)
    def stopped(*args, **kwargs):
        result = None if before else whole(*args, **kwargs)
        print(os.getpid(), flush=True)
        signal.pause()
    setattr(module, name, stopped)

SEAMS = {
    "claiming": (outbox, "claim", False),
    "claimed": (deliver, "message_of", True),
    "sent": (outbox, "record_delivered", True),
    "recording": (outbox, "record_delivered", False),
    "recorded": (outbox, "summary", True),
}
channels_from([SecretStr("json://localhost")])  # loads every plugin, once
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    database, now, seam, url = json.loads(line)
    if os.fork() == 0:
        stopping(*SEAMS[seam])
        store = open_store(database)
        deliver.deliver_due(store, channels_from([SecretStr(url)]), now=lambda: datetime.fromisoformat(now))
        os._exit(1)
"""


@pytest.fixture(scope="module")
def deliverers() -> Iterator[subprocess.Popen[str]]:
    parent = subprocess.Popen(
        [sys.executable, "-c", DELIVERERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield parent
    parent.communicate()


@pytest.mark.parametrize("seam", ["claiming", "claimed", "sent", "recording", "recorded"])
@pytest.mark.parametrize("kind", ["mail", "web"])
def test_killed_processes_lose_and_repeat_nothing(tmp_path: Path, deliverers, mail, web, seam: str, kind: str) -> None:
    """New, updated, retracted, decided and merged: killed at a step over each, each is shown once."""
    url = mail.url("one@example.org") if kind == "mail" else web.url()
    sink = mail if kind == "mail" else web
    database = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    store, clock, channels = open_store(database), Clock(), channels_from([url], seconds=10)
    with store.transaction() as session:
        for state in STATES:
            outbox.raise_alert(session, draft(f"{state}:1", kind=state), names_of(channels), clock.now())
    store.close()
    for _ in STATES:
        job = [database, clock.now().isoformat(), seam, url.get_secret_value()]
        deliverers.stdin.write(json.dumps(job) + "\n")
        deliverers.stdin.flush()
        os.kill(int(deliverers.stdout.readline()), signal.SIGKILL)
        clock.pass_(minutes=5)
    sent_before = len(sink.received)
    assert sent_before == (len(STATES) if seam in ("sent", "recording", "recorded") else 0)
    store = open_store(database)
    deliver_due(store, channels, now=clock.now)
    assert len(sink.shown) == len(STATES)
    assert len(sink.received) == len(STATES) * (2 if seam in ("sent", "recording") else 1)
    assert set(states(store).values()) == {outbox.DELIVERED}
    store.close()
