"""`/files/…`: uploaded files that lie in a folder of this machine, for who has a link of ours."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.refusal import refusal
from app.wiring import Wiring
from integrations.storage.object_storage import FolderStorage

# Whatever somebody uploaded is shown as what it is, runs nothing, and is kept nowhere.
HEADERS: Final = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}


async def stored_file(request: Request) -> Response:
    """The file, when the link is ours and has not expired."""
    wiring: Wiring = request.app.state.wiring
    key, storage = request.path_params["key"], wiring.storage
    content_type = wiring.file_links.content_type_of(key, request.url.query)
    content = await storage.read(key) if content_type and isinstance(storage, FolderStorage) else None
    if content is None:
        return refusal(request, 404, code="NOT_FOUND", message="There is no such file, or the link has expired.")
    return Response(content, media_type=content_type, headers=HEADERS)
