"""How many were treated, one wording at a time."""

from __future__ import annotations

import pytest

TITLE = "Intravenous immunoglobulin in systemic sclerosis"


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("We retrospectively reviewed 46 patients with SSc treated with IVIG.", 46),
        ("Of 52 patients with SSc-associated myopathy, 18 received IVIG.", 18),
        ("IVIG (2 g/kg) was given to twelve women with SSc and the skin softened.", 12),
        ("63 patients with SSc were randomised to IVIG (n=31) or placebo (n=32).", 31),
        ("Of 96 adults with SSc, 64 were assigned to IVIG and 32 to placebo.", 64),
        ("Fifty patients with SSc were randomised to IVIG or standard care (25 per group).", 25),
        ("Seven women and two men with SSc received IVIG.", 9),
        ("Six patients with dcSSc and four with lcSSc were treated with IVIG.", 10),
        ("Seven patients with SSc, 5 limited and 2 diffuse, received IVIG.", 7),
        ("IVIG was used for myositis in 17 cases and for skin disease in six.", 23),
        ("IVIG was prescribed to 38 of 2,914 patients with SSc.", 38),
        ("Eighteen (34.6%) of the patients with SSc received IVIG.", 18),
        ("We identified 1,024 people with SSc, of whom 41 (4.0%) had been given IVIG.", 41),
        ("Ten of them were treated with IVIG.", 10),
        ("Thirty SSc patients were treated with immunoglobulins: 18 received the intravenous form.", 18),
        ("Seventy-two infusions of IVIG were administered to nine patients with SSc.", 9),
        ("One hundred and twelve patients with SSc received IVIG.", 112),
        ("Sixteen patients with SSc received three monthly courses of IVIG between 2005 and 2015.", 16),
        ("Eleven IVIG-treated patients with SSc were followed for 12 months.", 11),
        ("The IVIG group comprised 14 patients with SSc and the control group 20.", 14),
        ("Twelve patients with SSc were treated with IVIG (n=7) or cyclophosphamide (n=5).", 7),
        ("Patients with SSc who had received IVIG were searched for. Twenty-nine patients were included.", 29),
        ("Three groups of eight patients with SSc received IVIG.", 24),
        ("Of 68 patients with SSc, 22 consented to IVIG and 20 received it; mRSS fell.", 20),
        ("Thirty-six SSc-polymyositis patients treated with IVIG were responders (n=24) or not (n=12).", 36),
        ("Twenty-eight patients with SSc took part in a randomised crossover trial of IVIG against albumin.", 28),
        ("N = 22 (21 women) with SSc. All received IVIG.", 22),
        ("We compared 17 SSc patients on IVIG and 51 SSc patients never exposed to it.", 17),
        ("We describe our 19 patients with SSc given IVIG and review 21 papers with 174 patients.", 19),
        ("Sixty-six SSc patients received mycophenolate, 15 cyclophosphamide, 11 IVIG and 9 rituximab.", 11),
        ("We identified 287 beneficiaries with two or more claims for SSc who received IVIG.", 287),
        ("Of 387 SSc patients, 29 had muscle disease, and IVIG was used in 14 of the 29.", 14),
        ("Forty SSc patients were randomised equally to mycophenolate alone or mycophenolate plus IVIG.", 20),
        ("In a 2:1 ratio, 75 SSc patients were randomised to IVIG or albumin.", 50),
        ("Sixty-one cases of SSc were reported, 15 lacked data; thus 46 patients on IVIG were analysed.", 46),
        ("IVIG was indicated for muscle in 36 cases. We included 46 patients with SSc.", 46),
        ("Thirty SSc patients formed two groups: group A (n = 15) received IVIG, group B (n = 15) did not.", 15),
        ("Twelve patients in Leeds and nine in Lund, all with SSc, received IVIG.", 21),
        ("Forty-four patients with SSc began treatment, and 24 were still on it after a year.", 44),
        ("Thirty-three had refractory SSc. IVIG came first in 21 and rituximab in 12.", 21),
        ("From 402 SSc patients we identified 38 new users of IVIG and 76 new users of rituximab.", 38),
        ("Of 28 SSc patients who received IVIG, 19 responded.", 28),
        ("Twelve of 19 SSc patients were given IVIG.", 12),
        ("We gave IVIG to half a dozen patients with SSc.", 6),
        ("SSc patients who were started on IVIG were included (n = 17). CK fell in eleven patients.", 17),
        ("Eleven SSc patients received 1 g/kg and another eleven received 2 g/kg.", 22),
        ("SSc patients on low-dose (n = 11) and on high-dose (n = 13) IVIG had similar baseline features.", 24),
        ("47 SSc patients received IVIG, 10 SCIG and 8 both in sequence.", 55),
        ("14 SSc patients were screened; 2 did not meet the criteria and 12 were treated with IVIG.", 12),
        ("The files of 29 individuals with SSc who underwent 312 IVIG infusions were examined.", 29),
        ("All SSc patients with at least one IVIG infusion were analysed. There were 53 patients.", 53),
        ("SSc patients were allocated to IVIG 1 g/kg, IVIG 2 g/kg or placebo (18 per arm).", 36),
        ("SSc patients received IVIG. There were 13 complete and three partial responders.", 16),
        ("Forty SSc patients formed two groups of 20: group 1 had mycophenolate and group 2 received IVIG.", 20),
        ("Of 26 SSc patients on immunoglobulins, 15 obtained them by vein and 11 under the skin.", 15),
        ("Fifty-two SSc patients were analysed, including 18 IVIG+ and 34 IVIG-.", 18),
        ("Nineteen SSc patients underwent MRI before and after six cycles of IVIG.", 19),
        ("There were 22 cases of SSc and 44 controls; cases received IVIG.", 22),
        ("Of 17 SSc patients screened, 12 were eligible and 11 started treatment.", 11),
        ("Twenty SSc patients received 1 g/kg and 18 received 2 g/kg of IVIG.", 38),
        ("Fourteen had low-dose IVIG and 16 high-dose IVIG; all had SSc.", 30),
        ("Eleven women with SSc had 0.4 g/kg of IVIG and nine had 2 g/kg.", 20),
        ("Eighteen patients with SSc had IVIG at 2 g/kg, 11 had 1 g/kg. The 29 were followed.", 29),
        ("Thirty-one patients with SSc took part: 19 received IVIG and 12 received albumin.", 19),
        ("Diffuse SSc was present in 15 patients, limited SSc in 13 and all 28 were given IVIG.", 28),
        ("IVIG was ordered for 18 SSc patients; two refused and one died before the first infusion.", 15),
        ("Of 31 patients with SSc, all but four were treated with IVIG.", 27),
        ("Of 18 patients with SSc, all but two were given IVIG; the skin softened.", 16),
        ("Half of the 24 patients with SSc were given IVIG and the other half mycophenolate.", 12),
        ("Sixteen patients with SSc were screened, two failed screening, and fourteen were infused with IVIG.", 14),
        ("IVIG was given to 21 patients with SSc. People with SSc never dispensed IVIG were matched on age.", 21),
        ("We studied 16 cases exposed to IVIG, each with two SSc controls who never had IVIG, 48 in all.", 16),
    ],
)
def test_the_number_treated_is_read(read, abstract, number):
    """The number of own patients who received the intervention is read, not the number that stands first."""
    assert read(TITLE, abstract).n_treated == number


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("45 patients received IVIG: 19 dermatomyositis, 20 pemphigus and 6 systemic sclerosis.", 6),
        ("112 patients with connective tissue diseases received IVIG, including 21 with systemic sclerosis.", 21),
        ("Of 118 patients who had IVIG, 9 had systemic sclerosis and 40 had lupus.", 9),
        ("Thirty patients with autoimmune diseases received IVIG, among them systemic sclerosis (n = 8).", 8),
        ("IVIG was given to 33 patients with connective tissue disease (lupus 15, scleroderma 6).", 6),
        ("Thirty-one received IVIG, of whom 27 had SSc and four MCTD.", 27),
        ("IVIG was given to eight, six of whom had dermatomyositis and two systemic sclerosis.", 2),
        ("Forty patients had IVIG: 15 with ITP (immune thrombocytopenia), 14 with CIDP and 11 with SSc.", 11),
        ("Of 12 patients on IVIG, one had an overlap with systemic sclerosis.", 1),
        ("32 patients received IVIG: pemphigus (14), dermatomyositis (17) and systemic scleroderma (1).", 1),
        ("Of 14 patients with mixed connective tissue disease treated with IVIG, 3 had systemic sclerosis.", 3),
    ],
)
def test_in_a_mixed_cohort_only_the_population_counts(read, abstract, number):
    """In a cohort of several conditions the number is that of the population's own members."""
    assert read("Immunoglobulin at a tertiary hospital", abstract).n_treated == number


@pytest.mark.parametrize(
    "abstract",
    [
        "We will enrol 188 patients with SSc who will be randomised to IVIG or placebo.",
        "Sixty-three patients with SSc were randomised to IVIG or placebo.",
        "In the literature 174 patients with SSc treated with IVIG have been published.",
        "None of the 40 patients with SSc had received IVIG.",
        "Forty patients with autoimmune diseases received IVIG.",
        "Eleven patients with SSc, children and adults, received IVIG.",
        "Of 97 physicians who answered, 64 had prescribed IVIG for SSc.",
        "We searched for reports on patients with SSc; 146 patients had been given IVIG.",
        "To treat SSc by IVIG costs $84,300 and by rituximab 14 million yen.",
    ],
)
def test_a_number_of_something_else_is_not_taken(read, abstract):
    """Planned patients, both arms together, the literature's patients and mixed groups give no number."""
    assert read(TITLE, abstract).n_treated is None


def test_an_arm_of_unknown_size_counts_as_large_enough_when_four_times_the_minimum_were_randomised(read):
    """With 63 randomised the arm is large enough without its number; with 14 it is not said."""
    many = read(TITLE, "Sixty-three patients with SSc were randomised to receive IVIG or placebo. mRSS fell.")
    few = read(TITLE, "Fourteen patients with SSc were randomised to receive IVIG or placebo. mRSS fell.")
    assert many.criteria["sample_size"].status == "met"
    assert few.criteria["sample_size"].status == "unclear"


def test_fewer_than_the_minimum_is_not_met_on_the_words_that_count_them(read):
    """Four treated patients are too few, and the evidence is the sentence that counts them."""
    reading = read(TITLE, "Four patients with SSc received IVIG. mRSS fell.").criteria["sample_size"]
    assert reading.status == "not_met"
    assert reading.evidence == "Four patients with SSc received IVIG."


def test_adults_are_counted_without_the_children_beside_them(read):
    """Seven adults and five children make seven."""
    found = read(TITLE, "Seven adults and five children with SSc received IVIG. CK fell in the adults.")
    assert found.n_treated == 7
    assert found.criteria["adults"].status == "met"
