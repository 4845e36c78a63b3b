"""Reading protocol files: what is wrong is named by file, line and field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ivigil.errors import ProtocolError
from ivigil.protocol import Protocol
from ivigil.toml_text import KeyPath, locate, parse_toml

PACKAGE = Path(__file__).resolve().parent
TEMPLATE = PACKAGE / "protocol_template.toml"


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
    values = parse_toml(text, file, ProtocolError)
    try:
        return Protocol.model_validate(values)
    except ValidationError as error:
        lines = dict(locate(text))
        # A misspelt field is also a missing one; the misspelling is what there is to see.
        problems = sorted(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
        first = problems[0]
        path: KeyPath = tuple(first["loc"])
        raise ProtocolError(
            _in_plain_words(first),
            file=file,
            line=_nearest_line(lines, path),
            field=_dotted(path) or None,
            hint=_more(problems, lines) or "ivigil protocol new FILE writes a commented template",
        ) from None


def _nearest_line(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Line of the path, else of the nearest key or table that holds it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _dotted(path: KeyPath) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _in_plain_words(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "is not a field of a protocol; is it misspelt?"
    if problem["type"] == "missing":
        return "is missing"
    return str(problem["msg"]).removeprefix("Value error, ")


def _more(problems: list[Any], lines: dict[KeyPath, int]) -> str:
    rest = [
        f"line {_nearest_line(lines, tuple(p['loc'])) or '?'}: {_dotted(tuple(p['loc']))}: {_in_plain_words(p)}"
        for p in problems[1:]
    ]
    return "also " + "; ".join(rest) if rest else ""
