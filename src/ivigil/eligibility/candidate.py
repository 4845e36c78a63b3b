"""One number that may be the number treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ivigil.eligibility.counting import Count
from ivigil.eligibility.mentions import Mention


class Where(NamedTuple):
    """The field that a candidate's numbers stand in, and where the first and the last of them begin, in characters."""

    field: str
    numbers: tuple[int, int]


@dataclass(slots=True, eq=False)
class Candidate:
    """A number that may be the one treated (None: it is not said), its features, and where its words stand."""

    value: int | None
    features: set[str]
    said: tuple[Mention, Mention] | Count | None = None  # its first and its last number, or the words themselves
    derived: bool = False
    begins: Mention | None = None  # its first number, where that stands in a sentence before its words

    def where(self) -> Where | None:
        """Where its numbers stand; None where nothing is said."""
        if self.said is None:
            return None
        if isinstance(self.said, Count):
            return Where(self.said.line.sentence.field.name, (self.said.start, self.said.start))
        (first, last), field = self.said, self.said[0].line.sentence.field
        first = self.begins or first
        return Where(field.name, (field.tokens.starts[first.item.first], field.tokens.starts[last.item.first]))

    def count(self) -> Count | None:
        """The number with its words: from its first number through the people or the treatment behind its last."""
        if self.value is None or self.said is None:
            return None
        if isinstance(self.said, Count):
            return self.said
        first, last = self.said
        line = last.line
        tags = line.tags[last.place + 1 : last.place + 9]
        stop = next((at for at, tag in enumerate(tags) if tag in "NKk;"), len(tags))
        named = max((tags.rfind(tag, 0, stop) for tag in "PTD"), default=-1)
        end_item = line.items[last.place + 1 + named] if named >= 0 else last.item
        tokens = line.sentence.field.tokens
        end = tokens.ends[max(end_item.last, last.item.last) - 1]
        return Count(self.value, line, tokens.starts[first.item.first], end)
