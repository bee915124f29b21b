"""Serves what was built: the page at `/`, and its files under names that change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.explorer.building import BUILT

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # The editor writes style elements and style attributes while it runs; neither can carry a nonce.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",  # the socket of the same host included
        "worker-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
FOREVER: Final = "public, max-age=31536000, immutable"
NOT_BUILT: Final = (
    "The explorer is not built yet: `make run` and `make explorer` build it within a minute, on the machine's Node"
    " (20.19 or newer) or on one from PyPI; the API is at /graphql all the same.\n"
)
TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


class Pages:
    """The built explorer in one folder."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder

    def routes(self) -> list[Route]:
        """The page and its files."""
        return [Route("/", self.page), Route("/explorer/assets/{name}", self.asset)]

    async def page(self, request: Request) -> Response:
        """`/`: the explorer, or how to get it. Asked for anew each time, answered by 304 while it is the same."""
        page = self._folder / "index.html"
        if not page.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        body = page.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/html", headers=headers)

    async def asset(self, request: Request) -> Response:
        """A file of the page; compressed where that was done ahead and the browser takes it."""
        name: str = request.path_params["name"]
        path = self._folder / "assets" / name
        if path.suffix not in TYPES or not path.is_file():
            raise HTTPException(404)
        headers = {"Cache-Control": FOREVER, "Content-Security-Policy": POLICY, "Vary": "Accept-Encoding"}
        compressed = path.with_name(f"{name}.gz")
        if "gzip" in request.headers.get("accept-encoding", "") and compressed.is_file():
            path, headers["Content-Encoding"] = compressed, "gzip"
        return FileResponse(path, media_type=TYPES[Path(name).suffix], headers=headers)
