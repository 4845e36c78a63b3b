"""What was given: each mention of the intervention is judged where it stands, and the best one decides."""

from __future__ import annotations

import re

from ivigil.eligibility.bearing import (
    had_failed,
    if_needed,
    is_in_a_dish,
    is_kept_off,
    is_of_the_past,
    is_told_as_past,
    was_tried_before,
)
from ivigil.eligibility.case import Case, quote, quote_line
from ivigil.eligibility.counting import lines_with_treated
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.roles import Mention, is_of_a_part, mention_of
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part

_ALLOWED_RESCUE = re.compile(
    r"\b(?:rescue|escape|salvage)\b[^.;]*\b(?:permitted|allowed)\b|\ballowed (?:rescue|escape|salvage)\b", re.IGNORECASE
)
# what is said of people, or done to them
_TREATS = re.compile(r"[VG][^;XHe]{0,9}T|T[^;XHe]{0,9}[VG]|[NK][^;XHe]{0,10}T|T[^;X]{0,5}k|ioT.*P|P.*ioT")
# "infused drugs, including rituximab and it", with no people in the clause
_AS_AN_EXAMPLE = re.compile(r"[^PNK1k]*c[^PNK1k]*B[^PNK1k]*$")
_ITS_NAMES = frozenset("TBy")
_PRESENT = (Mention.GIVEN, Mention.NAMED, Mention.CONCOMITANT)
_DECISIVE = (Mention.GIVEN, Mention.NAMED)


def read_intervention(case: Case) -> Reading:  # noqa: C901, PLR0911 - a cascade: the first case that applies decides
    """Say whether own patients were given the intervention, and by the right route."""
    if case.criteria.intervention is None:
        raise ValueError("the protocol sets no intervention")
    tags = case.title_tags + " " + case.abstract_tags
    if "T" in tags:
        return _of_mentions(case)
    if "B" in tags:
        return _of_mixed_routes(case) or _first(case, "B", Status.NOT_MET, "not given")
    if "R" in tags:
        return _first(case, "R", Status.NOT_MET, "another route only")
    if "y" in tags:
        return _generic_only(case)
    heading = case.has_heading(case.criteria.intervention)
    if heading is not None:
        return quote_value(case.record, "mesh", heading, Status.UNCLEAR, "named by a subject heading only")
    for tag, note in (("Y", "measured, not given"), ("A", "another treatment")):
        if tag in tags and not (tag == "Y" and _is_dosed(case)):
            return _first(case, tag, Status.NOT_MET, note)
    if _is_dosed(case):
        return Reading(Status.UNCLEAR, note="a dose by weight and a route are named, the substance is not")
    if case.has_abstract and case.document.sentences:
        return quote(
            case.document.sentences[0], Status.NOT_MET, "the record's subject; neither it nor its text names it"
        )
    return Reading(Status.UNCLEAR, note="not named, and there is no abstract")


def _is_of_another_route(case: Case) -> bool:
    """Whether the title names the substance by another route alone."""
    return "R" in case.title_tags and _ITS_NAMES.isdisjoint(case.title_tags)


def _is_subject(case: Case) -> bool:
    """Whether the title is about patients of the population on it, or on replacement, and no other treatment."""
    return re.search(r"^(?!.*[AC])(?=.*D).*[TBys]|^(?=.*D).*[TBy]x?s", case.title_tags) is not None


def _is_replaced_in_a_series(case: Case, mentions: list[tuple[Mention, Line]]) -> bool:
    """Whether the title names what is replaced, as a low IgG, and enough were "put on it at substitution dose"."""
    minimum = case.minimum
    return "O" in case.title_tags and any(
        kind is Mention.RESCUE and any(item.tag in "NKk" and item.value >= minimum for item in line.items)
        for kind, line in mentions
    )


def _is_dosed(case: Case) -> bool:
    """Whether something is dosed in grams for the body's weight by the right route, as hardly anything else is."""
    return "route" in case.labels.get("route", set()) and "g/kg" in case.document.abstract.text


def _of_mentions(case: Case) -> Reading:  # noqa: C901, PLR0911 - a cascade: the first case that applies decides
    named = [clause for clause in case.clauses if "T" in clause.tags]
    said = [line for line in named if not _only_abbreviates(line)] or named
    if (kept_off := _kept_off(case, said)) is not None:
        return quote(kept_off.sentence, Status.NOT_MET, Mention.KEPT_OFF.value)
    mentions = [(_role(case, line), line) for line in said]
    if (failed := _failed(case, mentions)) is not None:
        return quote(failed.sentence, Status.NOT_MET, Mention.FAILED.value)
    given = [line for kind, line in mentions if kind is Mention.GIVEN]
    if given or "T" in _named_in_title(mentions):
        mentions = [(Mention.BEFORE if is_of_a_part(kind, line) else kind, line) for kind, line in mentions]
    kinds = {kind for kind, _ in mentions}
    if _is_of_another_route(case):
        given = [line for line in given if any(item.tag in "PK1" or item.value > 1 for item in line.items)]
    beside = "A" in case.title_tags and any(
        kind is Mention.RESCUE and line.sentence.part is Part.TITLE for kind, line in mentions
    )
    in_a_dish = _is_put_to_cells(mentions)
    if beside or in_a_dish or (Mention.NOBODY in kinds and not _is_counted(case)):
        given = []
    in_title = not beside and not in_a_dish and Mention.NOBODY not in kinds and "T" in _named_in_title(mentions)
    if (given or in_title) and (either := _of_either_route(case)) is not None:
        return either
    if given or in_title:
        line = given[0] if given else next(line for kind, line in mentions if kind is Mention.NAMED)
        place = line.tags.index("T")
        return quote_line(line, place, place + 1, Status.MET)
    note = "; ".join(sorted(kind.value for kind in kinds))
    line = _telling(mentions)
    if in_a_dish and not _is_counted(case):
        return quote(line.sentence, Status.NOT_MET, note)
    if Mention.NOBODY not in kinds:
        let_as_rescue = beside and _is_let_as_rescue(case) and not _is_counted_enough(case)
        if _leaves_open(case, mentions, kinds) or (beside and not let_as_rescue):
            return quote(line.sentence, Status.UNCLEAR, note)
        if (mixed := _of_mixed_routes(case)) is not None:
            return mixed
    elif Mention.GIVEN in kinds and "T" in case.title_tags:
        return quote(line.sentence, Status.UNCLEAR, note)
    return quote(line.sentence, Status.NOT_MET, note)


def _kept_off(case: Case, named: list[Line]) -> Line | None:
    """Where a study of another treatment, whose title names this one as past if at all, says that nobody had it."""
    titled = [line for line in named if line.sentence.part is Part.TITLE]
    if not titled and "A" not in case.title_tags:
        return None
    if not all(_is_titled_as_past(case, line) for line in titled):
        return None
    # by a name that may mean something measured too: who is said to be kept off it says that it is the treatment
    naming = [line for line in case.own_lines if "y" in line.tags]
    return next(
        (line for line in [*named, *naming] if line.sentence.part is not Part.TITLE and is_kept_off(line.sentence)),
        None,
    )


def _is_titled_as_past(case: Case, line: Line) -> bool:
    """Whether a line of the title tells of it as past: what did not help, or what another treatment came after."""
    place = line.tags.index("T")
    before = line.sentence.field.tokens.words[line.items[place].first - 1]
    return is_of_the_past(line, place) or ("A" in case.title_tags and before in {"after", "following"})


def _leaves_open(case: Case, mentions: list[tuple[Mention, Line]], kinds: set[Mention]) -> bool:
    """Whether no mention says that it was given, and none settles that it was not."""
    # an exclusion in a study of another treatment settles what a passing word leaves open
    of_another = "A" in case.title_tags and "T" not in case.title_tags
    passing = of_another and (Mention.NEGATED in kinds or _is_of_nobody_here(case))
    return (
        not case.has_abstract
        or (bool({Mention.NAMED, Mention.CONCOMITANT} & kinds) and not passing and not _is_of_another_route(case))
        or (Mention.RESCUE not in kinds and _is_counted(case))
        or (Mention.RESCUE in kinds and (_is_subject(case) or _is_replaced_in_a_series(case, mentions)))
        or (kinds == {Mention.BACKGROUND} and not _ITS_NAMES.isdisjoint(case.title_tags))
    )


def _is_of_nobody_here(case: Case) -> bool:
    """Whether another treatment is said to be given to a number of people, and this one to nobody in any sentence."""
    return any(_ANOTHER_GIVEN.search(line.tags) for line in case.own_lines) and not any(
        _ANYBODY.search(line.tags) for line in case.lines if "T" in line.tags
    )


_ANOTHER_GIVEN = re.compile(r"[NK][^;T]{0,8}[VGZ][^;T]{0,6}A")
_ANYBODY = re.compile(r"[NKk1PVGZI]")
_EITHER = re.compile(r"^(?!.*Z).*(?:[VGn][^;]{0,5}T[xi]{0,2}r[xi]{0,2}R|[VGn][^;]{0,5}R[xi]{0,2}r[xi]{0,2}T)")
_COUNTED = re.compile(r"[NKk][^R;]{0,8}T|T[^R;]{0,6}[NKk]")


def _of_either_route(case: Case) -> Reading | None:
    """Unclear where patients "were given one or the other" and no number is said of those who had the right one."""
    line = next((line for line in case.own_lines if "R" in line.tags and _EITHER.search(line.tags)), None)
    if line is None or any(_COUNTED.search(clause.tags) for clause in case.clauses if "T" in clause.tags):
        return None
    return quote(line.sentence, Status.UNCLEAR, "one route or the other; how many had which is not said")


def _of_mixed_routes(case: Case) -> Reading | None:
    """Unclear where the substance was given and its route, or how many had which, is not said."""
    if _is_of_another_route(case) or _is_named_in_passing(case):
        return None
    if any(mention_of(clause) in _DECISIVE for clause in case.clauses if "B" in clause.tags):
        return _first(case, "B", Status.UNCLEAR, "the route, or how many had which, is not said")
    return None


def _is_named_in_passing(case: Case) -> bool:
    """Whether a name for either route stands in one clause of the abstract only, as an example, and in it no people."""
    if re.search(r"[TBRy]", case.title_tags):
        return False
    named = [clause for clause in case.clauses if "B" in clause.tags]
    return len(named) == 1 and _AS_AN_EXAMPLE.match(named[0].tags) is not None


def _role(case: Case, line: Line) -> Mention:
    """A mention as it stands in this record: in a trial of something else, what was given if needed is a rescue."""
    place = line.tags.index("T")
    if if_needed(line, place) and _tries_another(case):
        return Mention.RESCUE
    if was_tried_before(line, place) and _tries_another(case):
        return Mention.BEFORE
    if (
        "A" in case.title_tags
        and _is_titled_as_failed(case)
        and (had_failed(line, place) or (_names_it_as_failed(case) and is_told_as_past(line.sentence)))
    ):
        return Mention.BEFORE
    return mention_of(line)


def _is_titled_as_failed(case: Case) -> bool:
    """Whether the title names it, if at all, as what did not help: "abatacept in disease refractory to it"."""
    titled = [line for line in case.lines if line.sentence.part is Part.TITLE and "T" in line.tags]
    return all(had_failed(line, line.tags.index("T")) for line in titled)


def _names_it_as_failed(case: Case) -> bool:
    """Whether the title names it, and only as what did not help."""
    return "T" in case.title_tags and _is_titled_as_failed(case)


def _failed(case: Case, mentions: list[tuple[Mention, Line]]) -> Line | None:
    """Where a study of another treatment is titled by this one's failure, and every mention tells of it as past."""
    if "A" not in case.title_tags or not _names_it_as_failed(case):
        return None
    if any(kind in _PRESENT for kind, line in mentions):
        return None
    past = (line for kind, line in mentions if kind is Mention.BEFORE and line.sentence.part is not Part.TITLE)
    return next(past, None)


def _tries_another(case: Case) -> bool:
    """Whether another treatment is on trial: named in the title, or randomised, where the title lacks this one."""
    if re.search(r"[TBRy]", case.title_tags):
        return "A" in case.title_tags and "Z" in case.abstract_tags and _is_let_as_rescue(case)
    return re.search(r"[AC]", case.title_tags) is not None or {"Z", "C"} <= set(case.abstract_tags)


def _is_put_to_cells(mentions: list[tuple[Mention, Line]]) -> bool:
    """Whether it was put to cells or serum, and no mention tells of people who had it."""
    return any(
        kind is Mention.LABORATORY and is_in_a_dish(line, line.tags.index("T")) for kind, line in mentions
    ) and not any(kind in _DECISIVE and _TREATS.search(line.tags) for kind, line in mentions)


def _is_let_as_rescue(case: Case) -> bool:
    """Whether the title names it as a rescue, and the abstract says that rescue was allowed."""
    titled = any(
        if_needed(line, line.tags.index(tag))
        for line in case.lines
        if line.sentence.part is Part.TITLE
        for tag in "TBy"
        if tag in line.tags
    )
    return titled and any(_ALLOWED_RESCUE.search(line.sentence.text) for line in case.own_lines)


def _is_counted(case: Case) -> bool:
    """Whether a number of own patients is said to have received it."""
    lines = lines_with_treated(case.own_lines)
    return any(_role(case, line) not in {Mention.NEGATED, Mention.BEFORE, Mention.RESCUE} for line in lines)


def _is_counted_enough(case: Case) -> bool:
    """Whether a clause that names it counts as many as are wanted."""
    return any(
        item.tag in "NKk" and item.value >= case.minimum
        for clause in case.clauses
        if "T" in clause.tags
        for item in clause.items
    )


def _named_in_title(mentions: list[tuple[Mention, Line]]) -> str:
    return "".join(line.tags for kind, line in mentions if kind is Mention.NAMED and line.sentence.part is Part.TITLE)


def _telling(mentions: list[tuple[Mention, Line]]) -> Line:
    """The mention that says most plainly what became of the intervention."""
    order = (Mention.NOBODY, Mention.RESCUE, Mention.NEGATED, Mention.CONCOMITANT, Mention.NAMED)
    return next((line for wanted in order for kind, line in mentions if kind is wanted), mentions[0][1])


def _only_abbreviates(line: Line) -> bool:
    """Whether brackets hold nothing but the name again: "intravenous immunoglobulin (IVIG)"."""
    return line.bracketed and line.tags == "T"


def _generic_only(case: Case) -> Reading:
    named_in_title = "y" in case.title_tags
    other = "Y" in case.title_tags + case.abstract_tags
    if other or not named_in_title:
        return _first(case, "Y" if other else "y", Status.NOT_MET, "measured, not given")
    return _first(case, "y", Status.UNCLEAR, "whether it was given or measured is not said")


def _first(case: Case, tag: str, status: Status, note: str) -> Reading:
    line = next(line for line in case.lines if tag in line.tags)
    place = line.tags.index(tag)
    return quote_line(line, place, place + 1, status, note)
