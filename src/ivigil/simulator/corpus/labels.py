"""The review's decisions on the records of its era, as values and as files that reference managers write."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """One decision: included or not, the criterion that failed; for an included study patients treated and design."""

    included: bool
    reason: str
    title: str
    n_treated: int | None = None
    design: str = ""


class Labels(dict[str, Label]):
    """Decisions by PMID."""

    def __init__(self, decisions: Mapping[str, Label]) -> None:
        super().__init__(decisions)

    def to_csv(self) -> str:
        """Columns pmid, title, included (1 or 0), reason."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("pmid", "title", "included", "reason"))
        rows.writerows((pmid, label.title, int(label.included), label.reason) for pmid, label in self.items())
        return out.getvalue()

    def to_ris(self) -> str:
        """RIS with the decision as an ASReview note (N1) and a reason as another."""
        entries = []
        for pmid, label in self.items():
            decision = "ASReview_relevant" if label.included else "ASReview_not_relevant"
            lines = ["TY  - JOUR", f"TI  - {label.title}", f"AN  - {pmid}", f"N1  - {decision}"]
            if label.reason:
                lines.append(f"N1  - exclusion reason: {label.reason}")
            entries.append("\n".join([*lines, "ER  - ", ""]))
        return "\n".join(entries)
