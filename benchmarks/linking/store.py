"""How long a night's 50 new records take to link into a store that holds many.

    python benchmarks/linking/store.py SET [--held 100000]

SET is a folder with records.csv[.gz]. Copies of its records under new identities (see growth.py) fill a SQLite store in
a temporary folder; then 50 more are taken in and linked, half of them known ones spelt differently. Fails where that
takes two seconds or more.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from growth import copies, respelt

from ivigil.linking.benchmark import read_set
from ivigil.records import Record
from ivigil.store import Store, library, open_store
from ivigil.surveillance.linking import link_records

NEW, BATCH, LIMIT_SECONDS = 50, 5_000, 2.0
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def add(store: Store, records: list[Record]) -> tuple[float, int]:
    """Take in and link; seconds, and how many reports are new."""
    begin = time.perf_counter()
    with store.transaction() as session:
        library.take_in(session, records, run_id=None, way="search", now=NOW)
        outcome = link_records(session, now=NOW)
    return time.perf_counter() - begin, outcome.new_reports


def main() -> None:
    """Fill, add, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--held", type=int, default=100_000)
    given = parser.parse_args()
    stream = copies(list(read_set(given.set).records.values()), seed=4)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.sqlite3")
        known: list[Record] = []
        for start in range(0, given.held, BATCH):
            batch = list(islice(stream, min(BATCH, given.held - start)))
            known += batch[:2]
            seconds, _ = add(store, batch)
            print(f"held {start + len(batch)}: {1000 * seconds / len(batch):.2f} ms a record", flush=True)
        fresh = list(islice(stream, NEW // 2)) + [respelt(record) for record in known[: NEW // 2]]
        seconds, new_reports = add(store, fresh)
        store.close()
    print(f"{len(fresh)} new records into {given.held}: {seconds:.2f} s, {new_reports} new reports")
    if seconds >= LIMIT_SECONDS:
        sys.exit(f"over {LIMIT_SECONDS} s")


if __name__ == "__main__":
    main()
