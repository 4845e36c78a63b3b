"""Answers remembered by their question, looked up as fast as in a plain dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Remembered(dict[Question, Answer]):
    """A function of one argument whose answers are kept: `answers[question]`.

    For what is asked once for every word of every record, where `functools.lru_cache` costs twice as much a call. All
    is forgotten once `most` answers are kept; words recur, so that seldom comes.
    """

    __slots__ = ("_answer", "_most")

    def __init__(self, answer: Callable[[Question], Answer], most: int = 1 << 16) -> None:
        super().__init__()
        self._answer, self._most = answer, most

    def __missing__(self, question: Question) -> Answer:
        """Find the answer that is not known yet."""
        if len(self) >= self._most:
            self.clear()
        answer = self[question] = self._answer(question)
        return answer
