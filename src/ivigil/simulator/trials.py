"""The corpus's trials: registrations whose status changes from day to day, as documents and as studies of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ivigil.records import AbstractSection, Record, RecordKind
from ivigil.simulator.corpus.reading import read_toml
from ivigil.simulator.document import Document
from ivigil.simulator.library import Library

REGISTRATION = "NCT"
"""Where a trial's document comes from; its numbers begin so."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Trials:
    """The registrations, to be searched, and each one's study as it stood from a day on."""

    library: Library
    studies: Mapping[tuple[str, date], Mapping[str, Any]]


@cache
def written_trials() -> Trials:
    """Read them; the same in every run."""
    documents: list[Document] = []
    studies: dict[tuple[str, date], Mapping[str, Any]] = {}
    for row in read_toml("trials.toml")["trial"]:
        forms: list[tuple[date, Record]] = []
        for day, updated, form in _forms(row):
            forms.append((day, _record(form, updated)))
            studies[row["id"], updated] = study(form, updated)
        documents.append(Document(forms=tuple(forms), source=REGISTRATION))
    return Trials(Library(documents), studies)


def _forms(row: Row) -> Iterator[tuple[date, date, Row]]:
    """(Day from which the form is seen, day of its last update, the form)."""
    now = {name: value for name, value in row.items() if name != "later"}
    yield row["posted"], row.get("updated", row["posted"]), now
    for later in row.get("later", ()):
        now = now | {name: value for name, value in later.items() if name != "on"}
        yield later["on"], later["on"], now


def _record(form: Row, updated: date) -> Record:
    """What is searched of a registration."""
    texts = (form["summary"], *form["interventions"], *form["outcomes"])
    return Record(
        source="clinicaltrials",
        source_id=form["id"],
        kind=RecordKind.REGISTRATION,
        title=f"{form['brief']}. {form['official']}",
        abstract=tuple(AbstractSection(text=text) for text in texts),
        keywords=tuple(form["conditions"]),
        registry_ids=(form["id"],),
        entered=form["posted"],
        revised=updated,
        indexed=form.get("results_posted"),
    )


def study(form: Row, updated: date) -> dict[str, Any]:
    """A form as the API gives it; modules without content are absent, as they are there."""
    return {
        "protocolSection": {
            "identificationModule": _given(
                nctId=form["id"],
                orgStudyIdInfo=_given(id=form.get("sponsor_id")),
                secondaryIdInfos=[_secondary(text) for text in form.get("other_registrations", ())],
                organization={"fullName": form["sponsor"], "class": "OTHER"},
                briefTitle=form["brief"],
                officialTitle=form["official"],
                acronym=form.get("acronym"),
            ),
            "statusModule": _status(form, updated),
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": form["sponsor"], "class": "OTHER"}},
            "descriptionModule": {"briefSummary": form["summary"]},
            "conditionsModule": {"conditions": form["conditions"]},
            "designModule": _given(
                studyType=form.get("study_type", "INTERVENTIONAL"),
                phases=form.get("phases"),
                enrollmentInfo={"count": form["enrolment"], "type": form["enrolment_type"]},
            ),
            "armsInterventionsModule": {"interventions": [_intervention(text) for text in form["interventions"]]},
            "outcomesModule": {"primaryOutcomes": [{"measure": text} for text in form["outcomes"]]},
            "eligibilityModule": _given(minimumAge=form.get("minimum_age"), sex="ALL"),
            **_given(referencesModule=_given(references=[_reference(text) for text in form.get("references", ())])),
        },
        "hasResults": "results_posted" in form,
    }


def _status(form: Row, updated: date) -> dict[str, Any]:
    posted = form.get("results_posted")
    return _given(
        overallStatus=form["status"],
        whyStopped=form.get("why_stopped"),
        startDateStruct=_given(date=form.get("started")),
        completionDateStruct=_given(date=form.get("completed")),
        studyFirstPostDateStruct={"date": form["posted"].isoformat(), "type": "ACTUAL"},
        resultsFirstPostDateStruct={"date": posted.isoformat(), "type": "ACTUAL"} if posted else None,
        lastUpdatePostDateStruct={"date": updated.isoformat(), "type": "ACTUAL"},
    )


def _given(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value}


def _secondary(text: str) -> dict[str, str]:
    kind, _, number = text.partition(" ")
    return {"id": number, "type": kind}


def _intervention(text: str) -> dict[str, str]:
    kind, name, description = (*text.split(": ", 2), "")[:3]
    return _given(type=kind, name=name, description=description)


def _reference(text: str) -> dict[str, str]:
    match = re.fullmatch(r"(\w+) (\d+)", text)
    if match is None:
        raise ValueError(f"'{text}' is not TYPE PMID")
    return {"pmid": match[2], "type": match[1], "citation": f"PMID {match[2]}."}
