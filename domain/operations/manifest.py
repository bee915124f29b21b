"""The files that clients' build tools write: Apollo's list, and the maps of Relay and of graphql-codegen.

Apollo: https://www.apollographql.com/docs/graphos/platform/security/persisted-queries.
Relay's `persistConfig.file` maps MD5 to text; graphql-codegen's client preset maps SHA-1, SHA-256 or `sha256:` to text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput

APOLLO_FORMAT: Final = "apollo-persisted-query-manifest"
APOLLO_VERSION: Final = 1
MANIFEST_MAX: Final = 500
ID_PREFIX: Final = "sha256:"

# MD5 and SHA-1 are not trusted with anything: they are names, and what a name leads to was checked when it was taken.
_BY_LENGTH: Final[Mapping[int, Callable[[bytes], str]]] = {
    32: lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    40: lambda text: hashlib.sha1(text, usedforsecurity=False).hexdigest(),
    64: lambda text: hashlib.sha256(text).hexdigest(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One operation as the manifest has it; name and type only where its form has them."""

    id: str
    body: str
    name: str | None = None
    type: str | None = None

    @property
    def is_text(self) -> bool:
        """Whether storage takes it: no NUL, which comments and strings may hold, and no half of a surrogate pair."""
        return "\0" not in self.body and not any("\ud800" <= sign <= "\udfff" for sign in self.body)

    @property
    def document_id(self) -> str:
        """Our own id of the text (GraphQL over HTTP, appendix A)."""
        return f"{ID_PREFIX}{hashlib.sha256(self.body.encode()).hexdigest()}"

    @property
    def is_named_rightly(self) -> bool:
        """Whether the id is a digest of the text, of the kind that its length says."""
        digest = self.id.removeprefix(ID_PREFIX)
        if digest != self.id and f"{ID_PREFIX}{digest}" == self.document_id:
            return True
        reckon = _BY_LENGTH.get(len(self.id))
        return reckon is not None and reckon(self.body.encode()) == self.id

    @property
    def alias(self) -> str | None:
        """The id to remember besides our own: another digest than SHA-256, whose bare form is always understood."""
        return self.id if len(self.id) in (32, 40) else None


def read_manifest(manifest: object) -> tuple[ManifestEntry, ...]:
    """The operations of a manifest, whichever of the three forms it has.

    Raises:
        InvalidInput: none of the forms, empty, or with more than 500 operations.
    """
    match manifest:
        case {"format": format_, "version": version, "operations": list(operations)}:
            if format_ != APOLLO_FORMAT or version != APOLLO_VERSION:
                raise _faulty(f"must have the format {APOLLO_FORMAT!r} in version {APOLLO_VERSION}")
            entries = tuple(map(_apollo, operations))
        case dict() if "operations" not in manifest:
            entries = tuple(_mapped(id_, text) for id_, text in manifest.items())
        case _:
            raise _faulty("must be a manifest of Apollo, Relay or graphql-codegen")
    if not 1 <= len(entries) <= MANIFEST_MAX:
        raise _faulty(f"must have 1 to {MANIFEST_MAX} operations")
    return entries


def _apollo(operation: object) -> ManifestEntry:
    match operation:
        case {"id": str(id_), "name": str(name), "type": str(type_), "body": str(body)}:
            return ManifestEntry(id=id_, body=body, name=name, type=type_)
    raise _faulty("must have operations with id, name, type and body, each a string")


def _mapped(id_: object, text: object) -> ManifestEntry:
    if not isinstance(id_, str) or not isinstance(text, str):
        raise _faulty("must map ids to texts")
    return ManifestEntry(id=id_, body=text)


def _faulty(message: str) -> InvalidInput:
    return InvalidInput(FieldFault(("manifest",), message))
