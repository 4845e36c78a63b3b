"""One report: text, criteria, why it is ranked so, records, history."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from ivigil.alerts.about import links
from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.lists import Listing, report_address
from ivigil.review.pages import render
from ivigil.review.reading import abstract_of, title_of
from ivigil.review.text import inert
from ivigil.surveillance.explaining import explain_report
from ivigil.surveillance.report_view import view_report
from ivigil.surveillance.reviewing import neighbours

router = APIRouter()


@router.get("/reports/{report_id}")
def report(request: Request, desk: OurDesk, visitor: Reader, report_id: int) -> Response:
    """Everything on one report."""
    view = view_report(desk.context, report_id, reviewer=visitor.name)
    query = request.query_params.get("list", "")
    listing = Listing.of(QueryParams(query))
    if view.report_id != report_id:
        return RedirectResponse(report_address(view.report_id, listing), 303)
    before, after = neighbours(desk.context, listing.wanted, report_id, reviewer=visitor.name)
    return render(
        request,
        desk,
        "report.html",
        visitor=visitor,
        view=view,
        listing=listing,
        before=before,
        after=after,
        title=title_of(view),
        abstract=abstract_of(view),
        addresses=links(view.record, view.full_text_url),
        why=explain_report(desk.context, view.report_id),
        stage=request.query_params.get("stage") or _stage(view.stages[0].mine),
    )


@router.get("/reports/{report_id}/text")
def text(desk: OurDesk, visitor: Reader, report_id: int) -> PlainTextResponse:
    """The whole text, however long, as plain text."""
    record = view_report(desk.context, report_id, reviewer=visitor.name).record
    return PlainTextResponse(f"{inert(record.title)}\n\n{inert(record.abstract_text)}\n")


def _stage(first: str | None) -> str:
    """Which stage the next decision is on: the full text once one has let the report through."""
    return "full-text" if first == "include" else "title-abstract"
