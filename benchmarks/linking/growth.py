"""Does linking a new record stay cheap as the store grows?

    python benchmarks/linking/growth.py SET [--out FOLDER]

SET is a folder with records.csv[.gz] (see `ivigil benchmark linking`). Its records are copied under new identities
(other authors, other telling words, other places) until 5,000 to 80,000 are held; then 500 more are added, half of them
known ones spelt differently. Printed: milliseconds per record added, and the process's peak memory; FOLDER gets
growth.csv and growth.svg. Fails where the slowest size is more than twice the fastest, or memory passes 500 MB.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path

from ivigil.linking import Linker
from ivigil.linking.benchmark import read_set
from ivigil.linking.measuring import peak_memory_mb
from ivigil.records import Author, Record

SIZES = (5_000, 10_000, 20_000, 40_000, 80_000)
ADDED, ROUNDS = 500, 5
MAX_SLOWDOWN, MAX_MEMORY_MB = 2.0, 500
SYLLABLES = tuple(onset + rime for onset in ("cl", "fr", *"bdfgklmnprstvz") for rime in "aeiou")


def copies(originals: list[Record], seed: int) -> Iterator[Record]:
    """The records, and then their copies under new identities, without end."""
    yield from originals
    for round_ in count(1):
        chance = random.Random(f"{seed}:{round_}")
        for record in originals:
            yield renamed(record, round_, chance)


def renamed(record: Record, round_: int, chance: random.Random) -> Record:
    """A different document much like this one: other people, other telling words, another place, no abstract."""
    words = record.title.split()
    for place in chance.sample(range(len(words)), k=(len(words) + 1) // 2):
        if len(words[place]) > 3:
            words[place] = coined(chance, 3)
    authors = tuple(
        Author(last_name=coined(chance, 2).title(), fore_name=author.fore_name) for author in record.authors
    )
    change = {
        "source_id": f"{record.source_id}-{round_}",
        "title": " ".join(words),
        "authors": authors,
        "doi": f"{record.doi}.{round_}" if record.doi else None,
        "volume": str(chance.randint(1, 150)) if record.volume else None,
        "pages": f"{(first := chance.randint(2, 3000))}-{first + chance.randint(3, 15)}" if record.pages else None,
        "abstract": (),
    }
    return record.model_copy(update=change)


def respelt(record: Record) -> Record:
    """The same document as another database writes it: capitals, initials, no identifier."""
    authors = tuple(
        Author(last_name=author.last_name, fore_name=(author.fore_name or "")[:1] or None) for author in record.authors
    )
    change = {"source": "other", "title": record.title.upper() + ".", "authors": authors, "doi": None}
    return record.model_copy(update=change)


def coined(chance: random.Random, syllables: int) -> str:
    """A word that no title has."""
    return "".join(chance.choices(SYLLABLES, k=syllables))


def measure(folder: str, size: int) -> tuple[int, float, float]:
    """Size, milliseconds per record added (median of the rounds), peak memory in MB."""
    stream = copies(list(read_set(Path(folder)).records.values()), seed=4)
    linker: Linker[str] = Linker()
    held: dict[str, Record] = {}
    chance = random.Random(size)
    for number, record in enumerate(islice(stream, size)):
        linker.add({str(number): record})
        if chance.random() < ADDED * ROUNDS / size:  # kept aside to come again, respelt
            held[str(number)] = record
    known = iter(held.items())
    times = []
    for round_ in range(ROUNDS):
        new = {f"new-{round_}-{number}": record for number, record in enumerate(islice(stream, ADDED // 2))}
        new |= {f"again-{round_}-{name}": respelt(record) for name, record in islice(known, ADDED // 2)}
        start = time.process_time()
        linker.add(new)
        times.append((time.process_time() - start) / len(new) * 1000)
    return size, statistics.median(times), peak_memory_mb()


def draw(rows: list[tuple[int, float, float]]) -> str:
    """Milliseconds per new record over records held, as SVG."""
    width, height, left, base = 640, 320, 60, 270
    top = max(time_ for _, time_, _ in rows) * 1.25
    points = [(left + 540 * size / SIZES[-1], base - 240 * time_ / top) for size, time_, _ in rows]
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/><text x="{x:.1f}" y="{y - 10:.1f}">{time_:.2f}</text>'
        f'<text x="{x:.1f}" y="{base + 18}">{size // 1000}k</text>'
        for (x, y), (size, time_, _) in zip(points, rows, strict=True)
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif"'
        f' font-size="12" text-anchor="middle"><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<path d="M{left},20V{base}H{width - 20}" fill="none" stroke="#888"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="2"/>{marks}'
        f'<text x="{width / 2}" y="{height - 8}">records held</text>'
        f'<text x="{width / 2}" y="16">milliseconds to link one new record</text></svg>\n'
    )


def main() -> int:
    """Measure each size in a process of its own; 1 where the growth or the memory is too much."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    rows = []
    print(f"{'held':>8} {'ms per new record':>18} {'peak MB':>8}")
    for size in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            rows.append(process.submit(measure, str(given.set), size).result())
        print(f"{rows[-1][0]:>8} {rows[-1][1]:>18.3f} {rows[-1][2]:>8.0f}")
    with (given.out / "growth.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("held", "ms_per_new_record", "peak_mb"))
        writer.writerows((size, f"{time_:.3f}", f"{memory:.0f}") for size, time_, memory in rows)
    (given.out / "growth.svg").write_text(draw(rows), encoding="utf-8")
    slowdown = max(row[1] for row in rows) / min(row[1] for row in rows)
    memory = max(row[2] for row in rows)
    print(f"slowest to fastest {slowdown:.2f}, peak {memory:.0f} MB")
    return int(slowdown > MAX_SLOWDOWN or memory > MAX_MEMORY_MB)


if __name__ == "__main__":
    sys.exit(main())
