"""Brings what sources spell differently into one form: text, titles, people, journals, numbers."""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_NOT_WORD = re.compile(r"[^\w]+|_+")
# Greek letters are written out by some databases and kept by others.
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho",
    "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
_GREEK_LETTER = re.compile("[" + "".join(_GREEK) + "]")
# A Greek letter is a symbol only when it stands alone or beside a Latin letter; a Greek word stays Greek.
_GREEK_WORD = re.compile("[" + "".join(_GREEK) + "]{2,}")
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss", "ð": "d"})


def plain(text: str) -> str:
    """Lower-case words parted by one space: markup, entities, accents and punctuation gone, Greek letters named."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    text = text.casefold()
    if not text.isascii():
        text = text.translate(_UNDECOMPOSED)
        if _GREEK_LETTER.search(text) and not _GREEK_WORD.search(text):
            text = _GREEK_LETTER.sub(lambda letter: _GREEK[letter[0]], text)
    return _NOT_WORD.sub(" ", text).strip()
