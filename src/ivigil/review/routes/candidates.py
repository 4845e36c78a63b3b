"""The ranked list: filter, search, order, page, and views under names of one's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import QueryParams

from ivigil.criteria import Design
from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.lists import Listing
from ivigil.review.pages import render
from ivigil.surveillance import reviewing
from ivigil.surveillance.reviewing import Order, State

router = APIRouter()


@router.get("/candidates")
def candidates(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """One page of the list."""
    listing = Listing.of(request.query_params)
    context = desk.context
    page = reviewing.list_page(context, listing.wanted, reviewer=visitor.name, page=listing.page)
    return render(
        request,
        desk,
        "candidates.html",
        visitor=visitor,
        listing=listing,
        page=page,
        views=reviewing.saved_views(context, visitor.name),
        states=[state for state in State if state is not State.CONFLICT],
        orders=list(Order),
        designs=[str(design) for design in Design],
        systems=list(context.protocol.criteria.organ_systems),
    )


@router.post("/views")
def save_view(
    desk: OurDesk, visitor: Reader, name: Annotated[str, Form()], query: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Keep the list's address under a name."""
    listing = Listing.of(QueryParams(query))
    reviewing.save_view(desk.context, visitor.name, name, listing.query(page=""))
    return RedirectResponse(f"/candidates?{listing.query()}", 303)


@router.post("/views/drop")
def drop_view(
    desk: OurDesk, visitor: Reader, name: Annotated[str, Form()], query: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Forget a view."""
    reviewing.drop_view(desk.context, visitor.name, name)
    return RedirectResponse(f"/candidates?{Listing.of(QueryParams(query)).query()}", 303)
