"""How lists and reports look on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ivigil.eligibility.certainty import is_unsure, treated_words
from ivigil.surveillance.bootstrap import BootstrapOutcome
from ivigil.surveillance.candidates import Candidate
from ivigil.surveillance.night import NightSummary
from ivigil.surveillance.reconstructing import Proposal
from ivigil.surveillance.retrain import RetrainOutcome
from ivigil.surveillance.status import Status

VERDICTS = {
    "eligible": ("eligible", "bold green"),
    "needs_full_text": ("full text", "yellow"),
    "ineligible": ("ineligible", "dim"),
    None: ("unread", "dim"),
}
MARKS = {"met": ("✓", "green"), "not_met": ("✗", "red"), "unclear": ("?", "yellow")}
STATUS_STYLES = {"complete": "green", "partial": "yellow", "failed": "red", "covered": "cyan", "running": "blue"}


def print_candidates(console: Console, found: Sequence[Candidate], *, guarantee: str) -> None:
    """The ranked list: place, verdict, what it is, why; then what the list can promise."""
    if not found:
        console.print("No undecided reports.", style="dim")
        console.print(Text(guarantee, style="dim"))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("N", justify="right", no_wrap=True)
    table.add_column("report", ratio=1)
    table.add_column("score", justify="right", no_wrap=True)
    for candidate in found:
        label, style = VERDICTS[candidate.verdict]
        table.add_row(
            str(candidate.rank),
            Text(label, style=style),
            _number(candidate.reading.get("n_treated"), candidate.reading.get("n_treated_chance")) or "–",
            _described(candidate),
            "–" if candidate.score is None else f"{candidate.score:.2f}",
        )
    console.print(table)
    console.print(Padding(Text(guarantee, style="dim"), (1, 0, 0, 0)))


def _number(treated: int | None, chance: float | None) -> str:
    """The number treated where there is little room: "18?" where it is in doubt, "" where there is none."""
    return "" if treated is None else f"{treated}{'?' if is_unsure(chance) else ''}"


def _described(candidate: Candidate) -> Text:
    muted = candidate.verdict == "ineligible"
    text = Text(candidate.best.title or "(no title)", style="dim" if muted else "bold")
    design = (candidate.reading.get("design") or "").replace("_", " ")
    systems = ", ".join(candidate.reading.get("organ_systems", []))
    facts = [candidate.best.journal_abbreviation or candidate.best.journal, candidate.best.year, design, systems]
    facts.append("+".join(candidate.sources))
    facts += [] if "search" in candidate.ways else [way.replace("_", " ") for way in candidate.ways[:1]]
    facts.append(f"report {candidate.report_id}")
    if not candidate.best.abstract:
        facts.append("no abstract")
    text.append("\n" + " · ".join(str(fact) for fact in facts if fact), style="dim")
    why = _why(candidate)
    if why:
        text.append("\n" + why, style="dim italic" if muted else "italic")
    return text


def _why(candidate: Candidate) -> str:
    """What decided the verdict, in the words that were read."""
    criteria = candidate.reading.get("criteria", {})
    if candidate.verdict == "eligible":
        wanted = [("sample_size", "met"), ("intervention", "met")]
    elif candidate.verdict == "ineligible":
        wanted = [(name, "not_met") for name, reading in criteria.items() if reading["status"] == "not_met"][:1]
    else:
        wanted = [(name, "unclear") for name, reading in criteria.items() if reading["status"] == "unclear"][:2]
    for name, status in wanted:
        reading = criteria.get(name)
        if reading and reading["status"] == status:
            said = reading.get("evidence") or reading.get("note") or "not stated"
            return f"{name.replace('_', ' ')}: {_shorten(said)}"
    return ""


def _shorten(text: str, limit: int = 150) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rsplit(" ", 1)[0] + "…"


def print_night(console: Console, summary: NightSummary) -> None:
    """One line a source, one line for what came of it."""
    style = STATUS_STYLES.get(summary.status, "")
    console.print(
        Text.assemble(
            ("Run ", "bold"), (str(summary.run_id), "bold"), " ", (summary.status, style), f"  {summary.window or ''}"
        )
    )
    for outcome in summary.sources:
        search = outcome.search
        state = Text("complete", style="green") if search.complete else Text(f"incomplete: {search.error}", style="red")
        counts = f"reported {search.reported}, fetched {search.fetched}, new {search.intake.new}"
        console.print(Text.assemble(f"  {search.source:<15} {counts}, changed {search.intake.changed}  ", state))
        if outcome.canaries.lost:
            console.print(Text(f"  {search.source:<15} lost canaries: {', '.join(outcome.canaries.lost)}", style="red"))
    if summary.status == "covered":
        console.print(Text(f"  {summary.why}", style="cyan"))
        return
    for note in summary.notes:
        console.print(Text(f"  {note}", style="yellow"))
    if summary.status == "complete" and not (summary.new_records or summary.changed_records or summary.alerts):
        console.print(Text("  nothing new, and every source answered in full", style="dim"))
        return
    told = [(summary.new_reports, "new report"), (summary.alerts, "alert")]
    words = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in told]
    console.print(Text(f"  {words[0]}, {summary.eligible} eligible, {words[1]} raised"))


def print_report(console: Console, found: dict[str, Any]) -> None:
    """One report with its reading, records and history."""
    best = found["best"]
    abstract = "\n".join(
        f"{part['label']}: {part['text']}" if part.get("label") else part["text"] for part in best.get("abstract", [])
    )
    ids = "  ".join(f"{kind} {value}" for kind, value in found["ids"].items())
    console.print(Panel(Group(Text(found["title"], style="bold"), Text(ids, style="dim"), Text(abstract)), expand=True))
    if found["full_text_url"]:
        console.print(Text(f"Full text (open): {found['full_text_url']}"))
    present = next((reading for reading in reversed(found["assessments"]) if reading["present_text"]), None)
    if present:
        label, style = VERDICTS[present["verdict"]]
        treated = treated_words(present.get("n_treated"), present.get("treated")) or "not stated"
        console.print(Text.assemble("Verdict: ", (label, style), f"   N treated: {treated}"))
        for name, reading in present["criteria"].items():
            mark, colour = MARKS[reading["status"]]
            said = reading.get("evidence") or reading.get("note") or ""
            console.print(
                Text.assemble("  ", (mark, colour), f" {name.replace('_', ' '):<17}", (_shorten(said), "dim"))
            )
    console.print(Rule(style="dim"))
    for record in found["records"]:
        named = f"record  {record['record_id']}  {record['source']}:{record['source_id']}"
        way = record["way"].replace("_", " ")
        console.print(Text(f"{named}  first seen {record['first_seen'][:10]} by {way}"))
    told = [f"link    {link['rule']} ({link['kind']}, {link['state']}): {link['why']}" for link in found["links"]]
    for line in dict.fromkeys(told):  # records of one report often carry the same link
        console.print(Text(line))
    for score in found["scores"]:
        console.print(Text(f"score   {score['score']:.3f} by {score['screener']} at {score['at'][:10]}"))
    for decision in found["decisions"]:
        console.print(Text(f"decided {decision['decision']} by {decision['reviewer']} at {decision['at'][:10]}"))


def print_status(console: Console, status: Status) -> None:
    """Health first, then sources, runs and the champion."""
    word = Text("healthy", style="bold green") if status.healthy else Text("needs attention", style="bold red")
    console.print(Text.assemble("State: ", word))
    for problem in status.problems:
        console.print(Text(f"  • {problem}", style="yellow"))
    for source in status.sources:
        said = f"complete through {source['complete_through'] or 'never'}" if source["searched"] else source["why_not"]
        if source["searched"] and source["canaries_unconfirmed"]:
            said += f"; {len(source['canaries_unconfirmed'])} of the known studies never yet returned"
        console.print(Text(f"  {source['source']:<16} {said}", style="" if source["searched"] else "dim"))
    counts = status.counts
    console.print(
        Text(
            f"Held: {counts['records']} records, {counts['reports']} reports; labelled {counts['labelled']}, "
            f"included {counts['included']}"
        )
    )
    if status.runs:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for heading in ("run", "kind", "as of", "status", "new", "eligible", "alerts"):
            table.add_column(heading)
        for run in status.runs:
            shown = [run[key] for key in ("new_reports", "eligible", "alerts")]
            state = Text(run["status"], style=STATUS_STYLES.get(run["status"], ""))
            cells = ["–" if value is None else str(value) for value in shown]
            table.add_row(str(run["run_id"]), run["kind"], run["as_of"][:16].replace("T", " "), state, *cells)
        console.print(table)
    if status.screener:
        console.print(Text(f"Champion: {status.screener['version']} ({status.screener['recipe']})"))
    console.print(Text(status.guarantee, style="dim"))
    if status.drift:
        console.print(Text(status.drift.sentence, style="yellow" if status.drift.findings else "dim"))
    held = status.deliveries
    console.print(Text("Deliveries: " + ", ".join(f"{count} {state}" for state, count in held.items()), style="dim"))


def print_proposal(console: Console, proposal: Proposal) -> None:
    """A reconstructed included set, beside what the review published."""
    console.print(Text("Reconstructed included set (no screening export was given):", style="bold"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("report", "year", "N", "ground", "title"):
        table.add_column(heading)
    for study in proposal.included:
        number = _number(study.n_treated, study.n_treated_chance) or "?"
        table.add_row(
            str(study.report_id), str(study.year or "?"), number, study.ground, Text(_shorten(study.title, 90))
        )
    console.print(table)
    if proposal.why_not:
        console.print(Text(f"The review's reference list had no part in it. {proposal.why_not}", style="yellow"))
    else:
        console.print(Text(f"Of {proposal.listed} references of the review, the searches hold {proposal.held}."))
    console.print(Text(f"By {proposal.agreement.sentence}."))
    console.print(Text(f"The other {proposal.excluded} reports would be labelled not included."))
    if proposal.later:
        console.print(Text(f"{proposal.later} came after the review's search and stay candidates."))


def print_bootstrap(console: Console, outcome: BootstrapOutcome) -> None:
    """What the bootstrap searched, labelled and trained."""
    for search in outcome.searches:
        state = Text("complete", style="green") if search.complete else Text(f"incomplete: {search.error}", style="red")
        console.print(
            Text.assemble(f"  {search.source:<10} reported {search.reported}, fetched {search.fetched}  ", state)
        )
    labelled = outcome.included + outcome.excluded
    console.print(
        Text.assemble(
            f"  {outcome.records} records are {outcome.reports} reports; ",
            (f"{labelled} labelled, {outcome.included} included", "bold"),
            f" (basis: {outcome.basis or 'none'})",
        )
    )
    if outcome.reconstruction is not None:
        console.print(Text(f"  reconstructed by {outcome.reconstruction.sentence}"))
    if outcome.screener is not None:
        console.print(Text(f"  screener {outcome.screener.version} trained: {outcome.screener.recipe}"))
    elif outcome.complete:
        console.print(Text("  nothing labelled: candidates are ranked by likeness to the criteria", style="yellow"))
    else:
        console.print(Text("  a search was incomplete, so nothing was labelled: run bootstrap again", style="red"))


def print_retrain(console: Console, outcome: RetrainOutcome) -> None:
    """Champion and challenger, and which of them it is now."""
    style = "green" if outcome.promoted else "yellow"
    console.print(Text("promoted" if outcome.promoted else "not promoted", style=f"bold {style}"))
    console.print(Text(f"  champion {outcome.champion or 'none'}, challenger {outcome.challenger}"))
    for trial in outcome.metrics.get("trials", []):
        losses = [f"{trial[side]['value']:.3f}" for side in ("champion_loss", "challenger_loss")]
        console.print(Text(f"  {trial['name']:<16} loss {losses[0]} → {losses[1]} (0 perfect, 0.5 random)"))
    console.print(Text(f"  {outcome.why}"))
