"""The query syntaxes of the registry and of the databases behind keys, each by its own rules."""

from __future__ import annotations

from datetime import date

import pytest

from ivigil.records import AbstractSection, MeshHeading, PartialDate, Record
from ivigil.simulator import embase_query, essie, scopus_query, wos_query
from ivigil.simulator.index import Entry, Index
from ivigil.simulator.query import QuerySyntaxError, evaluate

TODAY = date(2024, 5, 1)
ROWS = (
    ("Immunoglobulin in systemic sclerosis", "IVIG for the skin.", 2013, date(2013, 8, 6)),
    ("Rituximab in systemic sclerosis", "No infusion of antibodies.", 2020, date(2020, 2, 1)),
    ("IVIG in dermatomyositis", "Muscle strength rose.", 2024, date(2024, 3, 10)),
)
INDEX = Index(
    [
        Entry(
            Record(
                source="x", source_id=str(number), pmid=str(number), title=title, doi=f"10.1000/{number}",
                abstract=(AbstractSection(text=abstract),), published=PartialDate(year=year), entered=day,
                registry_ids=(f"NCT0000000{number}",), keywords=("scleroderma",) if number == 2 else (),
                mesh=(MeshHeading(descriptor="Scleroderma, Diffuse"),) if number == 1 else (),
            ),
            first_indexed=day,
        )
        for number, (title, abstract, year, day) in enumerate(ROWS, start=1)
    ]
)  # fmt: skip


def found(dialect, text):
    return {row + 1 for row in evaluate(dialect.parse(text, INDEX, TODAY).node, INDEX)}


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('TITLE-ABS-KEY("systemic sclerosis" AND IVIG)', {1}),
        ("TITLE(IVIG OR rituximab AND sclerosis)", {2}),  # OR binds before AND
        ("TITLE(sclerosis AND NOT rituximab OR immunoglobulin)", set()),  # and AND NOT last of all
        ("KEY(scleroderma*)", {1, 2}),
        ("TITLE(immunoglobulin*) AND PUBYEAR > 2012 AND PUBYEAR < 2014", {1}),
        ("ORIG-LOAD-DATE AFT 20200131 AND ORIG-LOAD-DATE BEF 20240310", {2}),
        ("ORIG-LOAD-DATE IS 20240310", {3}),
        ('EID(2-s2.0-90000000001) OR PMID(2) OR DOI("10.1000/3")', {1, 2, 3}),
        ("IVIG sclerosis", {1}),  # side by side means AND
    ],
)
def test_scopus_syntax(text, rows):
    """Fields with brackets, comparisons that leave out the day they name, and OR binding first."""
    assert found(scopus_query, text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('TS=("systemic sclerosis" AND IVIG)', {1}),
        ("TI=rituximab OR TI=IVIG AND TI=dermatomyositis", {2, 3}),  # AND binds before OR
        ("TS=sclerosis NOT TI=rituximab", {1}),
        ("PY=(2013-2020)", {1, 2}),
        ('UT=(WOS:900000000000001 OR WOS:900000000000002) OR DO=("10.1000/3")', {1, 2, 3}),
        ("PMID=(3)", {3}),
    ],
)
def test_web_of_science_syntax(text, rows):
    """Tags with an equals sign, groups within a tag, and AND binding first."""
    assert found(wos_query, text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("'systemic sclerosis':ti AND ivig:ti,ab", {1}),
        ("(ivig OR rituximab):ti", {2, 3}),
        ("'systemic sclerosis'/exp", {1}),  # the heading with its narrower ones
        ("sclerosis:ti NOT rituximab:ti", {1}),
        ("[2020-2024]/py", {2, 3}),
        ("[01-02-2020]/sd NOT [10-03-2024]/sd", {2}),
    ],
)
def test_embase_syntax(text, rows):
    """Fields after a term or a group, headings that explode, and days since which something was added."""
    assert found(embase_query, text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('AREA[ConditionSearch]("systemic sclerosis" OR dermatomyositis) AND IVIG', {1, 3}),
        ("AREA[StudyFirstPostDate]RANGE[2020-01-01,MAX]", {2, 3}),
        ("AREA[StudyFirstPostDate]RANGE[MIN,2020-02-01] AND NOT AREA[NCTId]NCT00000002", {1}),
        ("AREA[LastUpdatePostDate]2024-03-10", {3}),
    ],
)
def test_essie_syntax(text, rows):
    """Areas before a term or a group, and ranges open at either end."""
    assert found(essie, text) == rows


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (scopus_query, "TITLE(IVIG"),
        (scopus_query, "NOSUCH(IVIG)"),
        (scopus_query, "ORIG-LOAD-DATE AFT 20241399"),
        (wos_query, "IVIG"),
        (wos_query, "XX=(IVIG)"),
        (wos_query, "PY=(soon)"),
        (embase_query, "(ivig:ti"),
        (embase_query, "[2024]/xx"),
        (embase_query, "[1-2]/sd"),
        (essie, "AREA[NoSuchArea]x"),
        (essie, "AREA[StudyFirstPostDate]RANGE[soon,MAX]"),
        (essie, "IVIG AND"),
        (essie, "IVIG )"),
    ],
)
def test_what_cannot_be_read_is_refused(dialect, text):
    """An unknown field, a date that is none and a bracket too few or too many are errors, never zero hits."""
    with pytest.raises(QuerySyntaxError):
        found(dialect, text)
