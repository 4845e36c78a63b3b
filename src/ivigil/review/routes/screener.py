"""The screener: its card, its challenger, training anew behind the page, and going back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from ivigil.review.access import Admin, Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.retrain import retrain
from ivigil.surveillance.screeners import list_promotions, list_screeners, roll_back

router = APIRouter()


@router.get("/screener")
def screener(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """The champion's card, the others, and what runs now."""
    screeners = list_screeners(desk.context)
    return render(
        request,
        desk,
        "screener.html",
        visitor=visitor,
        screeners=screeners,
        champion=next((one for one in screeners if one.champion), None),
        promotions=list_promotions(desk.context),
        job=desk.job.state,
    )


@router.get("/screener/job")
def job(desk: OurDesk, visitor: Reader) -> JSONResponse:
    """How the training behind the page stands."""
    del visitor
    return JSONResponse(asdict(desk.job.state))


@router.post("/screener/retrain")
def start(desk: OurDesk, visitor: Admin) -> RedirectResponse:
    """Train a challenger; it takes the champion's place only when it wins."""
    del visitor
    desk.job.start("retrain", lambda progress: retrain(desk.context, progress=progress).as_json())
    return RedirectResponse("/screener", 303)


@router.post("/screener/roll-back")
def back(desk: OurDesk, visitor: Admin, version: Annotated[str, Form()]) -> RedirectResponse:
    """Make an earlier screener champion again."""
    roll_back(desk.context, version, reviewer=visitor.name)
    return RedirectResponse("/screener", 303)
