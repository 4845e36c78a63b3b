"""The tables: what is held about documents. The ledger's and the outbox's tables are in their own modules.

Decisions, labels and alerts hang on a record, not on a report: a report is what linking says today, and whatever is
joined or split later, each decision follows the record it was made on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, validates

from ivigil.records import Record
from ivigil.store.types import RecordColumn, UtcDateTime
from ivigil.store.words import words_of


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        Record: RecordColumn,
    }


class StudyRow(Base):
    """One investigation: one or more linked reports."""

    __tablename__ = "studies"
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class ReportRow(Base):
    """One document: one or more linked records. `best` holds the best value of each field over its records.

    `title`, `has_abstract` and `words` are what lists are shown, filtered and searched by in the database; they follow
    `best` whenever it is set.
    """

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id"), index=True)
    best: Mapped[Record]
    text_hash: Mapped[str] = mapped_column(String(64))
    year: Mapped[int | None]
    created_at: Mapped[datetime]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    title: Mapped[str] = mapped_column(default="", server_default="")
    has_abstract: Mapped[bool] = mapped_column(default=False, server_default=false())
    words: Mapped[str] = mapped_column(default="", server_default="", deferred=True)
    records: Mapped[list[RecordRow]] = relationship(back_populates="report", order_by="RecordRow.id")

    @validates("best")
    def _follow_best(self, _key: str, best: Record) -> Record:
        self.title, self.has_abstract, self.words = best.title, bool(best.abstract), words_of(best)
        return best


class RecordRow(Base):
    """What one source says about one document: its identity, and its current revision's number."""

    __tablename__ = "records"
    __table_args__ = (UniqueConstraint("source", "source_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(200))
    pmid: Mapped[str | None] = mapped_column(String(20), index=True)
    doi: Mapped[str | None] = mapped_column(String(400), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    data: Mapped[Record]
    way: Mapped[str] = mapped_column(String(450), default="search")
    first_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    linked_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    withdrawn_at: Mapped[datetime | None]
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    report: Mapped[ReportRow | None] = relationship(back_populates="records")


class RevisionRow(Base):
    """A superseded state of a record, kept as it was."""

    __tablename__ = "record_revisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    data: Mapped[Record]
    superseded_at: Mapped[datetime]
    superseded_by_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))


class RecordKeyRow(Base):
    """A blocking key of a record: records that share one are compared."""

    __tablename__ = "record_keys"
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(500), primary_key=True)
    __table_args__ = (Index("ix_record_keys_key", "key"),)


class LinkRow(Base):
    """Why two records are one report, or two reports one study. Cut links stay, so that they stay cut."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("record_a", "record_b", "kind", "rule", name="uq_links_pair"),
        {"sqlite_autoincrement": True},  # a number shown to a person never comes to mean another link
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    record_a: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    record_b: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    strength: Mapped[str] = mapped_column(String(12))
    rule: Mapped[str] = mapped_column(String(80))
    why: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default="active")
    created_at: Mapped[datetime]


class LabelRow(Base):
    """What the review's own screening said of a record."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("record_id", "basis"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    included: Mapped[bool]
    basis: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None]
    stage: Mapped[str | None] = mapped_column(String(40))
    passed: Mapped[bool | None]
    created_at: Mapped[datetime]


class DecisionRow(Base):
    """A person's decision. Append-only: a change of mind is a new row, an undo names what it undoes.

    One that `resolves` settles its stage over every reviewer's earlier decision.
    """

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    reviewer: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    resolves: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_at: Mapped[datetime]


class ScreenerRow(Base):
    """A trained screener; its file lies in the models folder under its version."""

    __tablename__ = "screeners"
    __table_args__ = (UniqueConstraint("protocol", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    protocol: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    card: Mapped[dict[str, Any]]
    trained_at: Mapped[datetime]


class PromotionRow(Base):
    """A screener becoming champion. The newest row names the champion; rolling back is another row."""

    __tablename__ = "promotions"
    id: Mapped[int] = mapped_column(primary_key=True)
    screener_id: Mapped[int] = mapped_column(ForeignKey("screeners.id"), index=True)
    why: Mapped[str]
    promoted_at: Mapped[datetime]


class AuditRow(Base):
    """One month's random reports from below a screener's threshold; drawn once, then as it was drawn."""

    __tablename__ = "audits"
    __table_args__ = (UniqueConstraint("protocol", "month"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    protocol: Mapped[str] = mapped_column(String(100))
    month: Mapped[str] = mapped_column(String(7))
    screener_id: Mapped[int] = mapped_column(ForeignKey("screeners.id"))
    threshold: Mapped[float]
    below: Mapped[int]
    report_ids: Mapped[list[int]] = mapped_column(JSON)
    drawn_at: Mapped[datetime]


class ScoreRow(Base):
    """One report's text under one screener. Never overwritten: a changed text is scored beside the old one."""

    __tablename__ = "scores"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    screener_id: Mapped[int] = mapped_column(ForeignKey("screeners.id"), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    score: Mapped[float]
    scored_at: Mapped[datetime]


class AssessmentRow(Base):
    """The machine's reading of one report's text against one set of criteria, by the reader that read it last."""

    __tablename__ = "assessments"
    __table_args__ = (UniqueConstraint("report_id", "criteria_hash", "text_hash", name="uq_assessments_reading"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    criteria_hash: Mapped[str] = mapped_column(String(64))
    text_hash: Mapped[str] = mapped_column(String(64))
    reader: Mapped[str] = mapped_column(String(64), default="", server_default="")
    verdict: Mapped[str] = mapped_column(String(20))
    reading: Mapped[dict[str, Any]]
    published_on: Mapped[date | None]
    assessed_at: Mapped[datetime]


class EarlierReadingRow(Base):
    """What an earlier reader read in the same text otherwise, kept as it was."""

    __tablename__ = "earlier_readings"
    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessments.id"), index=True)
    reader: Mapped[str] = mapped_column(String(64))
    reading: Mapped[dict[str, Any]]
    assessed_at: Mapped[datetime]
