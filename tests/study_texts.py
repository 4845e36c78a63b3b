"""Abstracts that the rules read as eligible, written for these tests."""

from __future__ import annotations

ELIGIBLE = (
    "Fourteen adults with diffuse cutaneous systemic sclerosis received intravenous immunoglobulin 2 g/kg monthly for "
    "six months in an open-label study. The modified Rodnan skin score fell from 29 to 21."
)
UNSURE = (
    "Forty-one adults with diffuse systemic sclerosis were up for intravenous immunoglobulin, 19 in hospital. "
    "The modified Rodnan skin score fell from 25 to 18 at one year."
)
"""Eligible, but how many were treated is a matter of how it is read, with a language model or without: 41, or 19."""
