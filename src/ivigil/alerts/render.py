"""An alert's content as the messages people and programs read: e-mail, plain text, chat, webhook document.

Everything in a content comes from outside and is escaped for the form it goes into.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ivigil.alerts.content import AlertContent, AlertKind, Term, Urgency
from ivigil.alerts.digest import digest_html, digest_lines, digest_sentence, digest_text
from ivigil.alerts.digest_content import Link, ProtocolName
from ivigil.alerts.templating import fill, words
from ivigil.alerts.text import plain
from ivigil.eligibility.certainty import treated_words

LONGEST_SUBJECT = 160

HEADLINES = {
    AlertKind.STUDY_ELIGIBLE: "Eligible study",
    AlertKind.STUDY_NEEDS_FULL_TEXT: "Full text needed",
    AlertKind.STUDY_UPDATED: "Study updated",
    AlertKind.STUDY_CORRECTED: "Correction",
    AlertKind.STUDY_RETRACTED: "Retracted",
    AlertKind.STUDY_DECIDED: "Decided",
    AlertKind.STUDY_MERGED: "Studies joined",
    AlertKind.TRIAL_CHANGED: "Trial changed",
    AlertKind.CANARY_LOST: "Known study no longer found",
    AlertKind.SOURCE_FAILING: "Source failing",
    AlertKind.RUN_ABSENT: "No complete run",
    AlertKind.DIGEST: "Digest",
    AlertKind.TEST: "Test message",
}
DECISIONS = {"include": "Included", "exclude": "Excluded", "open": "Open again"}
SUMMARIES = {
    AlertKind.STUDY_ELIGIBLE: "A new report meets every criterion that was read.",
    AlertKind.STUDY_NEEDS_FULL_TEXT: "A new report may be eligible; its abstract does not settle every criterion.",
    AlertKind.STUDY_UPDATED: "What is known of a report the team was told of has changed.",
    AlertKind.STUDY_CORRECTED: "A correction was published for a report of this review.",
    AlertKind.STUDY_RETRACTED: "A report of this review has been retracted.",
    AlertKind.STUDY_DECIDED: "A reviewer has decided on this report.",
    AlertKind.STUDY_MERGED: "Reports that were held apart are one.",
    AlertKind.TRIAL_CHANGED: "The registration of a watched trial has another status, or results.",
    AlertKind.CANARY_LOST: "A search strategy no longer returns a study it is known to hold.",
    AlertKind.SOURCE_FAILING: "A source did not give a whole answer; its watermark stays and the next run asks again.",
    AlertKind.RUN_ABSENT: "No surveillance run has been completed for too long.",
    AlertKind.DIGEST: "What the last runs brought.",
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
STATUS_TONES = {"met": "good", "not_met": "bad", "unclear": "open"}
STATUS_WORDS = {"met": "met", "not_met": "not met", "unclear": "unclear"}


class AlertDocument(AlertContent):
    """What a webhook receives: the content, with an id that is the same on every repeated try."""

    id: str
    raised_at: datetime
    subject: str


@dataclass(frozen=True)
class Message:
    """One alert in every form a channel may ask for; `id` is the same on every try.

    `replies_to` is the id of the message that told of the same study before, where there was one.
    """

    id: str
    protocol: ProtocolName
    replies_to: str | None
    tone: str
    urgent: bool
    subject: str
    text: str
    html: str
    chat_text: str
    chat_html: str
    document: dict[str, Any]


def render(content: AlertContent, *, message_id: str, raised_at: datetime, choices: Sequence[Link] = ()) -> Message:
    """Render one alert; its `choices` are the links that ask for a decision. Pure."""
    content = content.model_copy(update={"actions": (*choices, *content.actions)})
    subject = subject_line(content)
    document = AlertDocument(
        id=message_id, raised_at=raised_at, subject=subject, **(dict(content) | {"summary": summary_of(content)})
    )
    values = {
        "content": content,
        "study": content.study,
        "details": content.details,
        "headline": headline_of(content),
        "summary": summary_of(content),
        "tone": tone_of(content),
        "byline": byline(content),
        "status_words": STATUS_WORDS,
        "status_tones": STATUS_TONES,
        "tiles": tiles(content),
        "facts": facts(content),
        "seen": seen_by_screener(content),
        "advice": advice(content, asks=bool(choices)),
        "subject": subject,
    }
    if content.digest is None:
        text, html = fill("alert.txt", **values), fill("alert.html", **values)
    else:
        values["details"] = digest_lines(content.digest)
        text, html = digest_text(content.digest, content.protocol), digest_html(content.digest, content.protocol)
    return Message(
        id=message_id,
        protocol=content.protocol,
        replies_to=content.replies_to,
        tone=tone_of(content),
        urgent=content.urgency is Urgency.HIGH,
        subject=subject,
        text=text,
        html=html,
        chat_text=fill("chat.txt", **values),
        chat_html=fill("chat.html", **values),
        document=document.model_dump(mode="json"),
    )


def subject_line(content: AlertContent) -> str:
    """'[ivig-ssc] Eligible study (14 treated): title'."""
    study = content.study
    number = treated_words(study.n_treated, study.treated) if study else ""
    treated = f" ({number} treated)" if number else ""
    about = study.title if study else summary_of(content)
    return plain(f"[{content.protocol.name}] {headline_of(content)}{treated}: {about}", LONGEST_SUBJECT)


def headline_of(content: AlertContent) -> str:
    """What happened, in a word or two: of a decision, which."""
    decided = content.kind is AlertKind.STUDY_DECIDED and content.decision
    return DECISIONS[decided] if decided else HEADLINES[content.kind]


def summary_of(content: AlertContent) -> str:
    """The sentence that says what happened: the content's own, else its kind's."""
    by_kind = SUMMARIES[content.kind] if content.digest is None else digest_sentence(content.digest)
    return content.summary or by_kind


def tone_of(content: AlertContent) -> str:
    """'good', 'bad', 'open' or 'calm': which colour the message wears."""
    return TONES.get(content.kind, "calm")


def tiles(content: AlertContent) -> list[tuple[str, str]]:
    """What a reader asks first, as (name, value): how many were treated, by which design, for which organs."""
    study = content.study
    if study is None:
        return []
    held = [
        ("Treated", treated_words(study.n_treated, study.treated)),
        ("Design", words(study.design or "")),
        ("Organ systems", ", ".join(map(words, study.organ_systems))),
    ]
    return [(name, value) for name, value in held if value]


def facts(content: AlertContent) -> list[tuple[str, str]]:
    """Where the study ranks, how it was found and what of it is held, as (name, value) lines."""
    study, ranking = content.study, content.ranking
    lines: list[tuple[str, str]] = []
    if ranking is not None and ranking.rank is not None:
        among = f" of {ranking.of} candidates" if ranking.of else ""
        lines.append(("Rank", f"{ranking.rank}{among}"))
    if ranking is not None and ranking.score is not None:
        by = f", screener {ranking.screener}" if ranking.screener else ""
        lines.append(("Score", f"{ranking.score:.3f}{by}"))
    if study is not None:
        lines += [("Found by", _found(content))] if study.found else []
        lines += [("Reports held", f"{study.reports} of this study")] if study.reports > 1 else []
        lines += [("Abstract", "none in any source")] if study.abstract_missing else []
        lines += [("Full text", "free to read")] if study.full_text else []
    return lines


def seen_by_screener(content: AlertContent) -> list[tuple[str, str]]:
    """What moved the score, as (name, value) lines: words for and against, and the included study it is most like."""
    ranking = content.ranking
    if ranking is None:
        return []
    lines = []
    if ranking.threshold is not None and ranking.score is not None:
        side = "at or above" if ranking.score >= ranking.threshold else "below"
        lines.append(("Threshold", f"{side} the calibrated {ranking.threshold:.3f}"))
    lines += [("Speaks for it", _terms(ranking.terms_for))] if ranking.terms_for else []
    lines += [("Against it", _terms(ranking.terms_against))] if ranking.terms_against else []
    if ranking.nearest is not None:
        lines.append(("Most like", f"{ranking.nearest.title} (likeness {ranking.nearest.likeness:.2f})"))
    return lines


def advice(content: AlertContent, *, asks: bool) -> list[str]:
    """What a reader should know of the reading, while nobody has decided, and of the links that ask for a decision."""
    lines = []
    if content.study and content.study.criteria and content.decision in (None, "open"):
        lines.append("The criteria were read by a machine; the decision is yours.")
    if asks:
        lines.append("A link only opens a page that asks for your word; it is good for 30 days.")
    return lines


def _terms(terms: Sequence[Term]) -> str:
    return ", ".join(f"{term.term} {term.weight:+.2f}" for term in terms)


def byline(content: AlertContent) -> str:
    """'Rivera A, Okafor B, et al. J Imag Rheumatol. 2024-05-02'; what is not known is left out."""
    study = content.study
    parts = [study.authors, study.journal, study.published] if study else []
    return " ".join(f"{part.rstrip('.')}." for part in parts if part).removesuffix(".")


def _found(content: AlertContent) -> str:
    return ", ".join(f"{item.source} ({words(item.way)})" for item in content.study.found) if content.study else ""
