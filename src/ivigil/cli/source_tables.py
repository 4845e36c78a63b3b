"""How the sources look on a terminal, for people who search databases and not for those who program them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivigil.surveillance.capture_recapture import ASSUMES, Missed
from ivigil.surveillance.reconciling import Reconciliation
from ivigil.surveillance.source_overview import Overview, SourceWorth


def print_overview(console: Console, found: Overview) -> None:
    """One line for each source that is searched or brought something, then the others, then what all missed."""
    asked = [one for one in found.sources if one.records or (one.state and one.state.searched)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("source", no_wrap=True)
    table.add_column("searched to", no_wrap=True)
    for heading in ("records", "only here", "lag (days)"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in asked:
        table.add_row(
            _title(one),
            _searched_to(one),
            str(one.records),
            str(one.unique_reports),
            "–" if one.lag_days is None else f"{one.lag_days:.0f}",
        )
    console.print(table)
    for one in asked:
        for episode in one.state.failing if one.state else ():
            console.print(Text(f"✗ {episode.sentence}", style="bold red"))
        if one.state and one.state.unconfirmed:
            console.print(Text(f"– {unconfirmed_in_words(one.source, one.state.unconfirmed)}", style="dim"))
    others = [one for one in found.sources if one not in asked]
    if others:
        console.print(Text("\nNot searched:", style="dim"))
        rest = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
        rest.add_column(no_wrap=True)
        rest.add_column(ratio=1)
        for one in others:
            rest.add_row(_title(one), Text((one.state.why_not or "") if one.state else "", style="dim"))
        console.print(rest)
    console.print()
    console.print(Text(missed_in_words(found.missed)))
    console.print(
        Text(
            "Only here: reports that no other source had. Lag: median days from publication to our first seeing it, "
            "over records found after a source's first search whose day of publication is known.",
            style="dim",
        )
    )


def unconfirmed_in_words(source: str, identifiers: Sequence[str]) -> str:
    """Which known studies a source was never seen to hold, and that this is no alarm."""
    return (
        f"{source} has not yet returned {', '.join(identifiers)}: it may not hold what it never returned, so none of "
        "these is expected there until it has come once."
    )


def missed_in_words(missed: Missed) -> str:
    """How many reports all sources missed, with what that rests on."""
    if missed.estimate is None:
        return f"Missed by all sources together: {missed.why_not}."
    return (
        f"Missed by all {missed.sources} sources together: about {missed.estimate:.0f} (95 % interval "
        f"{missed.low:.0f} to {missed.high:.0f}) beside the {missed.seen} reports found; {ASSUMES}."
    )


def print_reconciliations(console: Console, found: Sequence[Reconciliation]) -> None:
    """One line a source: what the strategy matches, what of it was held, what was found now."""
    for one in found:
        if one.error:
            console.print(Text(f"{one.source}: not finished: {one.error}", style="red"))
            continue
        said = f"{one.source}: the strategy matches {one.matched}, {one.held} were held, {one.found} found now"
        if one.outside:
            said += f"; {one.outside} lie before what was searched, or have no date"
        console.print(Text(said, style="yellow" if one.found else "green"))


def _title(one: SourceWorth) -> Text:
    return Text(one.state.title.partition(" (")[0] if one.state else one.source)


def _searched_to(one: SourceWorth) -> Text:
    if one.state is None:
        return Text("from files", style="dim")
    if one.state.searched:
        return Text(f"{one.state.complete_through}" if one.state.complete_through else "never yet")
    return Text("not searched", style="dim")
