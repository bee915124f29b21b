"""Why a manifest is not taken, or an operation stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Conflict, DomainError, ErrorCode, NotFound


class OperationFaultKind(StrEnum):
    """What is wrong with one operation of a manifest."""

    ID_MISMATCH = "ID_MISMATCH"
    """Its id is not the digest of its text: SHA-256, SHA-1 or MD5 in hexadecimal digits."""
    SYNTAX = "SYNTAX"
    """It is not GraphQL."""
    VALIDATION = "VALIDATION"
    """It is not valid for the schema."""
    LIMIT = "LIMIT"
    """It is larger, or costs more, than an operation may."""
    SEVERAL_OPERATIONS = "SEVERAL_OPERATIONS"
    """Its text has more than one operation, or none."""
    NAME_MISSING = "NAME_MISSING"
    """The operation has no name, by which it is found in lists and logs."""
    NAME_MISMATCH = "NAME_MISMATCH"
    """The manifest names it otherwise than its text."""
    TYPE_MISMATCH = "TYPE_MISMATCH"
    """The manifest says query, mutation or subscription otherwise than its text."""
    RETIRED = "RETIRED"
    """It was retired; operationActivate lets it run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFault:
    """One faulty operation, by the id and the name that the manifest has for it."""

    kind: OperationFaultKind
    operation_id: str
    name: str | None
    message: str


class FaultyDocument(Exception):
    """What a checker of documents found; not a refusal yet, for a manifest may have more."""

    def __init__(self, kind: OperationFaultKind, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class ManifestRefused(DomainError):
    """At least one operation is faulty, and nothing of the manifest was kept."""

    code = ErrorCode.VALIDATION_ERROR
    reason = "MANIFEST_REFUSED"

    def __init__(self, faults: Sequence[OperationFault]) -> None:
        assert faults, "a refused manifest has a fault"
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.name or fault.operation_id}: {fault.message}" for fault in faults))


class OperationNotFound(NotFound):
    """No such operation for this caller."""

    def __init__(self) -> None:
        super().__init__("operation")


class OperationAlreadyActive(Conflict):
    """It runs already."""

    reason = "ALREADY_ACTIVE"

    def __init__(self) -> None:
        super().__init__("This operation is active already.")


class OperationAlreadyRetired(Conflict):
    """It runs no more already."""

    reason = "ALREADY_RETIRED"

    def __init__(self) -> None:
        super().__init__("This operation was retired already.")


class OperationInUse(Conflict):
    """Somebody's program ran it lately and would stop working."""

    reason = "OPERATION_IN_USE"

    def __init__(self) -> None:
        super().__init__("This operation ran within the last 30 days; say evenIfUsed when you know.")


class TooManyOperations(Conflict):
    """As many are registered for one owner as every process can remember."""

    reason = "TOO_MANY_OPERATIONS"

    def __init__(self) -> None:
        super().__init__("No further operation can be registered for this owner; retire some first.")
