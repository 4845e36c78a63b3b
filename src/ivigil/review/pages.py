"""Renders pages: one environment in which everything is escaped, and the words and marks that all pages share."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ivigil.reports.wording import source_title
from ivigil.review.access import CSRF_FIELD, Visitor
from ivigil.review.desk import Desk
from ivigil.review.lists import report_address
from ivigil.review.text import inert

STATIC = Path(__file__).with_name("static")
VERDICTS = {
    "eligible": ("Eligible", "full"),
    "needs_full_text": ("Full text", "half"),
    "ineligible": ("Ineligible", "empty"),
    None: ("Not read", "none"),
}
DECISIONS = {"include": "Included", "exclude": "Excluded", "maybe": "Maybe"}
CRITERIA = {
    "population": "Population",
    "intervention": "Intervention",
    "sample_size": "Number treated",
    "adults": "Adults",
    "outcome": "Outcome",
    "language": "Language",
    "full_text": "Full text",
    "publication_type": "Publication type",
    "date": "Date",
}
DESIGNS = {"rct": "RCT", "other": "Other design"}
STAGES = {"title-abstract": "Title and abstract", "full-text": "Full text"}


def render(
    request: Request, desk: Desk, template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page. `visitor` is who looks at it; None only where nobody has to be signed in."""
    page = environment().get_template(template)
    body = page.render(
        request=request,
        path=request.url.path,
        visitor=visitor,
        protocol=desk.context.protocol,
        now=desk.context.clock.now(),
        dual=desk.context.protocol.screening.reviewers_per_report > 1,
        **values,
    )
    return HTMLResponse(body, status)


@cache
def environment() -> Environment:
    """The templates; an unknown name is an error, not an empty place."""
    made = Environment(
        loader=PackageLoader("ivigil.review"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "inert": inert,
        "words": _words,
        "sentence": _sentence,
        "commands": _commands,
        "design": _design,
        "source": source_title,
        "criterion": _criterion,
        "day": _day,
        "minute": _minute,
        "count": _count,
        "signed": _signed,
        "minus": _minus,
        "learned": _learned,
        "loss": _loss,
        "zip": zip,
    }
    made.tests["measured"] = lambda card: _loss(card) is not None
    made.globals |= {
        "VERDICTS": VERDICTS,
        "DECISIONS": DECISIONS,
        "STAGES": STAGES,
        "CSRF_FIELD": CSRF_FIELD,
        "static": static_address,
        "report_address": report_address,
    }
    return made


@cache
def static_address(name: str) -> str:
    """A static file's address, which changes with what is in it, so that browsers may keep it."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _words(name: str) -> str:
    plain = name.replace("_", " ").replace("-", " ")
    return plain[:1].upper() + plain[1:]


def _sentence(words: str) -> str:
    """An error's words, which go on after a file's name elsewhere, as a sentence of their own."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?", ":")) or not words else ".")


def _commands(words: str) -> Markup:
    """Words with what stands in backticks set as code."""
    parts = enumerate(words.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in parts)


def _design(name: str | None) -> str:
    return DESIGNS.get(name, _words(name)) if name else ""


def _criterion(name: str) -> str:
    return CRITERIA.get(name, _words(name))


def _minute(when: datetime | str | None) -> str:
    return f"{_when(when):%d %b %Y, %H:%M} UTC" if when else ""


def _count(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _signed(number: float) -> str:
    return _minus(f"{number:+.3f}")


def _minus(number: str) -> str:
    return number.replace("-", "−")


def _learned(card: dict[str, Any]) -> int:
    """How many included reports a screener learned from."""
    return int((card.get("labels") or {}).get("included", 0))


def _loss(card: dict[str, Any]) -> dict[str, dict[str, float | None]] | None:
    """A screener's held-out loss and the baseline's: `model` and `baseline`, each with value, low and high."""
    return next((row for row in card.get("metrics") or () if row["metric"] == "loss"), None)


def _when(when: datetime | date | str) -> datetime | date:
    return datetime.fromisoformat(when) if isinstance(when, str) else when


def _day(when: datetime | date | str | None) -> str:
    return f"{_when(when):%d %b %Y}" if when else ""
