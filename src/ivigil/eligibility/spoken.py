"""How the numbers of a record are spoken of again elsewhere in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ivigil.eligibility.mentions import Counted, Setting
from ivigil.eligibility.number_words import EARLIER_NAMED, SEXES


@dataclass(slots=True)
class Spoken:
    """How often each value is named, as the whole of what, and with which words."""

    times: Counter[int]
    wholes: Counter[int]
    wholes_with: set[tuple[int, str]]
    named_again: set[int]
    by_sex: set[int]

    @classmethod
    def of(cls, counted: list[Counted]) -> Spoken:
        """Go once over a record's sentences."""
        spoken = cls(Counter(), Counter(), set(), set(), set())
        for here in counted:
            words = here.sentence.field.tokens.words
            for mention in here.mentions:
                value, item = mention.value, mention.item
                if value > 1:
                    spoken.times[value] += 1
                if item.of:
                    spoken.times[item.of] += 1
                    spoken.wholes[item.of] += 1
                    spoken.wholes_with |= {(item.of, tag) for tag in "TD" if tag in mention.line.tags}
                if item.first > here.sentence.first and words[item.first - 1] in EARLIER_NAMED:
                    spoken.named_again.add(value)
                if not SEXES.isdisjoint(words[item.last : item.last + 2]):
                    spoken.by_sex.add(value)
        return spoken

    def features(self, value: int, setting: Setting) -> set[str]:
        """What is said of one value."""
        features: set[str] = set()
        if self.times[value] > 1:
            features.add("again")
        if many := self.wholes[value]:
            features |= {"a whole", f"a whole&{setting.key}", f"a whole={min(many, 3)}"}
            features |= {f"a whole with {tag}" for tag in "TD" if (value, tag) in self.wholes_with}
            if setting.mixed and (value, "D") in self.wholes_with:
                features.add("mixed: a whole with D")
        if value in self.named_again:
            features.add("named again")
        if value in self.by_sex:
            features.add("by sex")
        return features
