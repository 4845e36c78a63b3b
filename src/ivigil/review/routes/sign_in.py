"""Signing in by a link, once; signing out."""

from __future__ import annotations

import getpass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ivigil.errors import TokenRefused
from ivigil.review.access import COOKIE, Reader, give_cookie, same_origin, visitor_of
from ivigil.review.desk import Desk, OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.reviewers import has_reviewers, sign_in, sign_out, whose_link

router = APIRouter()


@router.get("/sign-in")
def how(request: Request, desk: OurDesk) -> Response:
    """How one gets in."""
    if visitor_of(request, desk) is not None:
        return RedirectResponse("/", 303)
    return render(request, desk, "sign_in.html", token=None, named=has_reviewers(desk.context), whose=None, called="")


@router.get("/sign-in/{token}")
def confirm(request: Request, desk: OurDesk, token: str) -> Response:
    """Ask before the link is used up: programs that look at messages open links, too."""
    if (refusal := _refusal(request, desk)) is not None:
        return refusal
    try:
        whose = whose_link(desk.context, token)
    except TokenRefused:
        desk.attempts.note_failure(_address(request))
        raise
    return render(request, desk, "sign_in.html", token=token, named=True, whose=whose, called=_user())


@router.post("/sign-in/{token}")
def enter(request: Request, desk: OurDesk, token: str, called: Annotated[str | None, Form()] = None) -> Response:
    """Use the link up and let the browser in."""
    same_origin(request)
    if (refusal := _refusal(request, desk)) is not None:
        return refusal
    try:
        fresh = sign_in(desk.context, token, name=called)
    except TokenRefused:
        desk.attempts.note_failure(_address(request))
        raise
    answer = RedirectResponse("/", 303)
    give_cookie(answer, desk, fresh)
    return answer


@router.post("/sign-out")
def leave(desk: OurDesk, visitor: Reader) -> Response:
    """End the session."""
    sign_out(desk.context, visitor.token)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _refusal(request: Request, desk: Desk) -> HTMLResponse | None:
    seconds = desk.attempts.wait_seconds(_address(request))
    if not seconds:
        return None
    answer = render(
        request, desk, "error.html", status=429, title="Too many tries",
        message="Too many links that do not work were tried from here.", hint=f"Try again in {seconds} seconds.",
    )  # fmt: skip
    answer.headers["retry-after"] = str(seconds)
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _user() -> str:
    """What the machine calls its user; a suggestion for a local person's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
