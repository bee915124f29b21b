"""Files that came with a request: kept until it is answered, and read by whoever was given one."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from typing import IO, Any, Final, TypeVar

from transport.content_type import HEAD_BYTES, sniffed

MEMORY_BYTES_MAX: Final = 1024 * 1024

A = TypeVar("A")


class Spool:
    """The bytes of one file: in memory while they are few, else in a temporary file that has no name."""

    __slots__ = ("_buffer", "_file", "_is_closed", "_under_way", "_written", "head")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._file: IO[bytes] | None = None
        self._written = 0
        self._under_way: set[asyncio.Future[Any]] = set()
        self._is_closed = False
        self.head = b""

    def __len__(self) -> int:
        return self._written + len(self._buffer)

    async def write(self, content: bytes) -> None:
        """Append."""
        if len(self.head) < HEAD_BYTES:
            self.head += content[: HEAD_BYTES - len(self.head)]
        self._buffer += content
        if len(self._buffer) > MEMORY_BYTES_MAX:
            await self._flushed()

    async def finished(self) -> None:
        """Nothing is appended any more."""
        if self._file is not None:
            await self._flushed()

    async def read(self, size: int, *, at: int) -> bytes:
        """As many as `size` bytes that stand behind the first `at`.

        Raises:
            ValueError: the request is over and its files are gone.
        """
        if self._is_closed:
            raise ValueError("The file is gone: it is kept until its request is answered.")
        if self._file is None:
            return bytes(self._buffer[at : at + size])
        descriptor = self._file.fileno()
        return await self._in_thread(lambda: os.pread(descriptor, size, at))

    def close(self) -> None:
        """Give back memory and disk, as soon as no thread is at it."""
        self._is_closed = True
        self._buffer = bytearray()
        self._close_when_unused()

    async def _flushed(self) -> None:
        if self._file is None:
            self._file = await asyncio.to_thread(_temporary_file)
        content, self._buffer, file = bytes(self._buffer), bytearray(), self._file
        self._written += len(content)
        await self._in_thread(lambda: _write_all(file, content))

    async def _in_thread(self, call: Callable[[], A]) -> A:
        """A thread cannot be stopped, so whoever stops waiting for it leaves the file open until it is done."""
        running = asyncio.ensure_future(asyncio.to_thread(call))
        self._under_way.add(running)
        running.add_done_callback(self._done)
        return await asyncio.shield(running)

    def _done(self, running: asyncio.Future[Any]) -> None:
        self._under_way.discard(running)
        if self._is_closed:
            self._close_when_unused()

    def _close_when_unused(self) -> None:
        if self._file is not None and not self._under_way:
            self._file.close()
            self._file = None


class UploadedFile:
    """What a resolver gets for an `Upload`. Whoever has one reads from its beginning, whoever else has the same file.

    It can be read until its request is answered.
    """

    __slots__ = ("_position", "_spool", "content_type", "filename", "size")

    def __init__(self, spool: Spool, *, filename: str | None, content_type: str) -> None:
        self._spool, self._position = spool, 0
        self.filename = filename
        """As its sender calls it, without folders: to be shown, and never to be trusted as a path."""
        self.content_type = content_type
        """What its bytes look like, whatever the sender says."""
        self.size = len(spool)

    @classmethod
    def of(cls, spool: Spool, filename: str | None) -> UploadedFile:
        """One more reader of a file that is all here."""
        return cls(spool, filename=_without_folders(filename), content_type=sniffed(spool.head))

    def again(self) -> UploadedFile:
        """Another reader of the same file."""
        return UploadedFile(self._spool, filename=self.filename, content_type=self.content_type)

    async def read(self, size: int = -1) -> bytes:
        """The next bytes, as many as `size`, or all that are left; none at the end."""
        left = self.size - self._position
        content = await self._spool.read(left if size < 0 else min(size, left), at=self._position)
        self._position += len(content)
        return content

    def seek(self, position: int) -> None:
        """Read on from there."""
        self._position = max(0, min(position, self.size))


def _temporary_file() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # its spool closes it


def _write_all(file: IO[bytes], content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _without_folders(filename: str | None) -> str | None:
    if filename is None:
        return None
    return "".join(character for character in filename.replace("\\", "/").rpartition("/")[2] if character.isprintable())
