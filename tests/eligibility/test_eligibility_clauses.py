"""Clauses: what belongs together in a sentence, and what does not."""

from __future__ import annotations

import pytest

from ivigil.eligibility.case import Case
from ivigil.eligibility.roles import Mention, mention_of

from .conftest import CRITERIA, make_record


def clauses(text: str) -> list[str]:
    case = Case.of(make_record("", text), CRITERIA)
    return [clause.tags for clause in case.clauses if not clause.bracketed and clause.tags.strip(",;:a")]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("29 had muscle disease, and IVIG was used in 14.", 2),
        ("46 SSc patients, seen since 2004, were given IVIG.", 1),
        ("Twelve SSc patients, all of whom had failed methotrexate, received IVIG.", 1),
        ("SSc patients who failed methotrexate and rituximab received IVIG.", 1),
        ("18 received IVIG; 34 did not.", 2),
        ("Twelve received IVIG while ten received rituximab.", 2),
    ],
)
def test_a_clause_ends_where_a_new_subject_gets_its_own_verb(text, count):
    """Lists, relative clauses and participles stay whole; a new subject with a verb opens a clause."""
    assert len(clauses(text)) == count


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Twelve patients with SSc received IVIG.", Mention.GIVEN),
        ("No participant with scleroderma was on IVIG during the study.", Mention.NOBODY),
        ("Features of scleroderma were seen in two, none on IVIG.", Mention.NEGATED),
        ("Patients with SSc never on IVIG began with weekly doses.", Mention.NEGATED),
        ("Patients with SSc on IVIG were left out.", Mention.NEGATED),
        ("Patients who had received IVIG were not included.", Mention.NEGATED),
        ("Eleven adults with SSc were interviewed before their first IVIG.", Mention.PLANNED),
        ("Seven patients with SSc were on stable IVIG.", Mention.CONCOMITANT),
        ("IVIG replacement was needed in four.", Mention.RESCUE),
        ("Pooled IVIG served as negative control for sera of systemic sclerosis.", Mention.LABORATORY),
        ("The response was compared with published IVIG cohorts.", Mention.BACKGROUND),
        ("IVIG was given as rescue to twelve patients with SSc.", Mention.GIVEN),
    ],
)
def test_a_mention_is_judged_where_it_stands(text, kind):
    """Each mention of the intervention says what became of it in its own clause."""
    case = Case.of(make_record("", text), CRITERIA)
    kinds = [mention_of(clause) for clause in case.clauses if "T" in clause.tags]
    assert kinds == [kind]


def test_no_consensus_on_the_drug_is_not_nobody_treated(read):
    """A negation that says nothing of patients leaves the cohort in."""
    text = "There is no consensus on IVIG in SSc. Nineteen patients with SSc received IVIG. mRSS fell."
    assert read("IVIG in systemic sclerosis", text).verdict == "eligible"
