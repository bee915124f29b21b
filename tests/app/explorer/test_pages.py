"""The built explorer as browsers ask for it, and what is said where it is not built or not served."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from app.asgi import explorer_routes
from app.config import Environment, Settings
from app.explorer.pages import POLICY, Pages
from tests.transport.serving import served

SCRIPT = b"console.log('karibu');"
OWN: dict[str, Any] = {
    "master_secret": SecretStr("a secret of our own, long enough to be one"),
    "database_url": "postgresql+asyncpg://db/sokoni",
    "redis_url": "redis://redis:6379/0",
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A page with one script, as the build leaves them."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Sokoni</title>")
    (tmp_path / "made-of").write_text("something")
    (tmp_path / "assets" / "index-Ab12.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-Ab12.js.gz").write_bytes(gzip.compress(SCRIPT))
    return tmp_path


@pytest.fixture
async def site(built: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser before it."""
    application = Starlette(routes=Pages(built).routes())
    async with (
        served(uvicorn.Config(application, log_level="warning")) as address,
        aiohttp.ClientSession(address, auto_decompress=False) as http,
    ):
        yield http


async def test_the_page_is_asked_for_anew_and_sent_once(site: aiohttp.ClientSession) -> None:
    async with site.get("/") as first:
        body = await first.text()
    async with site.get("/", headers={"If-None-Match": first.headers["ETag"]}) as again:
        repeated = await again.read()

    assert (first.status, body) == (200, "<!doctype html><title>Sokoni</title>")
    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status, repeated) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


async def test_the_pages_policy_lets_no_script_and_no_other_host_in(site: aiohttp.ClientSession) -> None:
    async with site.get("/") as page:
        policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["worker-src"] == policy["font-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe-eval" not in POLICY
    assert "http" not in POLICY


async def test_a_file_is_kept_for_ever_and_compressed_for_who_takes_it(site: aiohttp.ClientSession) -> None:
    async with site.get("/explorer/assets/index-Ab12.js", headers={"Accept-Encoding": "gzip, br"}) as compressed:
        small = await compressed.read()
    async with site.get("/explorer/assets/index-Ab12.js", headers={"Accept-Encoding": "identity"}) as plain:
        full = await plain.read()

    assert (compressed.headers["Content-Encoding"], gzip.decompress(small)) == ("gzip", SCRIPT)
    assert ("Content-Encoding" in plain.headers, full) == (False, SCRIPT)
    for answer in (compressed, plain):
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"


async def test_head_says_what_get_would_send(site: aiohttp.ClientSession) -> None:
    for path in ("/", "/explorer/assets/index-Ab12.js"):
        async with site.get(path) as asked, site.head(path) as headed:
            assert (headed.status, await headed.read()) == (200, b"")
            assert headed.headers["Content-Length"] == asked.headers["Content-Length"]
            assert headed.headers["ETag"] == asked.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/explorer/assets/index-Zz99.js",
        "/explorer/assets/index-Ab12.js.gz",
        "/explorer/assets/..%2Fmade-of",
        "/explorer/assets/%2e%2e%2findex.html",
        "/explorer/made-of",
        "/explorer/",
    ],
)
async def test_nothing_else_is_served(site: aiohttp.ClientSession, path: str) -> None:
    async with site.get(path) as answer:
        assert answer.status == 404
        assert b"something" not in await answer.read()


async def test_where_it_is_not_built_the_page_says_how_to_get_it(tmp_path: Path) -> None:
    application = Starlette(routes=Pages(tmp_path / "nothing").routes())
    async with (
        served(uvicorn.Config(application, log_level="warning")) as address,
        aiohttp.ClientSession(address) as http,
        http.get("/") as page,
        http.get("/explorer/assets/index-Ab12.js") as file,
    ):
        said = await page.text()

    assert (page.status, file.status) == (503, 404)
    assert "`make explorer`" in said
    assert page.headers["Cache-Control"] == "no-store"


def paths(settings: Settings) -> set[str]:
    return {route.path for route in explorer_routes(settings)}


def test_it_is_served_in_development_and_in_production_only_when_asked_for() -> None:
    development = Settings(environment=Environment.DEVELOPMENT)
    production = Settings(environment=Environment.PRODUCTION, **OWN)

    assert paths(development) == {"/", "/explorer/assets/{name}", "/explorer/people", "/explorer/sign-in"}
    assert paths(development.model_copy(update={"explorer": False})) == set()
    assert paths(production) == set()


def test_nobody_acts_as_a_demo_person_in_production() -> None:
    production = Settings(environment=Environment.PRODUCTION, explorer=True, **OWN)

    assert paths(production) == {"/", "/explorer/assets/{name}"}
