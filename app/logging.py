"""Logs: one JSON object a line, with what identifies a person or opens a door blotted out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final

import structlog

HIDDEN: Final = "•••"
SECRET_KEYS: Final = re.compile(
    r"authorization|cookie|token|secret|password|pin|passcode|otp|code_hash|phone|email|address|signature|variables",
    re.IGNORECASE,
)
# Bearer tokens, JSON Web Tokens, e-mail addresses and phone numbers inside running text.
SECRET_TEXT: Final = re.compile(
    r"Bearer\s+\S+|eyJ[\w-]+\.[\w-]+\.[\w-]+|[\w.+-]+@[\w-]+\.[\w.-]+|\+\d{8,15}\b", re.IGNORECASE
)
OPEN_KEYS: Final = frozenset({"event", "operation", "code", "listening_address"})


REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""The request that is being answered; every line that is logged meanwhile carries it."""


def name_request(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the request's id into an entry that does not say otherwise."""
    request_id = REQUEST_ID.get()
    if request_id is not None:
        entry.setdefault("request_id", request_id)
    return entry


def redact(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out by key and by shape; an entry never says who somebody is or how to act as them."""
    for key, value in entry.items():
        if key not in OPEN_KEYS and SECRET_KEYS.search(key):
            entry[key] = HIDDEN
        elif isinstance(value, str):
            entry[key] = SECRET_TEXT.sub(HIDDEN, value)
    return entry


def configure_logging(level: str) -> None:
    """Send structlog's entries and every library's to standard error, redacted."""
    shared: list[Any] = [
        name_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[output], level=level.upper(), force=True)
    for chatty in ("uvicorn.access", "websockets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
