"""Today: what the last nights brought, whether all is well, and what waits."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.lists import Listing
from ivigil.review.pages import render
from ivigil.surveillance import reviewing
from ivigil.surveillance.run_view import list_runs
from ivigil.surveillance.status import review_status
from ivigil.surveillance.suggestions import count_suggestions

router = APIRouter()
NIGHTS, BEST = 7, 6


@router.get("/")
def today(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """The first page with the coffee."""
    context = desk.context
    waiting, tally = reviewing.count_states(context, reviewer=visitor.name)
    runs = list_runs(context, limit=NIGHTS)
    best = reviewing.list_page(context, reviewing.Filter(), reviewer=visitor.name, size=BEST)
    return render(
        request,
        desk,
        "today.html",
        visitor=visitor,
        health=review_status(context),
        runs=runs,
        quiet=next((run for run in runs if run.kind == "night" and run.found_nothing), None),
        newest=next((run for run in runs if run.summary.get("new_records")), None),
        waiting=waiting,
        tally=tally,
        best=best,
        listing=Listing(reviewing.Filter()),
        suggestions=count_suggestions(context),
    )
