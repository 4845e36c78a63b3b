"""Ordinary sentences of an eligible abstract, none of which makes it ineligible."""

from __future__ import annotations

import pytest

from ivigil.eligibility import assess
from ivigil.simulator.corpus import written_corpus

TITLE = "Infusions of immunoglobulin for refractory skin and muscle disease in systemic sclerosis"
INTRODUCTION = "Systemic sclerosis often resists treatment."
METHODS = "Between 2008 and 2017 we gave intravenous immunoglobulin (IVIG) to adults with systemic sclerosis."
RESULTS = (
    "Fourteen patients were treated with IVIG. Their skin score fell from 25 to 18 at one year (p=0.02). "
    "Strength improved in nine and headache occurred in three."
)

INTRODUCED = [
    "In an earlier report three patients were treated with IVIG.",
    "The first description was of three patients given IVIG, all of whom improved.",
    "So far only congress abstracts have been available.",
    "Only case reports and one review exist.",
    "In mice with bleomycin-induced fibrosis IVIG lessens collagen.",
]
ARRANGED = [
    "The study protocol was approved by the ethics committee.",
    "Trial registration: ISRCTN10203040.",
    "Estimated enrolment was 30, which was not reached.",
    "The protocol planned to recruit 30 patients but enrolment was slow.",
    "We planned to enrol 20; recruitment closed early, after fourteen had been treated.",
    "A literature search of PubMed was done to identify previous cases.",
    "We searched MEDLINE and Embase for earlier reports.",
    "A panel settled the definition of response by a Delphi process.",
    "No patient had received IVIG before.",
    "None of the patients in the comparison group received IVIG.",
    "No participant had been exposed to IVIG within six months.",
    "Patients with morphea or scleromyxedema were not included.",
    "Children were excluded.",
]
FOUND = [
    "Two applications were withdrawn before the first dose.",
    "No patient received IVIG after month 12.",
    "No patient received IVIG alone.",
    "No patient needed a second course of IVIG.",
    "No patient on IVIG needed dialysis.",
    "None received IVIG for longer than three years.",
    "Fibroblasts cultured from two biopsies made less collagen.",
    "A multicentre trial will enrol 60 patients and its results are awaited.",
    "Only two patients received IVIG at a dose below 2 g/kg.",
    "At last follow-up four patients were still receiving IVIG.",
]


@pytest.mark.parametrize(
    ("introduced", "arranged", "found"),
    [(text, "", "") for text in INTRODUCED]
    + [("", text, "") for text in ARRANGED]
    + [("", "", text) for text in FOUND],
)
@pytest.mark.parametrize("labelled", [True, False])
def test_an_ordinary_sentence_loses_no_eligible_study(read, introduced, arranged, found, labelled):
    """What was planned, searched, seen before or given to nobody in one way only leaves a treated cohort in."""
    parts = [("INTRODUCTION", INTRODUCTION, introduced), ("METHODS", METHODS, arranged), ("RESULTS", RESULTS, found)]
    sections = [(label, f"{text} {added}".strip()) for label, text, added in parts]
    abstract = sections if labelled else " ".join(text for _, text in sections)
    assert read(TITLE, abstract).verdict != "ineligible"


@pytest.mark.parametrize(
    "title",
    [
        "Recommendations from experience: intravenous immunoglobulin in systemic sclerosis",
        "Reply to treatment with intravenous immunoglobulin in scleroderma",
        "Intravenous immunoglobulin in systemic sclerosis: a treatment protocol and its results",
        "Intravenous immunoglobulin in dermatomyositis overlapping with systemic sclerosis",
        "Update on intravenous immunoglobulin in systemic sclerosis: ten-year results",
    ],
)
def test_words_of_a_title_lose_no_study_that_tells_results(read, title):
    """A title's word for a guideline, a reply, a plan or a neighbour is outweighed by patients and their results."""
    abstract = (
        "Forty patients with diffuse disease were randomised, 20 to IVIG and 20 to placebo. "
        "Skin score changed by -6.1 with IVIG and by -3.2 with placebo (p=0.08)."
    )
    assert read(title, abstract).verdict != "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        (
            "Intravenous immunoglobulin in systemic sclerosis: a trial",
            "Forty adults with SSc will be enrolled and given IVIG or placebo. The primary outcome is the skin score.",
            "publication_type",
        ),
        (
            "Recommendations for intravenous immunoglobulin in systemic sclerosis",
            "A panel of 12 experts formulated 20 statements on IVIG in SSc. All reached agreement above 80%.",
            "publication_type",
        ),
        ("Treatment of systemic sclerosis", "We followed 40 adults with SSc. None received IVIG.", "intervention"),
        (
            "Intravenous immunoglobulin in systemic sclerosis",
            "[Congress abstract] Twelve adults with SSc received IVIG. Skin score fell from 24 to 17.",
            "full_text",
        ),
        (
            "Intravenous immunoglobulin for scleromyxedema, not scleroderma",
            "Twelve patients with scleromyxedema had IVIG. None had systemic sclerosis.",
            "population",
        ),
        (
            "Refractory skin disease in systemic sclerosis",
            "We followed 204 patients with SSc. None had received IVIG, because it is not reimbursed in our country.",
            "intervention",
        ),
        (
            "Cost-utility of intravenous immunoglobulin in systemic sclerosis: a Markov model",
            "A cohort of 1,000 patients was simulated. IVIG yielded 4.7 QALYs at $318,400 and rituximab 4.5.",
            "publication_type",
        ),
        (
            "Immunoglobulin in systemic sclerosis: an international survey of prescribing physicians",
            "Of 213 who replied, 47% would choose IVIG for myositis and 61% had prescribed it once.",
            "publication_type",
        ),
        (
            "Intravenous immunoglobulin in systemic sclerosis with calcinosis",
            "Intervention: IVIG 2 g/kg. Enrolment: 20 participants (anticipated). Status: recruiting.",
            "full_text",
        ),
        (
            "Intravenous immunoglobulin in systemic sclerosis with calcinosis",
            "Condition: systemic sclerosis. Intervention: IVIG for 24 weeks. Estimated completion: March 2026.",
            "full_text",
        ),
    ],
)
def test_what_is_no_study_of_treated_patients_stays_out(read, title, abstract, criterion):
    """A plan, a guideline, a cohort without the treatment and a congress abstract are still ineligible."""
    assert read(title, abstract).criteria[criterion].status == "not_met"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (
            "In our institution 13 patients with SSc received IVIG. Haemoglobin fell by 2 g/dL in four.",
            "needs_full_text",
        ),
        (
            "We wish to add our own figures. Of adults with SSc given IVIG 13 were followed; haemoglobin fell in four.",
            "needs_full_text",
        ),
        ("We thank the authors for their interest in our paper on 13 patients with SSc who had IVIG.", "ineligible"),
    ],
)
def test_a_comment_with_data_of_its_own_goes_to_a_person(read, words, verdict):
    """A letter typed Comment is left out, unless it tells what became of patients at its authors' own place."""
    abstract = f"We read with interest the review on immunoglobulins in scleroderma. {words}"
    fields = {"publication_types": ("Letter", "Comment")}
    assert read("Haemolysis under immunoglobulin in systemic sclerosis", abstract, **fields).verdict == verdict


def test_a_cost_study_of_own_patients_is_read_like_any_other(read):
    """Words for a model in a title exclude nothing where patients were given the treatment."""
    title = "Cost-effectiveness of intravenous immunoglobulin in systemic sclerosis: a hospital cohort"
    found = read(title, "Fourteen patients with SSc received IVIG. Their skin score fell. The cost was $90,000 a year.")
    assert found.verdict == "eligible"
    assert found.n_treated == 14


def test_where_nobody_was_given_it_no_number_is_shown(criteria):
    """A comparison with published cohorts is left to a person, without its own patients counted as treated."""
    records = [document.forms[-1][1] for document in written_corpus().documents]
    compared = [record for record in records if "No patient in our clinic was given IVIG" in record.abstract_text]
    assert compared
    for record in compared:
        found = assess(record, criteria)
        assert (found.n_treated, found.treated) == (None, "")
        assert found.verdict != "eligible"


def test_numbers_of_a_question_in_the_title_count_no_patients(read):
    """A question ("two grams or one?") before the subject makes no report of one."""
    found = read(
        "Two grams or one? Dose of intravenous immunoglobulin in scleroderma",
        (
            "All had SSc. Seven were on 2 g/kg when supply failed. They went to 1 g/kg. In four CK stayed. In three "
            "CK rose within three months. Weakness came back in one of these three."
        ),
    )
    assert found.verdict != "ineligible"


@pytest.mark.parametrize("before", ["every", "each", "any"])
def test_one_behind_a_quantifier_counts_nobody(read, before):
    """To say "every one of whom had received IVIG" is to speak of all, not of a single patient."""
    abstract = f"Skin was measured in 72 patients with systemic sclerosis, {before} one of whom had received IVIG."
    found = read("Skin response to immunoglobulin in systemic sclerosis", abstract)
    assert found.n_treated != 1
    assert found.verdict != "ineligible"


@pytest.mark.parametrize(
    "abstract",
    [
        "Four patients received high-dose and four low-dose IVIG. Skin score fell in these eight patients with SSc.",
        "Results at three years are known for four of the ten patients with SSc who began IVIG. All four kept them.",
        "In a first period three patients with SSc were treated with IVIG, in a second four more. All seven improved.",
        "Use of IVIG was 0.6%, 3% and 15% in three subsets of SSc, thus 2, 5 and 18 patients. Their skin score fell.",
        "Six patients with SSc were randomised, three to IVIG first and three to placebo first. Skin score fell.",
    ],
)
def test_few_of_a_study_that_is_about_the_treated_may_be_a_part(read, abstract):
    """Where the title names the condition, the treatment and no few, a part of the treated loses no study."""
    assert read("Immunoglobulin in systemic sclerosis: doses and results", abstract).verdict != "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        (
            "Four patients with systemic sclerosis treated with intravenous immunoglobulin",
            "Four patients with SSc received IVIG. Skin score fell in all. Of 40 published patients, 30 improved.",
            "sample_size",
        ),
        (
            "Renal crisis of systemic sclerosis after immunoglobulin: a case report",
            (
                "A 58-year-old woman with systemic sclerosis was given IVIG. Five days after the second course "
                "her blood pressure was 210/115. Six courses had been planned and her strength improved."
            ),
            "sample_size",
        ),
        (
            "Heart block of systemic sclerosis responding to intravenous immunoglobulin",
            (
                "A 44-year-old woman with diffuse systemic sclerosis was admitted with dyspnoea. "
                "She was given intravenous immunoglobulin. Within eight weeks her ejection fraction rose to 55%."
            ),
            "sample_size",
        ),
        (
            "Complications of systemic sclerosis in a hospital",
            "Of 512 patients with systemic sclerosis three were treated with IVIG. Two improved.",
            "sample_size",
        ),
        (
            "Mixed connective tissue disease under immunoglobulin",
            "Twelve adults with MCTD were treated with IVIG. None fulfilled the criteria for systemic sclerosis.",
            "population",
        ),
        (
            "Immunoglobulin in systemic sclerosis: an overview",
            "We review the safety of IVIG in patients with SSc. The largest cohorts, of 46 and 78, indicate benefit.",
            "publication_type",
        ),
        (
            "Intravenous immunoglobulin in juvenile systemic sclerosis",
            "Treatment is extrapolated from adults. Twelve children aged 5 to 15 years received IVIG; strength rose.",
            "adults",
        ),
        (
            "Intravenous immunoglobulin in juvenile scleroderma",
            "All data stem from adult cohorts. Ten girls with SSc of median age 11 years received IVIG; skin healed.",
            "adults",
        ),
        (
            "Intravenous immunoglobulin for scleromyxedema: outcome and comparison with systemic sclerosis",
            (
                "Eleven patients with scleromyxedema were treated with IVIG and skin scores fell. They were compared "
                "with 30 patients with systemic sclerosis, none of whom had been treated with IVIG."
            ),
            "population",
        ),
        (
            "Immunoglobulin given early to 12 persons at risk of systemic sclerosis",
            (
                "Twelve persons with VEDOSS received IVIG for six months. Patients with definite SSc were excluded. "
                "Raynaud attacks became fewer."
            ),
            "population",
        ),
        (
            "Tofacitinib in systemic sclerosis with inadequate response to intravenous immunoglobulin",
            (
                "Sixteen patients with SSc whose skin had progressed on IVIG were given tofacitinib. No IVIG was given "
                "during follow-up. The skin score fell by seven."
            ),
            "intervention",
        ),
        (
            "Depletion of B cells after failure of intravenous immunoglobulin in scleroderma",
            (
                "Twenty adults with SSc, in whom IVIG had been stopped, had rituximab. IVIG was not allowed during "
                "the study. FVC rose by 3%."
            ),
            "intervention",
        ),
        (
            "Stem cell transplantation after failure of intravenous immunoglobulin in systemic sclerosis",
            (
                "Only patients with SSc in whom IVIG had been stopped for inefficacy were considered. Eighteen "
                "were transplanted. The skin score fell by 12."
            ),
            "intervention",
        ),
        (
            "Rituximab in systemic sclerosis that had not responded to intravenous immunoglobulin",
            (
                "Twenty-four adults with SSc who had stopped IVIG had rituximab. No immunoglobulin was permitted after "
                "inclusion. FVC was stable."
            ),
            "intervention",
        ),
        (
            "Intravenous immunoglobulin in mixed connective tissue disease: ten years",
            (
                "Patients fulfilling criteria for systemic sclerosis at any time were removed. Twenty adults with MCTD "
                "received IVIG and strength rose. Its role in systemic sclerosis was not addressed."
            ),
            "population",
        ),
        (
            "Intravenous immunoglobulin for scleromyxedema, with comparison to systemic sclerosis controls",
            (
                "Sixteen patients with scleromyxedema were given IVIG and improved. Thirty untreated patients "
                "with diffuse SSc gave biopsies."
            ),
            "population",
        ),
        (
            "Facilitated subcutaneous immunoglobulin in systemic sclerosis: a pilot study",
            (
                "The intravenous route has so far been the only one tried in scleroderma. Sixteen adults with SSc "
                "were given subcutaneous immunoglobulin. The skin score fell by four."
            ),
            "intervention",
        ),
    ],
)
def test_few_neighbours_children_and_reviews_stay_out(read, title, abstract, criterion):
    """A title that says how few, a cohort of which few had it, and patients of another kind are still ineligible."""
    fields = {"publication_types": ("Journal Article", "Review")} if criterion == "publication_type" else {}
    assert read(title, abstract, **fields).criteria[criterion].status == "not_met"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Immunoglobulins versus no immunoglobulins for dysphagia in systemic sclerosis",
            (
                "Exposure to intravenous immunoglobulins was found in 14 cases and nine controls with SSc. "
                "Those exposed were weaned from tube feeding more often (p=0.02)."
            ),
        ),
        (
            "Immunoglobulin by route of administration in connective tissue disease: what patients prefer",
            (
                "Of 40 patients with systemic sclerosis, 15 were on intravenous and 25 on subcutaneous immunoglobulin. "
                "Skin was stable in 12 of the intravenous users."
            ),
        ),
        (
            "Infection in systemic sclerosis with a low IgG on intravenous immunoglobulin replacement",
            (
                "Sixteen patients with SSc were given intravenous immunoglobulin at replacement doses. "
                "Infections fell from 4.1 to 1.3 a year and the skin score did not change."
            ),
        ),
        (
            "Low IgG in systemic sclerosis after transplantation of stem cells: hypogammaglobulinaemia and its course",
            (
                "Of 40 patients with SSc, eleven were put on intravenous immunoglobulin at substitution dose. "
                "In these eleven infections dropped from 2.8 to 0.9 a year."
            ),
        ),
        (
            "Treatment of myositis in systemic sclerosis: a cohort",
            (
                "Of 90 patients with SSc, methotrexate came first in 61 and IVIG in 29. Strength rose in 17 on "
                "IVIG. Renal crisis occurred in three patients, none on IVIG."
            ),
        ),
        (
            "Positron emission tomography of muscle in systemic sclerosis",
            (
                "Of 17 patients with SSc and uptake, 13 went on to IVIG and CK fell. Of the 12 without uptake, none "
                "got IVIG."
            ),
        ),
        (
            "Magnetic resonance of the heart in systemic sclerosis treated with intravenous immunoglobulin",
            (
                "Fourteen patients with SSc were treated with IVIG. The mean age of the 14 patients was 49. Ejection "
                "fraction rose from 46 to 53%."
            ),
        ),
        (
            "Intravenous immunoglobulin in systemic sclerosis: outcome by organ",
            "Electronic records were screened. Thirty-three adults with SSc had received IVIG. Strength rose in 14.",
        ),
        (
            "Two preparations of intravenous immunoglobulin in systemic sclerosis",
            "Fourteen patients with SSc had the powder, eleven the liquid and six both. The skin score fell by 5.",
        ),
        (
            "Receptor antibodies in systemic sclerosis under immunoglobulin: paired sera and transfer to mice",
            (
                "Paired sera were taken before the first and after the third course (each 2 g/kg of Privigen) of nine "
                "women and two men with SSc. Mice were injected with their IgG. GIT 2.0 fell by 0.3 in the patients."
            ),
        ),
        (
            "Pregnancy under immunoglobulin in women with systemic sclerosis",
            (
                "Mycophenolate has to be withdrawn before conception. Seven women with SSc were given IVIG throughout. "
                "The skin score was stable, and the children are well at four years."
            ),
        ),
        (
            "Admissions before and after immunoglobulin in systemic sclerosis with infections",
            (
                "In 24 adults with systemic sclerosis intravenous immunoglobulin at replacement dose was begun because "
                "of a low IgG. Admissions fell from 3 to 1 a year."
            ),
        ),
    ],
)
def test_studies_lost_at_a_first_reading_are_kept(read, title, abstract):
    """Comparisons with none, either route, replacement, "none of those", mice and offspring lose no study."""
    assert read(title, abstract).verdict != "ineligible"


def test_own_patients_beside_a_search_make_a_primary_study(read):
    """A review type and a search of MEDLINE do not outweigh "we collected patients ... in our hospitals"."""
    abstract = (
        "We collected patients with SSc treated with intravenous immunoglobulin in our hospitals, and searched MEDLINE "
        "for published cases. Seven adults were found. Strength improved in five and skin in three. The literature "
        "search retrieved 29 more cases."
    )
    found = read(
        "Intravenous immunoglobulin in systemic sclerosis with neuropathy: seven cases and review of the literature",
        abstract,
        publication_types=("Journal Article", "Review"),
    )
    assert found.verdict != "ineligible"
