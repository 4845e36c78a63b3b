"""What E-utilities say around the records: counts, ids, history keys, warnings, and errors inside a success."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ivigil.errors import (
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    SearchContext,
    SourceError,
    TransportError,
)


class HistoryExpired(SourceError):
    """The server has forgotten the search (WebEnv); it must be run again."""


@dataclass(frozen=True)
class SearchAnswer:
    """An ESearch result: `count` hits, of which `ids` are listed; `warnings` in the source's own words."""

    count: int
    ids: tuple[str, ...]
    web_env: str | None = None
    query_key: str | None = None
    warnings: tuple[str, ...] = ()


_ERROR_KINDS: tuple[tuple[re.Pattern[str], type[SourceError], str], ...] = (
    # First match wins. The words are those of contracts/pubmed/errors.
    (
        re.compile(r"rate limit", re.IGNORECASE),
        RateLimited,
        "ask less often; a free API key allows 10 requests a second",
    ),
    (re.compile(r"api key invalid", re.IGNORECASE), NotEntitled, "check IVIGIL_PUBMED_API_KEY"),
    (re.compile(r"unable to obtain query", re.IGNORECASE), HistoryExpired, "run the search again"),
    (re.compile(r"retstart.*cannot be larger", re.IGNORECASE | re.DOTALL), QueryRejected, "slice the search by date"),
    (
        re.compile(r"invalid db name|empty term|invalid value|empty id list|id list is empty", re.IGNORECASE),
        QueryRejected,
        "check the ids",
    ),
    (
        re.compile(r"search backend failed|unable to open connection|temporar", re.IGNORECASE),
        TransportError,
        "try again later",
    ),
)
_WARNING_NAMES = {
    "phrasenotfound": "phrase not found",
    "phrasesnotfound": "phrase not found",
    "fieldnotfound": "field not found",
    "fieldsnotfound": "field not found",
    "phraseignored": "phrase ignored",
    "phrasesignored": "phrase ignored",
    "quotedphrasenotfound": "quoted phrase not found and dropped from the search",
    "quotedphrasesnotfound": "quoted phrase not found and dropped from the search",
    "outputmessage": "message",
    "outputmessages": "message",
}
_NOT_A_WARNING = "No items found."


def refuse_error(said: str, context: SearchContext) -> None:
    """Raise the class of error that the source's words mean; unknown words make the answer malformed."""
    words = " ".join(said.split())
    for pattern, kind, hint in _ERROR_KINDS:
        if pattern.search(words):
            raise kind(words, context=context, hint=hint)
    raise MalformedResponse(f"an error inside a success: {words}", context=context)


def read_root(body: bytes, context: SearchContext) -> etree._Element:
    """The root of an XML answer that holds no error; no entity is expanded and nothing is loaded from outside.

    Raises:
        SourceError: of the class that an error inside means, be it in XML or in the gateway's JSON; MalformedResponse
            for what is not XML or is cut short.
    """
    if body.lstrip()[:1] == b"{":
        load_json(body, context)
        raise MalformedResponse("JSON where XML was asked for", context=context)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        start = " ".join(body[:400].decode("utf-8", "replace").split())[:120]
        raise MalformedResponse(f"not XML, or cut short ({error.msg}); it begins: {start!r}", context=context) from None
    said = "; ".join(words for element in root.iterfind("ERROR") if (words := (element.text or "").strip()))
    if said:
        refuse_error(said, context)
    return root


def parse_esearch(body: bytes, context: SearchContext) -> SearchAnswer:
    """Read an ESearch answer, in JSON or XML whatever was asked for: outages have answered in the other.

    Raises:
        SourceError: of the class that an ERROR inside means; MalformedResponse for anything that is no ESearch result.
    """
    if body.lstrip()[:1] in (b"{", b"["):
        return _esearch_json(body, context)
    root = read_root(body, context)
    if root.tag != "eSearchResult":
        raise MalformedResponse(f"the root is {root.tag}, not eSearchResult", context=context)
    warnings = [
        (str(child.tag), child.text or "")
        for part in ("ErrorList", "WarningList")
        for child in root.iterfind(f"{part}/*")
    ]
    return _search_answer(
        root.findtext("Count"),
        [element.text or "" for element in root.iterfind("IdList/Id")],
        root.findtext("WebEnv"),
        root.findtext("QueryKey"),
        warnings,
        context,
    )


def _esearch_json(body: bytes, context: SearchContext) -> SearchAnswer:
    answer = load_json(body, context)
    result = answer.get("esearchresult")
    if not isinstance(result, dict):
        raise MalformedResponse("JSON without esearchresult", context=context)
    warnings = [
        (name, str(word))
        for part in ("errorlist", "warninglist")
        for name, words in (result.get(part) or {}).items()
        for word in words
    ]
    ids = result.get("idlist")
    if not isinstance(ids, list):
        raise MalformedResponse("an ESearch result without idlist", context=context)
    return _search_answer(
        result.get("count"), [str(one) for one in ids], result.get("webenv"), result.get("querykey"), warnings, context
    )


def load_json(body: bytes, context: SearchContext) -> dict[str, Any]:
    """A JSON object that holds no error.

    PubMed writes raw newlines inside strings, so control characters are let through.

    Raises:
        SourceError: of the class that an error means, the gateway's ("error") or a utility's ("ERROR");
            MalformedResponse for what is no JSON object.
    """
    try:
        answer = json.loads(body.decode("utf-8", "replace"), strict=False)
    except json.JSONDecodeError as error:
        raise MalformedResponse(f"not JSON, or cut short ({error})", context=context) from None
    if not isinstance(answer, dict):
        raise MalformedResponse("JSON that is not an object", context=context)
    results = [value for key, value in answer.items() if key.endswith("result")]
    said = [answer.get("error"), *(value.get("ERROR") for value in results if isinstance(value, dict))]
    said += [value[0] for value in results if isinstance(value, list) and value]  # ESummary's form
    for words in said:
        if words:
            refuse_error(str(words), context)
    return answer


def _search_answer(
    count: str | None,
    ids: list[str],
    web_env: str | None,
    query_key: str | None,
    warnings: list[tuple[str, str]],
    context: SearchContext,
) -> SearchAnswer:
    if count is None or not str(count).isdecimal():
        raise MalformedResponse(f"an ESearch result whose count is {count!r}", context=context)
    if not all(one.isdecimal() for one in ids):
        raise MalformedResponse("an ESearch result with ids that are no numbers", context=context)
    said = tuple(
        f"{_WARNING_NAMES.get(name.lower(), name)}: {' '.join(words.split())}"
        for name, words in warnings
        if words.strip() and words.strip() != _NOT_A_WARNING
    )
    return SearchAnswer(int(count), tuple(ids), web_env or None, query_key or None, said)
