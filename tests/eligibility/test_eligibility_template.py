"""The protocol template shows a new review every field of the criteria."""

from __future__ import annotations

import re
import tomllib

import pytest

from ivigil.criteria import Criteria
from ivigil.protocol_file import TEMPLATE

_COMMENTED = re.compile(r"^# (?=\[criteria|\w+ = )", re.MULTILINE)


@pytest.fixture(scope="module")
def every_field() -> dict:
    """The template's criteria with every commented example taken up."""
    text = TEMPLATE.read_text(encoding="utf-8")
    section = text[text.index("[criteria.population]") : text.index("[[exclusion_reasons]]")]
    return tomllib.loads(_COMMENTED.sub("", section))["criteria"]


def test_every_example_in_the_template_is_a_valid_criterion(every_field):
    """Taking up all that the template shows gives criteria that are read without an error."""
    assert Criteria.model_validate(every_field).population is not None


def test_the_template_names_every_field_that_the_shipped_protocol_uses(every_field, criteria):
    """Who writes a new protocol can find all that this one uses."""
    used = criteria.model_dump(exclude_defaults=True, exclude_unset=True)
    systems = used.pop("organ_systems")
    shown = every_field.pop("organ_systems")
    for name, section in used.items():
        assert set(section) - {"note"} <= set(every_field[name]), name
    assert {field for system in systems.values() for field in system} <= set().union(*shown.values())
