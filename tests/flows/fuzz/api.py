"""One API process as whoever attacks it sees it, by plain sockets."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.flows.fuzz.tally import Kind, one_more
from tests.flows.fuzz.verdict import is_refused

PATIENCE_SECONDS: Final = 20.0
JSON: Final = {"Content-Type": "application/json"}


@dataclass
class Api:
    """Where it is, which process it is, and somebody who may ask it."""

    url: str
    pid: int
    token: str
    """A person's."""
    staff_token: str
    """An administrator's."""
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)

    @property
    def host(self) -> str:
        """Its address."""
        return str(urlsplit(self.url).hostname)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(urlsplit(self.url).port or 0)

    def send(self, kind: Kind, body: bytes, headers: dict[str, str]) -> None:
        """Send a person's request and judge its answer."""
        self.send_as(self.token, kind, body, headers)

    def send_as(self, token: str | None, kind: Kind, body: bytes, headers: dict[str, str]) -> None:
        """Send a request of somebody, or of nobody, and judge its answer."""
        signed = {**headers, "Authorization": f"Bearer {token}"} if token else headers
        with one_more(kind):
            self.connection.request("POST", "/graphql", body, signed)
            response = self.connection.getresponse()
            answer = response.read()
        media = response.headers.get("Content-Type", "")
        kind.refused += is_refused(response.status, media, answer, (body[:2000], headers))
