"""What a request over HTTP asks: by its address, in a JSON body, or in a form with files."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import orjson

from transport.asking import Asked, Malformed, asked_in
from transport.body import TooLong
from transport.forms import FORM
from transport.query_string import asked_by_get
from transport.responding import BAD_REQUEST, METHOD_NOT_ALLOWED, UNSUPPORTED, Unanswerable
from transport.surroundings import Caller
from transport.uploads import Uploads

TEXTS_BY_POST = "A document's text is sent by POST; by GET a document is named by its id."
TOO_LARGE = 413
JSON = b"application/json"
IDENTITY = b"identity"
CHARSETS = frozenset({b"utf-8", b"utf8", b"us-ascii"})


class Means(Enum):
    """Where in a request the operation stands."""

    ADDRESS = "address"
    JSON = "JSON"
    FORM = "form"


def means_of(caller: Caller) -> Means:
    """Known before anything of a body is read.

    Raises:
        Unanswerable: another method, or another kind of body.
    """
    method = caller.method
    if method == "GET":
        return Means.ADDRESS
    if method != "POST":
        message = "Operations are sent by POST, and queries by GET too."
        raise Unanswerable(METHOD_NOT_ALLOWED, message, "METHOD_NOT_ALLOWED", allow="GET, POST")
    if caller.headers.get(b"content-encoding", IDENTITY).lower() != IDENTITY:
        message = "The body must not be compressed."
        raise Unanswerable(UNSUPPORTED, message, "UNSUPPORTED_MEDIA_TYPE")
    given = caller.headers.get(b"content-type", b"")
    if given == JSON:
        return Means.JSON
    media, *parameters = (part.strip().lower() for part in given.split(b";"))
    if media == FORM:
        return Means.FORM
    if media != JSON:
        message = "The body must be application/json, or multipart/form-data where it has files."
        raise Unanswerable(UNSUPPORTED, message, "UNSUPPORTED_MEDIA_TYPE")
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"charset" and value.strip(b' "') not in CHARSETS:
            raise Unanswerable(UNSUPPORTED, "The body must be UTF-8.", "UNSUPPORTED_MEDIA_TYPE")
    return Means.JSON


async def asked_of(
    caller: Caller, means: Means, uploads: Uploads | None, *, body_bytes_max: int, texts_by_get: bool
) -> Asked:
    """The operation of a request. `texts_by_get`: an address may hold a whole document.

    Raises:
        Unanswerable: there is none in it.
    """
    try:
        if means is Means.JSON:
            asked = asked_in(orjson.loads(await caller.body.whole(body_bytes_max)))
        elif means is Means.FORM:
            assert uploads is not None, "forms have some"
            asked = await uploads.asked(caller.headers, caller.body)
        else:
            asked = asked_by_get(caller.scope.get("query_string", b""))
    except orjson.JSONDecodeError:
        raise Unanswerable(BAD_REQUEST, "The body is not JSON.") from None
    except TooLong:
        message = f"A request has at most {body_bytes_max} bytes."
        raise Unanswerable(TOO_LARGE, message, "PAYLOAD_TOO_LARGE") from None
    except Malformed as fault:
        raise Unanswerable(fault.status, str(fault), fault.code) from None
    if asked.only_reads and asked.text and not texts_by_get:
        raise Unanswerable(METHOD_NOT_ALLOWED, TEXTS_BY_POST, "METHOD_NOT_ALLOWED", allow="POST")
    after = caller.header(b"last-event-id")
    return asked if after is None else replace(asked, after=after)
