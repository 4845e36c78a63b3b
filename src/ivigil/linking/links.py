"""What linking says of two records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["report", "study"]
Strength = Literal["certain", "suggestion"]


@dataclass(frozen=True, slots=True)
class Link:
    """Two records are one report, or two reports of one study; by which rule, and why in words.

    A certain link is acted on; a suggestion waits for a person.
    """

    kind: Kind
    strength: Strength
    rule: str
    why: str
