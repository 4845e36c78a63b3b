"""The criteria that a record's own fields answer: language, kind of document, date."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ivigil.criteria import FullText, Language, Published
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.text import Part, Sentence
from ivigil.records import Record

_LABEL = 12  # words of a line that names a document, with its meeting and its place
_VERBS = frozenset(["is", "are", "was", "were", "has", "have", "had", "been", "exist", "exists", "reported"])


def read_language(record: Record, section: Language) -> Reading:
    """Compare the stated languages with the accepted ones; an unstated one stays unclear."""
    if not record.languages:
        return Reading(Status.UNCLEAR, note="language not stated")
    for language in record.languages:
        if language in section.accept:
            return quote_value(record, "languages", language, Status.MET)
    return quote_value(record, "languages", record.languages[0], Status.NOT_MET)


def read_full_text(case: Case, section: FullText) -> Reading:
    """Congress abstracts and registrations are no full text, by kind, by type, or by their own words."""
    record = case.record
    if record.kind in section.exclude_kinds:
        return quote_value(record, "kind", record.kind.value, Status.NOT_MET)
    if (listed := listed_type(record, section.exclude_types)) is not None:
        return quote_value(record, "publication_types", listed, Status.NOT_MET)
    for sentence, start, end in _marked(case, "full_text"):
        if _names_itself(sentence, start):
            return quote(sentence, Status.NOT_MET, start=start, end=end)
    return quote_value(record, "kind", record.kind.value, Status.MET)


def _names_itself(sentence: Sentence, start: int) -> bool:
    """Whether words for a kind of document stand as a label of this one: in the title, in a bracket, or without a verb.

    "Only congress abstracts have been available" speaks of others.
    """
    if sentence.part is Part.TITLE or sentence.field.text[sentence.start : start].lstrip().startswith(("[", "(")):
        return True
    words = sentence.field.tokens.words[sentence.first : sentence.last]
    return len(words) <= _LABEL and _VERBS.isdisjoint(words)


def read_date(record: Record, section: Published) -> Reading:
    """Compare the earlier of electronic and issue date with the first day that counts."""
    when = record.first_published
    if when is None:
        return Reading(Status.UNCLEAR, note="no date is stated")
    if when.earliest >= section.earliest:
        status = Status.MET
    else:
        status = Status.NOT_MET if when.latest < section.earliest else Status.UNCLEAR
    text = str(when)  # the whole of its field
    return Reading(status, text, "published", 0, len(text), phrase=text)


def listed_type(record: Record, types: tuple[str, ...]) -> str | None:
    """The record's first publication type that is in a list, whatever its case."""
    if not record.publication_types:
        return None
    wanted = _lowered(types)
    return next((name for name in record.publication_types if name.lower() in wanted), None)


@lru_cache(maxsize=64)
def _lowered(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def marker(case: Case, group: str) -> tuple[Sentence, int, int] | None:
    """The first term of a marker group in the title or abstract, with its characters."""
    return next(_marked(case, group), None)


def _marked(case: Case, group: str) -> Iterator[tuple[Sentence, int, int]]:
    for sentence in case.document.sentences:
        for match in sentence.matches(group):
            tokens = sentence.field.tokens
            yield sentence, tokens.starts[match.first], tokens.ends[match.last - 1]
