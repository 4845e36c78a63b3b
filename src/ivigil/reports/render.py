"""Renders the living report and its parts: HTML that fetches nothing, Markdown, CSV and SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ivigil.errors import ConfigurationError
from ivigil.reports import tables
from ivigil.reports.charts import Series, line_chart, step_chart
from ivigil.reports.evidence import Standing
from ivigil.reports.flow_svg import flow_svg
from ivigil.reports.living_report import LivingReport
from ivigil.reports.signal import signal_sentence
from ivigil.reports.wording import plain_words, source_title

SECTIONS = ("figures", "signal", "flow", "evidence", "growth", "screening", "searches")
LEARNED = "loss"
"""The measure whose course over screeners is drawn; 0 is perfect, 0.5 random."""


def render_report(report: LivingReport, part: str, format_: str) -> str:
    """One part in one format.

    Raises:
        ConfigurationError: the part is not made in this format.
    """
    found = RENDERERS.get(part)
    if found is None:
        raise ConfigurationError(f"{part!r} is not a report", hint=f"there are: {', '.join(RENDERERS)}")
    if format_ not in found:
        raise ConfigurationError(
            f"{part} is not made as {format_!r}", field="--format", hint=f"formats: {', '.join(found)}"
        )
    return found[format_](report)


def _html(sections: Sequence[str], report: LivingReport) -> str:
    growth = report.growth()
    recall = (
        line_chart(
            "Held-out included reports found",
            [Series("screener", report.recall), Series("random order", ((0, 0), (1, 1)), dashed=True)],
            x_label="share of the labelled reports read",
            y_label="share found",
            x_tick=_percent,
            y_tick=_percent,
            x_range=(0, 1),
            y_range=(0, 1),
        )
        if report.recall
        else ""
    )
    return _templates.get_template("living.html").render(
        report=report,
        show=sections,
        standings=tuple(Standing),
        signal_sentence=signal_sentence(report.signal),
        flow_svg=Markup(flow_svg(report.flow)),  # noqa: S704 - our own SVG; what goes into it is escaped there
        studies_chart=Markup(step_chart("Studies", [(at.day, at.studies) for at in growth], "studies")),  # noqa: S704
        patients_chart=Markup(step_chart("Patients", [(at.day, at.patients) for at in growth], "patients")),  # noqa: S704
        recall_chart=Markup(recall),  # noqa: S704
        learning_chart=Markup(_learning(report)),  # noqa: S704
    )


def _learning(report: LivingReport) -> str:
    points = [(float(at.included), at.measures[LEARNED]) for at in report.screeners if LEARNED in at.measures]
    if not points:
        return ""
    return line_chart(
        "Learning curve: held-out loss",
        [
            Series("screeners", sorted(points)),
            Series("random order", [(x, 0.5) for x, _ in sorted(points)], dashed=True),
        ],
        x_label="included reports learned from",
        y_label="loss",
        y_range=(0, 0.5),
        y_tick=lambda y: f"{y:.2f}",
    )


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined
    )
    found.filters |= {"words": plain_words, "source_title": source_title}
    return found


_templates = _environment()

RENDERERS: Mapping[str, Mapping[str, Callable[[LivingReport], str]]] = {
    "living": {"html": partial(_html, SECTIONS)},
    "prisma": {
        "svg": lambda report: flow_svg(report.flow),
        "md": tables.prisma_markdown,
        "csv": tables.prisma_csv,
        "html": partial(_html, ("flow",)),
    },
    "search-log": {"md": tables.search_markdown, "csv": tables.search_csv, "html": partial(_html, ("searches",))},
    "evidence": {"md": tables.evidence_markdown, "csv": tables.evidence_csv, "html": partial(_html, ("evidence",))},
}
"""Part -> format -> what renders it; the first format is the part's own."""
