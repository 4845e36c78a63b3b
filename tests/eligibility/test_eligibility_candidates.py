"""What may be the number treated: a number as it stands, and what follows from several of them."""

from __future__ import annotations

import pytest

from ivigil.eligibility.case import Case
from ivigil.eligibility.sample_size import read_setting, treated_candidates

TITLE = "Intravenous immunoglobulin in systemic sclerosis"


@pytest.fixture
def numbers(record, criteria):
    """The numbers that may be the one, of an abstract."""

    def _numbers(abstract: str) -> set[int | None]:
        case = Case.of(record(TITLE, abstract), criteria)
        return {one.value for one in treated_candidates(case, read_setting(case))}

    return _numbers


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("Of 83 patients with SSc on mycophenolate, 62 had it alone and the rest together with IVIG.", 21),
        ("Thirty-three women with SSc were seen; 4 had cyclophosphamide, 17 rituximab and the others IVIG.", 12),
        ("Fourteen SSc patients were seen. Five had symptomatic treatment. IVIG was given to the others.", 9),
        ("Forty-three SSc patients took part. Rituximab was chosen in 25, and IVIG in the other patients.", 18),
        ("Nineteen adults with SSc were on SCIG. Eleven remained well. The others received IVIG instead.", 8),
        ("Of 83 SSc patients 58 had diltiazem and 13 nothing; everyone else received IVIG.", 12),
        ("IVIG was offered to all 20 SSc patients; 8 preferred gabapentinoids alone.", 12),
    ],
)
def test_what_remains_of_a_number_may_be_the_one(numbers, abstract, number):
    """Where the rest or the others are treated, their number is the whole without the parts told before them."""
    assert number in numbers(abstract)


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("IVIG was the first treatment of seven SSc patients. As second line it was IVIG in a further five.", 12),
        ("Of SSc patients 25 were on IVIG. Nine others had received IVIG in the past.", 34),
        ("We contrasted early IVIG (within a year; eight SSc patients) with late (after it; twelve patients).", 20),
        ("IVIG was begun in nine women and a man with SSc.", 10),
        ("SSc patients had IVIG alone (12), IVIG with mycophenolate (17) or mycophenolate alone (31).", 29),
        ("Of 57 SSc patients on IVIG, 23 were allocated to each arm, four- or eight-weekly.", 46),
    ],
)
def test_the_treated_told_of_in_two_places_may_be_added_up(numbers, abstract, number):
    """Numbers in two sentences or brackets, each of treated people, may make the number together."""
    assert number in numbers(abstract)


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("Seventy-five patients with SSc were randomised, 50 to IVIG. All but one participant on IVIG were dosed.", 49),
        ("Sixteen SSc patients entered. Every patient except two received IVIG.", 14),
        ("Twenty SSc patients took part. All, with the exception of one, were given IVIG.", 19),
        ("Of 26 SSc patients IVIG was given to all bar three who died and two in whom a clot was present.", 21),
        ("IVIG was used in 15 with lupus and, of 11 SSc patients, in every one save for five.", 6),
    ],
)
def test_all_but_a_few_are_counted_without_them(numbers, abstract, number):
    """Whoever is excepted is taken off the number before, though the sentence names no other."""
    assert number in numbers(abstract)


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("Patients: 30, half of them with SSc. All had IVIG.", 15),
        ("We had 40 individuals with SSc, split evenly between IVIG and controls.", 20),
        ("Of 60 adults with SSc, every fourth received IVIG.", 15),
        ("The use of therapies among 136 adults with SSc was: mycophenolate 61%, IVIG 12.5%.", 17),
        ("In all 33 SSc patients had rituximab. Two-thirds of them received IVIG as well.", 22),
        ("We found 30 adults with SSc. Forty percent were given IVIG.", 12),
        ("We followed 36 adults with SSc. One in three received IVIG.", 12),
        ("We monitored 120 adults with SSc; thirty-five per cent received IVIG.", 42),
        ("Total 63 patients with SSc were analysed (cases, who had IVIG, and controls in 1:2).", 21),
    ],
)
def test_a_share_of_a_number_may_be_the_one(numbers, abstract, number):
    """A share in per cent or in words is taken of each whole that is told."""
    assert number in numbers(abstract)


def test_a_share_next_to_nothing_fits_no_whole(numbers):
    """A count whose share is written with hundreds of zeros is a count all the same."""
    assert 12 in numbers(f"Of our patients with SSc 12 (0.{'0' * 320}1%) received IVIG, and 45% of 40 improved.")


def test_controls_matched_with_each_of_the_treated_leave_their_share(numbers):
    """How many controls each was matched with may be told in words."""
    assert 16 in numbers("Each SSc patient on IVIG was matched with two untreated controls; 48 were compared.")


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("A 12-patient series of SSc on IVIG is presented.", 12),
        ("Two dozen patients with SSc were treated with IVIG.", 24),
        ("We had 58 patients on IVIG in March 2020: 23 with SSc and 35 with neuropathy.", 23),
        ("Twenty-seven were randomised: nine to 1 g/kg of IVIG, ten to 2 g/kg and eight to placebo; all had SSc.", 10),
        ("Of 25 SSc patients approached for IVIG, 3 refused and 22 were enrolled.", 22),
        ("Among 22 SSc patients on IVIG, nine were children and thirteen adults.", 13),
        ("Enrolment of SSc patients for IVIG ceased at 29 of a planned 50 subjects.", 29),
        ("The test was positive in 14 of 19 participants at entry and 8 of 17 at month 6 of IVIG; all had SSc.", 19),
        ("Fifty observations of SSc on IVIG were received; seven were rejected.", 43),
        ("Serum of SSc patients on IVIG was positive for A in 14, B in 6, C in 8, D in 4 and E in 3.", 35),
    ],
)
def test_a_number_of_people_is_known_as_one(numbers, abstract, number):
    """Series by their size, dozens, numbers behind a year or before a dose, and parts of a whole count people."""
    assert number in numbers(abstract)


@pytest.mark.parametrize(
    ("abstract", "number"),
    [
        ("IVIG was given for SSc to one patient in five (18 of 88).", 1),
        ("All 58 SSc patients began on step 1; 14 advanced to step 4, which was IVIG.", 4),
        ("Adults with two or more claims for SSc and one claim for IVIG were analysed.", 2),
        ("IVIG was given to SSc patients for four to eight weeks.", 4),
        ("Each centre sent the files of up to ten consecutive adults with SSc on IVIG.", 10),
        ("In SSc patients on IVIG creatine kinase fell from 2140±890 to 310±120.", 890),
    ],
)
def test_a_number_of_something_else_is_not_among_them(numbers, abstract, number):
    """Shares, steps, claims and spans of time are no numbers of people."""
    assert number not in numbers(abstract)
