"""Who asks, what they may do, and whether a form is one of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from ivigil.errors import TokenRefused
from ivigil.review.desk import Desk, OurDesk, desk_of
from ivigil.surveillance.reviewers import SESSION_LASTS, Person, Role, signed_in

COOKIE = "ivigil_session"
CSRF_FIELD, CSRF_HEADER = "form_token", "x-form-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInNeededError(Exception):
    """Nobody is signed in."""


class NotAllowedError(Exception):
    """The one signed in may not do this, or the form did not come from one of our pages."""


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, and the token that their forms must bring back."""

    person: Person
    token: str
    form_token: str

    @property
    def name(self) -> str:
        """What their decisions are kept under."""
        return self.person.name

    def may(self, role: str) -> bool:
        """Whether they have at least this role."""
        return self.person.role >= Role.named(role)


def at_least(role: Role) -> Callable[[Request, Desk], Awaitable[Visitor]]:
    """A dependency that lets through who has at least this role, and a change only with our own form's token."""

    async def check(request: Request, desk: OurDesk) -> Visitor:
        visitor = await run_in_threadpool(visitor_of, request, desk)
        if visitor is None:
            raise SignInNeededError
        if visitor.person.role < role:
            raise NotAllowedError(f"This needs the role {role}; you are {visitor.person.role}.")
        if request.method not in SAFE:
            await _check_form(request, desk, visitor)
        return visitor

    check.role = role  # type: ignore[attr-defined]  # a test asks every route for it
    return check


Reader = Annotated[Visitor, Depends(at_least(Role.READER))]
Reviewer = Annotated[Visitor, Depends(at_least(Role.REVIEWER))]
Admin = Annotated[Visitor, Depends(at_least(Role.ADMIN))]


def visitor_of(request: Request, desk: Desk) -> Visitor | None:
    """Who is signed in by the request's cookie."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    try:
        token = str(desk.cookies.read(cookie, lasts=SESSION_LASTS))
    except TokenRefused:
        return None
    person = signed_in(desk.context, token)
    return None if person is None else Visitor(person, token, desk.forms.sign(_digest(token)))


def give_cookie(response: Response, desk: Desk, token: str) -> None:
    """Let the browser carry the session: signed, out of reach of scripts, not sent along from other sites' forms."""
    response.set_cookie(
        COOKIE,
        desk.cookies.sign(token),
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=desk.secure,
        path="/",
    )


def same_origin(request: Request) -> None:
    """Refuse a change that another site's page asks for.

    Raises:
        NotAllowedError: the browser says where it comes from, and it is not here.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none") or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise NotAllowedError("That was asked for by another site's page.")


async def _check_form(request: Request, desk: Desk, visitor: Visitor) -> None:
    same_origin(request)
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        form = await request.form()
        given = str(form.get(CSRF_FIELD, ""))
    try:
        ours = desk.forms.read(given, lasts=SESSION_LASTS)
    except TokenRefused:
        ours = None
    if ours != _digest(visitor.token):
        raise NotAllowedError("That form was not one of this session's: load the page again, then send it.")


def _digest(token: str) -> str:
    return hashlib.sha256(f"form:{token}".encode()).hexdigest()


__all__ = [
    "COOKIE", "CSRF_FIELD", "Admin", "NotAllowedError", "Reader", "Reviewer", "SignInNeededError", "Visitor",
    "at_least", "desk_of", "give_cookie", "same_origin", "visitor_of",
]  # fmt: skip
