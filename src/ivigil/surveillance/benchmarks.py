"""Measures the parts on labelled data, each beside a named baseline in the same run."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml import ElementTree as SafeElementTree

from ivigil.eligibility import close_look, evaluate
from ivigil.errors import ConfigurationError
from ivigil.linking.benchmark import METHODS
from ivigil.linking.benchmark import benchmark as linking_benchmark
from ivigil.protocol import Protocol
from ivigil.screening import Encoder, load_encoder
from ivigil.screening.benchmark import default_rows, run_benchmark
from ivigil.screening.benchmark_kept import KeptMeasures
from ivigil.screening.benchmark_result import TRAINED_ONCE, BenchmarkResult
from ivigil.screening.benchmark_result import Protocol as ScreeningProtocol
from ivigil.screening.benchmark_reviews import read_reviews
from ivigil.screening.learned import adapter_file
from ivigil.sources.pubmed.parse import parse_articles

Progress = Callable[[str], None]


def benchmark_screening(
    folder: Path,
    *,
    seeds: int,
    embedding_model: str | None,
    cache: Path | None,
    protocols: Sequence[ScreeningProtocol] = TRAINED_ONCE,
    kept: Path | None = None,
    progress: Progress,
) -> BenchmarkResult:
    """elas_u4, random order and the fusion on every review of a folder; goes on from what `kept` holds."""
    _must_be_folder(folder)
    reviews = read_reviews(folder)

    @lru_cache(maxsize=1)
    def encoder(review: str) -> Encoder | None:
        return load_encoder(embedding_model, cache=cache, adapter=adapter_file(review))

    return run_benchmark(
        reviews,
        default_rows(encoder),
        timer=time.perf_counter,
        protocols=protocols,
        seeds=seeds,
        kept=KeptMeasures(kept),
        progress=progress,
    )


def benchmark_eligibility(folder: Path, protocol: Protocol, *, embedding_model: str | None = None) -> dict[str, Any]:
    """The reader, its words alone and a keyword alert on every JSONL file of a folder, file by file."""
    close = close_look(embedding_model)
    found = {}
    for file in _files(folder, ".jsonl"):
        items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        found[file.stem] = evaluate(items, protocol.criteria, close).as_dict()
    return {
        "rows": [{"file": name, **row} for name, result in found.items() for row in result["rows"][:1]],
        "baseline_rows": [{"file": name, **row} for name, result in found.items() for row in result["rows"][1:]],
        "summary": {
            name: {"items": result["items"], "criteria": result["criteria"], "misses": result["misses"]}
            for name, result in found.items()
        },
    }


def benchmark_linking(folder: Path) -> dict[str, Any]:
    """Our linking, exact identifiers and (where installed) bib-dedupe on every set of a folder."""
    _must_be_folder(folder)
    rows = [row.as_json() for row in linking_benchmark(folder)]
    ours_name = next(iter(METHODS))
    ours = [row for row in rows if row["method"] == ours_name]
    return {
        "rows": ours,
        "baseline_rows": [row for row in rows if row["method"] != ours_name],
        "summary": {row["set"]: {"false_merges": row["fp"]} for row in ours if row["level"] == "record"},
    }


def benchmark_parsing(folder: Path) -> dict[str, Any]:
    """Whole records of PubMed XML, beside the standard library reading PMID, title and abstract alone."""
    files = {file.name: _bytes(file) for file in _files(folder, ".xml", ".xml.gz")}
    begin = time.perf_counter()
    parsed = [parse_articles(body) for body in files.values()]
    seconds = time.perf_counter() - begin
    begin = time.perf_counter()
    baseline = sum(_least(body) for body in files.values())
    baseline_seconds = time.perf_counter() - begin
    records = sum(len(articles.records) for articles in parsed)
    return {
        "rows": [
            {
                "row": "ivigil",
                "records": records,
                "rejected": sum(len(articles.rejected) for articles in parsed),
                "deleted": sum(len(articles.deleted) for articles in parsed),
                "records_per_second": records / seconds if seconds else None,
            }
        ],
        "baseline_rows": [
            {
                "row": "ElementTree: PMID, title and abstract only",
                "records": baseline,
                "records_per_second": baseline / baseline_seconds if baseline_seconds else None,
            }
        ],
        "summary": {"files": len(files), "bytes": sum(map(len, files.values())), "counts_agree": baseline == records},
    }


def _least(body: bytes) -> int:
    """How many citations with a PMID and a title there are, reading their abstracts on the way."""
    root: ET.Element = SafeElementTree.fromstring(body, forbid_dtd=False)
    read = [
        (
            citation.findtext("PMID"),
            citation.findtext(".//ArticleTitle"),
            [a.text for a in citation.iter("AbstractText")],
        )
        for citation in root.iter("MedlineCitation")
    ]
    return sum(pmid is not None and title is not None for pmid, title, _ in read)


def _bytes(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.name.endswith(".gz") else file.read_bytes()


def _files(folder: Path, *endings: str) -> list[Path]:
    _must_be_folder(folder)
    found = sorted(file for file in folder.iterdir() if file.name.endswith(endings))
    if not found:
        raise ConfigurationError(f"holds no file ending in {' or '.join(endings)}", file=folder)
    return found


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigurationError("is not a folder", file=folder)
