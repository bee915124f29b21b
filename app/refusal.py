"""A refusal of a page in the form of the API's own: an error with a code and the request's id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

CODES: Final = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
SENTENCES: Final = {404: "There is nothing here.", 405: "This address is not asked in that way."}


def refusal(
    request: Request, status: int, *, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The whole answer; nobody keeps it."""
    error = {"message": message, "extensions": {"code": code, "requestId": request.state.request_id}}
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(orjson.dumps({"errors": [error]}), status, told, "application/json; charset=utf-8")


async def our_fault(request: Request, _: Exception) -> Response:
    """What is answered where a page failed; whoever stands around the pages logs why."""
    return refusal(request, 500, code="INTERNAL", message="Something went wrong on our side.")


async def nothing_here(request: Request, error: Exception) -> Response:
    """What is answered where no page is, or none for this method."""
    assert isinstance(error, HTTPException), "it is registered for these"
    status = error.status_code
    code, message = CODES.get(status, "BAD_REQUEST"), SENTENCES.get(status, error.detail)
    return refusal(request, status, code=code, message=message, headers=error.headers)
