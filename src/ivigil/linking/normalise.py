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
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
    text = text.casefold()
    if not text.isascii():
        text = text.translate(_UNDECOMPOSED)
        if _GREEK_LETTER.search(text) and not _GREEK_WORD.search(text):
            text = _GREEK_LETTER.sub(lambda letter: _GREEK[letter[0]], text)
    return _NOT_WORD.sub(" ", text).strip()


_DIGITS = re.compile(r"\d+")
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_WORD_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "1st": 1, "2nd": 2, "3rd": 3,
}  # fmt: skip


def number_of(word: str) -> str:
    """The number a word carries (digits, Roman, spelt out), '' where it carries none; a lone letter counts."""
    if digits := _DIGITS.findall(word):
        return ".".join(digits)
    if word in _ROMAN:
        return str(_ROMAN[word])
    if word in _WORD_NUMBERS:
        return str(_WORD_NUMBERS[word])
    return word if len(word) == 1 and word != "a" else ""
