"""The flow of an updated review: what becomes of a report, and boxes that must add up."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from ivigil.reports.flow import Fate, Identified, Previous, PrismaFlow, Route, Update, count_flow
from ivigil.reports.flow_svg import flow_svg

DAY, CUTOFF = date(2026, 6, 1), date(2024, 4, 15)
PUBLISHED = Previous(studies=12, reports=12, patients=266, records=418)
SVG = "{http://www.w3.org/2000/svg}"


records = st.lists(
    st.builds(
        Identified,
        st.sampled_from(["pubmed", "europepmc", "clinicaltrials", "openalex"]),
        st.sampled_from(list(Route)),
        st.integers(1, 30),
        st.booleans(),
    ),
    max_size=80,
)


def update_of(found, fates, before, included):
    every = range(1, 31)
    return Update(
        records=found,
        held_before=frozenset(before),
        included_before=frozenset(included) & frozenset(before),
        fates=fates,
        verdicts={report: "eligible" for report in every if report % 3 == 0},
        reasons=dict.fromkeys(every, "Fewer than five adults treated"),
        studies={report: report // 2 for report in every},
        patients=dict.fromkeys(range(16), 5),
    )


@given(
    records,
    st.dictionaries(st.integers(1, 30), st.sampled_from(list(Fate))),
    st.sets(st.integers(1, 30), max_size=10),
    st.sets(st.integers(1, 30), max_size=10),
)
def test_every_record_and_every_report_ends_in_exactly_one_box(found, fates, before, included):
    """Whatever was found and decided, the boxes add up, and the diagram is well-formed XML that shows their numbers."""
    flow = count_flow("A review", DAY, CUTOFF, PUBLISHED, update_of(found, fates, before, included))
    assert flow.identified == len(found)
    reports = {record.report_id for record in found} - before
    gone = {report for report in reports if all(r.withdrawn for r in found if r.report_id == report)}
    assert flow.screened + flow.awaiting_screening == len(reports - gone)
    assert sum(count.count for count in flow.awaiting_by_verdict) == flow.awaiting_screening
    root = etree.fromstring(flow_svg(flow).encode())
    text = " ".join(" ".join(node.itertext()) for node in root.iter(f"{SVG}text"))
    assert f"Reports screened (n = {flow.screened})" in text


def test_a_new_report_of_an_included_study_is_no_new_study():
    """A follow-up paper of a study the previous version holds adds a report, not a study and not its patients again."""
    found = [Identified("pubmed", Route.DATABASE, report) for report in (4, 5, 6)]
    fates = dict.fromkeys((5, 6), Fate.INCLUDED)
    flow = count_flow("A review", DAY, CUTOFF, PUBLISHED, update_of(found, fates, {4}, {4}))
    assert (flow.new_reports, flow.new_studies, flow.new_patients) == (2, 1, 5)  # 4 and 5 are one study
    assert (flow.total_studies, flow.total_patients, flow.total_reports) == (13, 271, 14)


def test_numbers_that_do_not_add_up_are_no_flow():
    """A diagram whose boxes contradict one another cannot be made."""
    with pytest.raises(ValidationError, match="reports screened: 0"):
        PrismaFlow(title="A", as_of=DAY, cutoff=CUTOFF, previous=PUBLISHED, screened=0, sought=1)


def test_a_hostile_name_cannot_act_in_the_picture():
    """Text from outside is escaped in the diagram."""
    found = [Identified("<script>alert(1)</script>", Route.DATABASE, 1)]
    picture = flow_svg(count_flow("<b>&", DAY, CUTOFF, PUBLISHED, update_of(found, {}, set(), set())))
    assert "<script" not in picture
    etree.fromstring(picture.encode())
