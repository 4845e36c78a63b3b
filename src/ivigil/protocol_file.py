"""Reading protocol files: what is wrong is named by file, line and field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivigil.errors import ProtocolError
from ivigil.protocol import Protocol

PACKAGE = Path(__file__).resolve().parent
TEMPLATE = PACKAGE / "protocol_template.toml"

_TABLE = re.compile(r"^\s*(?P<open>\[\[?)\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*(?P<key>{_PART}(?:\s*\.\s*{_PART})*)\s*=")
_DELIMITER = re.compile(r'"""|' + r"'''")

Path_ = tuple[str | int, ...]


def load_protocol(name_or_path: str | Path) -> Protocol:
    """Read a protocol by path, or by the name of one that ships with ivigil.

    Raises:
        ProtocolError: the file is absent or broken; names file, line and field.
    """
    file = find_protocol(name_or_path)
    return parse_protocol(file.read_text(encoding="utf-8"), file)


def find_protocol(name_or_path: str | Path) -> Path:
    """The file that a name or path means: a path as it is, else a file in `protocols/` here or with the package.

    Hyphens and underscores in a name are the same.
    """
    given = Path(name_or_path)
    if given.is_file():
        return given
    shipped: set[str] = set()
    if given.name == str(name_or_path):
        for folder in (Path("protocols"), PACKAGE / "protocols", PACKAGE.parents[1] / "protocols"):
            for file in sorted(folder.glob("*.toml")):
                shipped.add(file.stem)
                if file.stem.replace("-", "_") == given.stem.replace("-", "_"):
                    return file
    raise ProtocolError(
        "no such protocol", file=given, hint=f"give a path, or one of: {', '.join(sorted(shipped)) or 'none ship here'}"
    )


def parse_protocol(text: str, file: Path) -> Protocol:
    """Turn a protocol file's text into a protocol; `file` is only for messages."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise ProtocolError(str(error), file=file, line=int(line[1]) if line else None) from None
    try:
        return Protocol.model_validate(values)
    except ValidationError as error:
        lines = dict(locate(text))
        problems = error.errors(include_url=False)
        first = problems[0]
        path: Path_ = tuple(first["loc"])
        raise ProtocolError(
            _in_plain_words(first),
            file=file,
            line=_nearest_line(lines, path),
            field=_dotted(path) or None,
            hint=_more(problems, lines) or "ivigil protocol new FILE writes a commented template",
        ) from None


def locate(text: str) -> Iterator[tuple[Path_, int]]:
    """Yield (path of keys, 1-based line) for each table header and key, array tables with their index."""
    table: Path_ = ()
    counts: dict[Path_, int] = {}
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


def _resolve(name: Path_, counts: dict[Path_, int], *, opens_item: bool) -> Path_:
    """The header's path with the current index after every array table it passes through."""
    path: Path_ = ()
    for depth, part in enumerate(name):
        path = (*path, part)
        if opens_item and depth == len(name) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _split(dotted: str) -> Path_:
    return tuple(part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted))


def _nearest_line(lines: dict[Path_, int], path: Path_) -> int | None:
    """Line of the path, else of the nearest key or table that holds it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _dotted(path: Path_) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _in_plain_words(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "is not a field of a protocol; is it misspelt?"
    if problem["type"] == "missing":
        return "is missing"
    return str(problem["msg"]).removeprefix("Value error, ")


def _more(problems: list[Any], lines: dict[Path_, int]) -> str:
    rest = [
        f"line {_nearest_line(lines, tuple(p['loc'])) or '?'}: {_dotted(tuple(p['loc']))}: {_in_plain_words(p)}"
        for p in problems[1:]
    ]
    return "also " + "; ".join(rest) if rest else ""
