"""Why the tree of categories stays as it is."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class CategoryNotFound(NotFound):
    """No such category."""

    def __init__(self) -> None:
        super().__init__("category")


class SlugTaken(Conflict):
    """Another category has this slug."""

    reason = "SLUG_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another category has this slug.")


class CatalogFull(Conflict):
    """As many categories are active as are ever shown at once."""

    reason = "CATALOG_FULL"

    def __init__(self) -> None:
        super().__init__("No further category can be active.")
