"""Abstracts that the rules read as eligible, written for these tests."""

from __future__ import annotations

ELIGIBLE = (
    "Fourteen adults with diffuse cutaneous systemic sclerosis received intravenous immunoglobulin 2 g/kg monthly for "
    "six months in an open-label study. The modified Rodnan skin score fell from 29 to 21."
)
UNSURE = (
    "Of 41 patients with diffuse systemic sclerosis seen at two hospitals, 18 completed a year of intravenous "
    "immunoglobulin and 23 stopped early. The modified Rodnan skin score fell by six points."
)
"""Eligible, but how many were treated is a matter of how it is read."""
