"""Where e-mail is given to, and in whose name."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """A server that takes e-mail, who we are there, and whom it is from. `needs_tls`: nothing is said in the clear."""

    host: str
    port: int
    is_tls: bool
    needs_tls: bool
    username: str
    password: str
    sender: str

    def __repr__(self) -> str:
        return f"MailAccount({self.host}:{self.port}, {self.sender})"


def mail_account(url: str, *, sender: str, needs_tls: bool) -> MailAccount:
    """The account that an address names: `smtps://user:password@host:465`, or `smtp://host:587`, which begins TLS where
    the server offers it.

    Raises:
        ValueError: it names no such server.
    """
    place = urlsplit(url)
    if place.scheme not in ("smtp", "smtps") or not place.hostname or place.path not in ("", "/"):
        raise ValueError("e-mail is given to smtp://… or smtps://…")
    is_tls = place.scheme == "smtps"
    return MailAccount(
        host=place.hostname,
        port=place.port or (465 if is_tls else 587),
        is_tls=is_tls,
        needs_tls=needs_tls,
        username=unquote(place.username or ""),
        password=unquote(place.password or ""),
        sender=sender,
    )
