"""Bodies of E-utilities answers, errors included, byte for byte in the recorded shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape

from ivigil.simulator.query import Question
from ivigil.simulator.wire import HTML, JSON, TEXT, XML, Reply

RATE_WITHOUT_KEY, RATE_WITH_KEY = 3, 10
_DTD = "https://eutils.ncbi.nlm.nih.gov/eutils/dtd"
ESEARCH = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSearchResult PUBLIC "-//NLM//DTD esearch 20060628//EN" '
    f'"{_DTD}/20060628/esearch.dtd">\n'
)
EPOST = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE ePostResult PUBLIC "-//NLM//DTD epost 20090526//EN" '
    f'"{_DTD}/20090526/epost.dtd"><ePostResult>\n'
)
EFETCH = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eEfetchResult PUBLIC "-//NLM//DTD efetch 20131226//EN" '
    f'"{_DTD}/20131226/efetch.dtd">\n'
)
ESUMMARY = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSummaryResult PUBLIC "-//NLM//DTD esummary v1 20041029//EN" '
    f'"{_DTD}/20041029/esummary-v1.dtd">\n'
)
EINFO = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eInfoResult PUBLIC "-//NLM//DTD einfo 20190110//EN" '
    f'"{_DTD}/20190110/einfo.dtd">\n'
)
DIAGNOSTIC = (
    "<head> <title>NCBI/eutils - WWW Error {status} Diagnostic</title> </head> <body> <h1>Server Error</h1> "
    "<p>Your request could not be processed due to a problem on our Web server.</p> <hr/> "
    '<p> Diagnostic Information:</p> <div class="diags">Error: {status}</div> </body>'
)
BACKEND_DOWN = "Search Backend failed: Couldn't resolve #pmquerysrv-mz?dbaf=pubmed, the address table is empty."
NO_QUERY = "Unable to obtain query #{key}"
BEYOND_CAP = (
    "Search Backend failed: Exception:\n'retstart' cannot be larger than 9998. For PubMed, ESearch can only retrieve "
    "the first 9,999 records matching the query. To obtain more than 9,999 PubMed records, consider using EDirect that "
    "contains additional logic to batch PubMed search results automatically so that an arbitrary number can be "
    "retrieved. For details see https://www.ncbi.nlm.nih.gov/books/NBK25499/"
)


def _raw_json(text: str) -> Reply:
    # The service does not escape newlines inside its JSON strings; strict parsers refuse the body.
    return Reply.text(text.replace("\\n", "\n"), JSON)


def esearch_error(message: str, *, as_json: bool, header: bool = True) -> Reply:
    """An error of esearch inside HTTP 200. Without `header` in the forms recorded so."""
    if as_json:
        body = {"header": {"type": "esearch", "version": "0.3"}} if header else {}
        return _raw_json(json.dumps({**body, "esearchresult": {"ERROR": message}}, separators=(",", ":")))
    return Reply.text(f"{ESEARCH}<eSearchResult>\n\t<ERROR>{escape(message)}</ERROR>\n</eSearchResult>\n")


def efetch_error(message: str, status: int = 200) -> Reply:
    """An error of efetch."""
    if status == 400:
        head = '<?xml version="1.0" encoding="UTF-8" ?>\n'
        return Reply.text(f"{head}<eFetchResult><ERROR>{escape(message)}</ERROR></eFetchResult>", status=400)
    return Reply.text(f"{EFETCH}<eFetchResult>\n\t<ERROR>{escape(message)}</ERROR>\n</eFetchResult>\n")


def epost_error(*messages: str) -> Reply:
    """Errors of epost inside HTTP 200."""
    errors = "\n".join(f"\t<ERROR>{escape(message)}</ERROR>" for message in messages)
    return Reply.text(f"{EPOST}{errors}\n</ePostResult>\n")


def esummary_error(message: str, *, as_json: bool) -> Reply:
    """An error of esummary inside HTTP 200."""
    if as_json:
        return Reply.json({"header": {"type": "esummary", "version": "0.3"}, "esummaryresult": [message]})
    return Reply.text(f"{ESUMMARY}<eSummaryResult>\n\t<ERROR>{escape(message)}</ERROR>\n</eSummaryResult>\n")


def rate_exceeded(caller: str, count: int, limit: int, status: int = 429) -> Reply:
    """Too many requests in a second."""
    body = {"error": "API rate limit exceeded", "api-key": caller, "count": str(count), "limit": str(limit)}
    return Reply.json(body, status).with_headers(("Retry-After", "2"))


def bad_key(key: str) -> Reply:
    """A key the service does not know; the body echoes it, newline included."""
    return Reply.text(
        f'{{"error":"API key invalid","api-key":{json.dumps(key)},"type":"invalid",\n"status":"unknown"}}', JSON, 400
    )


def server_error(status: int) -> Reply:
    """A failure page of the web server."""
    return Reply.text(DIAGNOSTIC.format(status=status), HTML, status)


def not_xml(identifiers: Sequence[str]) -> Reply:
    """The page that comes where no retmode was asked for."""
    entries = "\n".join(f"Pubmed-entry ::= {{\n  pmid {each}\n}}" for each in identifiers)
    page = "<html><head><title>PmFetch response</title></head><body>\n<pre>\n{}\n</pre></body></html>\n"
    return Reply.text(page.format(escape(entries)), HTML)


def not_available(identifier: str) -> Reply:
    """Plain text instead of a record."""
    message = f"The following PMID is not available: {identifier}"
    return Reply.text(f"id: {identifier} Error occurred: {message}", TEXT)


def esearch_json(
    ids: Sequence[str], count: int, start: int, question: Question, history: tuple[str, str] | None
) -> Reply:
    """A found list as JSON."""
    remarks = question.remarks
    result: dict[str, object] = {"count": str(count), "retmax": str(len(ids)), "retstart": str(start)}
    if history:
        result |= {"querykey": history[1], "webenv": history[0]}
    result |= {"idlist": list(ids), "translationset": [], "querytranslation": question.translation}
    if remarks.phrases_not_found or remarks.fields_not_found:
        result["errorlist"] = {
            "phrasesnotfound": remarks.phrases_not_found,
            "fieldsnotfound": remarks.fields_not_found,
        }
    if remarks.ignored or remarks.quoted_not_found or remarks.messages:
        result["warninglist"] = {
            "phrasesignored": remarks.ignored,
            "quotedphrasesnotfound": remarks.quoted_not_found,
            "outputmessages": remarks.messages,
        }
    return Reply.json({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result})


def esearch_xml(
    ids: Sequence[str], count: int, start: int, question: Question, history: tuple[str, str] | None
) -> Reply:
    """A found list as XML."""
    remarks = question.remarks
    kept = f"<QueryKey>{history[1]}</QueryKey><WebEnv>{history[0]}</WebEnv>" if history else ""
    listed = "<IdList>\n" + "".join(f"<Id>{each}</Id>\n" for each in ids) + "</IdList>" if ids else "<IdList/>"
    errors = _each("PhraseNotFound", remarks.phrases_not_found) + _each("FieldNotFound", remarks.fields_not_found)
    warnings = _each("PhraseIgnored", remarks.ignored) + _each("QuotedPhraseNotFound", remarks.quoted_not_found)
    warnings += _each("OutputMessage", remarks.messages)
    return Reply.text(
        f"{ESEARCH}<eSearchResult><Count>{count}</Count><RetMax>{len(ids)}</RetMax><RetStart>{start}</RetStart>{kept}"
        f"{listed}<TranslationSet/><QueryTranslation>{escape(question.translation)}</QueryTranslation>"
        + (f"<ErrorList>{errors}</ErrorList>" if errors else "")
        + (f"<WarningList>{warnings}</WarningList>" if warnings else "")
        + "</eSearchResult>\n",
        XML,
    )


def _each(name: str, texts: Sequence[str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for text in texts)
