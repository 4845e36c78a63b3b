"""Puts the workspace together: guards, pages, and what is said when something goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from ivigil.errors import ConfigurationError, IvigilError, LeaseHeld, NotFound, TokenRefused
from ivigil.review.access import NotAllowedError, SignInNeededError, visitor_of
from ivigil.review.answers import wants_json
from ivigil.review.desk import Desk, desk_of
from ivigil.review.guards import Guards
from ivigil.review.pages import STATIC, render
from ivigil.review.routes import ROUTERS
from ivigil.surveillance.context import Context

logger = logging.getLogger(__name__)
STATUS = {NotFound: 404, TokenRefused: 410, LeaseHeld: 409, ConfigurationError: 422}
TITLES = {
    403: "Not yours to do",
    404: "Nothing is here",
    405: "That cannot be done here",
    409: "Something else is at work",
    410: "This link no longer works",
    422: "That cannot be kept as it is",
    429: "Too many tries",
    500: "Something went wrong",
}


def create_app(context: Context, *, hosts: Collection[str] = (), secure: bool = False) -> FastAPI:
    """The workspace over an open review.

    Args:
        context: the review; it stays open as long as the application is served.
        hosts: names it may be asked by, beside localhost and addresses in figures.
        secure: it is reached by https alone, so cookies are kept to it.
    """
    app = FastAPI(title="ivigil", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = Desk(context, hosts=frozenset(hosts), secure=secure)
    app.add_middleware(Guards, hosts=hosts)
    app.mount("/static", _Static(directory=STATIC), name="static")
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(SignInNeededError, _ask_to_sign_in)
    app.add_exception_handler(NotAllowedError, _refuse)
    app.add_exception_handler(IvigilError, _explain)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
    return app


class _Static(StaticFiles):
    """Static files; their addresses change with them."""

    def file_response(self, *args: object, **options: object) -> Response:
        answer = super().file_response(*args, **options)  # type: ignore[arg-type]  # handed through as they came
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def _ask_to_sign_in(request: Request, _error: Exception) -> Response:
    if wants_json(request):
        return JSONResponse({"error": "You are signed out.", "hint": "Load the page again."}, 401)
    return RedirectResponse("/sign-in", 303)


def _refuse(request: Request, error: Exception) -> Response:
    return _say(request, 403, str(error))


def _explain(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    return _say(request, status, str(error), cast("IvigilError", error).hint or "")


def _misread(request: Request, error: Exception) -> Response:
    first = cast("RequestValidationError", error).errors()[0]
    if first["loc"][0] == "path":
        return _say(request, 404, "")
    return _say(request, 422, f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}")


def _http(request: Request, error: Exception) -> Response:
    http = cast("HTTPException", error)
    return _say(request, http.status_code, "" if http.status_code == 404 else str(http.detail), headers=http.headers)


def _unexpected(request: Request, error: Exception) -> Response:
    logger.error("a page failed", exc_info=error, extra={"path": request.url.path})
    return _say(
        request, 500, "This page failed in a way nobody foresaw. Nothing was changed.", "logs/ivigil.log says where"
    )


def _say(request: Request, status: int, message: str, hint: str = "", headers: object = None) -> Response:
    if wants_json(request):
        return JSONResponse({"error": message, "hint": hint}, status)
    desk = desk_of(request)
    title = TITLES.get(status, "That did not work")
    answer = render(
        request, desk, "error.html", visitor=visitor_of(request, desk), status=status, title=title, message=message,
        hint=hint,
    )  # fmt: skip
    answer.headers.update(cast("dict[str, str]", headers or {}))
    return answer
