"""`/codes/…`: the picture of a tip code, for print and for pages; the same for everybody, and for good."""

from __future__ import annotations

import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.refusal import refusal
from app.wiring import Wiring
from domain.tips.errors import TipQrNotFound
from domain.tips.tip_qr import SCHEME, qr_id_of, token_of

DAY_SECONDS: Final = 86_400
TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
HEADERS: Final = {
    "Cache-Control": f"public, max-age={DAY_SECONDS}",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
}


async def picture(request: Request) -> Response:
    """The code of a token that we sealed. Whether it was withdrawn is asked when somebody tips by it."""
    wiring: Wiring = request.app.state.wiring
    kind: str = request.path_params["kind"]
    try:
        qr_id = qr_id_of(request.path_params["token"], wiring.gateways.secrets)
    except TipQrNotFound:
        qr_id = None
    if qr_id is None or kind not in TYPES:
        return refusal(request, 404, code="NOT_FOUND", message="There is no such code.")
    uri = SCHEME + token_of(qr_id, wiring.gateways.secrets)
    tag = f'"{hashlib.sha256(f"{uri} {kind}".encode()).hexdigest()[:32]}"'
    headers = {**HEADERS, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    pictures = wiring.gateways.qr_pictures
    content = pictures.png(uri) if kind == "png" else pictures.drawing(uri)
    return Response(content, media_type=TYPES[kind], headers=headers)
