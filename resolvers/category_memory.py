"""The categories that a process remembers: there are few, they hardly change, and every listing leads to one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from db.engine import Database
from db.reads.catalog import categories_by_ids
from domain.ids import CategoryId
from schema.catalog import Category

LIFETIME_SECONDS: Final = 60.0
CATEGORIES_MAX: Final = 2_000


class CategoryMemory:
    """One per process. A change is seen at once where it was made or its event arrives, everywhere after a minute."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database, self._monotonic = database, monotonic
        self._known: dict[CategoryId, Category] = {}
        self._known_since = 0.0

    async def by_ids(self, ids: Collection[CategoryId]) -> Mapping[CategoryId, Category]:
        """Those of these that there are, closed ones too; what is not known is read, also when it was not there."""
        known = self._present()
        missing = [id for id in ids if id not in known]
        if not missing:
            return known
        async with self._database.read() as connection:
            read = await categories_by_ids(connection, missing)
        # If they were forgotten meanwhile, this is kept in what nobody asks any more: it may be the old state.
        known.update((id, Category.of(category)) for id, category in read.items())
        return known

    def known(self, id: CategoryId) -> Category | None:
        """The category, if it is in memory."""
        return self._present().get(id)

    def _present(self) -> dict[CategoryId, Category]:
        if self._monotonic() - self._known_since >= LIFETIME_SECONDS or len(self._known) > CATEGORIES_MAX:
            return self.forget()
        return self._known

    def forget(self) -> dict[CategoryId, Category]:
        """Know nothing from now on."""
        self._known, self._known_since = {}, self._monotonic()
        return self._known
