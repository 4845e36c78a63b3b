"""A review of quite another kind, children included and twenty or more treated, in a protocol alone."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from ivigil.criteria import Criteria
from ivigil.eligibility import assess

from .conftest import make_record

PROTOCOL = """
[population]
label = "nephrotic syndrome"
terms = ["nephrotic syndrome", "minimal change disease", "steroid sensitive nephrosis"]
abbreviations = ["SSNS", "FRNS", "MCD"]
company = ["proteinuria", "kidney", "renal"]
homonyms = ["mast cell disease"]
mimics = ["congenital nephrotic syndrome", "nephrotic range proteinuria"]
other_conditions = ["lupus nephritis", "membranous nephropathy", "IgA nephropathy"]
umbrellas = ["glomerular disease", "glomerulonephritis"]

[intervention]
label = "rituximab"
terms = ["rituximab", "RTX"]
brands = ["MabThera", "Truxima"]
measures = ["rituximab level", "anti rituximab antibody"]
false_friends = ["obinutuzumab", "ofatumumab"]
comparators = ["placebo", "control group", "standard care"]
other_treatments = ["tacrolimus", "cyclophosphamide", "mycophenolate", "prednisolone", "ciclosporin"]

[sample_size]
minimum = 20

[outcome]
terms = ["relapse", "remission", "relapse free"]

[organ_systems.renal]
terms = ["proteinuria", "eGFR", "remission", "relapse"]
[organ_systems.immune]
terms = ["infection", "hypogammaglobulinaemia", "B cell"]
[organ_systems.growth]
terms = ["height"]
subjects = ["prednisolone", "steroid"]
changes = ["stopped", "withdrawn", "reduced"]

[publication_type]
exclude = ["Review", "Editorial"]
exclude_designs = ["review", "protocol", "case_report", "preclinical"]

[date]
earliest = 2006-01-01
"""
CRITERIA = Criteria.model_validate(tomllib.loads(PROTOCOL))


@pytest.mark.parametrize(
    ("title", "abstract", "verdict", "number", "systems"),
    [
        (
            "Rituximab in childhood nephrotic syndrome: a placebo-controlled trial",
            "52 children aged 2 to 16 were randomised to rituximab (n = 27) or placebo (n = 25). Relapse was rarer.",
            "eligible",
            27,
            {"renal"},
        ),
        (
            "Ten years of rituximab for frequently relapsing nephrotic syndrome",
            "Of 140 with nephrotic syndrome, 48 had rituximab and 92 tacrolimus. Prednisolone was stopped in 31.",
            "eligible",
            48,
            {"growth"},
        ),
        (
            "Rituximab in minimal change disease of adults",
            "Fourteen adults with minimal change disease received rituximab. Proteinuria fell in twelve.",
            "ineligible",
            14,
            {"renal"},
        ),
        (
            "Rituximab for membranous nephropathy",
            "Sixty-five patients with membranous nephropathy received rituximab. Remission was seen in 60%.",
            "ineligible",
            None,
            {"renal"},
        ),
        (
            "Obinutuzumab in nephrotic syndrome",
            "Thirty children with nephrotic syndrome had it. None had been given rituximab. Relapse was rare.",
            "ineligible",
            None,
            {"renal"},
        ),
        (
            "Rituximab in glomerular disease",
            "Rituximab was given to 80 patients with glomerular disease. Remission was reached in half.",
            "needs_full_text",
            None,
            {"renal"},
        ),
        (
            "Steroid-sensitive nephrosis: what next?",
            "This review sets out rituximab and its rivals in nephrotic syndrome.",
            "ineligible",
            None,
            set(),
        ),
    ],
)
def test_another_review_is_read_from_its_protocol(title, abstract, verdict, number, systems):
    """Another disease, drug, number, age and systems need another file and no code."""
    found = assess(make_record(title, abstract), CRITERIA)
    assert found.verdict == verdict
    assert found.n_treated == number
    assert set(found.organ_systems) == systems


def test_what_a_protocol_leaves_out_is_not_read():
    """A protocol without age, language and full text reads none of them."""
    found = assess(make_record("Rituximab in nephrotic syndrome", "Thirty children received rituximab."), CRITERIA)
    assert set(found.criteria) == {
        "population", "intervention", "sample_size", "outcome", "publication_type", "date",
    }  # fmt: skip
    assert CRITERIA.date is not None
    assert CRITERIA.date.earliest == date(2006, 1, 1)
