"""The living report, as it would be sent around, and the files to hand on."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ivigil.errors import NotFound
from ivigil.reports.render import RENDERERS, render_report
from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.review.pages import render
from ivigil.review.routes.exports import MEDIA_TYPES
from ivigil.surveillance.reporting import living_report

router = APIRouter()
DOCUMENT = "living"
PART_TYPES = {"html": "text/html", "md": "text/markdown", "svg": "image/svg+xml", "csv": "text/csv"}
# The report is one file that carries its own styles and runs nothing; as a page of ours it may do no more than that.
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@router.get("/living-report")
def page(request: Request, desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """The report in its frame, and files of its parts and of the library."""
    parts = [(part, list(formats)) for part, formats in RENDERERS.items()]
    return render(request, desk, "living_report.html", visitor=visitor, kinds=list(MEDIA_TYPES), parts=parts)


@router.get("/living-report/document")
def document(desk: OurDesk, visitor: Reader) -> HTMLResponse:
    """The report itself."""
    del visitor
    body = render_report(living_report(desk.context), DOCUMENT, "html")
    return HTMLResponse(body, headers={"content-security-policy": DOCUMENT_POLICY})


@router.get("/living-report/{part}.{kind}")
def part(desk: OurDesk, visitor: Reader, part: str, kind: str) -> Response:
    """One part as a file."""
    del visitor
    if kind not in RENDERERS.get(part, {}):
        raise NotFound(f"there is no {part}.{kind}", hint="the report's page lists what there is")
    body = render_report(living_report(desk.context), part, kind)
    name = f"{desk.context.protocol.name}-{part}-{desk.context.clock.today()}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-security-policy": DOCUMENT_POLICY}
    return Response(body, media_type=f"{PART_TYPES[kind]}; charset=utf-8", headers=headers)
