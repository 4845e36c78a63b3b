"""How sure the number treated is, and how people are told."""

from __future__ import annotations

from collections.abc import Mapping

# From this chance on a number is said as it is. Of records left out of the learning 1,408 of 1,531 such numbers were
# right (92 %), and 127 of 279 below it (46 %); benchmarks/eligibility/README.md tells how they were read.
CLEAR = 0.8
# Another number less likely than this is not worth naming beside the likeliest.
_RIVAL = 0.15


def chance_of(value: int | None, chances: Mapping[int | None, float]) -> float | None:
    """The chance of a number that was read, rounded to two places; None where there is no number."""
    return None if value is None else round(chances[value], 2)


def is_unsure(chance: float | None) -> bool:
    """Whether a number with this chance is in doubt; a number without a chance was not chosen, but given."""
    return chance is not None and chance < CLEAR


def say_treated(value: int | None, chances: Mapping[int | None, float]) -> str:
    """The number as a person is told it: "18", "perhaps 18", "perhaps 18, or 41"; "" where there is none."""
    if value is None:
        return ""
    if not is_unsure(chance_of(value, chances)):
        return str(value)
    others = {other: chance for other, chance in chances.items() if other != value}
    rival = max(others, key=others.__getitem__, default=None)
    return f"perhaps {value}" if rival is None or others[rival] < _RIVAL else f"perhaps {value}, or {rival}"


def treated_words(value: int | None, said: str | None) -> str:
    """What is shown of a number: what is said of it, or itself where it was kept before anything was said."""
    return said or ("" if value is None else str(value))
