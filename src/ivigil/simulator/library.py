"""The holdings of the simulated services as they stand on a day, and the answers to questions on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

from ivigil.records import Record
from ivigil.simulator.document import Document
from ivigil.simulator.index import Entry, Index
from ivigil.simulator.query import Node, Parser, Question, Remarks, evaluate


@dataclass(frozen=True)
class Holding:
    """One document in the form it has on a day."""

    document: Document
    record: Record

    @property
    def xml(self) -> str | None:
        """The real article element, where the document is one."""
        return self.document.xml

    def entry(self, lag: int) -> Entry:
        """What is indexed of it, where the service indexes `lag` days after the record was made."""
        entered = self.record.entered
        first_indexed = entered + timedelta(days=lag) if entered else None
        return Entry(self.record, self.document.entrez, self.document.source, first_indexed)

    @property
    def newest_first(self) -> tuple[int, int]:
        """Sort key: entry day, then number."""
        number = self.record.source_id.removeprefix(self.document.source)
        entered = self.record.entered
        return -(entered.toordinal() if entered else 0), -int(number or 0)


class Library:
    """Documents of one service, visible `lag` days after they arrive; asked as of any day.

    Every form of every document is a row of one index that is built once; a day is a set of rows.
    """

    def __init__(self, documents: Iterable[Document], *, lag: int = 0) -> None:
        self.lag = lag
        self._holdings: list[Holding] = []
        self._since: list[date] = []
        self._until: list[date | None] = []
        for document in documents:
            days = [day + timedelta(days=lag) for day, _ in document.forms]
            for place, (_, record) in enumerate(document.forms):
                self._holdings.append(Holding(document, record))
                self._since.append(days[place])
                self._until.append(days[place + 1] if place + 1 < len(days) else None)
        self._index = Index([holding.entry(lag) for holding in self._holdings])
        self._days: dict[date, tuple[set[int], dict[str, int]]] = {}
        self._lock = Lock()

    def search(self, text: str, parse: Parser, today: date) -> tuple[list[Holding], Question]:
        """Holdings that answer the question on that day, newest entry first, and how the question was understood."""
        visible, _ = self._on(today)
        question = parse(text, self._index, today)
        found = evaluate(question.node, self._index) & visible
        return sorted((self._holdings[row] for row in found), key=lambda holding: holding.newest_first), question

    def answer(self, node: Node, today: date) -> list[Holding]:
        """Holdings that answer a question already read, newest entry first."""
        return self.search("", lambda *_: Question(node, "", Remarks()), today)[0]

    def get(self, identifiers: Sequence[str], today: date) -> list[Holding]:
        """Holdings with these identifiers, in their order; those not held on that day are left out."""
        _, rows = self._on(today)
        return [self._holdings[rows[each]] for each in identifiers if each in rows]

    def size(self, today: date) -> int:
        """How many documents are visible on that day."""
        return len(self._on(today)[0])

    def _on(self, today: date) -> tuple[set[int], dict[str, int]]:
        with self._lock:
            if today not in self._days:
                visible = {
                    row
                    for row, (since, until) in enumerate(zip(self._since, self._until, strict=True))
                    if since <= today and (until is None or today < until)
                }
                self._days = {today: (visible, {self._holdings[row].record.source_id: row for row in visible})}
            return self._days[today]
