"""The explorer's page and what a person does on it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, WebSocket, expect

PATIENCE_MS = 15_000
RESPONSE = ".result-window .view-lines"


class ExplorerPage:
    """Drives one page by what a person sees and hears every complaint of the browser's."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        self.other_hosts: set[str] = set()
        self.posted: list[dict[str, Any]] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("websocket", self._connected)

    async def open(self) -> None:
        """Load it, until the contract is known and people can be chosen."""
        await self.page.goto(self.url)
        await expect(self.page.get_by_role("button", name="customer", exact=True)).to_be_visible(timeout=PATIENCE_MS)
        await expect(self.page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=PATIENCE_MS)
        await expect(self.page.locator(".graphiql-spinner")).to_have_count(0, timeout=PATIENCE_MS)

    async def act_as(self, label: str) -> None:
        """One click on a demo person."""
        await self.page.get_by_role("navigation", name="Act as").get_by_role("button", name=label, exact=True).click()

    async def choose(self, example: str) -> None:
        """One click on an example, until its text is in the editor."""
        tabs = self.page.locator(".graphiql-tab")
        before = await tabs.count()
        await self.page.get_by_role("button", name=re.compile(f"{re.escape(example)}")).first.click()
        await expect(tabs).not_to_have_count(before, timeout=PATIENCE_MS)

    async def run(self) -> None:
        """Press play."""
        await self.page.locator(".graphiql-execute-button").click()

    async def sees(self, *texts: str) -> None:
        """The answer has all of these in it, as the person reads them."""
        for text in texts:
            await expect(self.page.locator(RESPONSE)).to_contain_text(text, timeout=PATIENCE_MS)

    async def is_told(self, text: str) -> None:
        """The bar above says who is signed in, or what went wrong."""
        await expect(self.page.get_by_role("status")).to_contain_text(text, timeout=PATIENCE_MS)

    async def connection_is(self, text: str, *, within_ms: int = PATIENCE_MS) -> None:
        """The bar above says how the live connection is."""
        await expect(self.page.locator(".socket")).to_contain_text(text, timeout=within_ms)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self._noted(request.url)
        if request.method != "POST" or not request.url.endswith("/graphql"):
            return
        if request.headers.get("content-type", "").startswith("application/json") and request.post_data:
            self.posted.append(json.loads(request.post_data))

    def _connected(self, socket: WebSocket) -> None:
        self._noted(socket.url)

    def _noted(self, url: str) -> None:
        asked = urlsplit(url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self.url).netloc:
            self.other_hosts.add(asked.netloc or url[:80])
