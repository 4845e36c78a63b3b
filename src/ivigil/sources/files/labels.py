"""Labels in export files: columns (ASReview, EPPI, abstrackr, any table) and notes (Rayyan, Covidence, ASReview)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ivigil.errors import ImportError_
from ivigil.sources.files.model import Entry, Label, Tokens


class Said(Enum):
    """What a label cell says."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"
    NOTHING = "nothing"

    @property
    def included(self) -> bool | None:
        """True, False, or None for maybe."""
        return {Said.INCLUDE: True, Said.EXCLUDE: False}.get(self)


WORDS = {
    Said.INCLUDE: "1 1.0 yes y true include included in i relevant eligible accept accepted asreview_relevant",
    Said.EXCLUDE: "0 0.0 no n false exclude excluded out e irrelevant ineligible reject rejected asreview_irrelevant",
    Said.MAYBE: "maybe unsure unclear uncertain borderline conflict ?",
    Said.NOTHING: "- -1 -1.0 na n/a nan none null undecided unlabeled unlabelled asreview_not_seen pending",
}
MEANING = {word: said for said, words in WORDS.items() for word in words.split()} | {
    "": Said.NOTHING,
    "not relevant": Said.EXCLUDE,
    "not included": Said.EXCLUDE,
    "not seen": Said.NOTHING,
}
ABSTRACKR = {
    "1": Said.INCLUDE,
    "-1": Said.EXCLUDE,
    "0": Said.MAYBE,
    "o": Said.NOTHING,
    "x": Said.NOTHING,
    "": Said.NOTHING,
}

# Column -> stage; of the columns of one stage the first that says something counts.
LABEL_COLUMNS = (
    ("label", None),
    ("asreview_label", None),
    ("label_included", None),
    ("included", None),
    ("final_included", None),
    ("decision", None),
    ("screening decision", None),
    ("inclusion", None),
    ("label_ft", "full_text"),
    ("full text decision", "full_text"),
    ("label_full_text_screening", "full_text"),
    ("label_ta", "title_abstract"),
    ("label_abstract_screening", "title_abstract"),
    ("abstract decision", "title_abstract"),
)
REASON_COLUMNS = ("reason", "exclusion reason", "exclusion_reason", "reason for exclusion", "exclusion reasons")
REVIEWER_COLUMNS = ("reviewer", "screener", "screened by")
STAGE_COLUMNS = ("stage", "screening stage")
NOTE_TAGS = ("N1", "RN", "notes", "note", "%Z", "M1", "annote")

RAYYAN = re.compile(r"RAYYAN-INCLUSION:\s*\{(.*?)\}(?=\s*(?:\||$|\n)|\s)", re.DOTALL)
RAYYAN_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:=>|:)\s*"([^"]*)"')
RAYYAN_REASONS = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|\n]+)")
COVIDENCE_REASON = re.compile(r"Exclusion reason:\s*([^;\n]+)", re.IGNORECASE)
ASREVIEW = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")
ASREVIEW_WORDS = {True: "relevant", False: "irrelevant"}
OWN = re.compile(r"^ivigil: (\{.*\})$", re.MULTILINE)
OWN_KEY = re.compile(r"ivigil-[1-9]\d*")
KEY_TAGS = ("AN", "ID", "key", "%M")
ABSTRACKR_NOTES = re.compile(r"^general notes \((.+)\)$")


@dataclass(frozen=True)
class LabelReader:
    """Reads the labels of one file's entries; made by `label_reader`, which has seen all of them."""

    columns: tuple[tuple[str, str | None], ...]
    reviewers: Mapping[str, str]
    explicit: str | None

    def read(self, entry: Entry) -> tuple[Label, ...]:
        """The entry's labels, () where nobody said anything; `ValueError` where the named label column says neither."""
        if self.explicit is not None:
            said = meaning(entry.first(self.explicit) or "")
            if said is None:
                raise ValueError(f"{self.explicit}: {entry.first(self.explicit)!r} is no label")
            return () if said is Said.NOTHING else (_labelled(entry, said, None),)
        return self._from_reviewers(entry) or self._from_columns(entry) or from_notes(entry)

    def _from_columns(self, entry: Entry) -> tuple[Label, ...]:
        found: dict[str | None, Label] = {}
        for column, stage in self.columns:
            said = meaning(entry.first(column) or "")
            if said not in (None, Said.NOTHING) and stage not in found:
                found[stage] = _labelled(entry, said, stage)
        return tuple(found.values())

    def _from_reviewers(self, entry: Entry) -> tuple[Label, ...]:
        said = ((name, ABSTRACKR.get((entry.first(column) or "").strip())) for column, name in self.reviewers.items())
        return tuple(
            Label(included=what.included, reviewer=name)
            for name, what in said
            if what is not None and what is not Said.NOTHING
        )


def label_reader(tokens: Tokens, path: Path, label_column: str | None) -> tuple[LabelReader, tuple[str, ...]]:
    """A reader for these entries, and notes on columns that look like labels but are not.

    A known label column counts only when every one of its cells can be understood; `label_column` names one to be read
    whatever it is called, and a file without it is an `ImportError_`.
    """
    entries = tokens.entries
    names = {name for entry in entries for name in entry.values}
    explicit = None
    if label_column is not None:
        explicit = next((name for name in names if name.lower() == " ".join(label_column.lower().split())), None)
        if explicit is None and entries:
            raise ImportError_(
                f"no column or field {label_column!r}", file=path, hint=f"there are: {', '.join(sorted(names))}"
            )
    columns, notes = [], []
    for column, stage in LABEL_COLUMNS:
        strange = next((entry for entry in entries if meaning(entry.first(column) or "") is None), None)
        if strange is None:
            columns.append((column, stage))
        elif explicit is None:
            notes.append(f"column {column!r} is not read as labels: line {strange.line} says {strange.first(column)!r}")
    marks = (ABSTRACKR_NOTES.match(name) for name in names)
    reviewers = {name: tokens.spelling.get(name, name) for name in sorted(found[1] for found in marks if found)}
    return LabelReader(tuple(columns), reviewers, explicit), tuple(notes)


def meaning(cell: str) -> Said | None:
    """What a label cell says, None where it is no label."""
    return MEANING.get(" ".join(cell.lower().split()))


def from_notes(entry: Entry) -> tuple[Label, ...]:
    """Labels that a product wrote into its notes."""
    notes = _notes(entry)
    own, asreviews = OWN.search(notes), ASREVIEW.findall(notes)
    hashes = RAYYAN.findall(notes)
    if hashes:  # what a product adds is newer than what our export had said
        reasons = RAYYAN_REASONS.search(notes)
        return _rayyan(hashes, reasons[1].strip() if reasons else None)
    said = _own(json.loads(own[1])) if own else ()
    ours = [ASREVIEW_WORDS[label.included] for label in said if label.included is not None]
    newer = [word for word in asreviews if word not in ours]
    if newer:
        return () if newer[-1] == "not_seen" else (Label(included=newer[-1] == "relevant"),)
    if said or asreviews:
        return said
    covidence = COVIDENCE_REASON.search(notes)
    return (Label(included=False, reason=covidence[1].strip(), stage="full_text"),) if covidence else ()


def report_key(entry: Entry) -> str | None:
    """The name our own export gave the report, kept by whatever product the file went through; None elsewhere."""
    column = (entry.first("report_key") or "").strip()
    if column:
        return column if OWN_KEY.fullmatch(column) else None
    own = OWN.search(_notes(entry))
    noted = json.loads(own[1]).get("key") if own else None
    found = noted or next((value for tag in KEY_TAGS for value in entry.values.get(tag, ())), None)
    return found if isinstance(found, str) and OWN_KEY.fullmatch(found) else None


def _notes(entry: Entry) -> str:
    return "\n".join(note for tag in NOTE_TAGS for note in entry.values.get(tag, ()))


def _rayyan(hashes: Sequence[str], reason: str | None) -> tuple[Label, ...]:
    labels = []
    for reviewer, word in (pair for inside in hashes for pair in RAYYAN_PAIR.findall(inside)):
        said = meaning(word)
        if said not in (None, Said.NOTHING):
            why = reason if said is Said.EXCLUDE else None
            labels.append(Label(said.included, reason=why, reviewer=reviewer.replace('\\"', '"')))
    return tuple(labels)


def _own(noted: Mapping[str, object]) -> tuple[Label, ...]:
    said = meaning(str(noted.get("label") or ""))
    if said in (None, Said.NOTHING):
        return ()
    reason, stage = noted.get("reason"), noted.get("stage")
    return (Label(said.included, reason=str(reason) if reason else None, stage=str(stage) if stage else None),)


def _labelled(entry: Entry, said: Said, stage: str | None) -> Label:
    def cell(names: Sequence[str]) -> str | None:
        values = ((entry.first(name) or "").strip() for name in names)
        return next((value for value in values if value), None)

    return Label(
        included=said.included,
        reason=cell(REASON_COLUMNS),
        stage=stage or cell(STAGE_COLUMNS),
        reviewer=cell(REVIEWER_COLUMNS),
    )
