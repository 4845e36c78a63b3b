"""The audit sample: reports below the threshold, by chance."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.audit import audit_below

router = APIRouter()


@router.get("/audit")
def audit(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """The sample, and what it bounds."""
    return render(request, desk, "audit.html", visitor=visitor, audit=audit_below(desk.context, reviewer=visitor.name))
