"""Abstracts that the rules read as eligible, written for these tests."""

from __future__ import annotations

ELIGIBLE = (
    "Fourteen adults with diffuse cutaneous systemic sclerosis received intravenous immunoglobulin 2 g/kg monthly for "
    "six months in an open-label study. The modified Rodnan skin score fell from 29 to 21."
)
UNSURE = (
    "Forty-one adults with diffuse systemic sclerosis came, 19 with lung disease treated by intravenous immunoglobulin."
    " The modified Rodnan skin score fell from 25 to 18 at one year."
)
"""Eligible, but how many were treated is a matter of how it is read, with a language model or without."""
