"""Fixtures of the use cases: a simulator and the shipped protocol."""

from __future__ import annotations

from review_at_work import begun, bootstrapped, protocol, simulator

__all__ = ["begun", "bootstrapped", "protocol", "simulator"]
