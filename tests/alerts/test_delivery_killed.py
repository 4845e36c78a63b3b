"""Delivery by a process that is really killed (SIGKILL) at each step, at real sinks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alert_makers import START, Clock, raise_, states

from ivigil.alerts import channels_from, deliver_due
from ivigil.store import open_store, outbox

# Each seam stops the child where it stands, says so, and waits to be killed.
CHILD = """
import sys
from datetime import datetime
from pydantic import SecretStr
from ivigil.alerts import channels_from, deliver
from ivigil.store import open_store, outbox

database, now, seam, *urls = sys.argv[1:]

def stop():
    print("here", flush=True)
    sys.stdin.read()

def before(module, name):
    whole = getattr(module, name)
    def stopped(*args, **kwargs):
        stop()
        return whole(*args, **kwargs)
    setattr(module, name, stopped)

def after(module, name):
    whole = getattr(module, name)
    def stopped(*args, **kwargs):
        result = whole(*args, **kwargs)
        stop()
        return result
    setattr(module, name, stopped)

{"claiming": lambda: after(outbox, "claim"),
 "claimed": lambda: before(deliver, "message_of"),
 "sent": lambda: before(outbox, "record_delivered"),
 "recording": lambda: after(outbox, "record_delivered"),
 "recorded": lambda: before(outbox, "summary")}[seam]()
channels = channels_from([SecretStr(url) for url in urls])
deliver.deliver_due(open_store(database), channels, now=lambda: datetime.fromisoformat(now))
"""


@pytest.mark.parametrize(
    ("seam", "kind"),
    [
        ("claiming", "mail"),
        ("claimed", "web"),
        ("sent", "mail"),
        ("sent", "web"),
        ("recording", "mail"),
        ("recorded", "web"),
    ],
)
def test_a_killed_process_loses_and_repeats_nothing(tmp_path: Path, mail, web, seam: str, kind: str) -> None:
    """Whichever step a process is killed at, the next one shows the alert once, under one id."""
    url = mail.url("one@example.org") if kind == "mail" else web.url()
    sink = mail if kind == "mail" else web
    database = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    store, clock, channels = open_store(database), Clock(), channels_from([url], seconds=10)
    raise_(store, channels, clock.now(), "k")
    arguments = [sys.executable, "-c", CHILD, database, START.isoformat(), seam, url.get_secret_value()]
    child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
    finally:
        child.kill()
        child.communicate()
    assert len(sink.received) == (seam in ("sent", "recording", "recorded"))
    clock.pass_(minutes=5)
    deliver_due(store, channels, now=clock.now)
    store.close()
    assert len(sink.shown) == 1
    assert len(sink.received) == (2 if seam in ("sent", "recording") else 1)
    reopened = open_store(database)
    assert set(states(reopened).values()) == {outbox.DELIVERED}
    reopened.close()
