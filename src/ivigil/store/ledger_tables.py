"""The tables of the ledger (runs, searches, watermarks, leases) and of the outbox (alerts, deliveries)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivigil.store.tables import Base
from ivigil.store.types import Compressed


class RunRow(Base):
    """One run, with its row whether it ran, caught up, was partial, failed or was covered by another."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    as_of: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    covered_by: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    why: Mapped[str | None]
    summary: Mapped[dict[str, Any]]
    searches: Mapped[list[SearchRow]] = relationship(back_populates="run", order_by="SearchRow.id")


class SearchRow(Base):
    """One question to one source: what was asked, reported and fetched.

    `kind` says which: a strategy's search over a window, or a sweep, reconciliation, citation chase, look-up or import.
    Where a question has no window of its own, its window is the day it was asked on and `date_field` is 'none'.
    """

    __tablename__ = "searches"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20), default="search")
    source: Mapped[str] = mapped_column(String(40), index=True)
    query_hash: Mapped[str] = mapped_column(String(16))
    strategy: Mapped[str]
    date_field: Mapped[str] = mapped_column(String(20))
    window_start: Mapped[date]
    window_end: Mapped[date]
    reported: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    new_records: Mapped[int] = mapped_column(default=0)
    changed_records: Mapped[int] = mapped_column(default=0)
    shortfall: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    complete: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    run: Mapped[RunRow] = relationship(back_populates="searches")


class PayloadRow(Base):
    """The bytes of an answer, kept once under their hash."""

    __tablename__ = "payloads"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    body: Mapped[bytes] = mapped_column(Compressed)
    size: Mapped[int]


class SearchPayloadRow(Base):
    """Which answers a search received, in order."""

    __tablename__ = "search_payloads"
    search_id: Mapped[int] = mapped_column(ForeignKey("searches.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    payload_sha256: Mapped[str] = mapped_column(ForeignKey("payloads.sha256"), index=True)
    address: Mapped[str]


class WatermarkRow(Base):
    """How far a strategy has been searched completely on a source. A changed strategy starts its own."""

    __tablename__ = "watermarks"
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    query_hash: Mapped[str] = mapped_column(String(16), primary_key=True)
    complete_through: Mapped[date]
    search_id: Mapped[int] = mapped_column(ForeignKey("searches.id"))


class InquiryRow(Base):
    """When a source last gave a whole answer about one document, by kind of question, and how much it gave."""

    __tablename__ = "inquiries"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    about: Mapped[str] = mapped_column(String(450), primary_key=True)
    asked_at: Mapped[datetime]
    found: Mapped[int] = mapped_column(default=0)


class CanaryRow(Base):
    """Whether a strategy still returned the known studies."""

    __tablename__ = "canaries"
    __table_args__ = (UniqueConstraint("run_id", "source"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    source: Mapped[str] = mapped_column(String(40))
    expected: Mapped[list[Any]]
    lost: Mapped[list[Any]]
    error: Mapped[str | None]


class LeaseRow(Base):
    """Who may run now, and until when nobody else may."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime]


class AlertRow(Base):
    """Something the team must know, once: `key` is unique. Channels that are set later get what is `adoptable`."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    urgency: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[int | None] = mapped_column(ForeignKey("records.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    content: Mapped[dict[str, Any]]
    adoptable: Mapped[bool] = mapped_column(default=True)
    raised_at: Mapped[datetime]
    deliveries: Mapped[list[DeliveryRow]] = relationship(back_populates="alert", order_by="DeliveryRow.id")


class DeliveryRow(Base):
    """One alert on one channel: pending until delivered, dead after the last try, withdrawn when no longer worth it.

    `channel` shows no secret.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("alert_id", "channel_hash"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(200))
    channel_hash: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12), default="pending", index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
    alert: Mapped[AlertRow] = relationship(back_populates="deliveries")
