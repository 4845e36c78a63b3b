"""Text with HTML tags in it, as sources embed it in JSON, to plain text and labelled sections."""

from __future__ import annotations

import html
import re

from ivigil.records import AbstractSection

# Only tags that sources use are taken for tags: "n<a" and "p < 0.05" are the author's own signs.
_MATH = "math|m(?:fenced|frac|i|multiscripts|n|o|over|prescripts|row|space|sqrt|style|sub|subsup|sup|text|under)"
_INLINE = re.compile(
    rf"</?(?:a|b|em|i|small|span|strong|sub|sup|tt|u|(?:mml:)?(?:{_MATH})|jats:(?:italic|bold|sub|sup))(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"</?(?:br|dd|div|dl|dt|li|ol|p|section|table|tbody|td|th|tr|ul|h\d|jats:\w+)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_HEADING = re.compile(r"<(h[1-6])(?:\s[^<>]*)?>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"[ \t\r\n]+")


def plain_text(text: str) -> str:
    """The text without tags and character references, runs of plain white space as one space."""
    without = _BLOCK.sub(" ", _INLINE.sub("", text))
    return _SPACES.sub(" ", html.unescape(without)).strip()


def labelled_sections(text: str) -> tuple[AbstractSection, ...]:
    """An abstract cut at its headings (<h4>Methods</h4>...); words before the first heading have no label.

    A heading without words after it is kept as the text of a section of its own, so that nothing is lost.
    """
    parts = _HEADING.split(text)  # before, (tag, heading, words), ...
    found: list[tuple[str | None, str]] = [(None, plain_text(parts[0]))]
    found += [(plain_text(parts[at]).rstrip(":"), plain_text(parts[at + 1])) for at in range(2, len(parts), 3)]
    return tuple(
        AbstractSection(text=words or label or "", label=(label or None) if words else None)
        for label, words in found
        if words or label
    )
