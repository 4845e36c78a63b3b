"""What two records say of each other, field by field; each field is compared when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from rapidfuzz import fuzz

from ivigil.linking.normalise import plain
from ivigil.linking.people import PeopleMatch, match_people
from ivigil.linking.places import FieldMatch, match_pages, match_text, match_venues
from ivigil.linking.prepared import REPOSITORY_REGISTRANTS, Prepared
from ivigil.linking.titles import TitleMatch, match_titles

ABSTRACT_LETTERS = 1500
MIN_ABSTRACT_LETTERS = 200


class Evidence:
    """The fields of two prepared records, compared; symmetric in the two."""

    def __init__(self, a: Prepared, b: Prepared) -> None:
        self.a, self.b = (a, b) if (a.key, a.title.text) <= (b.key, b.title.text) else (b, a)

    @cached_property
    def title(self) -> TitleMatch:
        """How near the titles are."""
        return match_titles(self.a.title, self.b.title)

    @cached_property
    def distinctive(self) -> bool:
        """Whether both titles are long enough not to be shared by chance."""
        return self.a.title.distinctive and self.b.title.distinctive

    @cached_property
    def _people(self) -> tuple[PeopleMatch, int]:
        return match_people(self.a.people, self.b.people)

    @property
    def people(self) -> PeopleMatch:
        """How well the lists of authors agree."""
        return self._people[0]

    @property
    def shared_people(self) -> int:
        """How many persons both lists name."""
        return self._people[1]

    @cached_property
    def venue(self) -> FieldMatch:
        """Whether both appeared in one journal or meeting."""
        if not self.a.issns.isdisjoint(self.b.issns):
            return FieldMatch.SAME
        return match_venues(*sorted((self.a.venue, self.b.venue)))

    @cached_property
    def volume(self) -> FieldMatch:
        """Whether both stand in one volume."""
        return match_text(self.a.volume, self.b.volume)

    @cached_property
    def issue(self) -> FieldMatch:
        """Whether both stand in one issue."""
        return match_text(self.a.issue, self.b.issue)

    @cached_property
    def pages(self) -> FieldMatch:
        """Whether both stand on the same pages."""
        return match_pages(self.a.pages, self.b.pages)

    @cached_property
    def span(self) -> int:
        """Pages of the shorter range where both start and end are given and agree in number; 0 otherwise."""
        a, b = self.a.pages, self.b.pages
        if a is None or b is None or not a.last or not b.last or a.count != b.count:
            return 0
        return a.count

    @cached_property
    def years_apart(self) -> int | None:
        """Years between the two, None where one is not dated."""
        return abs(self.a.year - self.b.year) if self.a.year and self.b.year else None

    @cached_property
    def year(self) -> FieldMatch:
        """The same year, or the next (online before print, a meeting before its proceedings)."""
        apart = self.years_apart
        if apart is None:
            return FieldMatch.MISSING
        return (FieldMatch.SAME, FieldMatch.NEAR)[apart] if apart < 2 else FieldMatch.DIFFERENT

    @cached_property
    def doi(self) -> FieldMatch:
        """SAME also for two versions under one DOI; NEAR where one is a preprint's or a repository's own."""
        a, b = self.a.doi, self.b.doi
        if not a or not b:
            return FieldMatch.MISSING
        if a == b or self.a.doi_family == self.b.doi_family:
            return FieldMatch.SAME
        kin = self.one_preprint or a.startswith(REPOSITORY_REGISTRANTS) or b.startswith(REPOSITORY_REGISTRANTS)
        return FieldMatch.NEAR if kin or (self.a.preprint and self.b.preprint) else FieldMatch.DIFFERENT

    @property
    def one_preprint(self) -> bool:
        """Whether exactly one is a preprint."""
        return self.a.preprint != self.b.preprint

    @property
    def one_meeting_abstract(self) -> bool:
        """Whether exactly one is known for a congress abstract."""
        return self.a.meeting_abstract != self.b.meeting_abstract

    @cached_property
    def same_place(self) -> bool:
        """Whether volume and pages both agree."""
        return self.volume is FieldMatch.SAME and self.pages is FieldMatch.SAME

    @cached_property
    def correction_follows(self) -> bool:
        """Whether one is a correction printed on the page right after the other's last."""
        return any(
            x.pages is not None
            and y.pages is not None
            and x.pages.last is not None
            and y.pages.first == x.pages.last + 1
            and y.title.notices - x.title.notices == {"correction"}
            for x, y in ((self.a, self.b), (self.b, self.a))
        )

    @cached_property
    def abstract(self) -> FieldMatch:
        """Whether the abstracts are one text, cut short or not; MISSING where one is too short to say."""
        texts = sorted((plain(self.a.abstract), plain(self.b.abstract)), key=lambda text: (len(text), text))
        if len(texts[0]) < MIN_ABSTRACT_LETTERS:
            return FieldMatch.MISSING
        size = min(len(texts[0]), ABSTRACT_LETTERS)
        likeness = fuzz.ratio(texts[0][:size], texts[1][:size])
        if likeness >= 90:
            return FieldMatch.SAME
        return FieldMatch.NEAR if likeness >= 70 else FieldMatch.DIFFERENT

    def shared_id(self, name: str) -> str | None:
        """The identifier of this name that both carry."""
        mine: str | None = getattr(self.a, name)
        return mine if mine and mine == getattr(self.b, name) else None

    def other_id(self, name: str) -> bool:
        """Whether both carry an identifier of this name, and not the same one."""
        mine, other = getattr(self.a, name), getattr(self.b, name)
        return bool(mine and other and mine != other)

    def relations(self) -> list[str]:
        """Kinds of relation, in lower case, by which one names the other."""
        return sorted(_named_by(self.a, self.b) + _named_by(self.b, self.a))


def _named_by(one: Prepared, other: Prepared) -> list[str]:
    return [
        relation.kind.lower()
        for relation in one.relations
        if (relation.pmid and relation.pmid == other.pmid) or (relation.doi and relation.doi == other.doi)
    ]
