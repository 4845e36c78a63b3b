"""ClinicalTrials.gov studies (JSON of API version 2) to records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext
from ivigil.records import (
    AbstractSection,
    Author,
    MeshHeading,
    PartialDate,
    Record,
    RecordKind,
    Relation,
    TrialState,
)
from ivigil.sources.dates import iso_day, text_date
from ivigil.sources.identifiers import clean_registry_id, doi_in_text
from ivigil.sources.json_answers import load_object, why_unreadable
from ivigil.sources.listing import read_entries

NAME = "clinicaltrials"
_REGISTRY_TYPES = frozenset({"EUDRACT_NUMBER", "CTIS", "REGISTRY"})
_DEGREES = re.compile(r",.*$")
_DIGIT = re.compile(r"(?<=[a-z])(?=\d)")
_MESH_UI = re.compile(r"([A-Z])0*(\d{6,9})")

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class StudyPage:
    """One page of studies; `total` stands on the first page alone, `token` opens the next."""

    total: int | None
    records: tuple[Record, ...]
    rejected: tuple[tuple[str, str], ...]
    token: str | None


def parse_studies(body: bytes, context: SearchContext | None = None) -> StudyPage:
    """Read one page of `/studies`.

    Raises:
        MalformedResponse: not JSON, or without a list of studies.
    """
    context = context or SearchContext(NAME)
    answer = load_object(body, context)
    studies, total = answer.get("studies"), answer.get("totalCount")
    if not isinstance(studies, list) or not (total is None or isinstance(total, int)):
        raise MalformedResponse(f"an answer without studies; it holds {sorted(answer)}", context=context)
    read = read_entries(studies, parse_study, name_of=_number_of)
    return StudyPage(total, read.records, read.rejected, answer.get("nextPageToken") or None)


def parse_one(body: bytes, context: SearchContext) -> Record:
    """Read the answer of `/studies/{nctId}`.

    Raises:
        MalformedResponse: it is no study.
    """
    study = load_object(body, context)
    try:
        return parse_study(study)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise MalformedResponse(f"not a study: {why_unreadable(error)}", context=context) from None


def parse_study(study: Fields) -> Record:
    """One study as a record of kind registration.

    What a paper says in its abstract, a registration says in modules: each becomes a section, so that it is read and
    ranked by the same rules.
    """
    protocol: Fields = study["protocolSection"]
    named = _module(protocol, "identification")
    number = _number_of(study)
    if number is None:
        raise ValueError("a study without its NCT number")
    conditions = _module(protocol, "conditions")
    brief, official = named.get("briefTitle") or "", named.get("officialTitle") or ""
    state = trial_state(study)
    status = _module(protocol, "status")
    return Record(
        source=NAME,
        source_id=number,
        kind=RecordKind.REGISTRATION,
        title=official or brief,
        abstract=tuple(_sections(protocol, brief if official and brief != official else "")),
        authors=tuple(_people(protocol)),
        journal="ClinicalTrials.gov",
        publisher=_sponsor(protocol),
        published=_posted(status, "studyFirst"),
        entered=iso_day((status.get("studyFirstPostDateStruct") or {}).get("date")),
        revised=iso_day((status.get("lastUpdatePostDateStruct") or {}).get("date")),
        languages=("eng",),
        publication_types=("Clinical Trial Registration",),
        mesh=tuple(_mesh(study)),
        keywords=tuple(dict.fromkeys([*conditions.get("conditions", []), *conditions.get("keywords", [])])),
        registry_ids=tuple(dict.fromkeys([number, *_other_registrations(named)])),
        other_ids=tuple(_other_ids(named)),
        relations=tuple(_publications(protocol)),
        trial=state,
        url=f"https://clinicaltrials.gov/study/{number}",
    )


def trial_state(study: Fields) -> TrialState:
    """How far the trial is: its status, and whether its results are posted."""
    protocol: Fields = study["protocolSection"]
    status = _module(protocol, "status")
    enrolment: Fields = _module(protocol, "design").get("enrollmentInfo") or {}
    kind = enrolment.get("type")
    return TrialState(
        status=status.get("overallStatus") or "UNKNOWN",
        why_stopped=status.get("whyStopped"),
        started=_date(status, "startDateStruct"),
        completed=_date(status, "completionDateStruct"),
        results_posted=_posted(status, "resultsFirst"),
        updated=_posted(status, "lastUpdate"),
        enrolment=enrolment.get("count"),
        enrolment_is_actual=kind == "ACTUAL" if kind else None,
    )


def _number_of(study: Any) -> str | None:
    protocol = study.get("protocolSection") if isinstance(study, dict) else None
    named = protocol.get("identificationModule") if isinstance(protocol, dict) else None
    number = named.get("nctId") if isinstance(named, dict) else None
    return number.upper() if isinstance(number, str) and number else None


def _module(protocol: Fields, name: str) -> Fields:
    return protocol.get(f"{name}Module") or {}


def _date(status: Fields, name: str) -> PartialDate | None:
    return text_date((status.get(name) or {}).get("date") or "")


def _posted(status: Fields, what: str) -> PartialDate | None:
    return _date(status, f"{what}PostDateStruct")


def _sponsor(protocol: Fields) -> str | None:
    return (_module(protocol, "sponsorCollaborators").get("leadSponsor") or {}).get("name")


def _people(protocol: Fields) -> Iterator[Author]:
    """The officials in charge, without their degrees, then the sponsor: a registration has no authors."""
    for official in _module(protocol, "contactsLocations").get("overallOfficials") or []:
        given, _, family = _DEGREES.sub("", official.get("name") or "").strip().rpartition(" ")
        if family:
            places = (official["affiliation"],) if official.get("affiliation") else ()
            initials = "".join(part[0] for part in given.split()) or None
            yield Author(last_name=family, fore_name=given or None, initials=initials, affiliations=places)
    if sponsor := _sponsor(protocol):
        yield Author(collective=sponsor)


def _sections(protocol: Fields, brief_title: str) -> Iterator[AbstractSection]:
    described = _module(protocol, "description")
    arms, outcomes = _module(protocol, "armsInterventions"), _module(protocol, "outcomes")
    eligible = _module(protocol, "eligibility")
    ages = [f"{name} age {eligible[key]}" for name, key in _AGES if eligible.get(key)]
    parts = (
        ("BRIEF TITLE", [brief_title]),
        ("SUMMARY", [described.get("briefSummary")]),
        ("DESCRIPTION", [described.get("detailedDescription")]),
        ("CONDITIONS", ["; ".join(_module(protocol, "conditions").get("conditions") or [])]),
        ("DESIGN", [_design(_module(protocol, "design"))]),
        ("ARMS", [_described(arm, "label") for arm in arms.get("armGroups") or []]),
        ("INTERVENTIONS", [_described(one, "name", one.get("type")) for one in arms.get("interventions") or []]),
        ("PRIMARY OUTCOMES", [_described(one, "measure") for one in outcomes.get("primaryOutcomes") or []]),
        ("SECONDARY OUTCOMES", [_described(one, "measure") for one in outcomes.get("secondaryOutcomes") or []]),
        ("ELIGIBILITY", [*ages, eligible.get("eligibilityCriteria")]),
    )
    for label, texts in parts:
        if text := ". ".join(" ".join(words.split()).rstrip(".") for words in texts if words and words.strip()):
            yield AbstractSection(label=label, text=text)


_AGES = (("Minimum", "minimumAge"), ("maximum", "maximumAge"))


def _described(entry: Fields, name: str, kind: str | None = None) -> str:
    parts = (_words(kind) if kind else None, entry.get(name), entry.get("description"))
    return ": ".join(part for part in parts if part)


def _design(design: Fields) -> str:
    """Type, phase (not of observational studies), allocation, model, masking and size, in the registry's words."""
    info: Fields = design.get("designInfo") or {}
    words = [design.get("studyType"), *(design.get("phases") or [])]
    words += [info.get(name) for name in ("allocation", "interventionModel", "observationalModel", "primaryPurpose")]
    if masking := (info.get("maskingInfo") or {}).get("masking"):
        words.append(f"{masking} masking")
    said = [_words(word) for word in words if word]
    enrolment: Fields = design.get("enrollmentInfo") or {}
    if enrolment.get("count") is not None:
        said.append(f"{enrolment['count']} participants ({_words(enrolment.get('type') or 'number not qualified')})")
    return ", ".join(said)


def _words(constant: str) -> str:
    """An enumeration's constant as words: ACTIVE_NOT_RECRUITING, PHASE3."""
    return _DIGIT.sub(" ", constant.replace("_", " ").lower())


def _mesh(study: Fields) -> Iterator[MeshHeading]:
    """Headings that the registry assigned by machine, condition and intervention; ancestors are left out."""
    derived: Fields = study.get("derivedSection") or {}
    for name in ("conditionBrowseModule", "interventionBrowseModule"):
        for heading in (derived.get(name) or {}).get("meshes") or []:
            match = _MESH_UI.fullmatch(heading.get("id") or "")
            yield MeshHeading(descriptor=heading["term"], ui=f"{match[1]}{match[2]:0>6}" if match else None)


def _other_registrations(named: Fields) -> Iterator[str]:
    """Former NCT numbers, and the trial's numbers in other registries."""
    yield from (alias.upper() for alias in named.get("nctIdAliases") or [])
    for other in named.get("secondaryIdInfos") or []:
        if other.get("type") in _REGISTRY_TYPES and other.get("id"):
            yield clean_registry_id(other.get("domain") or other["type"], other["id"])


def _other_ids(named: Fields) -> Iterator[tuple[str, str]]:
    own = (named.get("orgStudyIdInfo") or {}).get("id")
    if own:
        yield "sponsor", own
    for other in named.get("secondaryIdInfos") or []:
        if other.get("type") not in _REGISTRY_TYPES and other.get("id"):
            yield "secondary", other["id"]


def _publications(protocol: Fields) -> Iterator[Relation]:
    """Publications by what the registration calls them: Result, Derived or Background.

    The word is the sponsor's and not reliable: a trial's own paper is found as Background, and others cite it too.
    """
    for reference in _module(protocol, "references").get("references") or []:
        citation = reference.get("citation")
        notices = "; ".join(
            f"{one.get('source') or 'a notice'} (PMID {one['pmid']})"
            for one in reference.get("retractions") or []
            if one.get("pmid")
        )
        yield Relation(
            kind=(reference.get("type") or "Background").capitalize(),
            pmid=reference.get("pmid"),
            doi=doi_in_text(citation),
            note="; ".join(part for part in (citation, notices and f"retracted: {notices}") if part) or None,
        )
