"""A decision from a message's link: shown first, then decided by whoever was asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import same_origin
from ivigil.review.desk import Desk, OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.agreement import TITLE_ABSTRACT
from ivigil.surveillance.deciding import decide
from ivigil.surveillance.decision_links import DecisionLink, read_decision_link
from ivigil.surveillance.report_view import view_report

router = APIRouter()


@router.get("/decide/{token}")
def ask(request: Request, desk: OurDesk, token: str) -> HTMLResponse:
    """Say what would be decided; opening the link decides nothing."""
    return _page(request, desk, token, read_decision_link(desk.context, token), done=None)


@router.post("/decide/{token}")
def confirm(
    request: Request, desk: OurDesk, token: str, value: Annotated[str, Form()], reason: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Decide, in the name of whom the message was sent to."""
    same_origin(request)
    link = read_decision_link(desk.context, token)
    decide(desk.context, link.report_id, value, reviewer=link.recipient, reason=reason or None)
    return _page(request, desk, token, link, done=value)


def _page(request: Request, desk: Desk, token: str, link: DecisionLink, *, done: str | None) -> HTMLResponse:
    view = view_report(desk.context, link.report_id, reviewer=link.recipient)
    said = view.at(TITLE_ABSTRACT).mine
    return render(request, desk, "mail_decision.html", token=token, link=link, view=view, said=said, done=done)
