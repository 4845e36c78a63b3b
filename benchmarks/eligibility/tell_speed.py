"""How fast records are read by words, and what comes of the simulator's.

Seconds are those of one core, of the first of several goes, whose words the reader may not have met before, and of the
best; the machine's own swings are larger than those of the reader.
The last line counts the numbers said plainly (certainty.py) of the held-back records, with the close look.

python benchmarks/eligibility/tell_speed.py
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from ivigil.criteria import Criteria
from ivigil.eligibility import Verdict, assess, close_look
from ivigil.eligibility.benchmark import Item
from ivigil.eligibility.certainty import is_unsure
from ivigil.records import Record
from ivigil.simulator.corpus import written_corpus

HERE = Path(__file__).parent
PROTOCOL = HERE.parents[1] / "protocols" / "ivig_ssc.toml"
GOES = 4
EVERY = 5  # of `dev`, one record in so many


def read_items(name: str) -> list[Item]:
    """The records of a written set with their labels."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [Item.of(json.loads(line)) for line in lines]


def records_a_second(records: Sequence[Record], criteria: Criteria) -> tuple[float, float]:
    """The first and the best of several goes, by words."""
    assess(records[0], criteria)  # compiles the terms
    seconds = []
    for _ in range(GOES):
        begin = time.process_time()
        for record in records:
            assess(record, criteria)
        seconds.append(time.process_time() - begin)
    return len(records) / seconds[0], len(records) / min(seconds)


def main() -> None:
    """Print the figures."""
    criteria = Criteria.model_validate(tomllib.loads(PROTOCOL.read_text(encoding="utf-8"))["criteria"])
    corpus, close = written_corpus(), close_look(None)
    held_back = read_items("held_back.jsonl")
    sets = {
        "the simulator's stream": [document.forms[-1][1] for document in corpus.documents],
        f"every {EVERY}th of dev": [item.record() for item in read_items("dev.jsonl")[::EVERY]],
        "held back": [item.record() for item in held_back],
    }
    for name, records in sets.items():
        first, best = records_a_second(records, criteria)
        print(f"{name}: {len(records)} records, {best:.0f} a second, {first:.0f} in the first go")
    tally = {True: [0, 0], False: [0, 0]}
    for document in corpus.documents:
        if (truth := corpus.truth.get(document.identifier)) is not None:
            called = assess(document.forms[-1][1], criteria, close).verdict is Verdict.INELIGIBLE
            tally[truth.included][0] += called != truth.included
            tally[truth.included][1] += 1
    print("simulator: {} of {} included kept, ".format(*tally[True]) + "{} of {} others called".format(*tally[False]))
    plain = right = 0
    for item in held_back:
        found = assess(item.record(), criteria, close)
        if item.expected.verdict is Verdict.ELIGIBLE and found.n_treated and not is_unsure(found.n_treated_chance):
            plain += 1
            right += found.n_treated == item.expected.n_treated
    print(f"held back: {right} of {plain} numbers said plainly are right")


if __name__ == "__main__":
    main()
