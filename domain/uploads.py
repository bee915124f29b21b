"""Uploads: files that people show to the market, checked by what they are and not by what they are called."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from domain.errors import FieldFault, InvalidInput
from domain.ids import IdKind, UploadId, UserId, encode_id, new_id

FILE_BYTES_MAX: Final = 10 * 1024 * 1024


class UploadPurpose(StrEnum):
    """What a file is for; it decides what it may be."""

    PAYMENT_PROOF = "PAYMENT_PROOF"
    PAYOUT_STATEMENT = "PAYOUT_STATEMENT"
    PRODUCT_FILE = "PRODUCT_FILE"


CONTENT_TYPES: Final = {
    UploadPurpose.PAYMENT_PROOF: ("application/pdf", "image/png", "image/jpeg"),
    UploadPurpose.PAYOUT_STATEMENT: ("text/plain", "text/csv", "text/xml", "application/xml"),
    UploadPurpose.PRODUCT_FILE: (
        "application/pdf",
        "application/epub+zip",
        "application/zip",
        "image/png",
        "image/jpeg",
        "audio/mpeg",
        "video/mp4",
    ),
}


@dataclass(eq=False, kw_only=True)
class Upload:
    """A stored file: whose, what for, and what it is. Nothing in it ever changes."""

    id: UploadId
    owner_id: UserId
    purpose: UploadPurpose
    content_type: str
    size_bytes: int
    sha256: str
    stored_at: datetime

    @property
    def key(self) -> str:
        """Its place in the storage."""
        return key_of(self.id)


def key_of(upload_id: UploadId) -> str:
    """Where the file of an upload lies; an id that nobody guesses, and nothing that its sender chose."""
    return f"uploads/{encode_id(IdKind.UPLOAD, upload_id)}"


def checked_upload(
    content: bytes, *, content_type: str, purpose: UploadPurpose, owner_id: UserId, at: datetime
) -> Upload:
    """A file as it will be stored. `content_type` is what its bytes look like, whatever its sender says.

    Raises:
        InvalidInput: empty, larger than 10 MiB, or of a kind that is not taken for this purpose.
    """
    if not 0 < len(content) <= FILE_BYTES_MAX:
        raise InvalidInput(FieldFault(("file",), f"must have 1 to {FILE_BYTES_MAX} bytes"))
    if content_type not in CONTENT_TYPES[purpose]:
        raise InvalidInput(FieldFault(("file",), f"must be one of {', '.join(CONTENT_TYPES[purpose])}"))
    return Upload(
        id=UploadId(new_id()),
        owner_id=owner_id,
        purpose=purpose,
        content_type=content_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_at=at,
    )


class Uploads(Protocol):
    """What is known of stored files."""

    async def add(self, upload: Upload) -> None:
        """Keep a new one; its file is stored already."""
        ...

    async def stored_since(self, owner_id: UserId, since: datetime, *, purpose: UploadPurpose) -> int:
        """How many of a person's files for this purpose were stored after this instant."""
        ...


class Storage(Protocol):
    """Where files lie. Asked outside every transaction: it may be on a network."""

    async def put(self, key: str, content: bytes, *, content_type: str) -> None:
        """Keep a file; the same key again takes its place.

        Raises:
            GatewayFault: it was not kept, or nobody knows.
        """
        ...

    async def link(self, key: str, *, content_type: str, seconds: int) -> str:
        """An address at which whoever has it may read the file, for so many seconds. Made without asking anybody."""
        ...
