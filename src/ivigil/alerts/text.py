"""Text from outside, made harmless before it is put into any message."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

# Text from outside can steer a terminal or turn the reading direction of a whole message.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KEPT = frozenset({"\u200c", "\u200d"})  # joiners: part of how some scripts are written
LONGEST = 2000
LONGEST_URL = 2000


def plain(text: str, longest: int = LONGEST) -> str:
    """Text on one line, without control or direction characters, cut at `longest` characters."""
    kept = "".join(
        char if char in _KEPT or unicodedata.category(char) not in _STEERING else " " if char.isspace() else ""
        for char in text
    )
    line = " ".join(kept.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def is_web_address(value: str) -> bool:
    """Whether a text may become a link: an http(s) address without anything that could end it early."""
    return (
        len(value) <= LONGEST_URL
        and value.isprintable()
        and bool(re.fullmatch(r"https?://[^\s<>\"'\\\x00-\x20\x7f]+", value))
    )


def _is_a_web_address(value: str) -> str:
    if not is_web_address(value):
        raise ValueError("is not an http(s) address")
    return value


Plain = Annotated[str, AfterValidator(plain)]
WebAddress = Annotated[str, AfterValidator(_is_a_web_address)]
