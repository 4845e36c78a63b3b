"""Reads a record against the review's criteria, each with the words it read, and gives a verdict."""

from ivigil.eligibility.assessing import assess
from ivigil.eligibility.benchmark import Result, evaluate
from ivigil.eligibility.close_look import close_look, reader_with
from ivigil.eligibility.reader import READER
from ivigil.eligibility.reading import Assessment, Reading, Status, Verdict, field_text

__all__ = [
    "READER",
    "Assessment",
    "Reading",
    "Result",
    "Status",
    "Verdict",
    "assess",
    "close_look",
    "evaluate",
    "field_text",
    "reader_with",
]
