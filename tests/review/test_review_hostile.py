"""Whatever a source sends is shown as text and does nothing."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from review_client import local

from ivigil.records import AbstractSection, Author
from ivigil.review.text import FOLDED_AFTER, Span, fold, inert, pieces
from library_at_hand import library_of, paper

SCRIPT = "<script>document.title='taken'</script><img src=x onerror=alert(1)>"
CONTROLS = "left\u202eright\u2066\x07\x1b[31m\x00\u2028end"
TEMPLATE = "{{ 7 * 191 }}{% raw %}"


def hostile_records():
    return [
        paper(1, title=f"{SCRIPT} {CONTROLS} {TEMPLATE}", abstract=f"IVIG in systemic sclerosis. {SCRIPT} {CONTROLS}"),
        paper(2, title="A very long one", abstract="Scleroderma given IVIG. " + "word " * 200_000),
        paper(3, title="Links").model_copy(
            update={
                "pmid": None,
                "url": "javascript:alert(1)",
                "journal": SCRIPT,
                "registry_ids": (SCRIPT,),
                "authors": (Author(collective=SCRIPT),),
                "abstract": (AbstractSection(label=SCRIPT, text="in sections"),),
            }
        ),
        paper(4, title="مريض في العمود", abstract="שלום IVIG systemic sclerosis"),
    ]


def test_a_hostile_record_is_inert_on_every_page(tmp_path: Path) -> None:
    """Scripts, handlers, javascript: addresses, templates, direction and control characters are text, or marked."""
    with library_of(tmp_path / "home", hostile_records()) as context:
        ada = local(context)
        ada.submit("/reports/1/decisions", value="include", note=f"{SCRIPT}{CONTROLS}")
        for path in ("/", "/candidates?state=all", "/studies", *(f"/reports/{n}" for n in range(1, 5))):
            answer = ada.get(path)
            assert answer.status_code == 200, path
            page = html.fromstring(answer.text)
            assert all(script.get("src", "").startswith("/static/") for script in page.iter("script")), path
            assert not list(page.iter("img", "object", "embed", "base")), path
            for element in page.iter():
                if isinstance(element.tag, str):
                    assert not any(name.startswith("on") or name == "style" for name in element.attrib), path
                    for name in ("href", "src", "action"):
                        assert re.match(r"(?:/|\?|#|https://(?:doi\.org|pubmed\.|pmc\.)|$)", element.get(name, "")), (
                            path
                        )
            shown = [
                char for char in page.text_content() if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")
            ]
            assert shown == [], path
        assert "7 * 191" in html.fromstring(ada.get("/reports/1").text).text_content()
        assert "1337" not in ada.get("/reports/1").text


def test_a_million_characters_are_folded_and_none_is_lost(tmp_path: Path) -> None:
    """A text of 1 MB leaves a light page that says how much more there is, and all of it can be had as text."""
    with library_of(tmp_path / "home", hostile_records()) as context:
        ada = local(context)
        page = ada.get("/reports/2")
        assert len(page.content) < 250_000
        assert "more characters stand only in the" in page.text
        whole = ada.get("/reports/2/text")
        assert whole.headers["content-type"].startswith("text/plain")
        assert len(whole.text) > 1_000_000


@given(st.text())
def test_inert_text_steers_nothing(text: str) -> None:
    """No control or direction character is left, and nothing else is changed or lost."""
    made = inert(text)
    assert len(made) == len(text)
    for before, after in zip(text, made, strict=True):
        if (
            unicodedata.category(before) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
            and before not in "\n\t\u200c\u200d"
        ):
            assert after in "�\n"
        else:
            assert after == before


SPANS = st.lists(
    st.builds(
        Span, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(("population", "outcome")), st.booleans()
    ),
    max_size=6,
)


@given(st.text(alphabet="abc \n", max_size=50), SPANS, st.integers(0, 60), st.integers(0, 60))
def test_pieces_and_folds_lose_nothing(text: str, spans: list[Span], after: int, more: int) -> None:
    """The pieces are the text; each span's words carry its mark; folding keeps all before its limit in order."""
    found = pieces(text, spans)
    assert "".join(piece.text for piece in found) == text
    for span in spans:
        words = text[max(span.start, 0) : max(span.end, 0)]
        marked = "".join(piece.text for piece in found if span.criterion in piece.criteria)
        assert all(marked.count(char) >= words.count(char) for char in set(words))
    first, later, left_out = fold(found, after, after + more)
    shown = "".join(piece.text for piece in (*first, *later))
    assert shown == text[: after + more]
    assert "".join(piece.text for piece in first) == text[:after]
    assert left_out == len(text) - len(shown)
    assert after < FOLDED_AFTER
