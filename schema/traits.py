"""What a field says of itself to whoever serves it: what it costs, and how long its answer may be kept by anybody."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Final

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What the field costs beside what is selected below it, where that is not 1; and the argument that is a"
    " list of which it has an item for each.",
)
class CostDirective:
    """The printed form of a weight."""

    weight: int | None = strawberry.UNSET
    """What one of it costs itself."""
    sized_by: str | None = strawberry.UNSET
    """The name of the argument that is a list."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cached",
    description="The answer is the same for everybody, and may be kept for so many seconds.",
)
class CachedDirective:
    """The printed form of a lifetime."""

    seconds: int
    """From when it was given."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Read by the transport from a field's metadata."""

    weight: int | None = None
    """What it costs itself; 1 for a field whose type has fields and 0 for one without where nothing is said."""
    sized_by: str | None = None
    """The argument that is a list of which it has an item for each."""
    cached_for: timedelta | None = None
    """How long anybody may keep the answer, which is the same for all callers."""
    same_for_all: bool | None = None
    """Whether the answer is the same for all who ask at the same moment; nobody may keep it."""

    @property
    def metadata(self) -> dict[str, Any]:
        """What is said of it."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value is not None}

    @property
    def directives(self) -> list[object]:
        """For the SDL."""
        found: list[object] = []
        if self.weight is not None or self.sized_by is not None:
            cost = {name: value for name, value in self.metadata.items() if name in ("weight", "sized_by")}
            found.append(CostDirective(**cost))
        if self.cached_for is not None:
            found.append(CachedDirective(seconds=int(self.cached_for.total_seconds())))
        return found


UNSAID: Final = Traits()
