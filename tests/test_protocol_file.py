"""A protocol is read whole or refused by file, line and field."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.errors import ProtocolError
from ivigil.protocol_file import TEMPLATE, load_protocol, parse_protocol
from ivigil.toml_text import locate

LEAST = """\
[review]
name = "least"
title = "The least a protocol has"
start = 2003-01-01
cutoff = 2024-04-15
[strategies]
pubmed = "all[sb]"
[criteria.sample_size]
minimum = 5
[[known_studies]]
pmid = "23910617"
status = "verified"
"""


def refuse(text: str) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(text, Path("review.toml"))
    return caught.value


def test_the_least_protocol_is_enough() -> None:
    """A review, a strategy and nothing else but what every protocol has can be used."""
    protocol = parse_protocol(LEAST, Path("review.toml"))
    assert protocol.name == "least"
    assert [study.pmid for study in protocol.verified_studies] == ["23910617"]
    assert protocol.criteria.sample_size is not None
    assert protocol.criteria.sample_size.minimum == 5


def test_the_shipped_protocol_states_the_published_review() -> None:
    """The shipped protocol has the review's window and counts, seven verified studies, and leads kept apart."""
    protocol = load_protocol("ivig_ssc")
    published = protocol.review.published
    assert (published.records, published.included_studies, published.patients) == (418, 12, 266)
    assert str(protocol.review.start) == "2003-01-01"
    assert str(protocol.review.cutoff) == "2024-04-15"
    assert protocol.review.strategy_basis == "reconstruction"
    assert len(protocol.verified_studies) == 7
    assert {study.first_author for study in protocol.leads} >= {"Tandaipan", "Levy"}
    assert not any(study.pmid or study.doi for study in protocol.leads)


def test_a_name_may_be_written_either_way() -> None:
    """Hyphens and underscores in the name of a shipped protocol mean the same."""
    assert load_protocol("ivig-ssc") == load_protocol("ivig_ssc")


def test_the_template_is_a_protocol() -> None:
    """What `protocol new` writes can be checked as it is."""
    assert load_protocol(TEMPLATE).name == "my-review"


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [
        (("minimum = 5", 'minimum = "five"'), 9, "criteria.sample_size.minimum"),
        (("minimum = 5", "minimun = 5"), 9, "criteria.sample_size.minimun"),
        (("cutoff = 2024-04-15", "cutoff = 1999-04-15"), 1, "review"),
        (("cutoff = 2024-04-15", 'cutoff = "soon"'), 5, "review.cutoff"),
        (('pmid = "23910617"', 'pmid = "PMC1"'), 11, "known_studies.1.pmid"),
        (('pmid = "23910617"\n', ""), 10, "known_studies.1"),
        (('status = "verified"', 'status = "sure"'), 12, "known_studies.1.status"),
        (('title = "The least a protocol has"\n', ""), 1, "review.title"),
        (('name = "least"', 'name = "Least Review"'), 2, "review.name"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(change: tuple[str, str], line: int, field: str) -> None:
    """A broken field is named with the file, the line it stands on, and its path."""
    assert change[0] in LEAST
    error = refuse(LEAST.replace(*change))
    assert (str(error.file), error.line, error.field) == ("review.toml", line, field)


def test_the_second_of_two_known_studies_is_found() -> None:
    """An error in a later item of a list is named by that item's own line."""
    error = refuse(LEAST + '[[known_studies]]\npmid = "1"\nstatus = "verified"\ndesing = "rct"\n')
    assert (error.line, error.field) == (16, "known_studies.2.desing")


def test_a_syntax_error_is_named_by_line() -> None:
    """Text that is not TOML is refused with the line."""
    assert refuse(LEAST.replace('name = "least"', "name = least")).line == 2


def test_every_problem_is_told_at_once() -> None:
    """With several problems the first is the error and the others are in its hint."""
    error = refuse(LEAST.replace("minimum = 5", 'minimum = "x"').replace('status = "verified"', 'status = "x"'))
    assert "line 12" in (error.hint or "")


def test_an_absent_protocol_names_those_that_ship() -> None:
    """A name that means nothing is answered with the names that do."""
    with pytest.raises(ProtocolError) as caught:
        load_protocol("nonesuch")
    assert "ivig_ssc" in (caught.value.hint or "")


def test_a_double_study_is_refused() -> None:
    """The same study twice would be one canary counted twice."""
    assert "twice" in str(refuse(LEAST + '[[known_studies]]\npmid = "23910617"\nstatus = "lead"\n'))


def test_keys_inside_text_are_not_keys() -> None:
    """A line of a multi-line string that looks like a key is not taken for one."""
    found = dict(locate('[a]\nx = """\ny = 1\n"""\nz = 2\n'))
    assert found == {("a",): 1, ("a", "x"): 2, ("a", "z"): 5}


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever a file holds, it is a protocol or a ProtocolError, nothing else."""
    with suppress(ProtocolError):
        parse_protocol(text, Path("x.toml"))
