"""Every number of the screening table, by one command.

python benchmarks/screening/run.py ../shared/data/screening --out build/screening --cache build/embeddings
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path

from ivigil.screening import FusionScreener, load_encoder
from ivigil.screening.benchmark import default_rows, run_benchmark
from ivigil.screening.benchmark_report import recall_svg, to_markdown
from ivigil.screening.benchmark_result import PROTOCOLS, TRAINED_ONCE
from ivigil.screening.benchmark_reviews import Review, read_reviews


def without_first_stage(review: Review) -> Review:
    """The same review, as if nobody had noted who passed title and abstract."""
    return Review(review.name, review.documents, review.labels, review.years, review.criteria_text)


def main() -> None:
    """Read, measure, write JSON, Markdown and a picture a review."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder for embeddings")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--reviews", nargs="*", help="only these")
    parser.add_argument("--without-first-stage", action="store_true", help="final labels only")
    parser.add_argument("--protocols", nargs="*", choices=PROTOCOLS, default=TRAINED_ONCE)
    parser.add_argument("--encoder", help="as IVIGIL_EMBEDDING_MODEL; 'none' for words alone")
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    encoder = load_encoder(given.encoder, cache=given.cache)
    reviews = [one for one in read_reviews(given.folder) if not given.reviews or one.name in given.reviews]
    if given.without_first_stage:
        reviews = [without_first_stage(review) for review in reviews]
    rows = default_rows(lambda: FusionScreener(encoder))
    result = run_benchmark(
        reviews, rows, timer=time.perf_counter, protocols=given.protocols, seeds=given.seeds, progress=print
    )
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "benchmark.json").write_text(json.dumps(result.to_dict(), indent=2) + "\n")
    (given.out / "benchmark.md").write_text(to_markdown(result))
    for protocol, name in {(row.protocol, one.review) for row in result.rows for one in row.reviews}:
        (given.out / f"{name}.{protocol}.svg").write_text(recall_svg(result, name, protocol))
    print(to_markdown(result))


if __name__ == "__main__":
    main()
