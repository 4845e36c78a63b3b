"""Blocking: the keys of one record. Only records that share a key are ever compared.

Each key depends on its record alone, so that what is compared does not depend on the order of arrival; and each is
narrow enough that few documents share it however large the store grows: no title that many documents bear stands alone.
"""

from __future__ import annotations

from ivigil.linking.prepared import Prepared, prepare
from ivigil.linking.studies import STEM_LETTERS, topic_words
from ivigil.linking.titles import Title
from ivigil.records import Record

TITLE_LETTERS = 80
SURNAME_LETTERS = 6
RARE_WORDS = 5


def keys(record: Record) -> frozenset[str]:
    """Blocking keys: only records that share one are compared. Depends on this record alone."""
    return prepared_keys(prepare(record))


def prepared_keys(one: Prepared) -> frozenset[str]:
    """As `keys`, of a record already prepared."""
    found = set(_identifier_keys(one))
    found.update(_title_keys(one))
    page = (one.pages.first or one.pages.last) if one.pages else None
    surname = one.people[0].surname[:SURNAME_LETTERS] if one.people else ""
    if page and one.year and surname:
        found.add(f"page:{surname}:{one.year}:{page}")
    if page and page > 1 and one.volume:
        found.add(f"place:{one.volume}:{page}:{one.year}")
    return frozenset(found)


def _identifier_keys(one: Prepared) -> list[str]:
    named = [("pmid", one.pmid), ("doi", one.doi_family), ("pmcid", one.pmcid)]
    named += [("trial", number) for number in one.trials]
    for relation in one.relations:
        named += [("pmid", relation.pmid), ("doi", relation.doi)]
    return [f"{kind}:{value}" for kind, value in named if value]


def _title_keys(one: Prepared) -> list[str]:
    """The title whole; and each of its rarest words with the first author, or three of them together."""
    title = one.title
    first = one.people[0] if one.people else None
    found = [f"title:{form[:TITLE_LETTERS]}" for form in (title.compact, *title.others) if title.distinctive]
    if not title.distinctive and title.compact:
        found.append(f"title:{title.compact}:{first.surname if first else ''}:{one.year}")
    rare = _rare_words(title)
    if len(rare) >= 3:
        found.append("words:" + ":".join(sorted(rare[:3])))
    if first:
        name = f"{first.surname[:SURNAME_LETTERS]}{first.initial}"
        found += [f"author:{name}:{word}" for word in rare]
    return found


def _rare_words(title: Title) -> list[str]:
    """The longest words, which in titles are the rarest; words of method apart."""
    telling = topic_words(title.text)
    stems = {stem: len(word) for word in title.words if (stem := word[:STEM_LETTERS]) in telling}
    return sorted(stems, key=lambda stem: (-stems[stem], stem))[:RARE_WORDS]
