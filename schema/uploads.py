"""Files as clients send them, and as they are shown."""

from __future__ import annotations

from typing import Final, Protocol, Self, runtime_checkable

import strawberry
from strawberry.file_uploads import Upload as FileUpload

from domain.uploads import Upload
from schema.access import SIGNED_IN
from schema.fields import Info, query

LINK_SECONDS: Final = 300


@runtime_checkable
class GivenFile(Protocol):
    """A file of a request. `content_type` is what its bytes look like, whatever its sender says."""

    content_type: str

    async def read(self, size: int = -1) -> bytes:
        """The next bytes, or all that are left."""
        ...


def file_of(given: FileUpload) -> GivenFile:
    """What an `Upload` of an input is: the transport lets nothing else through."""
    assert isinstance(given, GivenFile), "an Upload is a file of a form"
    return given


@strawberry.type
class StoredFile:
    """A file that was shown to the market, or is sold on it."""

    key: strawberry.Private[str]

    content_type: str
    """What it is."""
    size_bytes: int
    """How long it is."""

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """Of a file that the caller may see, which was asked before."""
        return cls(key=upload.key, content_type=upload.content_type, size_bytes=upload.size_bytes)

    @query(access=SIGNED_IN)
    async def link(self, info: Info) -> str:
        """An address that reads it for five minutes, whoever has it; one that begins with / is of this API."""
        address: str = await info.context.storage.link(self.key, content_type=self.content_type, seconds=LINK_SECONDS)
        return address
