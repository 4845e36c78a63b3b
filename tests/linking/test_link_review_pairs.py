"""The review's own congress abstracts and papers: one study, two reports, whatever number of patients each names.

First authors, congress numbers, journals and years are those of the real pairs. The abstracts' full titles and the
lists of co-authors were not to be had in full and are filled in: these records show the rule and are no bibliography.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from linking_cases import to_record

from ivigil.linking import cluster
from ivigil.records import Record
from ivigil.store import library, open_store
from ivigil.store.tables import RecordRow, ReportRow
from ivigil.surveillance.linking import link_records

NOW = datetime(2024, 6, 1, tzinfo=UTC)

ABSTRACT = {"kind": "conference_abstract"}
PAIRS = {
    "Chaigne": (
        {
            "title": "Intravenous Immunoglobulins in Systemic Sclerosis Associated Myopathy:"
            " Retrospective Study of 54 Patients",
            "authors": "Chaigne B; Rodeia S; Benmostefa N; Mouthon L",
            "year": 2017,
            "journal": "Arthritis Rheumatol",
            "volume": "69 (suppl 10)",
        },
        {
            "title": "Corticosteroid-sparing benefit of intravenous immunoglobulin in systemic sclerosis-associated"
            " myopathy: a comparative study in 52 patients",
            "authors": "Chaigne B; Rodeia S; Benmostefa N; Cohen P; Mouthon L",
            "year": 2020,
            "journal": "Autoimmun Rev",
            "volume": "19",
            "pmid": "31734403",
        },
    ),
    "Tandaipan": (
        {
            "title": "FRI0348 Intravenous immunoglobulins in systemic sclerosis: a multicenter experience",
            "authors": "Tandaipan J; Rodriguez-Pinto I; Espinosa G; Castellvi I",
            "year": 2019,
            "journal": "Ann Rheum Dis",
            "volume": "78",
        },
        {
            "title": "Immunoglobulins in systemic sclerosis management. A large multicenter experience",
            "authors": "Tandaipan J; Guillén-Del-Castillo A; Rodriguez-Pinto I; Espinosa G; Castellví I",
            "year": 2023,
            "journal": "Autoimmun Rev",
            "doi": "10.1016/j.autrev.2023.103441",
        },
    ),
    "Poelman": (
        {
            "title": "Intravenous Immunoglobulin Therapy in Refractory Diffuse Cutaneous Systemic Sclerosis",
            "authors": "Poelman C; Hummers L; Wigley F; Anderson C; Boin F; Shah A",
            "year": 2013,
            "journal": "Arthritis Rheum",
            "volume": "65",
            "pages": "S304",
        },
        {
            "title": "Intravenous immunoglobulin may be an effective therapy for refractory, active diffuse cutaneous"
            " systemic sclerosis",
            "authors": "Poelman CL; Hummers LK; Wigley FM; Anderson C; Boin F; Shah AA",
            "year": 2015,
            "journal": "J Rheumatol",
            "volume": "42",
            "pages": "236-42",
            "pmid": "25433527",
        },
    ),
    "Raja": (
        {
            "title": "FRI0470 Intravenous immunoglobulin in the treatment of gastrointestinal symptoms of systemic"
            " sclerosis overlapping with myositis",
            "authors": "Raja J; Nihtyanova S; Murray C; Denton C; Ong V",
            "year": 2015,
            "journal": "Ann Rheum Dis",
            "volume": "74 Suppl 2",
            "pages": "598.1",
        },
        {
            "title": "Gastrointestinal and musculoskeletal symptoms of systemic sclerosis overlapping with polymyositis"
            " under intravenous immunoglobulin",
            "authors": "Raja J; Nihtyanova SI; Murray CD; Denton CP; Ong VH",
            "year": 2016,
            "journal": "Rheumatology",
            "volume": "55",
            "pages": "115-119",
            "pmid": "26320139",
        },
    ),
}


@pytest.mark.parametrize("flagged", [True, False], ids=["known for an abstract", "seen from its place"])
@pytest.mark.parametrize("name", PAIRS)
def test_abstract_and_paper_are_one_study_of_two_reports(name: str, *, flagged: bool):
    """A congress abstract and its paper stay two reports and become one study, though title and number changed."""
    abstract, paper = PAIRS[name]
    if not flagged and name == "Tandaipan":
        abstract = abstract | {"title": abstract["title"].replace("FRI0348 ", "FRI0348: ")}
    records = {
        "abstract": to_record(abstract | (ABSTRACT if flagged else {}), "file"),
        "paper": to_record(paper, "pubmed"),
    }
    found = cluster(records)
    assert found.clusters == []
    assert [set(study) for study in found.studies] == [{"abstract", "paper"}]


def test_different_teams_on_one_topic_are_different_studies():
    """The four papers and the four abstracts, all on one drug in one disease, stay four studies."""
    records = {}
    for name, (abstract, paper) in PAIRS.items():
        records[f"{name} abstract"] = to_record({"source_id": name, **abstract, **ABSTRACT}, "file")
        records[f"{name} paper"] = to_record({"source_id": name, **paper}, "pubmed")
    studies = cluster(records).studies
    assert sorted(sorted(study) for study in studies) == sorted([f"{name} abstract", f"{name} paper"] for name in PAIRS)


REGISTERED = (
    {
        "kind": "registration",
        "source_id": "NCT90000007",
        "title": "Immunoglobulin against placebo in diffuse disease of the skin",
        "registry_ids": ["NCT90000007"],
        "year": 2019,
    },
    {
        "title": "Skin scores under monthly infusion: a randomised trial",
        "authors": "Marel B; Tosk L",
        "year": 2023,
        "abstract": "Thirty adults were treated (ClinicalTrials.gov NCT90000007).",
    },
)
THROUGH_STORE = {name: (abstract | ABSTRACT, paper) for name, (abstract, paper) in PAIRS.items()}
THROUGH_STORE["a registration and the paper that states its number"] = REGISTERED


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["earlier first", "paper first"])
@pytest.mark.parametrize("name", THROUGH_STORE)
def test_store_holds_one_study_of_two_reports(name: str, order: tuple[int, int], store_url: str):
    """Taken in on two nights in either order, the pair is one study with two reports of one record each."""
    pair = [to_record(one, source) for one, source in zip(THROUGH_STORE[name], ("file", "pubmed"), strict=True)]
    reports, study_of = _stored([pair[place] for place in order], store_url)
    assert len(reports) == 2
    assert len(study_of) == 1


def test_stored_pairs_stay_four_studies(store_url: str):
    """All four pairs in one store are four studies of two reports each."""
    records = [
        to_record({"source_id": name, **one}, source)
        for name, (abstract, paper) in PAIRS.items()
        for one, source in ((abstract | ABSTRACT, "file"), (paper, "pubmed"))
    ]
    reports, studies = _stored(records, store_url)
    assert (len(reports), len(studies)) == (8, 4)


def _stored(records: list[Record], store_url: str) -> tuple[set[int | None], set[int | None]]:
    """The reports and the studies that hold these records, each record linked on a night of its own."""
    store = open_store(store_url)
    try:
        for record in records:
            with store.transaction() as session:
                library.take_in(session, [record], run_id=None, way="search", now=NOW)
                link_records(session, now=NOW)
        with store.transaction() as session:
            reports = {row.report_id for row in session.query(RecordRow)}
            return reports, {session.get_one(ReportRow, report).study_id for report in reports}
    finally:
        store.close()
