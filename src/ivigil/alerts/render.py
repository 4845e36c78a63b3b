"""An alert's content as the messages people and programs read: e-mail, plain text, chat, webhook document.

Everything in a content comes from outside and is escaped for the form it goes into.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ivigil.alerts.content import AlertContent, AlertKind, Urgency, plain

LONGEST_SUBJECT = 160
TEXT_WIDTH = 78

HEADLINES = {
    AlertKind.STUDY_ELIGIBLE: "Eligible study",
    AlertKind.STUDY_NEEDS_FULL_TEXT: "Full text needed",
    AlertKind.STUDY_UPDATED: "Study updated",
    AlertKind.STUDY_CORRECTED: "Correction",
    AlertKind.STUDY_RETRACTED: "Retracted",
    AlertKind.STUDY_DECIDED: "Decided",
    AlertKind.STUDY_MERGED: "Reports joined",
    AlertKind.CANARY_LOST: "Known study no longer found",
    AlertKind.SOURCE_FAILING: "Source failing",
    AlertKind.RUN_ABSENT: "No complete run",
    AlertKind.TEST: "Test message",
}
SUMMARIES = {
    AlertKind.STUDY_ELIGIBLE: "A new report meets every criterion that was read.",
    AlertKind.STUDY_NEEDS_FULL_TEXT: "A new report may be eligible; its abstract does not settle every criterion.",
    AlertKind.STUDY_UPDATED: "What is known of a report the team was told of has changed.",
    AlertKind.STUDY_CORRECTED: "A correction was published for a report of this review.",
    AlertKind.STUDY_RETRACTED: "A report of this review has been retracted.",
    AlertKind.STUDY_DECIDED: "A reviewer has decided on this report.",
    AlertKind.STUDY_MERGED: "Reports that were held apart are one.",
    AlertKind.CANARY_LOST: "A search strategy no longer returns a study it is known to hold.",
    AlertKind.SOURCE_FAILING: "A source did not give a whole answer; its watermark stays and the next run asks again.",
    AlertKind.RUN_ABSENT: "No surveillance run has been completed for too long.",
    AlertKind.TEST: "This channel works: alerts will arrive here.",
}
TONES = {
    AlertKind.STUDY_ELIGIBLE: "good",
    AlertKind.STUDY_RETRACTED: "bad",
    AlertKind.CANARY_LOST: "bad",
    AlertKind.SOURCE_FAILING: "bad",
    AlertKind.RUN_ABSENT: "bad",
    AlertKind.STUDY_NEEDS_FULL_TEXT: "open",
    AlertKind.STUDY_CORRECTED: "open",
}
STATUS_WORDS = {"met": "met", "not_met": "not met", "unclear": "unclear"}


class AlertDocument(AlertContent):
    """What a webhook receives: the content, with an id that is the same on every repeated try."""

    id: str
    raised_at: datetime
    subject: str


@dataclass(frozen=True)
class Message:
    """One alert in every form a channel may ask for; `id` is the same on every try."""

    id: str
    tone: str
    urgent: bool
    subject: str
    text: str
    html: str
    chat_text: str
    chat_html: str
    document: dict[str, Any]


def render(content: AlertContent, *, message_id: str, raised_at: datetime) -> Message:
    """Render one alert. Pure: the same arguments give the same message."""
    subject = subject_line(content)
    document = AlertDocument(
        id=message_id, raised_at=raised_at, subject=subject, **(dict(content) | {"summary": summary_of(content)})
    )
    values = {
        "content": content,
        "study": content.study,
        "ranking": content.ranking,
        "headline": HEADLINES[content.kind],
        "summary": summary_of(content),
        "tone": tone_of(content),
        "status_words": STATUS_WORDS,
        "facts": facts(content),
        "found": _found(content),
        "subject": subject,
    }
    return Message(
        id=message_id,
        tone=tone_of(content),
        urgent=content.urgency is Urgency.HIGH,
        subject=subject,
        text=_tidy(_templates.get_template("alert.txt").render(values)),
        html=_templates.get_template("alert.html").render(values),
        chat_text=_tidy(_templates.get_template("chat.txt").render(values)),
        chat_html=_templates.get_template("chat.html").render(values),
        document=document.model_dump(mode="json"),
    )


def subject_line(content: AlertContent) -> str:
    """'[ivig-ssc] Eligible study (14 treated): title'."""
    study = content.study
    treated = f" ({study.n_treated} treated)" if study and study.n_treated is not None else ""
    about = study.title if study else summary_of(content)
    return plain(f"[{content.protocol.name}] {HEADLINES[content.kind]}{treated}: {about}", LONGEST_SUBJECT)


def summary_of(content: AlertContent) -> str:
    """The sentence that says what happened: the content's own, else its kind's."""
    return content.summary or SUMMARIES[content.kind]


def tone_of(content: AlertContent) -> str:
    """'good', 'bad', 'open' or 'calm': which colour the message wears."""
    return TONES.get(content.kind, "calm")


def facts(content: AlertContent) -> list[tuple[str, str]]:
    """What is known about the study beside its criteria, as (name, value) lines."""
    study, ranking = content.study, content.ranking
    lines: list[tuple[str, str]] = []
    if study is not None:
        lines += [("Design", words(study.design))] if study.design else []
        lines += [("Treated", str(study.n_treated))] if study.n_treated is not None else []
        lines += [("Organ systems", ", ".join(map(words, study.organ_systems)))] if study.organ_systems else []
    if ranking is not None and ranking.rank is not None:
        among = f" of {ranking.of} candidates" if ranking.of else ""
        lines.append(("Rank", f"{ranking.rank}{among}"))
    if ranking is not None and ranking.score is not None:
        by = f", screener {ranking.screener}" if ranking.screener else ""
        lines.append(("Score", f"{ranking.score:.3f}{by}"))
    lines += [("Found by", _found(content))] if study is not None and study.found else []
    lines += [("Abstract", "none in any source")] if study is not None and study.abstract_missing else []
    return lines


def words(name: str) -> str:
    """'open_label' as 'open label'."""
    return name.replace("_", " ")


def _found(content: AlertContent) -> str:
    return ", ".join(f"{item.source} ({words(item.way)})" for item in content.study.found) if content.study else ""


def _wrapped(text: str, indent: int = 0, first: int | None = None) -> str:
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for at, line in enumerate(lines) if line or lines[at - 1]) + "\n"


def environment() -> Environment:
    """The templates of this folder; what ends in .html is escaped, an unknown name is an error."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"words": words, "wrapped": _wrapped, "plain": plain}
    return found


_templates = environment()
