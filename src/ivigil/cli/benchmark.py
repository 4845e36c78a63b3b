"""`ivigil benchmark screening`, `linking`, `parsing`, `eligibility`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ivigil.cli.output import AsJson, Home, out, print_json, progress
from ivigil.errors import ConfigurationError
from ivigil.protocol_file import load_protocol
from ivigil.screening.benchmark_report import recall_svg, to_markdown
from ivigil.screening.benchmark_result import PROTOCOLS, TRAINED_ONCE, BenchmarkResult
from ivigil.settings import load_settings
from ivigil.surveillance import benchmarks

WIDE = 220
"""Columns a table may take where no terminal sets the width, as in a log."""
Folder = Annotated[Path, typer.Argument(help="Folder of labelled data; see CONTRIBUTING.md for its form.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Measure on labelled data, beside named baselines.", no_args_is_help=True)
    group.command("screening")(screening)
    group.command("linking")(linking)
    group.command("eligibility")(eligibility)
    group.command("parsing")(parsing)
    app.add_typer(group, name="benchmark")


def screening(
    folder: Folder,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Splits a review and protocol.")] = 10,
    protocols: Annotated[
        list[str] | None,
        typer.Option("--protocol", help=f"{', '.join(PROTOCOLS)} (may be repeated; default: the first two)."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for JSON, Markdown and a recall plot (SVG) per review. What is measured is kept there, split "
            "by split, and a run that was cut off goes on from it.",
        ),
    ] = None,
    cache: Annotated[Path | None, typer.Option("--cache", help="Folder of sentence embeddings.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Rank public labelled reviews: random seeds and forward in time; with a reader in the loop where asked for."""
    unknown = [name for name in protocols or () if name not in PROTOCOLS]
    if unknown:
        raise ConfigurationError(f"{unknown[0]!r} is not one of {', '.join(PROTOCOLS)}", field="--protocol")
    settings = load_settings(home)
    with progress("screening", quiet=as_json) as step:
        result = benchmarks.benchmark_screening(
            folder,
            seeds=seeds,
            embedding_model=settings.embedding_model,
            cache=cache or settings.home / "cache" / "embeddings",
            protocols=[name for name in PROTOCOLS if name in (protocols or TRAINED_ONCE)],
            kept=to / "splits.jsonl" if to is not None else None,
            progress=step,
        )
    if to is not None:
        _write(result, to)
    if as_json:
        print_json(result.to_dict())
    else:
        out.print(to_markdown(result), markup=False, highlight=False, soft_wrap=True)


def _write(result: BenchmarkResult, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmark.json").write_text(json.dumps(result.to_dict(), indent=2) + "\n", encoding="utf-8")
    (folder / "benchmark.md").write_text(to_markdown(result), encoding="utf-8")
    for protocol, review in {(row.protocol, one.review) for row in result.rows for one in row.reviews}:
        picture = recall_svg(result, review, protocol)
        (folder / f"{review}.{protocol}.svg".replace(" ", "-")).write_text(picture, encoding="utf-8")


def linking(folder: Folder, as_json: AsJson = False) -> None:
    """Link sets with known duplicates, by record and by pair: missed, wrongly merged, speed, memory."""
    _show(benchmarks.benchmark_linking(folder), as_json=as_json)


def eligibility(folder: Folder, as_json: AsJson = False, home: Home = None) -> None:
    """Read records with known answers: verdicts, patients treated, organ systems, speed."""
    settings = load_settings(home)
    found = benchmarks.benchmark_eligibility(
        folder, load_protocol(settings.protocol), embedding_model=settings.embedding_model
    )
    _show(found, as_json=as_json)
    if not as_json:
        for row in found["rows"]:
            _show_agreement(row["file"], {"verdict": row["verdicts"], **found["summary"][row["file"]]["criteria"]})


def parsing(folder: Folder, as_json: AsJson = False) -> None:
    """Parse PubMed XML: whole records a second."""
    _show(benchmarks.benchmark_parsing(folder), as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [*found["rows"], *found["baseline_rows"]]
    columns = list(dict.fromkeys(name for row in rows for name, value in row.items() if not isinstance(value, dict)))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in columns))
    wide = out if out.is_terminal else Console(width=WIDE)
    wide.print(table)


def _show_agreement(name: str, tables: dict[str, dict[str, dict[str, int]]]) -> None:
    """One line for each criterion and answer: what was expected, and how often which answer was found."""
    out.print()
    table = Table(title=name, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("criterion", "expected", "found"):
        table.add_column(column)
    for criterion, answers in tables.items():
        for expected, found in answers.items():
            counts = ", ".join(f"{answer} {count}" for answer, count in sorted(found.items(), key=lambda one: -one[1]))
            table.add_row(criterion.replace("_", " "), expected.replace("_", " "), counts.replace("_", " "))
    out.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return (
        f"{value:.3f}"
        if isinstance(value, float) and value < 100
        else f"{value:.0f}"
        if isinstance(value, float)
        else str(value)
    )
