"""The lease that keeps two runs from working on one store at once, and lets a dead one's work be taken over."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from ivigil.store import Store, ledger
from ivigil.store.ledger_tables import LeaseRow
from ivigil.surveillance.clock import Clock

RUN_LEASE = "run"
LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class Lease:
    """A held lease; `renew` it between steps."""

    store: Store
    clock: Clock
    holder: str

    def renew(self) -> None:
        """Hold it for another full term.

        Raises:
            LeaseHeld: it ran out meanwhile and another run took it.
        """
        with self.store.transaction() as session:
            ledger.take_lease(session, RUN_LEASE, self.holder, now=self.clock.wall(), lasts=LASTS)

    def release(self) -> None:
        """Give it back."""
        with self.store.transaction() as session:
            ledger.release_lease(session, RUN_LEASE, self.holder)


def take_lease(store: Store, clock: Clock) -> Lease:
    """Take the lease, also from a holder of this machine whose process is gone.

    Raises:
        LeaseHeld: another run is at work.
    """
    lease = Lease(store, clock, f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")
    with store.transaction() as session:
        row = session.get(LeaseRow, RUN_LEASE, with_for_update=True)
        if row is not None and _is_dead(row.holder):
            session.delete(row)
    lease.renew()
    return lease


@contextmanager
def leased(store: Store, clock: Clock) -> Iterator[Lease]:
    """Hold the lease for the block."""
    lease = take_lease(store, clock)
    try:
        yield lease
    finally:
        lease.release()


def _is_dead(holder: str) -> bool:
    """Whether a holder of this very machine no longer lives; of other machines nothing can be said."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
