"""Personal data is masked by default; the owner sees it, others reveal it with a reason that is audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import strawberry
from strawberry.schema_directive import Location

from domain.ids import UserId
from schema.context import Context

_DIGITS_SHOWN: Final = 3


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="pii",
    description="Personal data: masked unless it is your own; piiReveal shows it to those who may, with a reason.",
)
class PiiDirective:
    """The printed form of `masked`."""


@strawberry.type
class MaskedString:
    """Personal data, in the clear only for its owner."""

    masked: str
    """The text, with what identifies the person blotted out unless it is your own."""
    is_masked: bool
    """Whether anything is blotted out."""


def mask_phone(phone: str) -> str:
    """Keep the country's beginning and the last three digits."""
    return phone[:4] + "•" * max(0, len(phone) - 4 - _DIGITS_SHOWN) + phone[-_DIGITS_SHOWN:]


def mask_email(email: str) -> str:
    """Keep the first letter and the domain."""
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


def masked(mask: Callable[[str], str], *, of: str, owner: str) -> Any:
    """A field that shows attribute `of` masked by `mask`, and in the clear to the person in attribute `owner`."""

    def resolve(root: Any, info: strawberry.Info[Context, None]) -> MaskedString | None:
        clear: str | None = getattr(root, of)
        if clear is None:
            return None
        owner_id: UserId = getattr(root, owner)
        is_own = info.context.actor.user == owner_id
        return MaskedString(masked=clear if is_own else mask(clear), is_masked=not is_own)

    return strawberry.field(resolver=resolve, directives=[PiiDirective()])
