"""GraphQL over HTTP: one request, one answer, always JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

import orjson

from transport.asking import Asked, Malformed, asked_in
from transport.event_stream import EventFraming
from transport.forms import FORM
from transport.multipart import MultipartFraming
from transport.negotiation import Form, wanted_forms
from transport.operations import OPERATION_SECONDS_MAX, TOO_LONG, Operations, Stream
from transport.stream import Framing, ResponseStream
from transport.surroundings import Caller, Refused, Surroundings, caller_of
from transport.uploads import UploadLimits, Uploads

BAD_REQUEST, METHOD_NOT_ALLOWED, UNSUPPORTED, UNAVAILABLE, OK = 400, 405, 415, 503, 200
FRAMINGS: Final[Mapping[Form, Framing]] = {Form.EVENTS: EventFraming(), Form.MULTIPART: MultipartFraming()}
CONTENT_TYPES: Final = {form: f"{form}; charset=utf-8".encode() for form in Form}

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
A = TypeVar("A")


class Unanswerable(Exception):
    """A request that is answered without running anything."""

    def __init__(self, status: int, message: str, code: str = "BAD_REQUEST") -> None:
        super().__init__(message)
        self.status, self.code = status, code


class HttpEndpoint:
    """Serves the operations of a schema over HTTP."""

    def __init__(
        self,
        operations: Operations,
        surroundings: Surroundings,
        *,
        operation_seconds_max: float = OPERATION_SECONDS_MAX,
        upload_limits: UploadLimits | None = None,
    ) -> None:
        self._operations, self._surroundings = operations, surroundings
        self._seconds_max = operation_seconds_max
        self._upload_limits = upload_limits or UploadLimits()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        with Uploads(self._upload_limits) as uploads:
            await self._serve(scope, receive, send, uploads)

    async def _serve(self, scope: Mapping[str, Any], receive: Receive, send: Send, uploads: Uploads) -> None:
        caller = caller_of(scope, receive)
        forms = wanted_forms(caller.headers.get(b"accept"))
        try:
            media = self._media(scope, caller)
            context = await self._surroundings.of_request(caller)
            asked = await self._asked(media, caller, uploads)
            answer = await self._within_time(
                self._operations.open(asked, context)
                if any(form in FRAMINGS for form in forms)
                else self._operations.execute(asked, context)
            )
            if isinstance(answer, Stream) or forms[0] is Form.EVENTS:
                framing = next(FRAMINGS[form] for form in forms if form in FRAMINGS)
                fault = partial(self._operations.fault, context=context)
                stream = ResponseStream(framing, receive, send, fault=fault)
                session = self._surroundings.of_stream(context, stream.close)
                try:
                    await stream.serve(answer, after=asked.after)
                finally:
                    session.ended()
                return
        except Unanswerable as fault:
            await refuse(send, fault.status, str(fault), code=fault.code, request_id=caller.request_id)
        except Refused as refused:
            await refuse(send, refused.status, str(refused), **refused.extensions)
        else:
            form = next((form for form in forms if form not in FRAMINGS), Form.JSON)
            status = BAD_REQUEST if form is Form.RESPONSE and not answer.has_run else OK
            await respond(send, status, answer.body, form)

    async def _within_time(self, answering: Awaitable[A]) -> A:
        try:
            async with asyncio.timeout(self._seconds_max):
                return await answering
        except TimeoutError:
            raise Unanswerable(UNAVAILABLE, TOO_LONG, "TIMEOUT") from None

    def _media(self, scope: Mapping[str, Any], caller: Caller) -> bytes:
        """The kind of body, known before anything of it is read.

        Raises:
            Unanswerable: another method, or another kind of body.
        """
        if scope["method"] != "POST":
            raise Unanswerable(METHOD_NOT_ALLOWED, "Operations are sent by POST.", "METHOD_NOT_ALLOWED")
        media = caller.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
        if media not in (b"application/json", FORM):
            message = "The body must be application/json, or multipart/form-data where it has files."
            raise Unanswerable(UNSUPPORTED, message, "UNSUPPORTED_MEDIA_TYPE")
        return media

    async def _asked(self, media: bytes, caller: Caller, uploads: Uploads) -> Asked:
        """The operation of a request.

        Raises:
            Unanswerable: there is none in its body.
        """
        try:
            if media == FORM:
                asked = await uploads.asked(caller.headers, caller.body)
            else:
                asked = asked_in(orjson.loads(await caller.body.whole()))
        except orjson.JSONDecodeError:
            raise Unanswerable(BAD_REQUEST, "The body is not JSON.") from None
        except Malformed as fault:
            raise Unanswerable(fault.status, str(fault), fault.code) from None
        after = caller.header(b"last-event-id")
        return asked if after is None else replace(asked, after=after)


async def refuse(send: Send, status: int, message: str, **extensions: str) -> None:
    """A GraphQL error for a request that never ran; what is empty of its extensions is left out."""
    told = {name: value for name, value in extensions.items() if value}
    body = orjson.dumps({"errors": [{"message": message, "extensions": told}]})
    more = [(b"allow", b"POST")] if status == METHOD_NOT_ALLOWED else []
    await respond(send, status, body, Form.JSON, more)


async def respond(
    send: Send, status: int, body: bytes, form: Form, more: list[tuple[bytes, bytes]] | None = None
) -> None:
    """The whole answer."""
    headers = [(b"content-type", CONTENT_TYPES[form]), (b"content-length", b"%d" % len(body)), *(more or ())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
