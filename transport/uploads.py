"""Files as variables, by the GraphQL multipart request specification: `operations`, `map`, and the files in its order.

Source: github.com/jaydenseric/graphql-multipart-request-spec, version 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson
from graphql import ConstValueNode, GraphQLError, GraphQLScalarType, GraphQLSchema

from transport.asking import Asked, Malformed, asked_in
from transport.body import Body
from transport.files import Spool, UploadedFile
from transport.forms import Begun, Ended, parts_of

SCALAR: Final = "Upload"
FORBIDDEN, TOO_LARGE = 403, 413
NO_FILE: Final = "An Upload is a file of a multipart request."
PREFLIGHT_HEADERS: Final = (b"apollo-require-preflight", b"x-requested-with", b"graphql-require-preflight")
OPERATIONS, MAP = "operations", "map"
INDEX_DIGITS_MAX: Final = 6


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one request may bring."""

    file_bytes_max: int = 10 * 1024 * 1024
    files_max: int = 10
    paths_max: int = 50
    """Variables that files are put into: one file may stand in several."""
    text_bytes_max: int = 1024 * 1024
    """`operations`, and `map`."""

    @property
    def body_bytes_max(self) -> int:
        """The whole request."""
        return self.files_max * self.file_bytes_max + self.text_bytes_max


@dataclass(frozen=True, slots=True)
class _File:
    """One part of the form that is a file."""

    name: str
    filename: str | None
    spool: Spool = field(default_factory=Spool)


class Uploads:
    """The files of one request; they are gone when the block ends."""

    def __init__(self, limits: UploadLimits) -> None:
        self._limits = limits
        self._operations: Any = None
        self._paths: Mapping[str, list[str]] | None = None
        self._files: dict[str, _File] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.spool.close()

    async def asked(self, headers: Mapping[bytes, bytes], body: Body) -> Asked:
        """The operation of a form, with its files among the variables.

        Raises:
            Malformed: no header that keeps foreign pages from sending it, no form, or not as the specification says.
        """
        if not any(name in headers for name in PREFLIGHT_HEADERS):
            named = ", ".join(name.decode() for name in PREFLIGHT_HEADERS)
            message = f"A form carries one of these headers, so that no foreign page can send it: {named}."
            raise Malformed(message, status=FORBIDDEN, code="CSRF_PREVENTED")
        await self._receive(headers[b"content-type"], body)
        if self._operations is None or self._paths is None:
            raise Malformed("The form has no operations, or no map.")
        for name, paths in self._paths.items():
            file = self._files.get(name)
            if file is None:
                raise Malformed("The map names a file that did not come.")
            first = UploadedFile.of(file.spool, file.filename)
            for path in paths:
                _put(self._operations, path, first.again())
        return asked_in(self._operations)

    async def _receive(self, content_type: bytes, body: Body) -> None:
        part: str | _File | None = None
        text = bytearray()
        async for event in parts_of(content_type, body, parts_max=2 + self._limits.files_max):
            match event:
                case Begun(name=name) if name in (OPERATIONS, MAP):
                    part, text = name, bytearray()
                case Begun():
                    part = self._file(event)
                case bytes() if isinstance(part, _File):
                    if len(part.spool) + len(event) > self._limits.file_bytes_max:
                        raise _too_large(f"A file has at most {self._limits.file_bytes_max} bytes.")
                    await part.spool.write(event)
                case bytes():
                    text += event
                    if len(text) > self._limits.text_bytes_max:
                        raise _too_large(f"operations and map have at most {self._limits.text_bytes_max} bytes.")
                case Ended() if isinstance(part, _File):
                    await part.spool.finished()
                case Ended():
                    self._told(str(part), bytes(text))

    def _told(self, part: str, text: bytes) -> None:
        """`operations`, which comes first, or `map`, which comes second."""
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Malformed(f"{part} is not JSON.") from None
        if part == OPERATIONS and self._operations is None:
            if not isinstance(value, dict):
                raise Malformed("operations is one JSON object.")
            self._operations = value
        elif part == MAP and self._operations is not None and self._paths is None:
            self._paths = _paths_in(value, self._limits)
        else:
            raise Malformed("A form has operations, then map, each once, and then its files.")

    def _file(self, begun: Begun) -> _File:
        if self._paths is None:
            raise Malformed("A form has operations, then map, and then its files.")
        if begun.name not in self._paths:
            raise Malformed("A file came that the map does not name.")
        if begun.name in self._files:
            raise Malformed("A file came twice.")
        file = self._files[begun.name] = _File(begun.name, begun.filename)
        return file


def refuse_json_as_uploads(schema: GraphQLSchema) -> None:
    """Let the schema's `Upload` take files only: strawberry's own takes whatever it is given."""
    scalar = schema.type_map.get(SCALAR)
    if isinstance(scalar, GraphQLScalarType):
        # Both names are read, the older one by functions of graphql-core that are older as well.
        for name in ("coerce_input_value", "parse_value"):
            setattr(scalar, name, _given)
        scalar.coerce_input_literal = _written


def _given(value: Any) -> Any:
    if isinstance(value, str | int | float | list | dict):
        raise GraphQLError(NO_FILE)
    return value


def _written(_: ConstValueNode) -> Any:
    raise GraphQLError(NO_FILE)


def _paths_in(value: Any, limits: UploadLimits) -> Mapping[str, list[str]]:
    is_map = isinstance(value, dict) and all(
        isinstance(paths, list) and paths and all(isinstance(path, str) for path in paths) for paths in value.values()
    )
    if not is_map:
        raise Malformed("map is an object with a list of paths for each file.")
    if len(value) > limits.files_max:
        raise _too_large(f"A request has at most {limits.files_max} files.")
    if sum(map(len, value.values())) > limits.paths_max:
        raise Malformed(f"map has at most {limits.paths_max} paths.")
    return {str(name): paths for name, paths in value.items()}


def _put(operations: dict[str, Any], path: str, file: UploadedFile) -> None:
    """Put a file where a null stands for it.

    Raises:
        Malformed: nothing or something else stands there.
    """
    *way, last = path.split(".")
    holder: Any = operations if way and way[0] == "variables" else None
    for step in way:
        holder = _found(holder, step)
    if _found(holder, last) is not None or not _has(holder, last):
        raise Malformed("Each path in map leads to a null in the variables.")
    holder[int(last) if isinstance(holder, list) else last] = file


def _found(holder: Any, step: str) -> Any:
    if not _has(holder, step):
        return None
    return holder[int(step) if isinstance(holder, list) else step]


def _has(holder: Any, step: str) -> bool:
    if isinstance(holder, list):
        is_index = step.isascii() and step.isdigit() and len(step) <= INDEX_DIGITS_MAX
        return is_index and int(step) < len(holder)
    return isinstance(holder, dict) and step in holder


def _too_large(message: str) -> Malformed:
    return Malformed(message, status=TOO_LARGE, code="PAYLOAD_TOO_LARGE")
