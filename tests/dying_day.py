"""A day in a review's life on which each of a study's five states comes about, in a process that can die at any step.

Run as a script it imports once, then forks for every line it is given: a job, which lives the day, and is killed with
SIGKILL at the job's step where it names one. A step is the moment before a commit that changes anything but the lease's
term, or before a message is handed to its channel: between two steps nothing happens that a later start could find.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from ivigil.alerts.channels import AppriseChannel, MailChannel, channels_from
from ivigil.alerts.render import Message
from ivigil.protocol import Protocol
from ivigil.protocol_file import load_protocol
from ivigil.records import AbstractSection, PartialDate, Record, Relation
from ivigil.settings import Settings
from ivigil.sources.registry import SOURCES, SourceKind
from ivigil.sources.session import PoliteSession
from ivigil.store import Store, judgements, ledger, links, open_store
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.night import run_night
from ivigil.surveillance.settling import join_reports
from study_texts import ELIGIBLE
from surveillance_fakes import EVERYTHING, Memory

YESTERDAY, TODAY = datetime(2024, 5, 1, 3, 0, tzinfo=UTC), datetime(2024, 5, 2, 3, 0, tzinfo=UTC)
STEPS = "steps.json"
"""Where a life that was not cut short leaves the names of its steps."""
WRITES = re.compile(r"^(?:INSERT INTO|UPDATE|DELETE FROM) \w+")
COMMITS, RAISES, RENEWS_THE_LEASE = "commit", "INSERT INTO alerts", "UPDATE leases"
UPDATED, RETRACTED, MERGED, OTHER, DECIDED, NEW = range(1, 7)
COUNTS = {
    UPDATED: "Fourteen", RETRACTED: "Fifteen", MERGED: "Sixteen", OTHER: "Seventeen", DECIDED: "Eighteen",
    NEW: "Nineteen",
}  # fmt: skip


def paper(number: int, count: str | None = None, **values: object) -> Record:
    given: dict[str, object] = {
        "source": "memory",
        "source_id": str(number),
        "pmid": str(39000000 + number),
        "title": f"Intravenous immunoglobulin in diffuse systemic sclerosis: open-label study quux{number}",
        "abstract": (AbstractSection(text=ELIGIBLE.replace("Fourteen", count or COUNTS[number])),),
        "journal": "Journal of Imaginary Rheumatology",
        "published": PartialDate(year=2024, month=4),
        "entered": date(2024, 4, 30),
        "languages": ("eng",),
        "publication_types": ("Journal Article",),
    }
    return Record(**(given | values))


def source(now: datetime) -> Memory:
    """What the source holds: today one study is new, one changed, one retracted."""
    if now < TODAY:
        return Memory(holdings=[paper(number) for number in range(UPDATED, NEW)])
    note = (Relation(kind="RetractionIn", pmid="39999999"),)
    changed = {
        UPDATED: paper(UPDATED, "Twenty", version="2"),
        RETRACTED: paper(RETRACTED, version="2", relations=note),
    }
    return Memory(holdings=[changed.get(number) or paper(number) for number in range(UPDATED, NEW + 1)])


@contextmanager
def review(home: Path, notify: Sequence[str], now: datetime, url: str = "") -> Iterator[Context]:
    """The shipped review with one source, in memory, and these channels, in the database at a URL or in its home."""
    SOURCES["memory"] = SourceKind("memory", "http://memory.invalid", False, lambda *_: source(now), EVERYTHING)
    settings = Settings(
        home=home,
        database_url=SecretStr(url) if url else None,
        sources=("memory",),
        contact_email="team@example.org",
        embedding_model="none",
        notify=tuple(SecretStr(url) for url in notify),
    )
    store = open_store(settings.database)
    with PoliteSession() as session:
        yield Context(settings, protocol(), store, Clock(fixed=now), session)
    store.close()


def protocol() -> Protocol:
    shipped = load_protocol("ivig_ssc")
    return shipped.model_copy(update={"strategies": {"memory": "everything"}, "known_studies": (), "trials": ()})


def live(home: Path, notify: Sequence[str], now: datetime, url: str = "") -> None:
    """Live through the day from wherever an earlier try was killed: people's words, the night, the delivery."""
    with review(home, notify, now, url) as context:
        if now >= TODAY:
            with context.store.reading() as session:
                joined = OTHER in links.same_studies(session, [MERGED])
                decided = judgements.standing_decisions(session, [DECIDED]).get(DECIDED)
            if not joined:
                join_reports(context, MERGED, OTHER, kind="study", reviewer="ada", why="one trial")
            if not decided:
                decide(context, DECIDED, "include", reviewer="ada")
        with context.store.reading() as session:
            last = ledger.last_complete_run(session)
        if last is None or last.as_of.date() < now.date():
            assert run_night(context).status == "complete"
        deliver_due(context)


class Steps:
    """The names of the steps that this process has taken, and the step at which it dies; 0 is the first."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.taken: list[str] = []

    def take(self, name: str) -> None:
        if len(self.taken) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken.append(name)


def watch(steps: Steps) -> None:
    """Have every commit that changes anything, and every message, be a step.

    A commit that only renews the lease is none: what a dead process of this machine held is taken over whatever its
    term, so a later start finds the same before it and after it.
    """
    whole = Store.transaction
    written: set[str] = set()

    @event.listens_for(Engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        written.update(WRITES.findall(statement))

    @contextmanager
    def watched(store: Store) -> Iterator[Session]:
        with whole(store) as session:
            before = _changes(session)
            written.clear()
            yield session
            session.flush()
            if _changes(session) != before and written != {RENEWS_THE_LEASE}:
                steps.take(RAISES if RAISES in written else COMMITS)

    Store.transaction = watched
    for channel in (MailChannel, AppriseChannel):
        channel.send = _step_before(channel.send, steps)


def _changes(session: Session) -> int:
    """A number that a transaction's changes make another one."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return connection.connection.driver_connection.total_changes
    return connection.exec_driver_sql("SELECT count(pg_current_xact_id_if_assigned())").scalar_one()


def _step_before(send: Callable[..., None], steps: Steps) -> Callable[..., None]:
    def watched(channel: object, message: Message) -> None:
        steps.take(message.id)
        send(channel, message)

    return watched


def warm_up() -> None:
    """Live through both days once without channels: what is imported and compiled by then is in every child.

    Freezing it spares each child from looking through all that for garbage, and so from copying it.
    """
    channels_from([SecretStr("json://localhost")])
    importlib.import_module("psycopg")
    with TemporaryDirectory() as home:
        for now in (YESTERDAY, TODAY):
            live(Path(home), (), now)
    gc.collect()
    gc.freeze()


def serve() -> None:
    """Answer each job with what became of it: done, killed, or what went wrong."""
    warm_up()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                steps = Steps(job["step"])
                watch(steps)
                live(Path(job["home"]), job["notify"], datetime.fromisoformat(job["now"]), job["url"])
                (Path(job["home"]) / STEPS).write_text(json.dumps(steps.taken))
                code = 0
            except BaseException:  # noqa: BLE001 - whatever it is, this process must end here
                traceback.print_exc()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print("killed" if killed else "failed" if status else "done", flush=True)  # noqa: T201


if __name__ == "__main__":
    serve()
