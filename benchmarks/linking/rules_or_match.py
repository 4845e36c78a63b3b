"""Our rules or bib-dedupe's `match`: both decide the same pairs, those that share one of our blocking keys.

    python benchmarks/linking/rules_or_match.py SET...

Each SET is a folder as `ivigil benchmark linking` reads it; bib-dedupe comes with the `benchmarks` extra. Prints, by
record, sensitivity and false merges of either, and the seconds of deciding: preparing the records counts for both,
finding the pairs for neither.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pandas as pd
from bib_dedupe import bib_dedupe

from ivigil.linking import keys
from ivigil.linking.benchmark import LabelledSet, read_set
from ivigil.linking.compare import decide
from ivigil.linking.grouping import grouped
from ivigil.linking.metrics import count_records
from ivigil.linking.prepared import prepare

Pair = tuple[str, str]


def blocked(labelled: LabelledSet) -> list[Pair]:
    """Pairs that share a key, each once, in the order of the file."""
    carriers: dict[str, list[str]] = {}
    for id_, record in labelled.records.items():
        for key in keys(record):
            carriers.setdefault(key, []).append(id_)
    found = {pair for ids in carriers.values() for pair in combinations(ids, 2)}
    place = {id_: number for number, id_ in enumerate(labelled.records)}
    return sorted(found, key=lambda pair: (place[pair[0]], place[pair[1]]))


def by_rules(labelled: LabelledSet, pairs: Sequence[Pair]) -> list[list[str]]:
    """Our rules' certain links, grouped as linking groups them."""
    held = {id_: prepare(record) for id_, record in labelled.records.items()}
    certain = [
        (a, b)
        for a, b in pairs
        if any(link.kind == "report" and link.strength == "certain" for link in decide(held[a], held[b]))
    ]
    return grouped(held, certain, ())


def by_match(labelled: LabelledSet, pairs: Sequence[Pair]) -> list[list[str]]:
    """What bib-dedupe calls duplicates, joined as it joins them."""
    frame = pd.DataFrame(labelled.rows).replace("", None)
    prepared = bib_dedupe.prep(frame, verbosity_level=0, cpu=1).astype({"ID": str}).set_index("ID", drop=False)
    sides = [
        prepared.loc[[pair[end] for pair in pairs]].add_suffix(f"_{end + 1}").reset_index(drop=True) for end in (0, 1)
    ]
    clusters: list[list[str]] = bib_dedupe.cluster(bib_dedupe.match(pd.concat(sides, axis=1), cpu=1))
    return clusters


def main() -> None:
    """Decide, count, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+")
    for folder in parser.parse_args().sets:
        labelled = read_set(folder)
        pairs = blocked(labelled)
        for name, method in (("our rules", by_rules), ("bib-dedupe's match", by_match)):
            begin = time.process_time()
            groups = [ids for ids in method(labelled, pairs) if len(ids) > 1]
            seconds = time.process_time() - begin
            counts = count_records(list(labelled.records), labelled.known, groups)
            print(
                f"{labelled.name}: {len(pairs)} pairs, {name}: sensitivity {counts.sensitivity or 0:.3f}, "
                f"{counts.fp} false merges, {seconds:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
