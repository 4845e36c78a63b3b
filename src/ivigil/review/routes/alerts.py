"""Alerts and their deliveries."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.delivering import list_alerts

router = APIRouter()


@router.get("/alerts")
def alerts(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every alert, newest first."""
    return render(
        request,
        desk,
        "alerts.html",
        visitor=visitor,
        alerts=list_alerts(desk.context),
        channels=len(desk.context.settings.notify),
    )
