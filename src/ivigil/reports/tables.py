"""The tables of the living report as Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ivigil.eligibility.certainty import is_unsure
from ivigil.reports.living_report import LivingReport
from ivigil.reports.signal import signal_sentence
from ivigil.reports.wording import plain_words, source_title, verdict_words

EVIDENCE_COLUMNS = (
    "study_id", "standing", "study", "design", "n_treated", "n_from", "organ_systems", "outcome", "included_on",
    "report_ids", "pmid", "doi", "titles",
)  # fmt: skip
SEARCH_COLUMNS = (
    "run_id", "kind", "source", "searched_at", "date_field", "window_start", "window_end", "reported", "fetched",
    "new_records", "complete", "error", "version", "query_hash", "strategy",
)  # fmt: skip


def prisma_csv(report: LivingReport) -> str:
    """Box and number, a row each."""
    return _csv(("box", "number"), _flow_rows(report))


def evidence_csv(report: LivingReport) -> str:
    """A row a study."""
    return _csv(EVIDENCE_COLUMNS, _evidence_rows(report))


def search_csv(report: LivingReport) -> str:
    """A row a search."""
    return _csv(SEARCH_COLUMNS, _search_rows(report))


def prisma_markdown(report: LivingReport) -> str:
    """The boxes of the flow diagram as a table."""
    lines = [f"# Flow of {report.edition.title}", "", f"As of {report.flow.as_of}.", ""]
    return "\n".join([*lines, *_markdown_table(("box", "number"), _flow_rows(report))]) + "\n"


def _flow_rows(report: LivingReport) -> list[tuple[str, str]]:
    flow = report.flow
    return [
        ("Studies included in previous version", _number(flow.previous.studies)),
        ("Patients in previous version", _number(flow.previous.patients)),
        ("Reports of included studies of the previous version held", str(flow.previous.reports)),
        *((f"Records identified: {source_title(each.name)}", str(each.count)) for each in flow.databases),
        *((f"Records identified (register): {source_title(each.name)}", str(each.count)) for each in flow.registers),
        *(
            (f"Records identified (citation searching): {source_title(each.name)}", str(each.count))
            for each in flow.citations
        ),
        ("Records identified, all", str(flow.identified)),
        ("Removed: duplicate records", str(flow.duplicates)),
        ("Removed: reports already screened for the previous version", str(flow.held_before)),
        ("Removed: marked as ineligible by automation tools", str(flow.automation_excluded)),
        ("Removed: withdrawn by their source", str(flow.withdrawn)),
        ("Reports awaiting screening", str(flow.awaiting_screening)),
        *((f"Awaiting: {verdict_words(each.name)}", str(each.count)) for each in flow.awaiting_by_verdict),
        ("Reports screened", str(flow.screened)),
        ("Reports excluded by a person", str(flow.excluded)),
        ("Reports sought for retrieval", str(flow.sought)),
        ("Reports not retrieved", str(flow.not_retrieved)),
        ("Reports awaiting their full text", str(flow.awaiting_full_text)),
        ("Reports assessed for eligibility", str(flow.assessed)),
        *((f"Reports excluded: {each.name}", str(each.count)) for each in flow.excluded_full_text),
        ("New studies included", str(flow.new_studies)),
        ("Reports of new included studies", str(flow.new_reports)),
        ("Patients in new studies, as read", str(flow.new_patients)),
        ("Total studies included", _number(flow.total_studies)),
        ("Reports of total included studies", str(flow.total_reports)),
        ("Total patients", _number(flow.total_patients)),
    ]


def _evidence_rows(report: LivingReport) -> list[tuple[str, ...]]:
    return [
        (
            str(study.study_id),
            study.standing.value,
            study.name,
            plain_words(study.design),
            _number(study.n_treated, ""),
            f"{study.n_from}, unsure" if is_unsure(study.n_treated_chance) else study.n_from or "",
            "; ".join(study.organ_systems),
            study.outcome or "",
            str(study.since or ""),
            "; ".join(str(item.report_id) for item in study.reports),
            "; ".join(item.pmid for item in study.reports if item.pmid),
            "; ".join(item.doi for item in study.reports if item.doi),
            " | ".join(item.title for item in study.reports),
        )
        for study in report.evidence.studies
    ]


def evidence_markdown(report: LivingReport) -> str:
    """The studies, shortened, and the update signal."""
    columns = (2, 1, 3, 4, 6, 10, 11)
    rows = [tuple(row[at] for at in columns) for row in _evidence_rows(report)]
    names = tuple(EVIDENCE_COLUMNS[at] for at in columns)
    head = [f"# Evidence of {report.edition.title}", "", f"As of {report.evidence.as_of}.", ""]
    return "\n".join([*head, *_markdown_table(names, rows), "", signal_sentence(report.signal)]) + "\n"


def _search_rows(report: LivingReport) -> list[tuple[str, ...]]:
    rows = []
    for search in report.log.searches:
        values = search.model_dump(mode="json")
        rows.append(tuple("" if values[name] is None else str(values[name]) for name in SEARCH_COLUMNS))
    return rows


def search_markdown(report: LivingReport) -> str:
    """PRISMA-S items, strategies, searches and files."""
    log = report.log
    lines = [f"# Search log of {log.title}", "", f"As of {log.as_of}, {log.version}.", "", "## PRISMA-S", ""]
    lines += _markdown_table(("item", "what", "how"), [(str(i.number), i.name, i.answer) for i in log.items])
    lines += ["", "## Strategies", ""]
    for source, strategy in log.strategies.items():
        lines += [f"### {source_title(source)}", "", "```", strategy, "```", ""]
    lines += ["## Searches", ""]
    shown = SEARCH_COLUMNS[:-1]
    lines += _markdown_table(shown, [row[: len(shown)] for row in _search_rows(report)])
    if log.files:
        rows = [(str(f.run_id), str(f.imported_at), f.format, str(f.records), str(f.new_records)) for f in log.files]
        lines += ["", "## Export files", ""]
        lines += _markdown_table(("run", "imported", "format", "records", "new"), rows)
    return "\n".join(lines) + "\n"


def _markdown_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(names)} |",
        f"|{'---|' * len(names)}",
        *(f"| {' | '.join(_cell(value) for value in row)} |" for row in rows),
    ]


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split())


def _csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()


def _number(value: int | None, missing: str = "not published") -> str:
    return missing if value is None else str(value)
