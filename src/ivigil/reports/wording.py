"""How codes read on paper: sources, verdicts, designs and organ systems in a reader's words."""

from __future__ import annotations

from ivigil.sources.registry import SOURCES

_VERDICTS = {
    "eligible": "Read as eligible",
    "needs_full_text": "Full text needed",
    "ineligible": "Read as ineligible",
    "unread": "Not read yet",
}
_OTHER_SOURCES = {
    "cochrane": "Cochrane CENTRAL",
    "embase": "Embase",
    "file": "Export file",
    "ovid": "Ovid",
    "scopus": "Scopus",
    "wos": "Web of Science",
}
_DESIGNS = {"rct": "Randomised trial", "in_vitro": "In vitro"}


def source_title(name: str) -> str:
    """A source as its readers call it."""
    kind = SOURCES.get(name)
    return kind.title if kind else _OTHER_SOURCES.get(name, name)


def verdict_words(verdict: str | None) -> str:
    """A verdict in words."""
    return _VERDICTS.get(verdict or "unread", verdict or "")


def plain_words(code: str | None) -> str:
    """'open_label' as 'Open label', 'rct' as 'Randomised trial'; nothing for nothing."""
    return _DESIGNS.get(code, code.replace("_", " ").capitalize()) if code else ""
