"""Changed settings, live."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from db.reads.settings import all_flags, all_settings
from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.plain import from_plain
from domain.settings import events as domain
from domain.settings.platform_settings import SETTINGS
from realtime.channels import SETTINGS as STREAM
from realtime.envelope import Envelope
from resolvers.context import Info
from resolvers.settings_cache import RememberedSettings
from resolvers.streams import live_source, personal
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.scalars import StreamCursor
from schema.settings import FeatureFlag, Setting
from schema.settings_events import SettingsSnapshot, SettingsStreamItem, SettingsUpdated
from schema.streams import EventHead, StreamPlace


@strawberry.type
class SettingsSubscription:
    """What is told live about settings."""

    @subscription(access=SIGNED_IN)
    async def settings_events(
        self, info: Info, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[SettingsStreamItem]:
        """Changed settings, flags, categories and exchange rates. The present state comes first unless you resume."""
        actor = info.context.actor

        def show(state: RememberedSettings, place: StreamPlace) -> SettingsSnapshot:
            return SettingsSnapshot(
                settings=[Setting.of(setting) for key, setting in state.settings.items() if may_read(actor, key)],
                feature_flags=[FeatureFlag.of(flag, viewer=actor) for flag in state.flags],
                **place,
            )

        def tell(envelope: Envelope, head: EventHead) -> SettingsUpdated:
            return SettingsUpdated(**head, keys=readable_keys(actor, envelope))

        return live_source(
            info.context,
            STREAM,
            viewer=personal(actor),
            after=after,
            snapshot=read_settings if snapshot else None,
            show=show,
            tell=tell,
            is_wanted=lambda envelope: bool(readable_keys(actor, envelope)),
        )


async def read_settings(connection: Connection) -> RememberedSettings:
    """All there is, past what this process remembers: the snapshot must not be older than its cursor."""
    return RememberedSettings(await all_settings(connection), tuple(await all_flags(connection)))


def readable_keys(actor: Actor, envelope: Envelope) -> list[str]:
    """The changed keys that this person may know of."""
    event: domain.SettingsUpdated = from_plain(domain.SettingsUpdated, envelope.body)
    return [key for key in event.keys if may_read(actor, key)]


def may_read(actor: Actor, key: str) -> bool:
    """Whether a person may read what a key names; only settings can be private."""
    return key not in SETTINGS or SETTINGS[key].is_public or actor.may(Permission.SETTINGS_READ)
