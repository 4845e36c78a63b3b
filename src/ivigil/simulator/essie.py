"""ClinicalTrials.gov's Essie: AREA[Condition](a OR "b c"), AREA[StudyFirstPostDate]RANGE[2024-01-01,MAX]."""

from __future__ import annotations

import re
from datetime import date

from ivigil.simulator.boolean import FIRST_DAY, LAST_DAY, Reader, lex, understood, words
from ivigil.simulator.index import Index
from ivigil.simulator.query import EVERY_TEXT, Exactly, Node, QuerySyntaxError, Question, Span

LEXEME = re.compile(
    r"\s*(?:AREA\[(?P<area>\w+)\]"
    r"|RANGE\[(?P<range>[^\]]*)\]"
    r"|(?P<operator>AND\b|OR\b|NOT\b)"
    r"|(?P<mark>[()])"
    r'|(?P<quoted>"[^"]*")'
    r'|(?P<word>[^\s()"\[\]]+))',
)
BASIC = "BasicSearch"
TEXT_AREAS = {
    BASIC: EVERY_TEXT,
    "ConditionSearch": ("title", "keyword"),
    "Condition": ("keyword",),
    "InterventionSearch": ("title", "abstract"),
    "InterventionName": ("abstract",),
    "BriefTitle": ("title",),
    "OfficialTitle": ("title",),
}
DATE_AREAS = {"StudyFirstPostDate": "created", "LastUpdatePostDate": "revised", "ResultsFirstPostDate": "indexed"}


class _Reader(Reader):
    def term(self, kind: str, text: str) -> Node:
        if kind == "area":
            return self.within(text, self.operand)
        if self.field in DATE_AREAS:
            return _span(DATE_AREAS[self.field], text, ranged=kind == "range")
        if self.field == "NCTId":
            return Exactly("registry", (text.strip('"'),))
        if self.field not in TEXT_AREAS or kind == "range":
            raise QuerySyntaxError(f"Unknown area name or range: '{self.field}'")
        return words(TEXT_AREAS[self.field], text)


def _span(column: str, text: str, *, ranged: bool) -> Node:
    first, _, last = text.partition(",") if ranged else (text, "", text)
    try:
        start = FIRST_DAY if first.strip() == "MIN" else date.fromisoformat(first.strip())
        end = LAST_DAY if last.strip() == "MAX" else date.fromisoformat(last.strip())
    except ValueError as error:
        raise QuerySyntaxError(f"Invalid date range '{text}'") from error
    return Span(column, start, end)


def parse(text: str, _index: Index, _today: date) -> Question:
    """Read an Essie expression.

    Raises:
        QuerySyntaxError: unbalanced parentheses, an unknown area, a date that is none.
    """
    return understood(_Reader(lex(text, LEXEME), BASIC).read(), text)
