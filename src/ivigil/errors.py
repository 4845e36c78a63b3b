"""Every error the package raises, drawn once.

IvigilError
├── ConfigurationError            a setting or a protocol file is wrong (file, line, field)
│   └── ProtocolError
├── SourceError                   a source did not give a whole, true answer (source, query hash, window)
│   ├── TransportError            no answer: connection, time-out, 5xx
│   ├── RateLimited               asked to wait (retry_after seconds)
│   ├── MalformedResponse         an answer that cannot be what was asked for
│   ├── QueryRejected             the source refuses the question itself
│   ├── IncompleteSearch          counts do not add up
│   └── NotEntitled               key missing, wrong, or without the right
├── ImportError_                  an export file cannot be read (file, line)
├── ScreenerError
│   ├── TooFewPositives
│   └── ModelMismatch             a model file is not what its card says
├── StoreError
│   ├── NotFound
│   └── LeaseHeld                 another run is at work
├── TokenRefused                  a signed link is forged, cut or too old
└── AlertError
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


class IvigilError(Exception):
    """Base of all; `hint` says what to do next."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class ConfigurationError(IvigilError):
    """A setting or a configuration file is wrong; the message names file, line and field where they are known."""

    def __init__(
        self,
        message: str,
        *,
        file: Path | None = None,
        line: int | None = None,
        field: str | None = None,
        hint: str | None = None,
    ) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        lead = ": ".join(part for part in (place, field) if part)
        super().__init__(f"{lead}: {message}" if lead else message, hint=hint)
        self.file, self.line, self.field = file, line, field


class ProtocolError(ConfigurationError):
    """A protocol file cannot be used."""


@dataclass(frozen=True)
class SearchContext:
    """Where in a search an error happened."""

    source: str
    query_hash: str | None = None
    window: tuple[date, date] | None = None


class SourceError(IvigilError):
    """A source did not give a whole, true answer. Never to be read as 'nothing found'."""

    def __init__(self, message: str, *, context: SearchContext, hint: str | None = None) -> None:
        super().__init__(f"{context.source}: {message}", hint=hint)
        self.context = context


class TransportError(SourceError):
    """No usable answer came: connection refused or cut, time-out, server error."""


class RateLimited(SourceError):
    """The source asked to wait; `retry_after` is in seconds, None when it did not say."""

    def __init__(
        self,
        message: str,
        *,
        context: SearchContext,
        retry_after: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, context=context, hint=hint)
        self.retry_after = retry_after


class MalformedResponse(SourceError):
    """The answer cannot be what was asked for: wrong type, cut short, wrong root, error inside a success."""


class QueryRejected(SourceError):
    """The source refuses the question: syntax, unknown field, over its limits. Retrying does not help."""


class IncompleteSearch(SourceError):
    """What was fetched does not add up to what the source reported."""

    def __init__(
        self,
        message: str,
        *,
        context: SearchContext,
        reported: int,
        fetched: int,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, context=context, hint=hint)
        self.reported, self.fetched = reported, fetched


class NotEntitled(SourceError):
    """The key is missing, wrong, or lacks the right."""


class ImportError_(IvigilError):  # noqa: N801 - the design's name; ImportError is Python's
    """An export file cannot be read; the message names file and line."""

    def __init__(self, message: str, *, file: Path, line: int | None = None, hint: str | None = None) -> None:
        super().__init__(f"{file}{f':{line}' if line is not None else ''}: {message}", hint=hint)
        self.file, self.line = file, line


class ScreenerError(IvigilError):
    """A screener cannot be trained or used."""


class TooFewPositives(ScreenerError):
    """Too few included records to train on."""


class ModelMismatch(ScreenerError):
    """A model file is not what its card says, or holds what a model may not hold."""


class StoreError(IvigilError):
    """The store cannot do what was asked."""


class NotFound(StoreError):
    """Nothing is held under that name."""


class LeaseHeld(StoreError):
    """Another run is at work."""


class AlertError(IvigilError):
    """An alert cannot be made or delivered."""


class TokenRefused(IvigilError):
    """A signed token is forged, cut, made for something else, or (`expired`) too old."""

    def __init__(self, message: str, *, expired: bool = False, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.expired = expired
