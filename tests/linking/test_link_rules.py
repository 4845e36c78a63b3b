"""Each case of the file of cases comes out as it says, and each rule is shown by a case."""

from __future__ import annotations

import pytest
from linking_cases import Case, read_cases

from ivigil.linking import Link, compare, keys
from ivigil.linking.rules import RULES
from ivigil.linking.studies import STUDY_RULES

CASES = read_cases()


def said(link: Link | None) -> str:
    if link is None:
        return "apart"
    return f"{link.kind}{'?' if link.strength == 'suggestion' else ''} {link.rule}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_comes_out_as_reasoned(case: Case):
    """A pair is linked, suggested or left apart by the rule that its case names, whichever record comes first."""
    assert said(compare(case.a, case.b)) == case.expect, case.because
    assert said(compare(case.b, case.a)) == case.expect


@pytest.mark.parametrize("case", [case for case in CASES if case.expect != "apart"], ids=lambda case: case.name)
def test_linked_pair_shares_a_key(case: Case):
    """Records that belong together share a blocking key, so that they are compared at all."""
    assert keys(case.a) & keys(case.b)


def test_every_rule_has_a_case():
    """No rule stands without a case that shows what it is for."""
    shown = {case.expect.split()[-1] for case in CASES}
    assert {rule.name for rule in (*RULES, *STUDY_RULES)} <= shown


def test_every_certain_link_says_why():
    """A link carries words that a person can check."""
    for case in CASES:
        link = compare(case.a, case.b)
        assert link is None or len(link.why) > 15
