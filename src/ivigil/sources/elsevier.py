"""What Scopus and Embase share: Elsevier's headers, its error envelopes, and the ids both are asked by."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ivigil.errors import NotEntitled, QueryRejected, RateLimited, SearchContext
from ivigil.sources.answer import Answer, refuse_rejected

_XML_PART = r"<(?:\w+:)?{0}>([^<]*)</(?:\w+:)?{0}>"
_ENVELOPE = re.compile(rb"service-error|error-response|\"message\"")
_LIMITS = frozenset({"QUOTA_EXCEEDED", "TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"})
_RIGHTS = frozenset({"AUTHENTICATION_ERROR", "AUTHORIZATION_ERROR", "ENTITLEMENTS_ERROR", "APIKEY_INVALID"})
_TOO_LONG = (413, 414)


class RightRefused(NotEntitled):
    """The key is good, the right asked for is not in it: a view, or the cursor."""


def headers(api_key: str, inst_token: str | None) -> dict[str, str]:
    """Who asks. Never in the address: the answer's own links would repeat the key."""
    token = {"X-ELS-Insttoken": inst_token} if inst_token else {}
    return {"X-ELS-APIKey": api_key, "Accept": "application/json"} | token


def refuse_error(answer: Answer, context: SearchContext) -> None:
    """Raise for an error envelope, whatever the status: Elsevier writes several, in JSON and in XML.

    Raises:
        RightRefused: the view or the cursor is not in the key's rights.
        NotEntitled: the key or the institution's token is missing or wrong.
        RateLimited: the week's quota is spent.
        QueryRejected: the question itself.
    """
    if answer.status == 200 and not _ENVELOPE.search(answer.body[:500]):
        return
    code, words = read_error(answer.body)
    said = f"answered {answer.status}: {' - '.join(part for part in (code, words) if part)}"
    if code in _LIMITS:
        raise RateLimited(said, context=context, hint="the week's quota of this key is spent")
    if code in {"AUTHORIZATION_ERROR", "ENTITLEMENTS_ERROR"} and re.search(r"view|cursor", words, re.IGNORECASE):
        raise RightRefused(said, context=context, hint="ask Elsevier for the right, or for an institution's token")
    if code in _RIGHTS:
        raise NotEntitled(said, context=context, hint="check the API key, the institution's token, and your address")
    if answer.status in _TOO_LONG:
        raise QueryRejected(said, context=context, hint="the strategy is too long for an address; shorten it")
    if code:
        raise QueryRejected(said, context=context, hint="check the strategy in the source's own syntax")
    refuse_rejected(answer, context)


def read_error(body: bytes) -> tuple[str, str]:
    """Code and words of an error envelope; both empty where the body is none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return _xml_error(body.decode("utf-8", "replace"))
    return _json_error(answer) if isinstance(answer, dict) else ("", "")


def _json_error(answer: Mapping[str, Any]) -> tuple[str, str]:
    if status := (answer.get("service-error") or {}).get("status"):
        return str(status.get("statusCode") or "ERROR"), str(status.get("statusText") or "")
    if error := answer.get("error-response"):
        return str(error.get("error-code") or "ERROR"), str(error.get("error-message") or "")
    if "search-results" not in answer and "results" not in answer and isinstance(answer.get("message"), str):
        return "ERROR", answer["message"]
    return "", ""


def _xml_error(text: str) -> tuple[str, str]:
    if "service-error" not in text and "error-response" not in text:
        return "", ""
    code = _xml_part(text, "statusCode") or _xml_part(text, "error-code")
    return code or "ERROR", _xml_part(text, "statusText") or _xml_part(text, "error-message")


def _xml_part(text: str, name: str) -> str:
    match = re.search(_XML_PART.format(name), text)
    return " ".join(match[1].split()) if match else ""
