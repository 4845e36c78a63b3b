"""Fixtures of the use cases: a simulator and the shipped protocol."""

from __future__ import annotations

from review_at_work import fast_retries, protocol, simulator

__all__ = ["fast_retries", "protocol", "simulator"]
