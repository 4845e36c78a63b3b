"""How an answer is wanted."""

from __future__ import annotations

from fastapi import Request


def wants_json(request: Request) -> bool:
    """Whether a script asks rather than a page."""
    return "application/json" in request.headers.get("accept", "")
