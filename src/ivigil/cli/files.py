"""`ivigil import`, `assess`, `rank`, `link`: work on export files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ivigil.cli.output import AsJson, AsOf, Home, command_context, err, out, print_json
from ivigil.protocol_file import load_protocol
from ivigil.settings import load_settings
from ivigil.surveillance.from_files import assess_file, link_files, rank_files
from ivigil.surveillance.importing import import_file


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_command)
    app.command("assess")(assess)
    app.command("rank")(rank)
    app.command("link")(link)


def import_command(
    file: Annotated[Path, typer.Argument(help="RIS, nbib, CSV, XLSX, BibTeX, EndNote XML, PubMed XML, ...")],
    source: Annotated[str | None, typer.Option("--source", help="Name of the database it was exported from.")] = None,
    labels: Annotated[str | None, typer.Option("--labels", help="Column that holds include/exclude.")] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", help="Who decided, where a file of our own export comes back.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Take an export file into the library; every entry is either a record or rejected with its line and why."""
    with command_context(home, as_of) as context:
        outcome = import_file(context, file, source=source, label_column=labels, reviewer=reviewer)
    if as_json:
        print_json(outcome)
        return
    out.print(
        f"{file.name}: {outcome['format']}, {outcome['records']} records ({outcome['new_records']} new), "
        f"{outcome['labels']} labels, {len(outcome['rejected'])} rejected"
        + (
            f"; {outcome['returned']} came back with {outcome['decisions']} new decisions"
            if outcome["returned"]
            else ""
        ),
        markup=False,
        highlight=False,
    )
    for entry in outcome["rejected"]:
        err.print(f"  line {entry['line']}: {entry['why']}", markup=False, highlight=False, style="yellow")


def assess(
    file: Annotated[Path, typer.Argument(help="Any import format, or JSONL.")],
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="Name or path; default: the one that is set.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Read every record of a file against the criteria; needs no store."""
    settings = load_settings(home)
    found = assess_file(load_protocol(protocol or settings.protocol), file, embedding_model=settings.embedding_model)
    if as_json:
        print_json(found)
        return
    for item in found:
        treated = item["treated"] or "not stated"
        out.print(Text.assemble((f"{item['verdict']:<16}", "bold"), f" {item['key']}  N treated: {treated}"))
        for reason in item["reasons"]:
            out.print(Text(f"                 {reason}", style="dim"))


def rank(
    labelled: Annotated[Path, typer.Option("--labelled", help="File with labels to train on.")],
    pool: Annotated[Path, typer.Option("--pool", help="File to rank.")],
    criteria: Annotated[Path | None, typer.Option("--criteria", help="Text file with the criteria in words.")] = None,
    label_column: Annotated[str | None, typer.Option("--label-column", help="Column that holds the label.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Train on one file and rank another; needs no store."""
    ranked = rank_files(
        labelled,
        pool,
        criteria=criteria,
        label_column=label_column,
        embedding_model=load_settings(home).embedding_model,
    )
    if as_json:
        print_json(ranked)
        return
    for item in ranked:
        out.print(f"{item['rank']:>5}  {item['score']:8.3f}  {item['id']}", markup=False, highlight=False)


def link(
    files: Annotated[list[Path], typer.Argument(help="One or more files in any import format.")],
    as_json: AsJson = False,
) -> None:
    """Find the records that are one report, across files; needs no store."""
    found = link_files(files)
    if as_json:
        print_json(found)
        return
    joined = sum(len(members) - 1 for members in found["clusters"])
    out.print(
        f"{found['records']} records, {found['records'] - joined} reports; {len(found['clusters'])} of several records",
        highlight=False,
    )
    for sign, item in [
        *(("=", item) for item in found["links"]),
        *(("~", item) for item in found["study_links"]),
        *(("?", item) for item in found["suggestions"]),
    ]:
        out.print(Text(f"  {item['a']} {sign} {item['b']}  ({item['why']})"))
    out.print("= one report  ~ one study  ? for a person to look at", style="dim", highlight=False)
