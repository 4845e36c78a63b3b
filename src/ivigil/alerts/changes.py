"""What is different about a study from what the team was last told of it."""

from __future__ import annotations

from ivigil.alerts.content import Change, StudyFacts
from ivigil.alerts.templating import words
from ivigil.eligibility.certainty import treated_words

NONE_KNOWN = "none"


def changes_between(told: StudyFacts, now: StudyFacts, *, read: bool = True) -> tuple[Change, ...]:
    """The changes worth a message, with the lesser ones beside them; none where only lesser things changed.

    A verdict, the number treated, a text that appears, a further report and a retraction taken back are worth one. A
    design or an organ system read differently is not by itself, nor is the same number with another chance: that is
    what better reading rules do overnight.

    Args:
        told: the facts of the newest message about the study.
        now: its facts today.
        read: whether what a machine read counts; a person's decision ends that.
    """
    greater = _readings(told, now) if read and told.verdict is not None and now.verdict is not None else []
    if told.abstract_missing and not now.abstract_missing:
        greater.append(Change(what="Abstract", before="none in any source", after="now held"))
    if not told.full_text and now.full_text:
        greater.append(Change(what="Full text", before="not free to read", after="free to read"))
    if now.reports > told.reports:
        greater.append(Change(what="Reports of the study", before=str(told.reports), after=str(now.reports)))
    if "retracted" in told.notices and "retracted" not in now.notices:
        greater.append(Change(what="Retraction", before="retracted", after="taken back: no source says so any longer"))
    if not greater:
        return ()
    return (*greater, *(_lesser(told, now) if read else ()))


def _readings(told: StudyFacts, now: StudyFacts) -> list[Change]:
    found = []
    if told.verdict != now.verdict:
        found.append(Change(what="Verdict", before=words(str(told.verdict)), after=words(str(now.verdict))))
    if told.n_treated != now.n_treated:
        found.append(Change(what="Treated", before=_treated(told), after=_treated(now)))
    return found


def _lesser(told: StudyFacts, now: StudyFacts) -> list[Change]:
    pairs = [
        ("Design", told.design or NONE_KNOWN, now.design or NONE_KNOWN),
        ("Organ systems", ", ".join(told.organ_systems) or NONE_KNOWN, ", ".join(now.organ_systems) or NONE_KNOWN),
        ("Journal", told.journal or NONE_KNOWN, now.journal or NONE_KNOWN),
        ("Published", told.published or NONE_KNOWN, now.published or NONE_KNOWN),
    ]
    found = [
        Change(what=what, before=words(before), after=words(after)) for what, before, after in pairs if before != after
    ]
    before = {item.name: item.status for item in told.criteria}
    for item in now.criteria:
        was = before.get(item.name)
        if was is not None and was != item.status:
            found.append(Change(what=words(item.name), before=words(was), after=words(item.status)))
    return found


def _treated(facts: StudyFacts) -> str:
    return treated_words(facts.n_treated, facts.treated) or "not stated"
