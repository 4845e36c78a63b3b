"""What was given: each mention of the intervention is judged where it stands, and the best one decides."""

from __future__ import annotations

import re
from enum import StrEnum

from ivigil.eligibility.case import Case, quote, quote_line
from ivigil.eligibility.lexicon import word_set
from ivigil.eligibility.reading import Reading, Status, quote_value
from ivigil.eligibility.tagging import Line
from ivigil.eligibility.text import Part


class Mention(StrEnum):
    """What a mention of the intervention says."""

    GIVEN = "given"
    NAMED = "named without saying that it was given"
    BACKGROUND = "background"
    BEFORE = "given before the study"
    PLANNED = "planned, or one day possible"
    RESCUE = "allowed as rescue, or given as replacement or prophylaxis"
    NEGATED = "not given"
    LABORATORY = "used in the laboratory"


_NEGATED = re.compile(
    r"X[lPdD]{0,2}[VGZx]{0,1}[VGZ]{1,2}[xw]{0,3}T|Xx?T|XwT|T[^;,X]{0,3}X[xV]{0,2}[VGZd]|Te|T[^;,VG]{0,5}[xto]{0,3}e|e[^;,]{0,6}T|PVTxe"
)
_NOT_TREATED = re.compile(
    r"X[lPDo]{0,3}x?[VG]{1,2}[xw]{0,3}T|XP[^;,]{0,6}[VG]{1,2}[xw]{0,2}T|XTx?h?|T[^;,X]{0,2}X[xV]{0,2}[VG]"
)
_BEFORE = re.compile(r"u[^;VGZ]{0,3}T")
_RESCUE = re.compile(r"s[^;NK]{0,18}T|T[^;]{0,6}[sd]")
_GIVEN = re.compile(r"[VGZn][^;XHe]{0,9}T|T[^;XHe]{0,9}[VGZ]|[NK][^;XHe]{0,10}T|T[^;X]{0,5}k|[tw]x?T|T[xh]{0,3}[to]")
_PLAN = re.compile(r"H[^;]{0,8}T|T[^;]{0,8}H")
_GENERAL = re.compile(r"T[^;NK]{0,4}V[xX]{0,2}G|Tx{0,3}[xt]")
_LABORATORY = word_set(
    """
    vitro neutralized neutralised neutralizes neutralises neutralizing neutralising incubated incubation preincubated
    fibroblasts cultured abolished inhibited strips supernatants cells
    """
)
_DECISIVE = (Mention.GIVEN, Mention.NAMED)


def read_intervention(case: Case) -> Reading:  # noqa: C901, PLR0911 - a cascade: the first case that applies decides
    """Say whether own patients were given the intervention, and by the right route."""
    if case.criteria.intervention is None:
        raise ValueError("the protocol sets no intervention")
    tags = case.title_tags + " " + case.abstract_tags
    if "T" in tags:
        return _of_mentions(case)
    if "B" in tags:
        if not any(mention_of(line) in _DECISIVE for line in case.lines if "B" in line.tags):
            return _first(case, "B", Status.NOT_MET, "not given")
        return _first(case, "B", Status.UNCLEAR, "the route, or how many had which, is not said")
    if "R" in tags:
        return _first(case, "R", Status.NOT_MET, "another route only")
    if "y" in tags:
        return _generic_only(case)
    heading = case.has_heading(case.criteria.intervention)
    if heading is not None:
        return quote_value(case.record, "mesh", heading, Status.UNCLEAR, "named by a subject heading only")
    for tag, note in (("Y", "measured, not given"), ("A", "another treatment")):
        if tag in tags:
            return _first(case, tag, Status.NOT_MET, note)
    if case.has_abstract and case.document.sentences:
        return quote(
            case.document.sentences[0], Status.NOT_MET, "the record's subject; neither it nor its text names it"
        )
    return Reading(Status.UNCLEAR, note="not named, and there is no abstract")


def _of_mentions(case: Case) -> Reading:
    named = [line for line in case.lines if "T" in line.tags]
    said = [line for line in named if not _only_abbreviates(line)] or named
    mentions = [(mention_of(line), line) for line in said]
    kinds = {kind for kind, _ in mentions}
    for kind in _DECISIVE:
        candidates = [line for found, line in mentions if found is kind]
        if not candidates:
            continue
        if kind is Mention.GIVEN or any(line.sentence.part is Part.TITLE for line in candidates):
            line = next((line for line in candidates if line.sentence.part is not Part.TITLE), candidates[0])
            place = line.tags.index("T")
            return quote_line(line, place, place + 1, Status.MET)
        line = candidates[0]
        return quote(line.sentence, Status.UNCLEAR, kind.value)
    line = mentions[0][1]
    in_title = any(line.sentence.part is Part.TITLE and kind in _DECISIVE for kind, line in mentions)
    if in_title or not case.has_abstract:
        return quote(line.sentence, Status.UNCLEAR, "; ".join(sorted(kind.value for kind in kinds)))
    return quote(line.sentence, Status.NOT_MET, "; ".join(sorted(kind.value for kind in kinds)))


def _only_abbreviates(line: Line) -> bool:
    """Whether brackets hold nothing but the name again: "intravenous immunoglobulin (IVIG)"."""
    return line.bracketed and line.tags == "T"


def mention_of(line: Line) -> Mention:  # noqa: PLR0911 - a cascade: the first case that applies decides
    """Judge the mentions of the intervention in one line."""
    tags = line.tags.replace("B", "T")
    words = line.sentence.field.tokens.words[line.sentence.first : line.sentence.last]
    if not _LABORATORY.isdisjoint(words) and ("P" not in tags or "vitro" in words):
        return Mention.LABORATORY
    if _NOT_TREATED.search(tags) or _NEGATED.search(tags):
        return Mention.NEGATED
    if _BEFORE.search(tags):
        return Mention.BEFORE
    if _RESCUE.search(tags):
        return Mention.RESCUE
    if line.sentence.part is Part.TITLE:
        return Mention.NAMED
    if _PLAN.search(tags):
        return Mention.PLANNED
    if line.sentence.part is Part.BACKGROUND or "L" in tags:
        return Mention.BACKGROUND
    return Mention.GIVEN if _GIVEN.search(tags) else Mention.NAMED


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
