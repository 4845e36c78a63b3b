"""The rules by which two records are one report, as data: the first that holds decides.

Each rule says which outcomes of comparing a field it accepts; a field it does not name may come out any way. What the
fields' outcomes mean is said in `titles`, `people` and `places`. An issue's number decides only where nothing
else can, for exports put running numbers there. The reasoning is laid out in the file of cases beside the tests.
"""

from __future__ import annotations

from ivigil.linking.conditions import (
    another_issue,
    exclusive,
    exclusive_to_team,
    meeting_paper,
    no_other_issue,
    preprint_in_time,
    same_id_of,
    telling_place,
)
from ivigil.linking.people import PeopleMatch as P
from ivigil.linking.places import FieldMatch as F
from ivigil.linking.rule import Rule
from ivigil.linking.titles import TitleMatch as T

SAME_TITLE = frozenset({T.SAME, T.NEAR})
KIN_TITLE = frozenset({T.SAME, T.NEAR, T.PART})
ANY_TITLE = frozenset({T.SAME, T.NEAR, T.PART, T.SIMILAR})
NOT_OTHER_PEOPLE = frozenset({P.SAME, P.SHARED, P.MISSING})
SOME_PEOPLE = frozenset({P.SAME, P.SHARED})
OPEN = frozenset({F.SAME, F.MISSING})
OPEN_PAGES = frozenset({F.SAME, F.MISSING, F.OTHER_COUNT})
MIN_REPRINTED = 6  # pages: of two shorter texts one is often the other's abstract
CLOSE_YEAR = frozenset({F.SAME, F.NEAR, F.MISSING})

RULES: tuple[Rule, ...] = (
    # Identifiers. The title is looked at too, for supplements and books share one DOI among many documents.
    Rule("same-pmid", "both carry one PMID", also=same_id_of("pmid")),
    Rule("same-pmcid", "both carry one PMCID", also=same_id_of("pmcid")),
    Rule("same-doi", "both carry one DOI, under one title", title=ANY_TITLE, doi=frozenset({F.SAME})),
    Rule(
        "same-doi-other-title",  # a translated or mistyped title
        "both carry one DOI, with the same authors on the same pages",
        title=frozenset({T.DIFFERENT, T.MISSING}),
        people=SOME_PEOPLE,
        pages=frozenset({F.SAME}),
        doi=frozenset({F.SAME}),
    ),
    # Versions of one paper: preprint, accepted manuscript, article.
    Rule(
        "version-preprint",
        "a preprint and the paper under the same title by the same authors",
        title=SAME_TITLE,
        people=SOME_PEOPLE,
        also=preprint_in_time,
    ),
    Rule(
        "version-preprint-renamed",  # titles change in peer review; the abstract's text shows the paper
        "a preprint and the paper by the same authors with one abstract",
        title=frozenset({T.PART, T.SIMILAR}),
        people=frozenset({P.SAME}),
        abstract=frozenset({F.SAME, F.NEAR}),
        also=preprint_in_time,
    ),
    Rule(
        "version-two-servers",
        "two preprints under the same title by the same authors",
        title=SAME_TITLE,
        people=frozenset({P.SAME}),
        also=lambda evidence: evidence.a.preprint and evidence.b.preprint,
    ),
    Rule(
        "version-repository",
        "a repository's copy under the same title by the same authors",
        title=SAME_TITLE,
        people=frozenset({P.SAME}),
        year=CLOSE_YEAR,
        doi=frozenset({F.NEAR}),
        also=lambda evidence: evidence.distinctive,
    ),
    # The same place in print. Two documents rarely begin on one page under one title.
    Rule(
        "same-place-and-title",
        "the same title in the same volume on the same pages",
        title=SAME_TITLE,
        people=NOT_OTHER_PEOPLE,
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
        also=telling_place,
    ),
    Rule(
        "same-place-and-title-part",
        "the same title, once with its subtitle, in the same volume on the same pages",
        title=frozenset({T.PART}),
        people=SOME_PEOPLE,
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
    ),
    Rule(
        "same-place-translated",  # one title is a database's own translation
        "a similar title, in the same volume on the same pages of more than one",
        title=frozenset({T.SIMILAR}),
        people=NOT_OTHER_PEOPLE,
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
        also=lambda evidence: evidence.span >= 2,
    ),
    Rule(
        "same-place-other-people",  # names cut, turned about or misread
        "the same title in the same volume of one journal, on a range of pages that one paper fills",
        title=KIN_TITLE,
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
        also=exclusive,
    ),
    Rule(
        "same-place-other-title",  # a title translated, mistyped or changed in proof
        "the same authors in the same volume of one journal, on a range of pages that one paper fills",
        title=frozenset({T.SIMILAR, T.DIFFERENT}),
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
        also=exclusive_to_team,
    ),
    Rule(
        "same-pages-similar-title",  # proceedings have no volume
        "a similar title by the same authors in one journal or meeting of the year, on pages that one paper fills",
        title=frozenset({T.SIMILAR}),
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=OPEN,
        pages=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        also=exclusive_to_team,
    ),
    Rule(
        "same-cochrane-review",  # reviews keep their CD number when they are renamed; each update is dated anew
        "one Cochrane review in the same year",
        people=SOME_PEOPLE,
        venue=OPEN,
        volume=OPEN,
        pages=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        also=lambda evidence: evidence.a.pages is not None and evidence.a.pages.lead == "cd",
    ),
    Rule(
        "same-pages",  # no volume, or one mistyped
        "the same title by the same authors in the same year on the same pages of one journal",
        title=KIN_TITLE,
        people=NOT_OTHER_PEOPLE,
        venue=OPEN,
        pages=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        also=lambda evidence: telling_place(evidence) and (evidence.volume is not F.DIFFERENT or evidence.span >= 2),
    ),
    Rule(
        "same-pages-other-name",  # a proceedings volume goes by several names
        "the same title by the same authors in the same year on the same pages",
        title=SAME_TITLE,
        people=frozenset({P.SAME}),
        volume=OPEN,
        pages=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        also=lambda evidence: evidence.distinctive and evidence.span >= 2,
    ),
    Rule(
        "pages-mistyped",
        "the same title by the same authors in the same volume of one journal on overlapping pages",
        title=SAME_TITLE,
        people=SOME_PEOPLE,
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        pages=frozenset({F.NEAR}),
        year=CLOSE_YEAR,
    ),
    # The same journal, and no page to compare: not given, or an article number against a page.
    Rule(
        "same-journal-and-year",
        "the same title by the same authors in one journal in the same year, and no other place",
        title=SAME_TITLE,
        people=SOME_PEOPLE,
        venue=frozenset({F.SAME}),
        volume=OPEN,
        pages=OPEN_PAGES,
        year=frozenset({F.SAME}),
        also=no_other_issue,
    ),
    Rule(
        "same-journal-title-part",
        "the same title, once with a lead or subtitle, by the same authors in one journal in the same year",
        title=frozenset({T.PART}),
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=OPEN,
        pages=frozenset({F.MISSING}),
        year=frozenset({F.SAME}),
        also=lambda evidence: evidence.distinctive and no_other_issue(evidence) and not evidence.one_meeting_abstract,
    ),
    Rule(
        "same-volume-next-year",  # online before print
        "the same title by the same authors in the same volume of one journal, and no other page",
        title=SAME_TITLE,
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        pages=OPEN_PAGES,
        year=frozenset({F.NEAR, F.MISSING}),
        also=no_other_issue,
    ),
    Rule(
        "same-meeting-next-year",  # proceedings dated the year after
        "the same title by the same authors at one meeting, a year apart and no other place",
        title=SAME_TITLE,
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=frozenset({F.MISSING}),
        pages=frozenset({F.MISSING}),
        year=frozenset({F.NEAR}),
        also=meeting_paper,
    ),
    Rule(
        "same-abstract",  # the journal goes by two names
        "the same title, authors and abstract in the same year, and no other place",
        title=SAME_TITLE,
        people=SOME_PEOPLE,
        volume=OPEN,
        pages=OPEN_PAGES,
        year=frozenset({F.SAME}),
        abstract=frozenset({F.SAME}),
        also=lambda evidence: evidence.distinctive,
    ),
    Rule(
        "translated-edition",  # journals that print each paper in two languages count their pages apart
        "the same title by the same authors in the same volume and year, one printed in another language",
        title=frozenset({T.SAME}),
        people=frozenset({P.SAME}),
        volume=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        also=lambda evidence: (
            evidence.distinctive
            and evidence.shared_people >= 3
            and evidence.a.title.translated != evidence.b.title.translated
        ),
        despite=frozenset({"pages"}),
    ),
    # Two DOIs, and yet one text: the abstracts are word for word the same.
    Rule(
        "reprint",
        "one paper printed again by its journal: the same title, authors, abstract and number of pages",
        title=frozenset({T.SAME}),
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        year=frozenset({F.SAME, F.NEAR}),
        doi=frozenset({F.MISSING, F.DIFFERENT}),
        abstract=frozenset({F.SAME}),
        also=lambda evidence: evidence.distinctive and evidence.shared_people >= 2 and evidence.span >= MIN_REPRINTED,
        despite=frozenset({"doi", "pages", "volume"}),
    ),
    Rule(
        "correction-printed-with-article",
        "a correction with the article's abstract, printed on the page after it in the same issue",
        title=frozenset({T.NOTICE}),
        people=frozenset({P.SAME}),
        venue=frozenset({F.SAME}),
        volume=frozenset({F.SAME}),
        year=frozenset({F.SAME}),
        doi=frozenset({F.MISSING, F.DIFFERENT}),
        abstract=frozenset({F.SAME}),
        also=lambda evidence: evidence.correction_follows and evidence.issue is F.SAME,
        despite=frozenset({"doi", "notice", "pages"}),
    ),
    # For a person to look at.
    Rule(
        "maybe-same-title",
        "the same title by the same authors, but the place does not settle it",
        title=SAME_TITLE,
        people=SOME_PEOPLE,
        pages=OPEN_PAGES | {F.NEAR},
        year=CLOSE_YEAR,
        also=lambda evidence: evidence.distinctive,
        strength="suggestion",
    ),
    Rule(
        "maybe-same-doi",
        "both carry one DOI, but title or authors differ",
        doi=frozenset({F.SAME}),
        strength="suggestion",
    ),
    Rule(
        "maybe-same-pages",
        "a similar title, in the same volume on the same pages",
        title=ANY_TITLE,
        volume=frozenset({F.SAME}),
        pages=frozenset({F.SAME}),
        year=CLOSE_YEAR,
        also=lambda evidence: not another_issue(evidence),
        strength="suggestion",
    ),
)
ORDER = {rule.name: place for place, rule in enumerate(RULES)}
IDENTIFIER_RULES = frozenset({"same-pmid", "same-pmcid", "same-doi"})
