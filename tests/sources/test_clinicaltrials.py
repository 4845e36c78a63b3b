"""The ClinicalTrials.gov client: paging by tokens that die, states of trials, numbers that were given up."""

from __future__ import annotations

import json
from datetime import date

import pytest

from ivigil.errors import IncompleteSearch, MalformedResponse, NotEntitled, QueryRejected
from ivigil.records import PartialDate, RecordKind
from ivigil.sources.base import DateField, SearchRequest, Tally, Window
from ivigil.sources.clinicaltrials import ClinicalTrials, parse_studies, trial_state

STRATEGY = (
    'AREA[ConditionSearch]("systemic sclerosis" OR scleroderma) AND AREA[InterventionSearch](immunoglobulin* OR IgPro*)'
)
AUTUMN = Window(date(2024, 10, 1), date(2024, 12, 20))


@pytest.fixture
def registry(simulator, session):
    simulator.set_faults("")
    simulator.today = date(2024, 12, 20)
    return ClinicalTrials(session, base_url=simulator.base_url("clinicaltrials"))


@pytest.fixture
def scripted(wire, session):
    return ClinicalTrials(session, base_url=f"{wire.url}/ctgov")


def study(number="NCT10000001", **status):
    module = {"overallStatus": "RECRUITING", "studyFirstPostDateStruct": {"date": "2024-03-02"}} | status
    named = {"nctId": number, "briefTitle": "A trial"}
    return {"protocolSection": {"identificationModule": named, "statusModule": module}}


def page(fakes, *studies, total=None, token=None, status=200):
    body = {"studies": list(studies)}
    body |= {"totalCount": total} if total is not None else {}
    body |= {"nextPageToken": token} if token else {}
    return fakes.Reply(json.dumps(body).encode(), status, "application/json")


def test_a_window_brings_new_and_changed_registrations(registry):
    """A trial registered in the window and one whose results were posted in it both come, with all they say."""
    pages = list(registry.harvest(SearchRequest(STRATEGY, AUTUMN)))
    records = {record.source_id: record for one in pages for record in one.records}
    assert {"NCT99000003", "NCT04137224"} <= set(records)
    new, changed = records["NCT99000003"], records["NCT04137224"]
    assert (new.kind, new.entered) == (RecordKind.REGISTRATION, date(2024, 12, 10))
    assert new.registry_ids == ("NCT99000003", "ISRCTN99000003")
    assert changed.registry_ids == ("NCT04137224", "2018-003149-41")
    assert str(changed.trial.results_posted) == "2024-11-05"
    assert (changed.trial.status, changed.trial.enrolment, changed.trial.enrolment_is_actual) == ("COMPLETED", 27, True)
    assert "intravenous immunoglobulin (Privigen)" in changed.abstract_text
    assert ("sponsor", "IgPro20_2001") in changed.other_ids


def test_each_date_field_asks_its_own_days(registry):
    """First posting and last update are different questions; zero hits are one stated page."""
    asked = {field: list(registry.harvest(SearchRequest(STRATEGY, AUTUMN, field))) for field in DateField}
    found = {field: {one.source_id for page in pages for one in page.records} for field, pages in asked.items()}
    assert found[DateField.PUBLISHED] == {"NCT06655155", "NCT99000003"}
    assert found[DateField.ENTERED] == found[DateField.PUBLISHED] | found[DateField.REVISED]
    empty = list(registry.harvest(SearchRequest("AREA[ConditionSearch]nosuchcondition", AUTUMN)))
    assert [(one.reported, one.records) for one in empty] == [(0, ())]


def test_canaries_and_single_registrations_are_asked_by_number(registry):
    """The strategy holds the trial it should and not another one; an unknown number is missing, not an error."""
    assert registry.held(STRATEGY, ["NCT00348296", "NCT99000004"]) == {"NCT00348296"}
    assert registry.count(STRATEGY) == 7
    tally = Tally()
    pages = list(registry.fetch(["NCT00348296", "nct99000004", "NCT88888888"]))
    for one in pages:
        tally.add(one)
    assert {record.source_id for one in pages for record in one.records} == {"NCT00348296", "NCT99000004"}
    assert [one.missing for one in pages if one.missing] == [("NCT88888888",)]
    assert tally.complete


def test_a_status_changes_from_day_to_day(registry, simulator):
    """The same trial is recruiting in spring and withdrawn in summer, with the reason."""
    states = {}
    for day in (date(2024, 4, 20), date(2024, 7, 1)):
        simulator.today = day
        (one,) = registry.fetch(["NCT04138485"])
        states[day] = one.records[0].trial
    before, after = states.values()
    assert (before.status, before.enrolment_is_actual) == ("RECRUITING", False)
    assert (after.status, after.enrolment) == ("WITHDRAWN", 0)
    assert after.why_stopped
    assert after.updated == PartialDate(year=2024, month=6, day=18)


def test_pages_are_followed_by_token_to_the_last(wire, scripted, fakes):
    """The total stands on the first page alone and holds for all of them; the same question goes with each token."""
    wire.script = [
        page(fakes, study("NCT10000001"), total=3, token="t1"),
        page(fakes, study("NCT10000002"), token="t2"),
        page(fakes, study("NCT10000003")),
    ]
    pages = list(scripted.harvest(SearchRequest("x", AUTUMN)))
    assert [one.reported for one in pages] == [3, 3, 3]
    assert [asked.params.get("pageToken") for asked in wire.asked] == [None, "t1", "t2"]
    assert len({asked.params["filter.advanced"] for asked in wire.asked}) == 1


def test_a_token_that_dies_makes_the_list_be_read_anew(wire, scripted, fakes):
    """After a refresh of the data the list is read from its beginning and nothing is lost or doubled."""
    first, second = study("NCT10000001"), study("NCT10000002")
    wire.script = [
        page(fakes, first, total=2, token="t1"),
        fakes.Reply(b"Invalid page token", 400, "text/plain"),
        page(fakes, first, total=2, token="t9"),
        page(fakes, second),
    ]
    pages = list(scripted.harvest(SearchRequest("x", AUTUMN)))
    assert [record.source_id for one in pages for record in one.records] == ["NCT10000001", "NCT10000002"]


def test_a_list_that_never_adds_up_is_incomplete(wire, scripted, fakes):
    """Fewer studies than the total, twice, is an error with both numbers."""
    wire.serve = lambda _: page(fakes, study("NCT10000001"), total=5)
    with pytest.raises(IncompleteSearch) as caught:
        list(scripted.harvest(SearchRequest("x", AUTUMN)))
    assert (caught.value.reported, caught.value.fetched) == (5, 1)


def test_a_former_number_leads_to_the_present_registration(wire, scripted, fakes):
    """A number that lists nothing is asked by its own address, whose redirect is followed."""
    present = study("NCT10000009")
    present["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT10000001"]

    def serve(asked):
        if asked.path.endswith("/studies/NCT10000001"):
            return fakes.Reply(b"", 301, headers={"Location": "/ctgov/studies/NCT10000009"})
        if asked.path.endswith("/studies/NCT10000009"):
            return fakes.Reply(json.dumps(present).encode(), media_type="application/json")
        return page(fakes, total=0)

    wire.serve = serve
    pages = list(scripted.fetch(["NCT10000001"]))
    assert [record.registry_ids for one in pages for record in one.records] == [("NCT10000009", "NCT10000001")]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, b"<h1>Forbidden</h1>", NotEntitled),
        (400, b"Unknown area", QueryRejected),
        (200, b"<html></html>", MalformedResponse),
        (200, b'{"studies": []}', MalformedResponse),
        (200, b'{"totalCount": 0}', MalformedResponse),
    ],
)
def test_what_is_no_answer_is_never_zero_hits(wire, scripted, fakes, status, body, error):
    """A gate, a refusal, a page of HTML and an answer without its total are errors, each of its class."""
    wire.serve = lambda _: fakes.Reply(body, status, "text/plain")
    with pytest.raises(error) as caught:
        list(scripted.harvest(SearchRequest("x", AUTUMN)))
    assert caught.value.context.source == "clinicaltrials"
    if error is NotEntitled:
        assert "IVIGIL_USER_AGENT" in caught.value.hint


def test_an_unreadable_study_is_rejected_alone(fakes):
    """A study without its number, or with a date that is none, does not take the others with it."""
    broken = study("NCT10000002", startDateStruct=["2024"])
    body = json.dumps({"studies": [study(), broken, {"hasResults": False}], "totalCount": 3}).encode()
    found = parse_studies(body)
    assert [record.source_id for record in found.records] == ["NCT10000001"]
    assert [name for name, _ in found.rejected] == ["NCT10000002", "#3"]


def test_the_state_of_a_trial_keeps_partial_dates():
    """A start known to the month stays a month; results are posted only where a day of posting is given."""
    state = trial_state(study(startDateStruct={"date": "2015-08"}, whyStopped="no funds"))
    assert (str(state.started), state.results_posted, state.why_stopped) == ("2015-08", None, "no funds")
    assert (state.enrolment, state.enrolment_is_actual) == (None, None)


def test_a_number_that_is_none_is_refused_before_asking(scripted, wire):
    """A DOI given for a registration number is an error that names it."""
    with pytest.raises(QueryRejected, match=r"10\.1/X"):
        list(scripted.fetch(["10.1/x"]))
    assert wire.asked == []
