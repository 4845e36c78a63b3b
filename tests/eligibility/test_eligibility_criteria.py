"""Each criterion's rules, one record at a time."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.criteria import Criteria
from ivigil.eligibility import assess
from ivigil.records import MeshHeading, PartialDate, RecordKind

TITLE = "Intravenous immunoglobulin in systemic sclerosis"
COHORT = "Twelve patients with systemic sclerosis were treated with IVIG. The modified Rodnan skin score improved."


def test_a_plain_cohort_is_eligible(read):
    """Twelve adults with SSc, IVIG and a skin score meet every criterion."""
    found = read(TITLE, COHORT)
    assert found.verdict == "eligible"
    assert {reading.status for reading in found.criteria.values()} == {"met"}
    assert list(found.criteria) == [
        "population",
        "intervention",
        "sample_size",
        "adults",
        "outcome",
        "language",
        "full_text",
        "publication_type",
        "date",
    ]


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        ("IVIG in scleromyxedema", "Ten patients with scleromyxedema, a mimic of SSc, had IVIG.", "population"),
        ("IVIG in morphea", "Six adults with generalized morphea received IVIG.", "population"),
        ("Home IVIG in CIDP", "Forty patients with CIDP had home IVIG.", "population"),
        ("IVIG in dermatomyositis", "35 adults had IVIG. Systemic sclerosis was excluded.", "population"),
        ("Surviving Sepsis", "The SSC bundle and IVIG were given to 70 patients with septic shock.", "population"),
        ("Serum immunoglobulins in systemic sclerosis", "IgG levels were raised in 88 SSc patients.", "intervention"),
        ("Subcutaneous immunoglobulin in systemic sclerosis", "12 SSc patients had SCIg.", "intervention"),
        ("Antithymocyte globulin in systemic sclerosis", "24 SSc patients were transplanted.", "intervention"),
        ("Efgartigimod in systemic sclerosis", "81 SSc patients had efgartigimod, an FcRn blocker.", "intervention"),
        ("Iloprost in systemic sclerosis", "60 SSc patients had intravenous iloprost.", "intervention"),
        ("Rituximab in systemic sclerosis", "30 IVIG-naive SSc patients had rituximab.", "intervention"),
        ("Rituximab in systemic sclerosis", "31 had rituximab. Patients receiving IVIG were excluded.", "intervention"),
        ("Tocilizumab in systemic sclerosis", "104 had tocilizumab; rescue with IVIG was allowed.", "intervention"),
        ("Mycophenolate in systemic sclerosis", "40 improved. IVIG might be considered in future.", "intervention"),
        (TITLE, "Nine children with juvenile systemic sclerosis, aged 6 to 15 years, had IVIG.", "adults"),
        (TITLE, "Twelve SSc patients received IVIG. Outcomes were not recorded.", "outcome"),
        (
            "IVIG in systemic sclerosis: a systematic review",
            "Medline was searched for IVIG in SSc.",
            "publication_type",
        ),
        ("IVIG in systemic sclerosis: study protocol", "60 SSc patients will receive IVIG.", "publication_type"),
        ("IVIG in tight-skin mice", "Mice, a model of systemic sclerosis, received IVIG.", "publication_type"),
    ],
)
def test_a_criterion_is_not_met_on_explicit_words(read, title, abstract, criterion):
    """Each class of confuser fails the criterion it should, and the record is ineligible."""
    found = read(title, abstract)
    assert found.criteria[criterion].status == "not_met"
    assert found.criteria[criterion].evidence
    assert found.verdict == "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        (TITLE, "65 patients with SSc received intravenous or subcutaneous immunoglobulins. mRSS fell.", "sample_size"),
        ("IVIG in connective tissue disease", "Forty patients with connective tissue disease had IVIG.", "population"),
        ("IVIG in mixed connective tissue disease", "Eleven patients with MCTD had IVIG; CK fell.", "population"),
        (
            "IVIG in autoimmune diseases",
            "130 patients with autoimmune diseases, 14 systemic sclerosis and 66 lupus, had IVIG. 71% had a response.",
            "outcome",
        ),
        (
            "Treatment of scleroderma myopathy",
            "62 patients with scleroderma had prednisone (n=60), methotrexate (n=31) and IVIG (n=12). CK fell in 40.",
            "outcome",
        ),
        (TITLE, "Patients with SSc treated with IVIG were reviewed. Skin improved.", "sample_size"),
    ],
)
def test_what_an_abstract_leaves_open_needs_the_full_text(read, title, abstract, criterion):
    """Mixed routes, wider groups, pooled outcomes, lists of drugs and missing numbers stay unclear."""
    found = read(title, abstract)
    assert found.criteria[criterion].status == "unclear"
    assert found.verdict == "needs_full_text"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (TITLE, "IVIG did not improve skin in 12 patients with SSc who were treated with IVIG; mRSS rose."),
        ("Safety of IVIG in SSc", "Adverse events were recorded in 26 patients with SSc given IVIG."),
        (TITLE, "Trough IgG was measured in nine adults with SSc who received IVIG."),
        (TITLE, "Nineteen patients with SSc were treated with mycophenolate and IVIG. mRSS fell."),
        (
            "IVIG in SSc-myositis overlap",
            "15 patients with systemic sclerosis overlapping with myositis had IVIG. CK fell.",
        ),
        (TITLE, "Eight patients with SSc (two aged 17, six adults) received IVIG. mRSS fell."),
    ],
)
def test_rules_settled_in_advance_keep_a_study_in(read, title, abstract):
    """Negative results, safety, pharmacokinetics, co-treatment, overlap with SSc and 17-year-olds do not exclude."""
    assert read(title, abstract).verdict == "eligible"


def test_a_cohort_that_also_reviews_the_literature_is_a_primary_study(read):
    """An own cohort wins over the type Review; without one the type decides."""
    own = "We report 19 patients with SSc treated with IVIG and review the literature. mRSS fell."
    assert read(TITLE, own, publication_types=("Review",)).verdict == "eligible"
    assert read(TITLE, "We discuss IVIG in SSc.", publication_types=("Review",)).verdict == "ineligible"


@pytest.mark.parametrize("kind", ["Published Erratum", "Comment", "Editorial", "Practice Guideline"])
def test_documents_about_other_documents_are_ineligible_and_count_nobody(read, kind):
    """What an erratum or a comment counts is another report's."""
    found = read(TITLE, COHORT, publication_types=(kind,))
    assert found.verdict == "ineligible"
    assert found.criteria["publication_type"].evidence == kind
    assert found.n_treated is None


def test_a_letter_with_data_is_a_full_text(read):
    """A letter that counts and measures its own patients is eligible."""
    assert read(TITLE, COHORT, publication_types=("Letter",)).verdict == "eligible"


@pytest.mark.parametrize("kind", [RecordKind.CONFERENCE_ABSTRACT, RecordKind.REGISTRATION])
def test_congress_abstracts_and_registrations_are_no_full_text(read, kind):
    """Their kind fails the full text criterion."""
    found = read(TITLE, COHORT, kind=kind)
    assert found.criteria["full_text"].status == "not_met"
    assert found.verdict == "ineligible"


@pytest.mark.parametrize(
    ("languages", "status", "verdict"),
    [(("eng",), "met", "eligible"), (("fre",), "not_met", "ineligible"), ((), "unclear", "needs_full_text")],
)
def test_the_language_is_read_from_the_record(read, languages, status, verdict):
    """An accepted language is met, another is not, an unstated one needs the full text."""
    found = read(TITLE, COHORT, languages=languages)
    assert (found.criteria["language"].status, found.verdict) == (status, verdict)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"published": PartialDate(year=2003)}, "met"),
        ({"published": PartialDate(year=2002, month=12)}, "not_met"),
        ({"published": PartialDate(year=2003, month=2), "electronic": PartialDate(year=2002, month=11)}, "not_met"),
        ({"published": None}, "unclear"),
    ],
)
def test_the_earlier_of_electronic_and_issue_date_counts(read, fields, status):
    """A paper that was online in 2002 is out of the window whatever its issue says."""
    assert read(TITLE, COHORT, **fields).criteria["date"].status == status


@pytest.mark.parametrize(
    "fields",
    [
        {"publication_types": ("Review",)},
        {"publication_types": ("Published Erratum",)},
        {"languages": ("ger",)},
        {"published": PartialDate(year=1999)},
        {"kind": RecordKind.CONFERENCE_ABSTRACT},
    ],
)
def test_a_missing_abstract_is_never_ineligible(read, fields):
    """Whatever the fields say, a record without an abstract goes to a person."""
    assert read("IVIG in mice", "", **fields).verdict == "needs_full_text"


def test_subject_headings_alone_leave_a_criterion_unclear(read):
    """A heading says that the subject is there, not that these patients had it."""
    headings = (MeshHeading(descriptor="Scleroderma, Systemic"), MeshHeading(descriptor="Immunoglobulins, Intravenous"))
    found = read("Treatment of skin fibrosis", "Twelve patients improved.", mesh=headings)
    assert found.criteria["population"].evidence == "Scleroderma, Systemic"
    assert found.criteria["intervention"].evidence == "Immunoglobulins, Intravenous"
    assert found.verdict == "needs_full_text"


def test_labels_of_an_abstract_part_the_background_from_the_methods(read):
    """IVIG in the background alone is no treatment; the same words under Methods are."""
    words = "IVIG was given to 12 patients with systemic sclerosis."
    elsewhere = "We gave rituximab to 20 patients with systemic sclerosis and the skin score improved."
    outside = read("Rituximab in systemic sclerosis", [("BACKGROUND", words), ("METHODS", elsewhere)])
    inside = read("Rituximab in systemic sclerosis", [("BACKGROUND", elsewhere), ("METHODS", words)])
    assert outside.criteria["intervention"].status == "not_met"
    assert inside.criteria["intervention"].status == "met"


@pytest.mark.parametrize(
    "abstract",
    [
        "Twenty patients with SSc had rituximab. All had earlier failed IVIG.",
        "Twenty patients with SSc were transplanted; IVIG replacement was given to eleven.",
        "Binding of SSc sera was blocked in vitro by IVIG; no patient was treated.",
    ],
)
def test_immunoglobulin_for_something_else_is_not_the_treatment(read, abstract):
    """Given before the study, as replacement, or in the laboratory, the intervention was not given."""
    assert read("Outcomes in systemic sclerosis", abstract).criteria["intervention"].status == "not_met"


def test_a_name_in_brackets_alone_can_be_read(read):
    """An abstract that names the intervention in brackets only is read without a stumble."""
    assert read("Systemic sclerosis", "A product (IVIG).").criteria["intervention"].evidence == "A product (IVIG)."


def test_a_protocol_with_a_sample_size_alone_is_read_and_nothing_else(record):
    """Criteria that the protocol does not set are not read, and nothing can be called eligible."""
    criteria = Criteria.model_validate({"sample_size": {"minimum": 5}})
    found = assess(record(TITLE, COHORT), criteria)
    assert list(found.criteria) == ["sample_size"]
    assert found.verdict == "needs_full_text"


def test_another_review_needs_no_code(record):
    """Another population and intervention are read from another protocol's terms."""
    criteria = Criteria.model_validate(
        {
            "population": {"terms": ["migraine"], "other_conditions": ["epilepsy"]},
            "intervention": {"terms": ["topiramate"], "comparators": ["placebo"]},
            "sample_size": {"minimum": 20},
            "organ_systems": {"headache": {"terms": ["headache days"]}},
            "date": {"earliest": date(2010, 1, 1)},
        }
    )
    text = "Of 90 adults with migraine, 45 were assigned to topiramate and 45 to placebo. Headache days fell by three."
    found = assess(record("Topiramate in migraine", text), criteria)
    assert (found.verdict, found.n_treated, found.organ_systems) == ("eligible", 45, ("headache",))


@pytest.mark.parametrize(
    ("abstract", "design"),
    [
        ("12 SSc patients were randomly assigned to IVIG (n=6) or placebo (n=6).", "rct"),
        ("In this pilot study 12 SSc patients received IVIG.", "pilot"),
        ("In this open-label study 12 SSc patients received IVIG.", "open_label"),
        ("We retrospectively studied 12 SSc patients who received IVIG.", "retrospective"),
        ("We prospectively followed 12 SSc patients who received IVIG.", "prospective"),
        ("12 SSc patients who received IVIG were compared with untreated patients.", "case_control"),
        ("A 45-year-old woman with SSc received IVIG.", "case_report"),
        ("Twelve SSc patients received IVIG.", "other"),
    ],
)
def test_the_design_is_described_and_never_decides(read, abstract, design):
    """Each design is named from its own words."""
    assert read("IVIG in systemic sclerosis", abstract).design == design


def test_organ_systems_come_from_what_was_measured(read):
    """A measure names its system; steroids that were tapered name another; the background names none."""
    found = read(
        TITLE,
        [
            ("BACKGROUND", "Lung disease is common in SSc."),
            ("RESULTS", "In 12 SSc patients given IVIG, CK fell, the GIT 2.0 improved and prednisone was tapered."),
        ],
    )
    assert found.organ_systems == ("musculoskeletal", "gastrointestinal", "other")


def test_reasons_quote_the_words_that_were_read(read):
    """A reason is one short line with the study's own words."""
    reasons = read(TITLE, COHORT).reasons
    assert "sample size: 'Twelve patients with systemic sclerosis were treated with IVIG' (12 treated)" in reasons


def test_a_study_that_is_wished_for_is_not_the_design_of_this_one(read):
    """A conclusion that asks for a randomised comparison leaves a cohort a cohort."""
    abstract = (
        "In a prospective cohort 24 patients with SSc received IVIG. mRSS fell. A randomised comparison is justified."
    )
    assert read("IVIG in systemic sclerosis", abstract).design == "prospective"


def test_an_exclusion_in_a_trial_of_another_treatment_settles_a_passing_mention(read):
    """Where the title names another drug and the treated were left out, a word on how it works keeps nothing open."""
    found = read(
        "Efgartigimod in systemic sclerosis",
        "Fc receptor blockade lowers IgG, as IVIG is thought to do. 42 adults with SSc had efgartigimod. mRSS fell."
        " Treatment with IVIG was an exclusion criterion.",
    )
    assert found.verdict == "ineligible"
    assert found.criteria["intervention"].status == "not_met"


def test_patients_who_have_been_reported_are_those_of_the_literature(read):
    """A review that adds up what has been reported counts no patients of its own."""
    abstract = (
        "In this narrative review we summarise IVIG in SSc. Overall, 180 patients have been reported. Skin softened."
    )
    assert read("IVIG in systemic sclerosis", abstract).n_treated is None
