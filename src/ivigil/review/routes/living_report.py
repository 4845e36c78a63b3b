"""The living report's page: what is handed on, and in which form."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.review.routes.exports import MEDIA_TYPES

router = APIRouter()


@router.get("/living-report")
def living_report(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Files to hand on."""
    return render(request, desk, "living_report.html", visitor=visitor, kinds=list(MEDIA_TYPES))
