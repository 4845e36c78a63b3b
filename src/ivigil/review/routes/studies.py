"""The living evidence table."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.studies import list_studies

router = APIRouter()


@router.get("/studies")
def studies(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every included study."""
    found = list_studies(desk.context)
    return render(
        request,
        desk,
        "studies.html",
        visitor=visitor,
        groups=[
            ("The review's own", [study for study in found if study.known]),
            ("New since the review", [study for study in found if not study.known]),
        ],
    )
