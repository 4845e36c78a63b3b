"""TOML text: parsed with errors that name the line, and keys found again by line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ivigil.errors import ConfigurationError

KeyPath = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*(?P<key>{_PART}(?:\s*\.\s*{_PART})*)\s*=")
_DELIMITER = re.compile(r'"""|' + r"'''")


def parse_toml(text: str, file: Path, error_class: type[ConfigurationError] = ConfigurationError) -> dict[str, Any]:
    """Parse TOML; a syntax error becomes an `error_class` with file and line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = re.search(r"line (\d+)", str(error))
        line = int(said[1]) if said else max(1, text.count("\n"))  # else it ends too early
        raise error_class(str(error), file=file, line=line) from None


def locate(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield (path of keys, 1-based line) for each table header and key, array tables with their index."""
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if inside is None:
            if match := _TABLE.match(line):
                table = _resolve(_split(match["name"]), counts, opens_item=match["open"] == "[[")
                yield table, number
                continue
            if match := _KEY.match(line):
                yield table + _split(match["key"]), number
        for delimiter in _DELIMITER.findall(line):
            inside = delimiter if inside is None else (None if inside == delimiter else inside)


def _resolve(name: KeyPath, counts: dict[KeyPath, int], *, opens_item: bool) -> KeyPath:
    """The header's path with the current index after every array table it passes through."""
    path: KeyPath = ()
    for depth, part in enumerate(name):
        path = (*path, part)
        if opens_item and depth == len(name) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _split(dotted: str) -> KeyPath:
    return tuple(part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted))
