"""The surroundings of an operation, with what resolvers reach besides the schema's needs."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from db.engine import Database
from resolvers.settings_cache import SettingsCache
from schema.context import Context


@dataclass(kw_only=True)
class ApiContext(Context):
    """Context plus the database that reads go to and what the process remembers of the settings."""

    database: Database
    settings: SettingsCache


Info = strawberry.Info[ApiContext, None]
