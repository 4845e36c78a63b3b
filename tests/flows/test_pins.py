"""The pins that Prefect silently depends on."""

from __future__ import annotations

import tomllib
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

TOGETHER = ("prefect", "sqlalchemy", "fastapi")


@pytest.mark.parametrize("name", TOGETHER)
def test_the_tested_version_is_the_installed_one(root, name: str) -> None:
    """What constraints.txt pins is what these tests ran with."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {pin.name.lower(): pin for pin in map(Requirement, (line for line in lines if not line.startswith("#")))}
    assert pins[name].specifier.contains(version(name))
    assert [each.operator for each in pins[name].specifier] == ["=="]


@pytest.mark.parametrize(("name", "breaking"), [("sqlalchemy", "2.1.0"), ("fastapi", "0.151.0"), ("prefect", "4.0.0")])
def test_the_bounds_keep_out_what_breaks_prefect(root, name: str, breaking: str) -> None:
    """pyproject.toml admits the installed version and refuses the one known to stop Prefect without an error."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {r.name.lower(): r.specifier for r in map(Requirement, project["dependencies"])}
    assert Version(version(name)) in bounds[name]
    assert Version(breaking) not in bounds[name]
