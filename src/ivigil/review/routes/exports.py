"""The library as a file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import APIRouter, Response

from ivigil.errors import NotFound
from ivigil.review.access import Reader
from ivigil.review.desk import OurDesk
from ivigil.surveillance.exporting import export_library

router = APIRouter()
MEDIA_TYPES = {
    "ris": "application/x-research-info-systems",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/jsonl",
}


@router.get("/export/{kind}")
def export(desk: OurDesk, visitor: Reader, kind: str) -> Response:
    """Every report in rank order, with labels, scores and reasons."""
    del visitor
    if kind not in MEDIA_TYPES:
        raise NotFound(f"nothing is exported as {kind}", hint=f"there are: {', '.join(MEDIA_TYPES)}")
    name = f"{desk.context.protocol.name}-{desk.context.clock.today()}.{kind}"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        export_library(desk.context, file)
        body = file.read_bytes()
    return Response(
        body, media_type=MEDIA_TYPES[kind], headers={"content-disposition": f'attachment; filename="{name}"'}
    )
