"""JSON answers: read as an object, or refused as what they are."""

from __future__ import annotations

import json
from typing import Any

from ivigil.errors import MalformedResponse, SearchContext


def load_object(body: bytes, context: SearchContext) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        MalformedResponse: not JSON, cut short, or not an object.
    """
    try:
        answer = json.loads(body)
    except ValueError as error:
        start = " ".join(body[:400].decode("utf-8", "replace").split())[:120]
        raise MalformedResponse(f"not JSON, or cut short ({error}); it begins: {start!r}", context=context) from None
    if not isinstance(answer, dict):
        raise MalformedResponse("JSON that is not an object", context=context)
    return answer


def why_unreadable(error: Exception) -> str:
    """Why an entry was rejected, in one short line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
