"""What reviewers disagree on, settled; and how well they agree."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.conflicts import list_agreement, list_conflicts

router = APIRouter()


@router.get("/conflicts")
def conflicts(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every unresolved conflict."""
    return render(
        request,
        desk,
        "conflicts.html",
        visitor=visitor,
        conflicts=list_conflicts(desk.context),
        agreement=list_agreement(desk.context),
    )
