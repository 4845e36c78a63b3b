"""Who may look and who may decide: reviewers with roles, links that sign in once, sessions that can be revoked.

No password is kept anywhere, and of a token only its SHA-256: whoever reads the database can sign in as nobody.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from ivigil.errors import ConfigurationError, NotFound, TokenRefused
from ivigil.store import Session, people
from ivigil.store.people_tables import ReviewerRow, SignInLinkRow, WebSessionRow
from ivigil.surveillance.context import Context

LINK_LASTS = timedelta(days=3)
LOCAL_LINK_LASTS = timedelta(hours=12)
SESSION_LASTS = timedelta(days=14)
TOKEN_BYTES = 32


class Role(IntEnum):
    """What one may do; each role may do what the one before it may."""

    READER = 1
    REVIEWER = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> Role:
        """The role of that name.

        Raises:
            ConfigurationError: there is none.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            known = ", ".join(str(role) for role in cls)
            raise ConfigurationError(f"{name!r} is not one of {known}", field="--role") from None

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Person:
    """Somebody signed in. `local` is true for whoever sits at the machine before any reviewers are set up."""

    name: str
    role: Role
    local: bool = False


def add_reviewer(context: Context, name: str, role: Role) -> str:
    """Set a reviewer up and return the token that signs them in once. One who was revoked is let in again.

    Raises:
        ConfigurationError: the name is empty or unfit, or taken.
    """
    clean = _checked(name)
    now = context.clock.wall()
    with context.store.transaction() as session:
        held = people.reviewer_named(session, clean)
        if held is not None and held.revoked_at is None:
            raise ConfigurationError(
                f"{clean} is set up already, as {held.role}", field="NAME", hint=f"ivigil reviewers link {clean}"
            )
        if held is None:
            people.add(session, ReviewerRow(name=clean, role=str(role), created_at=now))
        else:
            held.role, held.revoked_at = str(role), None
        people.end_all(session, None, now)  # from now on everybody signs in by name
        return _new_link(session, _existing(session, clean), now, LINK_LASTS)


def new_link(context: Context, name: str) -> str:
    """A fresh token that signs a reviewer in once.

    Raises:
        NotFound: nobody of that name may sign in.
    """
    with context.store.transaction() as session:
        return _new_link(session, _existing(session, name), context.clock.wall(), LINK_LASTS)


def set_role(context: Context, name: str, role: Role) -> None:
    """Give a reviewer another role; their sessions have it from their next page on.

    Raises:
        ConfigurationError: the last admin would be gone.
        NotFound: nobody of that name may sign in.
    """
    with context.store.transaction() as session:
        row = _existing(session, name)
        if role is not Role.ADMIN:
            _keep_an_admin(session, row)
        row.role = str(role)


def revoke(context: Context, name: str) -> int:
    """Let a reviewer in no more: links and sessions end at once, decisions stay. Returns how many ended.

    Raises:
        ConfigurationError: the last admin would be gone.
        NotFound: nobody of that name may sign in.
    """
    now = context.clock.wall()
    with context.store.transaction() as session:
        row = _existing(session, name)
        _keep_an_admin(session, row)
        row.revoked_at = now
        return people.end_all(session, row.id, now)


def list_reviewers(context: Context) -> list[dict[str, Any]]:
    """Everybody who is or was a reviewer: name, role, since when, whether revoked, browsers signed in."""
    with context.store.reading() as session:
        signed_in = people.sessions_open(session, context.clock.wall())
        return [
            {
                "name": row.name,
                "role": row.role,
                "since": row.created_at.isoformat(),
                "revoked": row.revoked_at.isoformat() if row.revoked_at else None,
                "sessions": signed_in.get(row.id, 0),
            }
            for row in people.reviewers(session)
        ]


def has_reviewers(context: Context) -> bool:
    """Whether sign-in by name is set up."""
    with context.store.reading() as session:
        return people.has_reviewers(session)


def local_link(context: Context) -> str:
    """A token that signs in whoever sits at this machine, while no reviewers are set up.

    Raises:
        ConfigurationError: reviewers are set up.
    """
    now = context.clock.wall()
    with context.store.transaction() as session:
        if people.has_reviewers(session):
            raise ConfigurationError("reviewers are set up: they sign in by their own links", field="review")
        return _new_link(session, None, now, LOCAL_LINK_LASTS)


def whose_link(context: Context, token: str) -> str | None:
    """The reviewer whom a token would sign in, None for whoever sits at the machine. The link is not used up.

    Raises:
        TokenRefused: unknown, used, revoked or out of date.
    """
    now = context.clock.wall()
    with context.store.reading() as session:
        link = people.link_for(session, _digest(token), now)
        if link is None:
            raise _refused()
        if link.reviewer_id is None:
            return None
        return next(row.name for row in people.reviewers(session) if row.id == link.reviewer_id)


def sign_in(context: Context, token: str, *, name: str | None = None) -> str:
    """Use a sign-in link up and return the new session's token. `name` is what a local person wants to be called.

    Raises:
        TokenRefused: unknown, used, revoked or out of date.
        ConfigurationError: a local person gave no name that can be kept with a decision.
    """
    now = context.clock.wall()
    with context.store.transaction() as session:
        link = people.use_link(session, _digest(token), now)
        if link is None or (link.reviewer_id is None and people.has_reviewers(session)):
            raise _refused()
        called = (
            _checked(name or "") if link.reviewer_id is None else session.get_one(ReviewerRow, link.reviewer_id).name
        )
        fresh = secrets.token_urlsafe(TOKEN_BYTES)
        people.add(
            session,
            WebSessionRow(
                reviewer_id=link.reviewer_id,
                name=called,
                token_hash=_digest(fresh),
                created_at=now,
                expires_at=now + SESSION_LASTS,
            ),
        )
        return fresh


def signed_in(context: Context, token: str) -> Person | None:
    """Who a session's token stands for; None once it is out of date or revoked."""
    with context.store.reading() as session:
        found = people.session_for(session, _digest(token), context.clock.wall())
        if found is None:
            return None
        held, reviewer = found
        if reviewer is not None:
            return Person(reviewer.name, Role.named(reviewer.role))
        return None if people.has_reviewers(session) else Person(held.name, Role.ADMIN, local=True)


def sign_out(context: Context, token: str) -> None:
    """End a session."""
    with context.store.transaction() as session:
        people.end_session(session, _digest(token), context.clock.wall())


def _new_link(session: Session, reviewer: ReviewerRow | None, now: datetime, lasts: timedelta) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    people.add(
        session,
        SignInLinkRow(
            reviewer_id=reviewer.id if reviewer else None,
            token_hash=_digest(token),
            created_at=now,
            expires_at=now + lasts,
        ),
    )
    return token


def _existing(session: Session, name: str) -> ReviewerRow:
    row = people.reviewer_named(session, name.strip())
    if row is None or row.revoked_at is not None:
        raise NotFound(f"no reviewer {name.strip()!r} may sign in", hint="ivigil reviewers list")
    return row


def _keep_an_admin(session: Session, row: ReviewerRow) -> None:
    admins = [held for held in people.reviewers(session) if held.role == "admin" and held.revoked_at is None]
    others = [held for held in people.reviewers(session) if held.revoked_at is None and held.id != row.id]
    if admins == [row] and others:
        raise ConfigurationError(f"{row.name} is the last admin", field="NAME", hint="make somebody else admin first")


def _checked(name: str) -> str:
    clean = " ".join(name.split())
    if not re.fullmatch(r"[\w][\w .,'’@+-]{0,99}", clean):
        raise ConfigurationError(
            f"{clean[:100]!r} cannot be kept as a name",
            field="NAME",
            hint="letters, digits, spaces and . , ' @ + -, at most 100",
        )
    return clean


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refused() -> TokenRefused:
    return TokenRefused(
        "this sign-in link was used already, has run out, or was never given",
        hint="ask an admin for a new one (ivigil reviewers link NAME), or start ivigil review again",
    )
