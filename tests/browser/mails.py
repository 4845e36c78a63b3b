"""Every kind of mail that is sent, as full as it comes: what the browser is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from alert_makers import START, study
from ivigil.alerts import (
    AlertContent,
    AlertKind,
    Change,
    CriterionReading,
    DigestContent,
    DigestItem,
    Found,
    Link,
    Message,
    Neighbour,
    ProtocolName,
    Ranking,
    SecondReading,
    SourceState,
    StudyFacts,
    Term,
    Urgency,
    render,
)
from ivigil.surveillance.delivering import ASKING

PROTOCOL = ProtocolName(name="ivig-ssc", title="Intravenous immunoglobulin in systemic sclerosis: a living review")
SIGNED = "eyJyZXBvcnQiOjQzNCwiZGVjaXNpb24iOiJpbmNsdWRlIn0.Zp3kQw.l2t9fVh0yqk6tq1o8bM0o7bq3m8VYw2rT1dQ"
CHOICES = tuple(
    Link(label=label, url=f"https://review.example.org/decide/{SIGNED}{number}")
    for number, label in enumerate(("Include", "Exclude", "Maybe"))
)
WORKSPACE = Link(label="Open in the workspace", url="https://review.example.org/reports/434")
UNSURE = "perhaps 14, or 41"
LONG_WORD = "anti-topoisomerase-I-antibody-positive-" * 5
LONG_LINK = "https://registry.example.org/results?" + "&".join(f"field{n}=value{n}" for n in range(40))

CRITERIA = (
    CriterionReading(
        name="population",
        status="met",
        evidence="Fourteen adults with diffuse cutaneous systemic sclerosis (2013 ACR/EULAR criteria) were enrolled.",
    ),
    CriterionReading(
        name="intervention",
        status="met",
        evidence="All received intravenous immunoglobulin 2 g/kg over five days, every four weeks, for six courses.",
    ),
    CriterionReading(name="sample_size", status="met", evidence="Fourteen adults"),
    CriterionReading(name="adults", status="met", evidence="Their mean age was 51 years (range 24 to 70)."),
    CriterionReading(
        name="outcome", status="met", evidence="The modified Rodnan skin score fell from 29.3 to 21.1 (p = 0.004)."
    ),
    CriterionReading(name="language", status="met", evidence="eng"),
    CriterionReading(name="full_text", status="met"),
    CriterionReading(name="publication_type", status="met", evidence="Journal Article"),
    CriterionReading(name="date", status="met", evidence="2024-05-02"),
)
TOO_FEW = tuple(
    item.model_copy(update={"status": "not_met", "evidence": "Three of them had SSc."})
    if item.name == "sample_size"
    else item
    for item in CRITERIA
)
SECOND = SecondReading(model="local-reader-8b", verdict="needs_full_text", criteria=TOO_FEW[:4], agrees=False)
RANKING = Ranking(
    score=1.2504,
    rank=3,
    of=214,
    screener="2024-05-31.1",
    threshold=0.842,
    terms_for=tuple(
        Term(term=term, weight=weight)
        for term, weight in (("immunoglobulin", 0.81), ("skin score", 0.44), ("intravenous", 0.39))
    ),
    terms_against=(Term(term="case report", weight=-0.22),),
    nearest=Neighbour(title="High-dose intravenous immunoglobulin infusion in systemic sclerosis", likeness=0.87),
)
FULL = study(
    criteria=CRITERIA,
    links=(
        Link(label="doi:10.5555/x.1", url="https://doi.org/10.5555/x.1"),
        Link(label="PubMed 39000001", url="https://pubmed.ncbi.nlm.nih.gov/39000001/"),
    ),
    organ_systems=("cutaneous", "respiratory", "musculoskeletal", "gastrointestinal"),
    found=(Found(source="pubmed"), Found(source="openalex", way="cites pmid:23910617")),
    reports=2,
)
SPARSE = study(
    title=f"IVIG in {LONG_WORD}: what the registry says",
    abstract_missing=True,
    n_treated=None,
    design=None,
    organ_systems=(),
    authors=None,
    journal=None,
    links=(Link(label="registry", url=LONG_LINK),),
    criteria=tuple(CriterionReading(name=item.name, status="unclear") for item in CRITERIA),
)


def _item(number: int, **values: object) -> DigestItem:
    given: dict[str, object] = {
        "title": f"Immunoglobulin for the skin in systemic sclerosis: cohort {number} of the northern registry",
        "byline": "Arden K, Bell O, et al. J Imaginary Rheumatol. 2024-05-02",
        "verdict": "needs_full_text",
        "rank": number,
        "score": 1.3 - number / 10,
        "link": Link(label="doi", url=f"https://doi.org/10.5555/x.{number}"),
    }
    return DigestItem(**(given | values))


DIGEST = DigestContent(
    since=date(2024, 5, 27),
    until=date(2024, 6, 2),
    runs=7,
    complete=6,
    records_fetched=1053,
    new_records=9,
    new_reports=5,
    eligible=(_item(1, verdict="eligible", n_treated=14),),
    candidates=(_item(2), _item(7, verdict="ineligible", byline="", link=None)),
    waiting=(_item(3, n_treated=14, treated=UNSURE),),
    decisions_due=4,
    decisions_made=3,
    sources=(
        SourceState(source="pubmed", complete_through=date(2024, 6, 2)),
        SourceState(source="semanticscholar", complete_through=date(2024, 6, 2)),
        SourceState(
            source="europepmc",
            complete_through=date(2024, 5, 29),
            problem="not searched whole to the end of these days",
        ),
    ),
    problems=("europepmc for 4 runs in a row: TransportError: 503", "2 deliveries were given up"),
    guarantee="With 12 known studies, the list's threshold covers a new eligible study with probability 0.92 or more.",
)
QUIET = DigestContent(
    since=date(2024, 6, 3),
    until=date(2024, 6, 9),
    runs=7,
    complete=7,
    records_fetched=41,
    sources=(SourceState(source="pubmed", complete_through=date(2024, 6, 9)),),
)


def _of_study(kind: AlertKind, facts: StudyFacts = FULL, **values: object) -> AlertContent:
    given: dict[str, object] = {"ranking": RANKING, "run_id": 12, "as_of": date(2024, 6, 1), "study": facts}
    return AlertContent(kind=kind, protocol=PROTOCOL, **(given | values))


def _of_the_watch(kind: AlertKind, summary: str, *details: str) -> AlertContent:
    return AlertContent(
        kind=kind,
        urgency=Urgency.HIGH,
        protocol=PROTOCOL,
        summary=summary,
        details=details,
        run_id=12,
        as_of=date(2024, 6, 1),
    )


MAILS: dict[str, AlertContent] = {
    "new": _of_study(AlertKind.STUDY_ELIGIBLE, urgency=Urgency.HIGH, actions=(WORKSPACE,)),
    "needs-full-text": _of_study(AlertKind.STUDY_NEEDS_FULL_TEXT, SPARSE),
    "disputed": _of_study(
        AlertKind.STUDY_NEEDS_FULL_TEXT, FULL.model_copy(update={"second_reading": SECOND, "treated": UNSURE})
    ),
    "updated": _of_study(
        AlertKind.STUDY_UPDATED,
        changes=(
            Change(what="Verdict", before="needs full text", after="eligible"),
            Change(what="Treated", before="not stated", after="14"),
            Change(what="Full text", before="not free to read", after="free to read"),
            Change(what="Organ systems", before="none", after="cutaneous, respiratory, gastrointestinal"),
        ),
    ),
    "corrected": _of_study(
        AlertKind.STUDY_CORRECTED,
        FULL.model_copy(update={"notices": ("corrected",)}),
        ranking=None,
        details=("pubmed: Correction to: Monthly intravenous immunoglobulin in diffuse systemic sclerosis",),
        actions=(Link(label="Read it", url="https://doi.org/10.5555/x.9"),),
    ),
    "retracted": _of_study(
        AlertKind.STUDY_RETRACTED,
        FULL.model_copy(update={"notices": ("retracted",)}),
        urgency=Urgency.HIGH,
        ranking=None,
        details=("pubmed says so: PMID 39999999",),
        actions=(Link(label="Read it", url="https://doi.org/10.5555/x.8"),),
    ),
    "decided": _of_study(
        AlertKind.STUDY_DECIDED,
        FULL.model_copy(update={"criteria": TOO_FEW, "n_treated": 3}),
        decision="exclude",
        summary="ada and ben excluded this report.",
        details=(
            "ada: exclude at title and abstract, because: Fewer than five adults with SSc treated",
            "ben: exclude at full text, because: Fewer than five adults with SSc treated (three had morphea)",
        ),
    ),
    "merged": _of_study(
        AlertKind.STUDY_MERGED,
        summary="2 studies that the team was told of apart are one.",
        details=(
            f"Told of on 2024-05-03: {FULL.title}",
            "Told of on 2024-05-20: IVIG in diffuse scleroderma, 24-week interim results",
        ),
        changes=(Change(what="Studies", before="2", after="1"), Change(what="Treated", before="9", after="14")),
    ),
    "trial": AlertContent(
        kind=AlertKind.TRIAL_CHANGED,
        protocol=PROTOCOL,
        summary="NCT04137224 has posted its results.",
        changes=(Change(what="Status", before="recruiting", after="completed"), Change(what="Results", after="posted")),
        actions=(Link(label="Open the registration", url="https://clinicaltrials.gov/study/NCT04137224"),),
    ),
    "canary": _of_the_watch(
        AlertKind.CANARY_LOST,
        "europepmc no longer returns Takehara 2013 (23910617) for the review's strategy.",
        "A known study that a strategy must return is gone from its answer.",
        "The strategy, the source or the record has changed: new studies may be missed in the same way.",
    ),
    "source": _of_the_watch(
        AlertKind.SOURCE_FAILING,
        "europepmc does not answer as it used to.",
        "europepmc for 3 runs in a row: TransportError: 503 Service Unavailable",
        "Its window stays open and is asked for again every night; until then nothing new is known from there.",
    ),
    "absent": _of_the_watch(
        AlertKind.RUN_ABSENT,
        "No surveillance night has been complete for over 36 hours; the last was as of 2024-05-30 03:00 UTC.",
        "The newest run is number 12, partial: europepmc: TransportError: 503.",
        "Until a night is complete, that nothing is told does not mean that nothing came.",
    ),
    "digest": AlertContent(kind=AlertKind.DIGEST, urgency=Urgency.LOW, protocol=PROTOCOL, digest=DIGEST),
    "nothing-new": AlertContent(kind=AlertKind.DIGEST, urgency=Urgency.LOW, protocol=PROTOCOL, digest=QUIET),
    "test": AlertContent(kind=AlertKind.TEST, protocol=PROTOCOL),
}


def links_of(said: AlertContent) -> list[Link]:
    """The links that a mail must show."""
    items = (*said.digest.eligible, *said.digest.candidates, *said.digest.waiting) if said.digest else ()
    return [
        *_choices(said),
        *said.actions,
        *(said.study.links if said.study else ()),
        *(item.link for item in items if item.link),
    ]


def messages() -> Iterator[tuple[str, Message]]:
    """Each mail's name, and the message that is sent."""
    for number, (name, said) in enumerate(MAILS.items()):
        yield name, render(said, message_id=f"{number:032x}", raised_at=START, choices=_choices(said))


def _choices(said: AlertContent) -> tuple[Link, ...]:
    return CHOICES if said.kind in ASKING else ()
