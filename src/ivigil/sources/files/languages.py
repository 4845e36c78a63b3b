"""Language names and codes, brought to ISO 639-2/B."""

from __future__ import annotations

import re
from collections.abc import Iterable

# ISO 639-2/B code: the names and two-letter (or terminological) codes that databases write for it.
NAMES = {
    "afr": "afrikaans af", "alb": "albanian sq sqi", "ara": "arabic ar", "arm": "armenian hy hye",
    "aze": "azerbaijani az", "bel": "belarusian be", "bos": "bosnian bs", "bul": "bulgarian bg", "cat": "catalan ca",
    "chi": "chinese mandarin zh zho cn", "cze": "czech cs ces", "dan": "danish da", "dut": "dutch flemish nl nld",
    "eng": "english en", "est": "estonian et", "fin": "finnish fi", "fre": "french fr fra", "geo": "georgian ka kat",
    "ger": "german de deu", "gre": "greek el ell", "heb": "hebrew he iw", "hin": "hindi hi", "hrv": "croatian hr scr",
    "hun": "hungarian hu", "ice": "icelandic is isl", "ind": "indonesian id", "ita": "italian it",
    "jpn": "japanese ja jp",
    "kaz": "kazakh kk", "kor": "korean ko kr", "lat": "latin la", "lav": "latvian lv", "lit": "lithuanian lt",
    "mac": "macedonian mk mkd", "may": "malay ms msa", "mul": "multilingual", "nor": "norwegian no nb nn",
    "per": "persian farsi fa fas", "pol": "polish pl", "por": "portuguese pt", "rum": "romanian moldavian ro ron",
    "rus": "russian ru", "slo": "slovak sk slk", "slv": "slovenian slovene sl", "spa": "spanish castilian es",
    "srp": "serbian sr scc", "swe": "swedish sv", "tha": "thai th", "tur": "turkish tr", "ukr": "ukrainian uk",
    "urd": "urdu ur", "uzb": "uzbek uz", "vie": "vietnamese vi",
}  # fmt: skip
CODES = {name: code for code, names in NAMES.items() for name in (code, *names.split())}
UNDETERMINED = "und"


def read_languages(values: Iterable[str]) -> tuple[str, ...]:
    """ISO 639-2/B codes of the languages named, each once; 'und' for a name that is not known."""
    words = (
        word for value in values for word in re.split(r"[;,/|&\n]|\band\b", value.lower().replace("summary in", ","))
    )
    codes = (_code(word.strip(" .()")) for word in words if word.strip(" .()"))
    return tuple(dict.fromkeys(codes))


def _code(word: str) -> str:
    # 'en-GB' and 'en_US' are English; 'english [abstract]' is too.
    return CODES.get(word) or CODES.get(re.split(r"[-_ ]", word)[0], UNDETERMINED)
