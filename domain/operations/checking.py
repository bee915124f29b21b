"""A manifest is looked through whole before anything of it is kept, so that all its faults are told together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.operations.errors import FaultyDocument, ManifestRefused, OperationFault, OperationFaultKind
from domain.operations.manifest import ManifestEntry, read_manifest
from domain.operations.ports import CheckedDocument, DocumentChecker


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An operation of a manifest that may be registered."""

    entry: ManifestEntry
    document: CheckedDocument

    @property
    def name(self) -> str:
        """Its name, which was asked for."""
        assert self.document.name is not None, "an operation without a name is a fault"
        return self.document.name


async def check_manifest(manifest: object, *, checker: DocumentChecker) -> tuple[CheckedEntry, ...]:
    """Every operation of a manifest, checked. To be done before a unit of work is opened, for it takes its time.

    Raises:
        InvalidInput: it is no manifest.
        ManifestRefused: with the faults of all its operations.
    """
    good: list[CheckedEntry] = []
    faults: list[OperationFault] = []
    for entry in read_manifest(manifest):
        if not entry.is_text:
            faults.append(fault_of(entry, OperationFaultKind.SYNTAX, "The text has characters that no text has."))
            continue
        if not entry.is_named_rightly:
            faults.append(fault_of(entry, OperationFaultKind.ID_MISMATCH, "The id is not the digest of the text."))
        try:
            checked = CheckedEntry(entry, await checker.check(entry.body))
        except FaultyDocument as faulty:
            faults.append(fault_of(entry, faulty.kind, str(faulty)))
            continue
        faults += _mismatches(checked)
        good.append(checked)
    if faults:
        raise ManifestRefused(faults)
    return tuple(good)


def fault_of(entry: ManifestEntry, kind: OperationFaultKind, message: str) -> OperationFault:
    """A fault as the one who wrote the manifest finds it."""
    return OperationFault(kind=kind, operation_id=entry.id, name=entry.name, message=message)


def _mismatches(checked: CheckedEntry) -> Iterator[OperationFault]:
    entry, document = checked.entry, checked.document
    if document.name is None:
        yield fault_of(entry, OperationFaultKind.NAME_MISSING, "The operation has no name.")
    elif entry.name is not None and entry.name != document.name:
        told = f"The operation of the text is named {document.name}."
        yield fault_of(entry, OperationFaultKind.NAME_MISMATCH, told)
    if entry.type is not None and entry.type.upper() != document.kind:
        told = f"The operation of the text is a {document.kind.value.lower()}."
        yield fault_of(entry, OperationFaultKind.TYPE_MISMATCH, told)
