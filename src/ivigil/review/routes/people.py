"""People: who may look, who may decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ivigil.review.access import Admin, Visitor
from ivigil.review.desk import Desk, OurDesk
from ivigil.review.pages import render
from ivigil.surveillance import reviewers
from ivigil.surveillance.reviewers import LINK_LASTS, Role

router = APIRouter()


@router.get("/people")
def people(request: Request, desk: OurDesk, visitor: Admin) -> HTMLResponse:
    """Everybody who is or was a reviewer."""
    return _page(request, desk, visitor)


@router.post("/people")
def add(
    request: Request, desk: OurDesk, visitor: Admin, name: Annotated[str, Form()], role: Annotated[str, Form()]
) -> Response:
    """Set somebody up, and show their link this once."""
    if visitor.person.local:
        role = str(Role.ADMIN)  # the first one must be able to let others in
    token = reviewers.add_reviewer(desk.context, name, Role.named(role))
    return _page(request, desk, visitor, shown=(name, _address(request, desk, token)))


@router.post("/people/link")
def link(request: Request, desk: OurDesk, visitor: Admin, name: Annotated[str, Form()]) -> Response:
    """A fresh link, shown this once."""
    token = reviewers.new_link(desk.context, name)
    return _page(request, desk, visitor, shown=(name, _address(request, desk, token)))


@router.post("/people/role")
def role(desk: OurDesk, visitor: Admin, name: Annotated[str, Form()], role: Annotated[str, Form()]) -> RedirectResponse:
    """Give somebody another role."""
    del visitor
    reviewers.set_role(desk.context, name, Role.named(role))
    return RedirectResponse("/people", 303)


@router.post("/people/revoke")
def revoke(desk: OurDesk, visitor: Admin, name: Annotated[str, Form()]) -> RedirectResponse:
    """Let somebody in no more."""
    del visitor
    reviewers.revoke(desk.context, name)
    return RedirectResponse("/people", 303)


def _page(request: Request, desk: Desk, visitor: Visitor, shown: tuple[str, str] | None = None) -> HTMLResponse:
    return render(
        request,
        desk,
        "people.html",
        visitor=visitor,
        people=reviewers.list_reviewers(desk.context),
        roles=[str(role) for role in Role],
        shown=shown,
        days=LINK_LASTS.days,
    )


def _address(request: Request, desk: Desk, token: str) -> str:
    base = desk.context.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}/sign-in/{token}"
