"""How a study was made, where its record shows it and no words name it."""

from __future__ import annotations

import pytest

from ivigil.criteria import Criteria, Design
from ivigil.eligibility import assess
from ivigil.eligibility.case import Case
from ivigil.eligibility.design_model import WAYS, features, likeliest_design, load_table
from ivigil.eligibility.sample_size import Treated

TITLE = "Intravenous immunoglobulin in diffuse systemic sclerosis"
SEEN_AHEAD = (
    "Fourteen consecutive adults with systemic sclerosis were enrolled and gave consent. Each had monthly IVIG."
    " The mRSS was measured at baseline, at week 12 and at week 24. It fell from 24 to 19 at week 24. Quality of life"
    " rose at each visit. Two patients withdrew during the study because of headache."
)
LOOKED_BACK = (
    "We describe the outcome of all 14 patients with systemic sclerosis given IVIG in our centres. The median follow-up"
    " was 38 months. Skin improved in nine, muscle in five and two died. Prednisone was stopped in three."
)


@pytest.mark.parametrize(("abstract", "design"), [(SEEN_AHEAD, "prospective"), (LOOKED_BACK, "retrospective")])
def test_a_design_that_no_words_name_is_what_the_record_reads_like(read, abstract, design):
    """Patients enrolled and measured at visits were followed; outcomes of all who were given it were looked up."""
    assert read(TITLE, abstract).design == design


def test_words_that_name_a_design_stand_where_little_else_is_said(read):
    """One sentence that says "randomly assigned" is of a trial."""
    abstract = "Twelve patients with systemic sclerosis were randomly assigned to IVIG or placebo."
    assert read(TITLE, abstract).design == "rct"


def test_a_design_that_the_protocol_excludes_is_never_chosen(criteria: Criteria, record):
    """How a record reads makes no study one of an excluded design, and so excludes nothing."""
    section = criteria.publication_type
    assert section is not None
    excluding = section.model_copy(update={"exclude_designs": (*section.exclude_designs, Design.PROSPECTIVE)})
    found = assess(record(TITLE, SEEN_AHEAD), criteria.model_copy(update={"publication_type": excluding}))
    assert found.design != "prospective"
    assert found.criteria["publication_type"].status == "met"


def test_terms_of_the_protocol_are_not_weighed(criteria: Criteria, record):
    """The model knows no condition, no treatment and no organ, so another review's records are weighed alike."""
    weighed = features(Case.of(record(TITLE, SEEN_AHEAD), criteria), Design.OTHER, Treated(14))
    assert {"ivig", "sclerosis", "immunoglobulin", "mrss"}.isdisjoint(weighed)
    assert {"consecutive", "enrolled", "visit"} <= weighed
    assert {"ivig", "scleroderma", "immunoglobulin", "mrss"}.isdisjoint(load_table().weights)


def test_a_record_without_text_has_a_design_all_the_same(criteria: Criteria, record):
    """An empty record is weighed by what all records share; the chance says how little that is."""
    design, chance = likeliest_design(Case.of(record("", ""), criteria), Design.OTHER, Treated(None), WAYS)
    assert design in WAYS
    assert 0 < chance < 1
