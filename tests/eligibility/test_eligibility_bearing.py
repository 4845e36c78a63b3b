"""How a mention bears on the study: kept out for it, rescued by it, measured; whose patients; of what age."""

from __future__ import annotations

import pytest

from ivigil.criteria import Criteria
from ivigil.eligibility import assess

OTHER = "Rituximab in systemic sclerosis"
OWN = "Intravenous immunoglobulin in systemic sclerosis"
COHORT = "Eleven adults with systemic sclerosis received IVIG. The skin score fell."


@pytest.mark.parametrize(
    "words",
    [
        "Nobody on rituximab within a year, or on intravenous immunoglobulin within three months, was admitted.",
        "Those who had been given methotrexate or, in the last half year, IVIG were not sampled.",
        "People treated with IVIG, plasma exchange or another biologic in the past six months were ineligible.",
        "We did not enrol patients who were on IVIG.",
        "Exclusion criteria were pregnancy, infection and current use of IVIG.",
        "Current IVIG or prednisone above 10 mg disqualified from taking part.",
        "Samples of people on rituximab or IVIG were discarded.",
        "Seventeen were excluded: recent IVIG in eight, hepatitis B in nine.",
        "Biologics or IVIG had to be stopped 12 weeks before baseline.",
        "Prior therapies had been methotrexate (30), mycophenolate (22) and IVIG (4).",
        "Low IgG was seen in nine, and hypogammaglobulinaemia was corrected with IVIG in three.",
        "Participants treated with IVIG or plasma exchange within six months were not eligible.",
        "Patients on IVIG were not included.",
        "One immunosuppressant was permitted, but IVIG, abatacept and cyclophosphamide were forbidden for a year.",
        "They had failed a median of three lines, including methotrexate (32) and IVIG (6).",
        "Before rituximab, patients had been treated unsuccessfully with mycophenolate (24) and IVIG (6).",
        "Unlike intravenous immunoglobulin, which saturates the receptor, rituximab depletes B cells.",
        "Rituximab reproduces one of the putative mechanisms of intravenous immunoglobulin.",
        "All were naive to intravenous immunoglobulin.",
    ],
)
def test_those_kept_out_for_the_treatment_did_not_receive_it(read, words):
    """An exclusion, however it is worded, fails the criterion in a study of another drug."""
    found = read(OTHER, f"Forty adults with systemic sclerosis had rituximab. {words} The skin score fell.")
    assert found.criteria["intervention"].status == "not_met"
    assert found.verdict == "ineligible"


@pytest.mark.parametrize(
    "abstract",
    [
        "Patients treated with IVIG were included and those with cancer were excluded. mRSS fell in all 14 with SSc.",
        "Nine SSc patients excluded from a trial of rituximab received IVIG instead. mRSS fell.",
        "After exclusion of infection, 14 patients with SSc received IVIG. mRSS fell.",
        "Fourteen patients with SSc not responding to methotrexate were given IVIG. mRSS fell.",
        "14 SSc patients were given IVIG, 20 rituximab. Infection was seen in none of those on IVIG. mRSS fell.",
    ],
)
def test_an_exclusion_of_others_takes_nothing_from_those_who_were_treated(read, abstract):
    """Who is left out in the same breath leaves the treated where they are."""
    assert read("Skin fibrosis in systemic sclerosis", abstract).criteria["intervention"].status == "met"


@pytest.mark.parametrize(
    "words",
    [
        "Rescue was needed by six on placebo, and was IVIG in five of them.",
        "Nine in the placebo arm were rescued with intravenous immunoglobulin.",
        "Escape treatment consisted of prednisone in three and IVIG in seven.",
    ],
)
def test_a_rescue_in_a_trial_of_something_else_is_not_the_treatment(read, words):
    """What those were given whose own treatment failed is not what was studied."""
    title = "A new antibody in systemic sclerosis: a placebo-controlled trial"
    abstract = f"Adults with systemic sclerosis were randomised to the antibody or placebo. {words} mRSS fell."
    assert read(title, abstract).criteria["intervention"].status == "not_met"


def test_a_rescue_is_the_treatment_where_it_is_what_was_studied(read):
    """Rescue with the substance of the title is a treatment like any other."""
    found = read("IVIG as rescue therapy in systemic sclerosis", "Nine SSc patients had rescue with IVIG. mRSS fell.")
    assert found.criteria["intervention"].status == "met"


@pytest.mark.parametrize(
    "words",
    [
        "Intravenous immunoglobulin is a burden for patients with systemic sclerosis.",
        "None of whom had ever been exposed to immunoglobulin by the intravenous route.",
        "A comparison with the intravenous route is needed.",
    ],
)
def test_a_study_of_another_route_is_not_saved_by_a_word_on_the_right_one(read, words):
    """A general truth, a denial or a wish about the vein leaves a subcutaneous study subcutaneous."""
    abstract = f"Twelve adults with SSc were given subcutaneous immunoglobulin weekly. mRSS fell. {words}"
    found = read("Subcutaneous immunoglobulin in systemic sclerosis", abstract)
    assert found.criteria["intervention"].status == "not_met"


def test_the_route_of_another_drug_says_nothing_of_the_substance(read):
    """Tocilizumab into a vein is no immunoglobulin into a vein."""
    abstract = (
        "Fifty adults with SSc had tocilizumab 162 mg subcutaneously or 8 mg/kg intravenously. mRSS fell."
        " Immunoglobulin within three months before baseline was not allowed."
    )
    assert read("Tocilizumab in systemic sclerosis", abstract).criteria["intervention"].status == "not_met"


@pytest.mark.parametrize(
    "own",
    [
        "We treated nine patients with SSc with IVIG and reviewed Medline for others. mRSS fell in our nine.",
        "Nine of our patients with SSc had IVIG. PubMed held 31 more. mRSS fell.",
        "Nine SSc patients followed at a university hospital received IVIG; Embase was searched as well. mRSS fell.",
    ],
)
def test_own_patients_win_over_a_review_by_type_and_by_words(read, own):
    """Words of own patients make a primary study of what is typed, and reads like, a review."""
    assert read(OWN, own, publication_types=("Review",)).criteria["publication_type"].status == "met"
    assert read(OWN, own).criteria["publication_type"].status == "met"


@pytest.mark.parametrize(
    "reviewed",
    [
        (
            "PubMed and Embase were searched. Of 212 articles found, 31 case reports and series were included in this "
            "review. Treatments in the published cases were rituximab (19 patients) and IVIG (13 patients with SSc)."
        ),
        "In this article we summarise one trial and several series, in all more than 300 SSc patients given IVIG.",
    ],
)
def test_numbers_of_the_literature_make_no_own_cohort(read, reviewed):
    """A typed review that counts other people's patients stays a review."""
    found = read(OWN, reviewed, publication_types=("Journal Article", "Review"))
    assert found.criteria["publication_type"].status == "not_met"


def test_a_typed_review_that_does_not_say_whose_patients_they_are_goes_to_a_person(read):
    """A cohort without a word on whose it is, under the type Review, is read in full before it is lost."""
    found = read(OWN, "Twenty patients with SSc received IVIG. mRSS fell.", publication_types=("Review",))
    assert found.criteria["publication_type"].status == "unclear"
    assert found.verdict == "needs_full_text"


def test_a_search_of_a_pharmacy_register_is_no_search_of_the_literature(read):
    """Looking for patients in a register makes a cohort, not a review."""
    found = read(OWN, f"We searched the pharmacy register of ten years. {COHORT}")
    assert found.verdict == "eligible"


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("Response to intravenous immunoglobulin in systemic sclerosis", "met"),
        ("Response of skin to IVIG in systemic sclerosis", "met"),
        ("Correction of anaemia by IVIG in systemic sclerosis", "met"),
        ("Response to: 'IVIG in systemic sclerosis'", "not_met"),
        ("Response to the letter by Adams on IVIG in systemic sclerosis", "not_met"),
        ("Comment on Baker et al: IVIG in systemic sclerosis", "not_met"),
        ("Correction: IVIG in systemic sclerosis", "not_met"),
        ("Erratum to IVIG in systemic sclerosis", "not_met"),
        ("Re: IVIG in systemic sclerosis", "not_met"),
        ("Re-treatment with IVIG in systemic sclerosis", "met"),
        ("Reply", "not_met"),
    ],
)
def test_a_title_is_a_comment_where_it_addresses_another_document(read, title, status):
    """A response is a comment when it answers a letter, and a result when it is one of patients."""
    assert read(title, COHORT).criteria["publication_type"].status == status


@pytest.mark.parametrize(
    "laboratory",
    [
        "Fragments of the same lots inhibited binding in vitro.",
        "Inhibition of contraction of mouse colon was measured in an organ bath.",
        "Sera taken afterwards induced less collagen in cultured fibroblasts.",
    ],
)
def test_a_bioassay_beside_treated_patients_leaves_a_study_of_patients(read, laboratory):
    """Laboratory words do not turn a study in which patients were treated into one of the laboratory."""
    found = read(OWN, f"Nine patients with SSc were treated with IVIG. The skin score fell. {laboratory}")
    assert found.criteria["publication_type"].status == "met"
    assert found.verdict == "eligible"


@pytest.mark.parametrize(
    "title",
    [
        "IVIG in systemic sclerosis: outcome of a protocol of lower doses",
        "Anti-fibroblast antibodies in scleroderma patients receiving polyvalent immunoglobulins",
    ],
)
def test_patients_who_were_treated_outweigh_a_title_of_the_laboratory_or_a_protocol(read, title):
    """A word in the title makes no protocol and no culture of a study in which patients were treated."""
    found = read(title, "Fourteen patients with systemic sclerosis were treated with IVIG. The skin score fell.")
    assert found.criteria["publication_type"].status == "met"


@pytest.mark.parametrize(
    "abstract",
    [
        "Dermal fibroblasts of nine patients with systemic sclerosis were cultured with IVIG. Collagen fell.",
        "Fibroblasts grown from biopsies of nine patients with SSc were exposed to IVIG. Collagen fell.",
    ],
)
def test_cells_of_patients_are_no_patients(read, abstract):
    """Whose cells they were does not make a study of patients of a culture."""
    found = read("Immunoglobulin inhibits collagen synthesis by scleroderma fibroblasts", abstract)
    assert found.criteria["publication_type"].status == "not_met"


def test_a_dose_by_weight_into_a_vein_is_not_called_a_measure(read):
    """Immunoglobulin G after a dose in grams for each kilogram is given, or at least not ruled out."""
    abstract = "IgG was measured in 24 adults with SSc around doses of an intravenous product (2 g/kg every 4 weeks)."
    found = read("Pharmacokinetics of immunoglobulin G in systemic sclerosis", abstract)
    assert found.criteria["intervention"].status != "not_met"


def test_one_patient_described_in_a_cohort_makes_no_case_report(read):
    """An age in a sentence is no reason to call a study a case report for certain."""
    abstract = "Our first patient with SSc, a 44-year-old woman, improved on IVIG, so others had it. mRSS fell."
    assert read(OWN, abstract).criteria["publication_type"].status != "not_met"


@pytest.mark.parametrize(
    "words",
    [
        "One of 25 files was of a girl aged 11 years and was excluded.",
        "Patients were followed over 12 years.",
        "A wish for children was the reason in four.",
        "A variant of the neonatal Fc receptor shortened the half-life.",
        "Two children were excluded.",
        "Mean age at disease onset was 17 years in one.",
        "All seven pregnancies ended with a healthy child born at term.",
        "Treatment is borrowed from paediatric practice.",
    ],
)
def test_children_left_out_or_born_and_durations_are_no_ages_of_the_treated(read, words):
    """Nothing that is not the age of those who were treated takes a cohort of adults away."""
    found = read(OWN, f"{COHORT} {words}")
    assert found.criteria["adults"].status != "not_met"
    assert found.verdict != "ineligible"


def test_a_series_of_children_is_one_though_adult_practice_is_named(read):
    """A comparison with how adults are treated does not make adults of children, nor does their own adult life."""
    found = read(
        "IVIG for juvenile systemic sclerosis in paediatric dermatology",
        "Treatment is borrowed from adult practice. Fourteen children with SSc received IVIG. mRSS fell. "
        "They will be followed into adult life.",
    )
    assert found.criteria["adults"].status == "not_met"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("No patient fulfilled the criteria of systemic sclerosis.", "not_met"),
        ("Two patients fulfilled the criteria for systemic sclerosis.", "not_met"),
        ("Nine patients fulfilled the criteria for systemic sclerosis.", "met"),
        ("None of whom fulfilled the 2013 ACR/EULAR criteria for systemic sclerosis. FVC rose.", "not_met"),
        ("None had sclerodactyly or met criteria for SSc at inclusion. Two evolved into limited SSc.", "not_met"),
        ("Those meeting criteria for SSc were not included. Three had evolved into systemic sclerosis.", "not_met"),
        ("Puffy fingers were seen in all, though only two satisfied criteria for systemic sclerosis.", "not_met"),
        ("Components were lupus-myositis in eight and systemic sclerosis-myositis in two.", "not_met"),
        (
            "None fulfilled classification criteria for systemic sclerosis, though six had puffy hands.",
            "not_met",
        ),
        ("Puffy fingers were seen in eight but only two had also been classified as having SSc.", "not_met"),
        ("Components were lupus-myositis in eight and systemic sclerosis-myositis in eight.", "met"),
        ("None of the eight with systemic sclerosis had renal crisis.", "met"),
        ("None met criteria for SSc at onset. Nine evolved into systemic sclerosis.", "met"),
        ("Two had systemic sclerosis with lupus and eleven had systemic sclerosis alone.", "met"),
        ("Half of them fulfilled the criteria for systemic sclerosis.", "met"),
    ],
)
def test_a_neighbouring_condition_counts_where_enough_have_this_one_too(read, words, status):
    """In mixed connective tissue disease none or two with systemic sclerosis are too few, nine are not."""
    title = "IVIG in mixed connective tissue disease"
    found = read(title, f"Sixteen adults with MCTD received IVIG. {words} CK fell.")
    assert found.criteria["population"].status == status


@pytest.mark.parametrize(
    "who",
    [
        "adults with systemic lupus erythematosus, systemic sclerosis or dermatomyositis",
        "patients whose diagnosis was lupus, SSc or Sjogren's syndrome",
    ],
)
def test_one_of_several_pooled_conditions_needs_the_full_text(read, who):
    """A pooled cohort that lists the condition among its own may hold five."""
    found = read("IVIG in connective tissue diseases", f"We reviewed {who}. 118 received IVIG. 71% responded.")
    assert found.criteria["population"].status == "unclear"
    assert found.verdict == "needs_full_text"


@pytest.mark.parametrize(
    ("words", "systems"),
    [
        ("The indications were myositis in six and gut disease in five. mRSS fell.", ("cutaneous",)),
        ("IVIG was started because of skin progression or myositis. FVC rose.", ("respiratory",)),
        ("Six had a history of myositis and four had gut involvement. mRSS fell.", ("cutaneous",)),
        ("Groups were similar in age, sex, CK and FVC. mRSS fell.", ("cutaneous",)),
        ("Muscle involvement predicted response. mRSS fell.", ("cutaneous",)),
        ("Myositis remitted in four and dysphagia resolved in two.", ("musculoskeletal", "gastrointestinal")),
        ("The skin softened and lung disease was stable.", ("cutaneous", "respiratory")),
    ],
)
def test_a_system_counts_where_a_result_is_told_of_it(read, words, systems):
    """Indications, histories, baselines and predictors name what was not measured; a change names what was."""
    found = read("Polyvalent immunoglobulins in systemic sclerosis", f"Eleven adults with SSc received IVIG. {words}")
    assert found.organ_systems == systems


def test_what_a_title_says_was_treated_is_a_system(read):
    """The aim of the treatment in the title counts where the text tells of its result in other words."""
    found = read("IVIG for digital ulcers in systemic sclerosis", "Seven adults with SSc had IVIG. Five healed.")
    assert found.organ_systems == ("cutaneous",)


@pytest.mark.parametrize(
    ("title", "abstract", "systems"),
    [
        ("Gut failure in scleroderma under IVIG", "Eight of 11 given IVIG were better.", ("gastrointestinal",)),
        ("Withdrawal of IVIG in scleroderma", "Eleven of 25 worsened, the skin in six.", ("cutaneous",)),
    ],
)
def test_where_no_result_of_a_system_is_told_what_is_named_counts(read, title, abstract, systems):
    """The title's subject, and else whatever is named, is better than no system at all."""
    assert read(title, abstract).organ_systems == systems


def test_involvement_is_a_part_of_any_protocol(record):
    """Another review's involvements are read from its protocol alone."""
    criteria = Criteria.model_validate(
        {
            "population": {"terms": ["lupus"]},
            "intervention": {"terms": ["belimumab"]},
            "outcome": {"terms": ["remission"]},
            "organ_systems": {
                "renal": {"terms": ["proteinuria"], "involvement": ["nephritis"]},
                "safety": {"terms": ["infection"]},
            },
        }
    )
    words = "Twenty patients with lupus had belimumab. Infections were few."
    had = record("Belimumab in lupus", f"{words} Nine had nephritis.")
    healed = record("Belimumab in lupus", f"{words} Nephritis went into remission.")
    assert assess(had, criteria).organ_systems == ("safety",)
    assert assess(healed, criteria).organ_systems == ("renal", "safety")


def test_either_route_without_counts_needs_the_full_text(read):
    """Where patients had one route or the other, how many had which is looked up; a number settles it."""
    title = "Therapeutic immunoglobulins in systemic sclerosis"
    either = "Adults with SSc who were given IVIG or SCIg in six centres were reviewed. The skin score fell."
    assert read(title, either).criteria["intervention"].status == "unclear"
    assert read(title, f"{either} Nineteen received IVIG.").criteria["intervention"].status == "met"


@pytest.mark.parametrize(
    "title",
    [
        "IVIG for small-fibre neuropathy in systemic sclerosis",
        "Intravenous immunoglobulin for CIDP in patients with systemic sclerosis",
    ],
)
def test_another_condition_that_came_with_this_one_keeps_the_population(read, title):
    """A neuropathy in systemic sclerosis is one of patients with systemic sclerosis."""
    found = read(title, "Nine agreed to intravenous immunoglobulin. Pain fell by three points.")
    assert found.criteria["population"].status == "met"


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("Two patients with systemic sclerosis and enteropathy responsive to immunoglobulin", "not_met"),
        ("IVIG in a woman with systemic sclerosis", "not_met"),
        ("A patient-reported outcome study of IVIG in systemic sclerosis", "met"),
    ],
)
def test_a_title_that_counts_a_patient_or_two_is_a_report_of_cases(read, title, status):
    """One to four patients in the title are a report of cases; what patients report is not."""
    found = read(title, "Intravenous immunoglobulin led to a normal albumin; diarrhoea ceased.")
    assert found.criteria["publication_type"].status == status


def test_a_title_on_the_intervention_leaves_open_what_only_the_background_names(read):
    """Where the title is on doses of it and the text only says "1 g/kg", whether it was given needs the full text."""
    found = read(
        "Which dose of immunoglobulin in systemic sclerosis? A comparison",
        "Background: The dose of intravenous immunoglobulin is not settled. Methods: We compared 12 patients who began "
        "with 1 g/kg and 14 who began with 2 g/kg. Results: mRSS fell in both.",
    )
    assert found.criteria["intervention"].status != "not_met"
    assert found.verdict != "ineligible"


def test_a_letter_in_reply_that_tells_of_own_patients_is_left_open(read):
    """A reply with own patients may be a letter with data; a correction never is, nor a reply without patients."""
    own = "We have given IVIG to nine patients with systemic sclerosis; their skin score fell."
    assert read("Reply to: IVIG in systemic sclerosis", own).verdict == "needs_full_text"
    assert read("Correction to: IVIG in systemic sclerosis", own).verdict == "ineligible"
    assert (
        read("Reply to: IVIG in systemic sclerosis", "The authors are to be thanked for IVIG.").verdict == "ineligible"
    )


def test_own_files_searched_beside_the_databases_make_no_own_patients(read):
    """A review that searched its authors' files and the databases is a review."""
    found = read(
        "Plasma products beyond their label",
        "The place of IVIG in systemic sclerosis is mentioned. We searched our files and the main databases up to "
        "2002. Skin improved in some reports.",
        publication_types=("Journal Article", "Review"),
    )
    assert found.verdict == "ineligible"


def test_a_number_that_names_counts_nobody(read):
    """Report 2, patient 3 and case 4 are names; the twelve who were treated are the number."""
    abstract = "We treated twelve adults with SSc with IVIG. Patient 3 had a rash and case 4 died. Skin score fell."
    assert read("Report 2 on intravenous immunoglobulin in systemic sclerosis", abstract).n_treated == 12


@pytest.mark.parametrize(
    "title",
    [
        "Immunoglobulins in systemic sclerosis: a cohort of 31 patients and review of the literature",
        "IVIG and the skin in systemic sclerosis: evidence from a systematic review and from real-life experience",
    ],
)
def test_a_cohort_beside_a_review_is_a_primary_study_whatever_its_type(read, title):
    """What the title calls a cohort or an experience is the authors' own, though typed Review."""
    abstract = "Thirty-one patients with SSc received IVIG 2 g/kg. Databases were searched from 1990. Skin score fell."
    found = read(title, abstract, publication_types=("Journal Article", "Review"))
    assert (found.verdict, found.n_treated) == ("eligible", 31)


def test_a_row_of_times_counts_nobody(read):
    """Scores at 6, 12, 18 and 24 months count no patients; the thirty who had the treatment do."""
    abstract = "Skin scores at 6, 12, 18 and 24 months were compared. Thirty patients with SSc had IVIG. mRSS fell."
    assert read("Intravenous immunoglobulin in systemic sclerosis", abstract).n_treated == 30


def test_the_number_in_both_arms_is_not_the_treated_arm_s(read):
    """Sixty-three randomised to it or placebo are enough for an arm of five, whose size is not said."""
    abstract = "We randomised 63 adults with SSc to one five-day course of IVIG or to placebo. Skin score fell in both."
    found = read("A placebo-controlled trial of intravenous immunoglobulin in systemic sclerosis", abstract)
    assert (found.n_treated, found.criteria["sample_size"].status) == (None, "met")


def test_those_who_were_naive_to_it_and_began_it_were_given_it(read):
    """To be naive at the start excludes nobody who then began treatment; of another drug it still does."""
    title = "How soon immunoglobulins act in systemic sclerosis"
    began = (
        "Forty adults with SSc, intravenous immunoglobulin-naive, who began treatment in 2019 were followed. mRSS fell."
    )
    assert read(title, began).criteria["intervention"].status == "met"
    for other in ("rituximab", "treatment with rituximab", "a course of rituximab"):
        told = f"Forty adults with SSc, IVIG-naive, who began {other} in 2019 were followed. mRSS fell."
        assert read("Response to early treatment in SSc", told).criteria["intervention"].status == "not_met"


@pytest.mark.parametrize(
    "passing",
    [
        "Blocking the neonatal Fc receptor is an alternative to intravenous immunoglobulin (IVIG).",
        "It lowers IgG without the volume load of intravenous immunoglobulin.",
        "IVIG within 12 weeks of screening was prohibited.",
    ],
)
def test_a_blocker_of_the_fc_receptor_is_no_immunoglobulin(read, passing):
    """In a study of another drug, given to a number of people, what is named in passing was not given."""
    abstract = f"{passing} In this study 22 adults with SSc received weekly efgartigimod for 24 weeks. mRSS fell by 4."
    found = read("Efgartigimod in systemic sclerosis: a phase 2 study", abstract)
    assert (found.criteria["intervention"].status, found.verdict) == ("not_met", "ineligible")
    beside = f"{passing} In this study 22 adults with SSc received efgartigimod and nine of them IVIG. mRSS fell by 4."
    assert read("Efgartigimod in systemic sclerosis: a phase 2 study", beside).verdict != "ineligible"


def test_a_bioassay_with_animal_tissue_leaves_a_study_of_patients(read):
    """Serum of treated patients tested on strips of a rat's colon is a measurement; treated rats are no patients."""
    title = "Receptor antibodies before and after IVIG in systemic sclerosis"
    sampled = (
        "Sera were taken before and after IVIG from 14 adult patients with SSc treated for dysmotility. Contraction "
        "of rat colon strips was read. Ten of the 14 reported less bloating."
    )
    assert read(title, sampled).criteria["publication_type"].status == "met"
    animals = "Twelve rats with a model of systemic sclerosis received IVIG. Skin thickness fell."
    assert read("IVIG in experimental scleroderma", animals).criteria["publication_type"].status == "not_met"


def test_blood_of_treated_patients_is_no_work_of_the_laboratory_alone(read):
    """Samples of patients before and after their infusions make a study of patients, whatever cells were cultured."""
    found = read(
        "Effect of intravenous immunoglobulin on fibroblast activation markers in systemic sclerosis",
        "Serum was collected from ten patients with systemic sclerosis before and four weeks after the third of three "
        "monthly IVIG courses. IL-6 dropped by 46%. Cultured fibroblasts of two patients expressed less collagen.",
    )
    assert found.verdict != "ineligible"


def test_animals_named_in_the_title_outweigh_a_word_on_patients(read):
    """That patients have benefited elsewhere does not make a study of mice one of patients."""
    found = read(
        "Human immunoglobulin prevents bleomycin-induced fibrosis in mice",
        "Intravenous immunoglobulin was given to patients with systemic sclerosis with some benefit. Mice (n = 8 per "
        "group) received bleomycin and immunoglobulin. Dermal thickness fell by 34%.",
    )
    assert found.criteria["publication_type"].status == "not_met"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("Of 146 respondents 91 had prescribed IVIG to patients with systemic sclerosis.", "not_met"),
        ("Respondents sent charts of 58 patients with systemic sclerosis who received IVIG.", "met"),
    ],
)
def test_a_survey_of_doctors_treats_nobody_unless_it_looks_at_charts(read, more, status):
    """What doctors say they prescribe is no study of patients; the charts that they send are one."""
    found = read("Physicians' attitudes to immunoglobulin in systemic sclerosis", f"A questionnaire was sent. {more}")
    assert found.criteria["publication_type"].status == status


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("A questionnaire was mailed to 400 members of the society; 188 answered. 39 had used it.", "not_met"),
        ("A form was sent to members of the society. Of 46 patients with systemic sclerosis on IVIG mRSS fell.", "met"),
        ("A questionnaire was mailed to members of a patient association; 36 had received IVIG.", "met"),
    ],
)
def test_a_survey_is_of_doctors_where_nothing_is_told_of_patients(read, more, status):
    """Doctors who were asked what they do treat nobody in the report; patients' results, or patients asked, do."""
    found = read("Immunoglobulin in systemic sclerosis: a national survey", more)
    assert found.criteria["publication_type"].status == status


@pytest.mark.parametrize(
    "words",
    [
        "Patients fulfilling criteria for another definite connective tissue disease were excluded.",
        "Patients who fulfilled the criteria for systemic sclerosis were not included.",
    ],
)
def test_a_neighbouring_condition_without_those_who_have_this_one_too_is_another(read, words):
    """Where the title names a neighbour, and those of a defined condition were left out, nobody has it."""
    found = read(
        "Intravenous immunoglobulin in mixed connective tissue disease",
        f"Twenty patients with mixed connective tissue disease received IVIG. {words} CK fell in 14.",
    )
    assert found.criteria["population"].status == "not_met"


@pytest.mark.parametrize(
    "words",
    [
        "Five had initially been labelled as having systemic sclerosis.",
        "Eleven had carried a working diagnosis of systemic sclerosis.",
    ],
)
def test_those_first_taken_for_the_condition_have_another(read, words):
    """A wrong first diagnosis counts nobody among the condition's patients."""
    found = read(
        "Scleromyxoedema: response to intravenous immunoglobulin in 12 patients",
        f"Twelve adults with scleromyxoedema received IVIG. {words} The skin softened in ten.",
    )
    assert found.criteria["population"].status == "not_met"


def test_a_service_for_adults_is_no_adult(read):
    """Children who moved to adult services were children when they were treated."""
    found = read(
        "Intravenous immunoglobulin in juvenile systemic sclerosis",
        "Fourteen children with systemic sclerosis received IVIG. mRSS fell. Three moved to adult services.",
    )
    assert found.criteria["adults"].status == "not_met"


def test_a_treatment_proposed_to_a_number_of_people_is_no_plan(read):
    """Whom it was proposed to, and who accepted, were there; only "we propose" is a plan."""
    found = read(OWN, "IVIG was proposed to 18 patients with systemic sclerosis and accepted by 14. GIT 2.0 fell.")
    assert found.criteria["intervention"].status == "met"


@pytest.mark.parametrize(
    "words",
    [
        "Neonatal outcome was good, including two infants small for gestational age.",
        "There were six live births. One infant had transient haemolysis.",
    ],
)
def test_the_newborns_of_treated_women_are_no_patients(read, words):
    """Infants in a report on pregnancies are its outcome; the women were treated."""
    found = read(
        "Intravenous immunoglobulin in pregnancy for systemic sclerosis",
        f"Eight women with systemic sclerosis received IVIG. CK fell. {words}",
    )
    assert found.criteria["adults"].status == "met"


def test_a_replacement_that_the_title_compares_is_the_subject(read):
    """Immunoglobulin that is replaced, named so in the title, goes to a person whatever drug stands there."""
    found = read(
        "Infection in systemic sclerosis on rituximab with and without immunoglobulin replacement",
        "Replacement consisted of intravenous immunoglobulin. Eighteen went on to it. Infections fell from 61 to 19.",
    )
    assert found.criteria["intervention"].status != "not_met"


def test_a_condition_said_to_be_the_cause_in_enough_is_a_part(read):
    """Of calcinosis of two causes, eleven patients with the condition keep the record."""
    found = read(
        "Intravenous immunoglobulin in dermatomyositis-associated and other calcinosis",
        "Adults with calcinosis received IVIG. Systemic sclerosis was the cause in 11 and dermatomyositis in 17.",
    )
    assert found.criteria["population"].status != "not_met"


def test_what_did_not_help_before_is_not_what_the_title_is_about(read):
    """Another drug for disease refractory to it is a study of that drug."""
    found = read(
        "Abatacept in systemic sclerosis with myositis refractory to intravenous immunoglobulin",
        "Ten patients with systemic sclerosis were given abatacept. IVIG was prohibited. MMT8 rose from 121 to 138.",
    )
    assert found.criteria["intervention"].status == "not_met"


def test_cells_cultured_with_serum_of_patients_are_laboratory_work(read):
    """Patients who gave serum for cells in a dish were not treated."""
    found = read(
        "Does immunoglobulin inhibit the transition induced by IgG of systemic sclerosis?",
        "Endothelial cells were cultured with IgG of 12 patients with systemic sclerosis and IVIG. CD31 was kept.",
    )
    assert found.criteria["publication_type"].status == "not_met"


def test_a_protocol_of_infusion_is_a_way_to_treat(read):
    """A faster infusion protocol in patients is a study of them, a protocol of a trial is none."""
    text = "Thirteen adults with systemic sclerosis on IVIG took part. Reactions came in 7% of infusions."
    regimen = read("Tolerability of a rapid infusion protocol of immunoglobulin in systemic sclerosis", text)
    trial = read("Intravenous immunoglobulin in systemic sclerosis: protocol of a trial", "We will enrol 40 adults.")
    assert regimen.criteria["publication_type"].status == "met"
    assert trial.criteria["publication_type"].status == "not_met"


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        (
            "Mixed connective tissue disease: outcome of 88 patients",
            (
                "Adults with MCTD were reviewed; cases meeting criteria for systemic sclerosis were not eligible."
                " IVIG was given to 12 and CK fell. Nine evolved to systemic sclerosis later."
            ),
            "population",
        ),
        (
            "Undifferentiated connective tissue disease over ten years",
            "Of 236, 68 had evolved: 27 to lupus, 19 to systemic sclerosis. Six received IVIG. Survival was 96%.",
            "population",
        ),
        (
            "Lung disease in mixed connective tissue disease",
            (
                "Those fulfilling criteria for systemic sclerosis were not considered. A scleroderma nailfold"
                " pattern was"
                " seen in 38 of 82 patients. IVIG was given to seven. CK fell."
            ),
            "population",
        ),
        (
            "Immunoglobulin for very early scleroderma",
            (
                "Eighteen adults with Raynaud's phenomenon, none of whom met the criteria for systemic sclerosis, were"
                " given intravenous immunoglobulin. Pain fell."
            ),
            "population",
        ),
        (
            "Intravenous immunoglobulin in eosinophilic fasciitis",
            (
                "Patients with systemic sclerosis, as shown by capillary change or antibodies, were excluded. Twelve"
                " patients received IVIG. Range of motion improved."
            ),
            "population",
        ),
        (
            "Stem cell transplantation in systemic sclerosis",
            (
                "Twenty-two patients were transplanted. Intravenous immunoglobulin was infused when IgG fell"
                " below 4 g/L,"
                " which was needed in six. The skin score fell."
            ),
            "intervention",
        ),
        (
            "Plasma exchange for systemic sclerosis",
            (
                "Eleven patients had plasma exchange. In two patients with IgG under 4 g/L, intravenous"
                " immunoglobulin was"
                " infused. Ulcers healed."
            ),
            "intervention",
        ),
        (
            "Tocilizumab in systemic sclerosis",
            "Twenty-six received tocilizumab; intravenous immunoglobulin had failed in six. The skin score fell.",
            "intervention",
        ),
        (
            "Intravenous immunoglobulin as rescue in a trial of tofacitinib for systemic sclerosis",
            (
                "Rescue with intravenous immunoglobulin was permitted. Sixty patients were randomised to tofacitinib or"
                " methotrexate. Rescue was required by four. The skin score fell."
            ),
            "intervention",
        ),
        (
            "Intravenous immunoglobulin and cytokine release by blood cells of patients with systemic sclerosis",
            (
                "Cells from 22 patients with systemic sclerosis were stimulated in the presence of IVIG (10"
                " mg/ml). IVIG"
                " suppressed IL-6."
            ),
            "intervention",
        ),
        (
            "Antibodies to the angiotensin receptor in systemic sclerosis",
            (
                "Antibodies were measured in 218 patients. Intravenous immunoglobulin preparations were used as"
                " references."
                " The intravenous immunoglobulin preparations contained low concentrations."
            ),
            "intervention",
        ),
        (
            "Juvenile systemic sclerosis: practice in a registry",
            "Treatment is largely borrowed from adults. Intravenous immunoglobulin was used in 12 children. mRSS fell.",
            "adults",
        ),
        (
            "Physicians' attitudes to intravenous immunoglobulin in systemic sclerosis: a survey",
            (
                "A questionnaire was sent to members of a society. Of those asked, 214 physicians from 38"
                " countries replied."
                " IVIG had been prescribed by 61%. Myositis was regarded as a good indication by 83%."
            ),
            "publication_type",
        ),
    ],
)
def test_what_another_study_says_of_the_treatment_or_the_condition_excludes_it(read, title, abstract, criterion):
    """Others left out or come to later, a lack made good, a rescue, a dish, children and doctors: each said plainly."""
    found = read(title, abstract)
    assert found.criteria[criterion].status == "not_met"
    assert found.verdict == "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Passive transfer of antibodies by intravenous immunoglobulin in systemic sclerosis",
            (
                "Serum was taken before and after the first infusion of IVIG from 32 adults with systemic"
                " sclerosis. Lots"
                " of three IVIG brands were assayed in parallel. Anti-HBc became positive in 15."
            ),
        ),
        (
            "Intravenous immunoglobulin as rescue after cyclophosphamide in systemic sclerosis",
            "Fourteen patients with systemic sclerosis received IVIG as rescue. The skin score fell from 30 to 22.",
        ),
        (
            "Immunoglobulin for overlap syndromes",
            (
                "Eleven patients with systemic sclerosis and myositis received intravenous immunoglobulin. CK fell. Two"
                " with lupus had progressed to overlap with systemic sclerosis."
            ),
        ),
    ],
)
def test_the_same_words_take_nothing_from_a_study_of_the_treated(read, title, abstract):
    """Preparations tested beside treated patients, a rescue that is the subject, an overlap that came: kept."""
    assert read(title, abstract).verdict != "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract", "criterion"),
    [
        (
            "Scleromyxedema: response to immunoglobulin and differentiation from systemic sclerosis",
            (
                "We report 12 patients with scleromyxedema. Five had initially been labelled as systemic sclerosis."
                " Intravenous immunoglobulin was given to ten. Skin cleared in four."
            ),
            "population",
        ),
        (
            "Is intravenous immunoglobulin cost-effective in systemic sclerosis? A model-based analysis",
            "A Markov model was built. Patients received IVIG or standard care. IVIG yielded 0.41 additional QALYs.",
            "publication_type",
        ),
        (
            "Abatacept in systemic sclerosis with myositis refractory to intravenous immunoglobulin",
            (
                "Options after failure of intravenous immunoglobulin are few. Ten patients were given abatacept. IVIG"
                " was prohibited. CK fell."
            ),
            "intervention",
        ),
        (
            "Efgartigimod in systemic sclerosis with myopathy inadequately responding to intravenous immunoglobulin",
            (
                "Background: FcRn blockade lowers IgG. Methods: Fourteen adults with SSc who had stopped IVIG at least"
                " 12 weeks before enrolment were given efgartigimod. IVIG was prohibited throughout. CK fell."
            ),
            "intervention",
        ),
        (
            "Costs of care in systemic sclerosis",
            (
                "Claims of 1,604 patients were matched with controls. Infused drugs were identified by codes (including"
                " rituximab and immunoglobulin). Costs rose."
            ),
            "intervention",
        ),
        (
            "Immunoglobulin for puffy hands in undifferentiated connective tissue disease",
            (
                "Intravenous immunoglobulin was given to 14 women who did not fulfil criteria for systemic sclerosis."
                " Pain fell."
            ),
            "population",
        ),
    ],
)
def test_a_name_in_passing_settles_nothing_for_the_study(read, title, abstract, criterion):
    """A condition told apart, patients of a model, a drug that failed before or in a list of codes: all exclude."""
    found = read(title, abstract)
    assert found.criteria[criterion].status == "not_met"
    assert found.verdict == "ineligible"


def test_a_model_fed_with_own_patients_is_a_study_of_them(read):
    """Costs of treated patients of one's own centre count, whatever a model adds."""
    found = read(
        "Cost-effectiveness of intravenous immunoglobulin in systemic sclerosis",
        "At our centre 22 adults with systemic sclerosis received IVIG. CK fell in 17 (77%). A Markov model"
        " was fed with their data.",
    )
    assert found.criteria["publication_type"].status == "met"


def test_few_told_behind_another_number_are_still_few(read):
    """Two numbers side by side are no row of groups unless they are told of respectively."""
    abstract = (
        "Of 81 recipients of a lung, rejection developed in 10, three of whom had systemic sclerosis and got IVIG."
    )
    found = read("Rejection after lung transplantation in systemic sclerosis", f"{abstract} Grafts failed in two.")
    assert found.criteria["sample_size"].status != "met"


def test_a_treatment_named_once_without_its_route_stays_open(read):
    """What treatment consisted of is no example in a list, however seldom it is named."""
    found = read(
        "Treatment of myositis in systemic sclerosis",
        "Fourteen adults with systemic sclerosis were seen. Treatment consisted of immunoglobulin and methotrexate."
        " Strength rose in ten (71%).",
    )
    assert found.verdict != "ineligible"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Intravenous immunoglobulin for myasthenia gravis in patients with scleroderma antibodies",
            (
                "Fourteen patients with myasthenia gravis and anticentromere antibodies received IVIG. Strength"
                " rose in 11."
            ),
        ),
        (
            "Immunoglobulin infusions for nephrogenic systemic fibrosis",
            (
                "Six patients received intravenous immunoglobulin. Systemic sclerosis antibodies were not found."
                " Skin softened."
            ),
        ),
        (
            "Undifferentiated connective tissue disease and pregnancy: intravenous immunoglobulin",
            (
                "Forty-two women with UCTD took part and 23 received IVIG. Two developed limited systemic sclerosis"
                " years later. Live births numbered 17."
            ),
        ),
    ],
)
def test_an_antibody_named_after_the_condition_is_no_diagnosis(read, title, abstract):
    """Signs that bear its name, or two who came to have it, make no patients with the condition."""
    found = read(title, abstract)
    assert found.criteria["population"].status == "not_met"


def test_a_sign_beside_the_diagnosis_changes_nothing(read):
    """Patients with the condition are counted whatever antibodies of its name they have."""
    found = read(
        "Intravenous immunoglobulin in systemic sclerosis",
        "Fourteen adults with systemic sclerosis received IVIG; scleroderma-specific antibodies were found in"
        " 11. CK fell.",
    )
    assert (found.verdict, found.n_treated) == ("eligible", 14)


def test_animal_tissue_beside_samples_of_the_treated_is_an_assay(read):
    """Patients sampled before and after treatment were treated, whatever the strips were cut from."""
    found = read(
        "Anti-muscarinic autoantibodies before and after intravenous immunoglobulin in scleroderma",
        "Sera were collected before and eight weeks after beginning immunoglobulin from nine patients with systemic"
        " sclerosis. Inhibition was measured by strips of rat colon exposed to purified IgG. The titre fell in eight.",
    )
    assert found.verdict != "ineligible"


@pytest.mark.parametrize(
    "passing", ["Myocarditis in mice responds similarly.", "All had had rabbit antithymocyte globulin before."]
)
def test_animals_named_in_passing_make_no_animal_work(read, passing):
    """One sentence that names animals beside the results of own patients says nothing of how the study was made."""
    found = read(
        "Cardiac magnetic resonance before and after immunomodulation in scleroderma myocarditis",
        "All 27 adults with systemic sclerosis treated at our centre were scanned. Twelve had IVIG. Ejection fraction"
        f" rose from 44 to 52%. Troponin fell from 118 to 49. {passing}",
    )
    assert found.criteria["publication_type"].status == "met"


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "A second course of intravenous immunoglobulin after failure of methotrexate in systemic sclerosis",
            "Twelve adults with SSc, in whom methotrexate had failed, were given IVIG. The skin score fell.",
        ),
        (
            "Rituximab with intravenous immunoglobulin in systemic sclerosis refractory to cyclophosphamide",
            "Eleven adults with SSc were given rituximab and IVIG. Cyclophosphamide was stopped. Skin scores fell.",
        ),
        (
            "Rituximab and what followed after failure of intravenous immunoglobulin in systemic sclerosis",
            "Fourteen adults with SSc, in whom IVIG had failed, had rituximab. Nine had IVIG anew; strength rose.",
        ),
        (
            "Intravenous immunoglobulin in systemic sclerosis: what happens when it is stopped",
            "Fifteen adults with SSc were given IVIG for a year. No IVIG was given during follow-up. Skin scores rose.",
        ),
    ],
)
def test_a_failure_in_the_title_takes_nothing_from_those_given_it(read, title, abstract):
    """What failed may be another treatment, what failed may be given anew, and what was stopped had been given."""
    assert read(title, abstract).criteria["intervention"].status != "not_met"


def test_people_at_risk_of_a_manifestation_have_the_condition(read):
    """Who is "at risk of renal crisis" is a patient."""
    found = read(
        "Intravenous immunoglobulin in patients at risk of systemic sclerosis renal crisis",
        "Eleven adults with systemic sclerosis received IVIG. None developed renal crisis. Skin scores fell.",
    )
    assert found.criteria["population"].status == "met"
