"""The templates of messages, and what they are filled in with."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ivigil.alerts.text import plain

TEXT_WIDTH = 78


def fill(template: str, **values: Any) -> str:
    """Fill a template in; text without trailing spaces and without two empty lines in a row."""
    filled = _templates.get_template(template).render(values)
    return filled if template.endswith(".html") else _tidy(filled)


def words(name: str) -> str:
    """'open_label' as 'open label'."""
    return name.replace("_", " ")


def _wrapped(text: str, indent: int = 0, first: int | None = None) -> str:
    return textwrap.fill(
        text,
        TEXT_WIDTH,
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _markdown(text: str) -> str:
    """Escape what is markup inside a line; our templates never begin a line with text from outside."""
    return re.sub(r"([\\`*_\[\]<>|~&])", r"\\\1", text)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for at, line in enumerate(lines) if line or lines[at - 1]) + "\n"


def _environment() -> Environment:
    """The templates beside this module; what ends in .html is escaped, an unknown name is an error."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"words": words, "wrapped": _wrapped, "plain": plain, "md": _markdown}
    return found


_templates = _environment()
