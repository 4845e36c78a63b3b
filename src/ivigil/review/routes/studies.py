"""The living evidence table."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.reports.evidence import Standing
from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.evidence import current_evidence

router = APIRouter()
GROUPS = (
    ("The review's own", Standing.PREVIOUS),
    ("New since the review", Standing.NEW),
    ("Read as eligible, not decided on", Standing.POSSIBLE),
)


@router.get("/studies")
def studies(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every included study."""
    table = current_evidence(desk.context)
    return render(
        request,
        desk,
        "studies.html",
        visitor=visitor,
        groups=[(title, table.of(standing)) for title, standing in GROUPS],
    )
