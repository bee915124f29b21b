"""Which form of answer a client wants (RFC 9110 §12.5.1, GraphQL over HTTP §5.3)."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

KNOWN_MAX: Final = 256
SUBSCRIPTIONS: Final = frozenset({"subscriptionspec=1.0", 'subscriptionspec="1.0"'})


class Form(StrEnum):
    """A media type that we answer in; the last two are of streams."""

    JSON = "application/json"
    RESPONSE = "application/graphql-response+json"
    EVENTS = "text/event-stream"
    MULTIPART = "multipart/mixed"


@lru_cache(KNOWN_MAX)
def wanted_forms(accept: bytes | None) -> tuple[Form, ...]:
    """What the client accepts, the most wanted first; of equally wanted ones the first that it names. Clients that name
    nothing of ours get JSON.
    """
    if accept is None:
        return (Form.JSON,)
    weighed: list[tuple[float, int, Form]] = []
    for place, part in enumerate(accept.decode("latin-1").split(",")):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        if weight > 0:
            weighed += [(-weight, place, form) for form in _forms(media, parameters)]
    found = tuple(dict.fromkeys(form for *_, form in sorted(weighed)))
    return found or (Form.JSON,)


def _forms(media: str, parameters: list[str]) -> tuple[Form, ...]:
    if media in ("*/*", "application/*"):
        return (Form.JSON,)
    if media == "text/*":
        return (Form.EVENTS,)
    if media == Form.MULTIPART and not SUBSCRIPTIONS.intersection(parameters):
        return ()  # of which Apollo's incremental delivery is another kind
    return tuple(form for form in Form if form.value == media)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return min(1.0, float(value))
            except ValueError:
                return 0.0
    return 1.0
