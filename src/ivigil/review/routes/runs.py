"""Sources and runs: watermarks, canaries, and the ledger of every search."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.surveillance.run_view import RunView, SearchView, list_runs, view_run
from ivigil.surveillance.status import review_status

router = APIRouter()


@router.get("/sources")
def sources(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Each source: how far it has been searched, and its last search."""
    last: dict[str, tuple[RunView, SearchView]] = {}
    for run in reversed(list_runs(desk.context)):
        last |= {search.source: (run, search) for search in run.searches}
    return render(request, desk, "sources.html", visitor=visitor, health=review_status(desk.context), last=last)


@router.get("/runs")
def runs(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """Every run, newest first."""
    return render(request, desk, "runs.html", visitor=visitor, runs=list_runs(desk.context))


@router.get("/runs/{run_id}")
def run(request: Request, desk: OurDesk, visitor: Reader, run_id: int) -> HTMLResponse:
    """One run with its searches."""
    return render(request, desk, "run.html", visitor=visitor, run=view_run(desk.context, run_id))
