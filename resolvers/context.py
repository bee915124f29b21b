"""The surroundings of an operation, with what resolvers reach besides the schema's needs."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from db.engine import Database
from schema.context import Context


@dataclass(kw_only=True)
class ApiContext(Context):
    """Context plus the database that reads go to and the hub that subscriptions listen at."""

    database: Database


Info = strawberry.Info[ApiContext, None]
