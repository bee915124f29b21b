"""Where PostgreSQL and Redis are: named by a setting, or those of the `sokoni run` that holds the data folder."""

from __future__ import annotations

from app.config import Settings
from app.embedded.data_folder import find_holder


class NoServers(Exception):
    """Neither named nor running here."""

    def __init__(self) -> None:
        super().__init__(
            "No database: set SOKONI_DATABASE_URL and SOKONI_REDIS_URL, or start `make run` on this data folder first."
        )


def located(settings: Settings) -> Settings:
    """The settings with both addresses filled in.

    Raises:
        NoServers: an address is missing and nothing runs on the data folder.
    """
    if settings.database_url and settings.redis_url:
        return settings
    holder = find_holder(settings.data_dir.absolute())
    if holder is None or not holder.database_url:
        raise NoServers
    found = {
        "database_url": settings.database_url or holder.database_url,
        "redis_url": settings.redis_url or holder.redis_url,
    }
    return settings.model_copy(update=found)


def database_url(settings: Settings) -> str:
    """The address of PostgreSQL.

    Raises:
        NoServers: not named, and nothing runs on the data folder.
    """
    if settings.database_url:
        return settings.database_url
    url = located(settings).database_url
    assert url is not None, "located settings name the database"
    return url


def redis_url(settings: Settings) -> str:
    """The address of Redis.

    Raises:
        NoServers: not named, and nothing runs on the data folder.
    """
    if settings.redis_url:
        return settings.redis_url
    url = located(settings).redis_url
    assert url is not None, "located settings name Redis"
    return url
