"""GraphQL over HTTP: one request, one answer, always JSON; and streams for who wants them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, TypeVar

from transport.answer import Answer, Stream
from transport.answers import AnswerMemory
from transport.asking import Asked
from transport.body import Stalled
from transport.event_stream import EventFraming
from transport.multipart import MultipartFraming
from transport.negotiation import KNOWN_MAX, Form, wanted_forms
from transport.operations import OPERATION_SECONDS_MAX, TOO_LONG, Operations
from transport.requests import Means, asked_of, means_of
from transport.responding import REQUEST_TIMEOUT, UNAVAILABLE, Unanswerable, refuse, tell, tell_remembered
from transport.stream import Framing, OpenStreams, ResponseStream
from transport.surroundings import Caller, Refused, Surroundings, caller_of
from transport.uploads import UploadLimits, Uploads
from transport.waiting import TimeLimit

FRAMINGS: Final[Mapping[Form, Framing]] = {Form.EVENTS: EventFraming(), Form.MULTIPART: MultipartFraming()}

NO_UPLOADS: Final = nullcontext(None)

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a client wants to be answered: the form of one answer, and how streams are written if it takes them."""

    form: Form
    framing: Framing | None
    only_streams: bool


class HttpEndpoint:
    """Serves the operations of a schema over HTTP. `texts_by_get`: an address may hold a whole document."""

    def __init__(
        self,
        operations: Operations,
        surroundings: Surroundings,
        *,
        operation_seconds_max: float = OPERATION_SECONDS_MAX,
        upload_limits: UploadLimits | None = None,
        texts_by_get: bool = True,
    ) -> None:
        self.answers, self.streams = AnswerMemory(), OpenStreams()
        self._operations, self._surroundings = operations, surroundings
        self._limit, self._texts_by_get = TimeLimit(operation_seconds_max), texts_by_get
        self._upload_limits = upload_limits or UploadLimits()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        caller = caller_of(scope, receive)
        wanted = wanted_of(caller.headers.get(b"accept"))
        try:
            means = means_of(caller)
            context = await self._surroundings.of_request(caller)
            is_kept = means is Means.ADDRESS and not wanted.only_streams
            if is_kept and await self._repeated(caller, context, wanted.form, send):
                return
            with Uploads(self._upload_limits) if means is Means.FORM else NO_UPLOADS as uploads:
                asked = await asked_of(
                    caller,
                    means,
                    uploads,
                    body_bytes_max=self._operations.limits.body_bytes,
                    texts_by_get=self._texts_by_get,
                )
                generation = self.answers.generation
                answer = await self._within_time(
                    self._operations.execute(asked, context)
                    if wanted.framing is None
                    else self._operations.open(asked, context)
                )
                if wanted.framing is not None and (isinstance(answer, Stream) or wanted.only_streams):
                    fault = partial(self._operations.fault, context=context)
                    stream = ResponseStream(wanted.framing, receive, send, fault=fault, among=self.streams)
                    await self._stream(stream, answer, asked, context)
                    return
                assert isinstance(answer, Answer), "nothing else was asked for"
                if answer.lifetime_seconds and asked.document_id is not None:
                    await self._keep(answer, asked.document_id, caller, wanted.form, send, generation=generation)
                else:
                    await tell(send, answer, wanted.form)
        except Stalled:
            extensions = {"code": "TIMEOUT", "requestId": caller.request_id}
            await refuse(send, wanted.form, REQUEST_TIMEOUT, "The rest of the body did not come.", **extensions)
        except Unanswerable as fault:
            extensions = {"code": fault.code, "requestId": caller.request_id}
            await refuse(send, wanted.form, fault.status, str(fault), allow=fault.allow, **extensions)
        except Refused as refused:
            await refuse(send, wanted.form, refused.status, str(refused), **refused.extensions)

    async def _repeated(self, caller: Caller, context: Any, form: Form, send: Send) -> bool:
        """Tell what was answered at this address a moment ago, if it was and this caller may run anything."""
        remembered = self.answers.find(caller.scope["query_string"], form)
        if remembered is None or not self._operations.may_repeat(context):
            return False
        refused = self._operations.admitted_again(remembered.document_id, context)
        if refused is not None:
            await tell(send, refused, form)
        else:
            await tell_remembered(send, remembered, caller.headers.get(b"if-none-match"))
        return True

    async def _keep(
        self, answer: Answer, document_id: str, caller: Caller, form: Form, send: Send, *, generation: int
    ) -> None:
        """Remember an answer that is the same for everybody, and tell it."""
        remembered = self.answers.keep(
            caller.scope["query_string"],
            form,
            answer.body,
            document_id=document_id,
            lifetime_seconds=answer.lifetime_seconds,
            generation=generation,
        )
        await tell_remembered(send, remembered, caller.headers.get(b"if-none-match"))

    async def _stream(self, stream: ResponseStream, answer: Answer | Stream, asked: Asked, context: Any) -> None:
        session = self._surroundings.of_stream(context, stream.close)
        try:
            await stream.serve(answer, after=asked.after)
        finally:
            session.ended()

    async def _within_time(self, answering: Coroutine[Any, Any, A]) -> A:
        try:
            return await self._limit.within(answering)
        except TimeoutError:
            raise Unanswerable(UNAVAILABLE, TOO_LONG, "TIMEOUT") from None


@lru_cache(KNOWN_MAX)
def wanted_of(accept: bytes | None) -> Wanted:
    """From a header that comes with every request, mostly the same."""
    forms = wanted_forms(accept)
    form = next((form for form in forms if form not in FRAMINGS), Form.JSON)
    framing = next((FRAMINGS[form] for form in forms if form in FRAMINGS), None)
    return Wanted(form, framing, only_streams=forms[0] is Form.EVENTS)
