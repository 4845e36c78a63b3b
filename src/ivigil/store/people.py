"""Reviewers, their sign-in links and sessions, and the views they saved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from ivigil.store.people_tables import ReviewerRow, SavedViewRow, SignInLinkRow, WebSessionRow


def reviewers(session: Session) -> list[ReviewerRow]:
    """Everybody who is or was a reviewer, by name."""
    return list(session.scalars(select(ReviewerRow).order_by(func.lower(ReviewerRow.name))))


def reviewer_named(session: Session, name: str) -> ReviewerRow | None:
    """The reviewer of that name, revoked or not."""
    return session.scalars(select(ReviewerRow).where(ReviewerRow.name == name)).first()


def has_reviewers(session: Session) -> bool:
    """Whether anybody may sign in by name."""
    return session.scalars(select(ReviewerRow.id).where(ReviewerRow.revoked_at.is_(None)).limit(1)).first() is not None


def add(session: Session, row: ReviewerRow | SignInLinkRow | WebSessionRow) -> int:
    """Write a row and return its id."""
    session.add(row)
    session.flush()
    return row.id


def use_link(session: Session, token_hash: str, now: datetime) -> SignInLinkRow | None:
    """Use a sign-in link up; None where it is unknown, used, revoked or out of date, or its reviewer is revoked.

    One statement decides, so that of two who use a link at once one is refused.
    """
    used = session.execute(
        update(SignInLinkRow)
        .where(
            SignInLinkRow.token_hash == token_hash,
            SignInLinkRow.used_at.is_(None),
            SignInLinkRow.revoked_at.is_(None),
            SignInLinkRow.expires_at > now,
            or_(
                SignInLinkRow.reviewer_id.is_(None),
                SignInLinkRow.reviewer_id.in_(select(ReviewerRow.id).where(ReviewerRow.revoked_at.is_(None))),
            ),
        )
        .values(used_at=now)
        .returning(SignInLinkRow.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return None if used is None else session.get_one(SignInLinkRow, used)


def link_for(session: Session, token_hash: str, now: datetime) -> SignInLinkRow | None:
    """The link a token opens, if it still can; it is not used up by looking."""
    row = session.scalars(select(SignInLinkRow).where(SignInLinkRow.token_hash == token_hash)).first()
    if row is None or row.used_at is not None or row.revoked_at is not None or row.expires_at <= now:
        return None
    return row


def session_for(session: Session, token_hash: str, now: datetime) -> tuple[WebSessionRow, ReviewerRow | None] | None:
    """A session that still holds, with its reviewer; None once it is out of date or revoked, or its reviewer is."""
    found = session.execute(
        select(WebSessionRow, ReviewerRow)
        .outerjoin(ReviewerRow, ReviewerRow.id == WebSessionRow.reviewer_id)
        .where(
            WebSessionRow.token_hash == token_hash,
            WebSessionRow.revoked_at.is_(None),
            WebSessionRow.expires_at > now,
            or_(WebSessionRow.reviewer_id.is_(None), ReviewerRow.revoked_at.is_(None)),
        )
    ).first()
    return None if found is None else (found[0], found[1])


def end_session(session: Session, token_hash: str, now: datetime) -> None:
    """Sign a browser out."""
    session.execute(
        update(WebSessionRow)
        .where(WebSessionRow.token_hash == token_hash, WebSessionRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def end_all(session: Session, reviewer_id: int | None, now: datetime) -> int:
    """Revoke every open link and session of a reviewer (None: of whoever sat at the machine); returns how many."""
    ended = 0
    for table in (SignInLinkRow, WebSessionRow):
        revoked = session.execute(
            update(table)
            .where(table.reviewer_id == reviewer_id if reviewer_id else table.reviewer_id.is_(None))
            .where(table.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(table.id)
            .execution_options(synchronize_session=False)
        )
        ended += len(revoked.all())
    return ended


def sessions_open(session: Session, now: datetime) -> dict[int | None, int]:
    """Reviewer id -> how many browsers are signed in."""
    query = (
        select(WebSessionRow.reviewer_id, func.count())
        .where(WebSessionRow.revoked_at.is_(None), WebSessionRow.expires_at > now)
        .group_by(WebSessionRow.reviewer_id)
    )
    return dict(session.execute(query).tuples().all())


def saved_views(session: Session, reviewer: str) -> Sequence[SavedViewRow]:
    """A reviewer's saved views, by name."""
    return session.scalars(
        select(SavedViewRow).where(SavedViewRow.reviewer == reviewer).order_by(func.lower(SavedViewRow.name))
    ).all()


def save_view(session: Session, reviewer: str, name: str, query: str, now: datetime) -> None:
    """Keep a view under a name; one of the same name is replaced."""
    drop_view(session, reviewer, name)
    session.add(SavedViewRow(reviewer=reviewer, name=name, query=query, created_at=now))
    session.flush()


def drop_view(session: Session, reviewer: str, name: str) -> None:
    """Forget a view."""
    session.execute(delete(SavedViewRow).where(SavedViewRow.reviewer == reviewer, SavedViewRow.name == name))
