"""An abstract that the rules read as eligible, written for these tests."""

from __future__ import annotations

ELIGIBLE = (
    "Fourteen adults with diffuse cutaneous systemic sclerosis received intravenous immunoglobulin 2 g/kg monthly for "
    "six months in an open-label study. The modified Rodnan skin score fell from 29 to 21."
)
