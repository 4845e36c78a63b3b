"""Alerts and their deliveries: delivering what is due, a test of the channels, a fresh start for what was given up."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Admin, Reader, Visitor
from ivigil.review.desk import Desk, OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.delivering import deliver_due, list_alerts, revive_dead, test_channels

router = APIRouter()


@router.get("/alerts")
def alerts(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every alert, newest first."""
    return _page(request, desk, visitor)


@router.post("/alerts/deliver")
def deliver(request: Request, desk: OurDesk, visitor: Admin) -> HTMLResponse:
    """Try every delivery that is due."""
    done = deliver_due(desk.context)
    told = f"{done.delivered} delivered, {done.failed} failed, {done.dead} given up"
    return _page(request, desk, visitor, [(not done.failed and not done.dead, told)])


@router.post("/alerts/test")
def test(request: Request, desk: OurDesk, visitor: Admin) -> HTMLResponse:
    """Send a test message to every channel."""
    tried = test_channels(desk.context)
    return _page(
        request, desk, visitor, [(one["ok"], f"{one['channel']}: {one['error'] or 'test sent'}") for one in tried]
    )


@router.post("/alerts/revive")
def revive(request: Request, desk: OurDesk, visitor: Admin) -> HTMLResponse:
    """Give what was given up a fresh start; the next delivery tries it."""
    return _page(request, desk, visitor, [(True, f"{revive_dead(desk.context)} deliveries will be tried again")])


def _page(request: Request, desk: Desk, visitor: Visitor, said: Sequence[tuple[bool, str]] = ()) -> HTMLResponse:
    return render(
        request,
        desk,
        "alerts.html",
        visitor=visitor,
        alerts=list_alerts(desk.context),
        channels=len(desk.context.settings.notify),
        said=said,
    )
