"""Deciding, taking a decision back, and settling a conflict."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import QueryParams

from ivigil.review.access import Reviewer
from ivigil.review.answers import wants_json
from ivigil.review.desk import OurDesk
from ivigil.review.lists import Listing, report_address
from ivigil.surveillance.deciding import STAGES, decide, resolve, undo

router = APIRouter()


@router.post("/reports/{report_id}/decisions")
def add_decision(
    request: Request,
    desk: OurDesk,
    visitor: Reviewer,
    report_id: int,
    value: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    stage: Annotated[str, Form()] = STAGES[0],
    note: Annotated[str, Form()] = "",
    after: Annotated[int | None, Form()] = None,
    listing: Annotated[str, Form(alias="list")] = "",
) -> Response:
    """Append a decision, and go on to the next report."""
    number = decide(
        desk.context, report_id, value, reviewer=visitor.name, reason=reason or None, stage=stage, note=note or None
    )
    if wants_json(request):
        return JSONResponse(
            {"decision_id": number, "report_id": report_id, "decision": value, "reason": reason or None}
        )
    return RedirectResponse(report_address(after or report_id, Listing.of(QueryParams(listing))), 303)


@router.post("/decisions/{decision_id}/undo")
def take_back(
    request: Request,
    desk: OurDesk,
    visitor: Reviewer,
    decision_id: int,
    report_id: Annotated[int, Form()],
    listing: Annotated[str, Form(alias="list")] = "",
) -> Response:
    """Take one's own decision back."""
    number = undo(desk.context, decision_id, reviewer=visitor.name)
    if wants_json(request):
        return JSONResponse({"decision_id": number, "undoes": decision_id, "report_id": report_id})
    return RedirectResponse(report_address(report_id, Listing.of(QueryParams(listing))), 303)


@router.post("/reports/{report_id}/resolution")
def settle(
    desk: OurDesk,
    visitor: Reviewer,
    report_id: int,
    value: Annotated[str, Form()],
    stage: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Settle what reviewers disagree on."""
    resolve(
        desk.context, report_id, value, reviewer=visitor.name, stage=stage, reason=reason or None, note=note or None
    )
    return RedirectResponse("/conflicts", 303)
