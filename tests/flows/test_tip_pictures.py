"""A card is printed from a link that anybody may keep for a day; what was not sealed by us is drawn by nobody."""

from __future__ import annotations

import aiohttp

from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.test_sync import PROFILE, REGISTER

CREATE = """
mutation { tipQrCreate(input: {spot: "Bar"}) { qr { svg: picturePath png: picturePath(format: PNG) } errors { code } } }
"""


async def test_a_picture_is_public_and_kept_for_a_day(market: Market, http: aiohttp.ClientSession) -> None:
    worker = await come_in(market, http)
    await worker.do(REGISTER, input=PROFILE)
    paths = (await worker.do(CREATE))["qr"]

    for kind, start, media_type in (("svg", b"<?xml", "image/svg+xml"), ("png", b"\x89PNG", "image/png")):
        async with http.get(market.urls["b"] + paths[kind]) as response:
            assert (response.status, response.content_type) == (200, media_type)
            assert response.headers["Cache-Control"] == "public, max-age=86400"
            assert (await response.read()).startswith(start)
            tag = response.headers["ETag"]
        async with http.get(market.urls["a"] + paths[kind], headers={"If-None-Match": tag}) as response:
            assert (response.status, await response.read()) == (304, b"")


async def test_what_we_did_not_seal_is_not_drawn(market: Market, http: aiohttp.ClientSession) -> None:
    worker = await come_in(market, http)
    await worker.do(REGISTER, input=PROFILE)
    path: str = (await worker.do(CREATE))["qr"]["svg"]
    altered = path.replace(path[8], "A" if path[8] != "A" else "B", 1)

    for wrong in (altered, "/codes/x.svg", path.replace(".svg", ".gif"), "/codes/.svg", path.replace(".svg", "")):
        async with http.get(market.urls["a"] + wrong) as response:
            assert response.status == 404, wrong
