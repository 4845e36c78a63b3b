"""The digest: what a stretch of runs brought, in plain text, Markdown and HTML. "Nothing new" is said with numbers."""

from __future__ import annotations

from ivigil.alerts.digest_content import DigestContent, DigestItem, ProtocolName
from ivigil.alerts.templating import fill
from ivigil.alerts.text import plain
from ivigil.eligibility.certainty import treated_words

SHOWN_IN_CHAT = 5


def digest_sentence(digest: DigestContent) -> str:
    """The digest in a sentence; that nothing is new is claimed only where every run was complete."""
    if not digest.nothing_new:
        found = [_count(digest.new_reports, "new report")]
        found += [f"{len(digest.eligible)} eligible"] if digest.eligible else []
        missing = digest.runs - digest.complete
        gap = f"; {_count(missing, 'run')} of {digest.runs} not complete, more may come" if missing else ""
        return f"{', '.join(found)}{gap}."
    if digest.runs == 0:
        return "No run was made: nothing can be said about what is new."
    complete = f"{digest.complete} of {_count(digest.runs, 'run')} complete"
    if not digest.proven:
        return f"Nothing new was found, but that is not proven: {complete}."
    return f"Nothing new: {complete}, {_count(digest.records_fetched, 'record')} fetched, none of them unknown."


def digest_text(digest: DigestContent, protocol: ProtocolName) -> str:
    """The digest as plain text."""
    return fill("digest.txt", **_values(digest, protocol))


def digest_markdown(digest: DigestContent, protocol: ProtocolName) -> str:
    """The digest as Markdown."""
    return fill("digest.md", **_values(digest, protocol))


def digest_html(digest: DigestContent, protocol: ProtocolName) -> str:
    """The digest as an HTML page that is fit for e-mail."""
    return fill("digest.html", **_values(digest, protocol))


def digest_lines(digest: DigestContent) -> tuple[str, ...]:
    """What matters most, line by line, for chat."""
    items = [f"Eligible: {item.title}" for item in digest.eligible]
    items += [f"New: {item.title}" for item in digest.candidates]
    shown = items[:SHOWN_IN_CHAT]
    if len(items) > len(shown):
        shown.append(f"and {len(items) - len(shown)} more")
    return (*shown, *digest.problems)


def period(digest: DigestContent) -> str:
    """'2024-05-27 to 2024-06-02', or the one day."""
    return str(digest.since) if digest.since == digest.until else f"{digest.since} to {digest.until}"


def item_facts(item: DigestItem) -> str:
    """'rank 3 · 14 treated · needs full text'."""
    treated = treated_words(item.n_treated, item.treated)
    parts = [
        f"rank {item.rank}" if item.rank is not None else "",
        f"score {item.score:.3f}" if item.score is not None else "",
        f"{treated} treated" if treated else "",
        (item.verdict or "").replace("_", " "),
    ]
    return " · ".join(part for part in parts if part)


def _values(digest: DigestContent, protocol: ProtocolName) -> dict[str, object]:
    sentence = digest_sentence(digest)
    counts = [
        ("Runs", f"{digest.complete} of {digest.runs} complete"),
        ("Fetched", f"{_count(digest.records_fetched, 'record')}, {digest.new_records} of them new"),
        ("New reports", str(digest.new_reports)),
        ("Decisions", f"{digest.decisions_made} made, {digest.decisions_due} due"),
    ]
    return {
        "digest": digest,
        "protocol": protocol,
        "sentence": sentence,
        "period": period(digest),
        "subject": plain(f"[{protocol.name}] Digest {period(digest)}: {sentence}", 160),
        "counts": counts,
        "item_facts": item_facts,
        "groups": [
            ("Eligible", digest.eligible),
            ("New candidates, best first", digest.candidates),
            ("Still waiting for a decision", digest.waiting),
        ],
    }


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
