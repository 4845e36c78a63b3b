"""Link suggestions, and a person's word on what belongs together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ivigil.errors import ConfigurationError
from ivigil.review.access import Reader, Reviewer
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.settling import join_reports, settle_suggestion, split_report
from ivigil.surveillance.suggestions import list_suggestions

router = APIRouter()


@router.get("/links")
def links(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """What is not certain and waits for a person."""
    return render(request, desk, "links.html", visitor=visitor, suggestions=list_suggestions(desk.context))


@router.post("/links/{link_id}")
def settle(desk: OurDesk, visitor: Reviewer, link_id: int, word: Annotated[str, Form()]) -> RedirectResponse:
    """Accept or refuse a suggestion."""
    if word not in ("accept", "refuse"):
        raise ConfigurationError(f"{word!r} is not accept or refuse", field="word")
    settle_suggestion(desk.context, link_id, accept=word == "accept", reviewer=visitor.name)
    return RedirectResponse("/links", 303)


@router.post("/reports/{report_id}/split")
def split(
    desk: OurDesk,
    visitor: Reviewer,
    report_id: int,
    record: Annotated[list[int], Form()],
    why: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Part records from their report."""
    reports = split_report(desk.context, report_id, record, reviewer=visitor.name, why=why)
    return RedirectResponse(f"/reports/{reports[0]}", 303)


@router.post("/reports/{report_id}/join")
def join(
    desk: OurDesk,
    visitor: Reviewer,
    report_id: int,
    other: Annotated[int, Form()],
    kind: Annotated[str, Form()],
    why: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Join two reports: as one document, or as two reports of one study."""
    join_reports(desk.context, report_id, other, kind=kind, reviewer=visitor.name, why=why)
    return RedirectResponse(f"/reports/{report_id}", 303)
