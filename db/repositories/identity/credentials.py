"""PINs, device keys, and the keys of access tokens."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.advisory_lock import take_turn
from db.tables.identity import device_keys, signing_keys
from db.transaction import Transaction
from domain.identity.device_key import DeviceKey
from domain.identity.pin import Pin
from domain.identity.signing_key import SigningKey
from domain.identity.totp import Totp
from domain.ids import DeviceKeyId, UserId


class SqlPins:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_for_update(self, user_id: UserId) -> Pin | None:
        return await self._session.get(Pin, user_id, with_for_update=True, populate_existing=True)

    async def add(self, pin: Pin) -> None:
        self._session.add(pin)


class SqlTotps:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_for_update(self, user_id: UserId) -> Totp | None:
        return await self._session.get(Totp, user_id, with_for_update=True, populate_existing=True)

    async def add(self, totp: Totp) -> None:
        self._session.add(totp)

    async def remove(self, totp: Totp) -> None:
        await self._session.delete(totp)


class SqlDeviceKeys:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, key_id: DeviceKeyId) -> DeviceKey | None:
        return await self._session.get(DeviceKey, key_id)

    async def find_for_update(self, key_id: DeviceKeyId) -> DeviceKey | None:
        return await self._session.get(DeviceKey, key_id, with_for_update=True, populate_existing=True)

    async def of_person(self, user_id: UserId) -> list[DeviceKey]:
        theirs = select(DeviceKey).where(device_keys.c.user_id == user_id).order_by(device_keys.c.id).with_for_update()
        return list(await self._session.scalars(theirs))

    async def add(self, key: DeviceKey) -> None:
        self._session.add(key)

    async def remove(self, key: DeviceKey) -> None:
        await self._session.delete(key)
        # Written at once: within one flush a key that takes this one's place would be inserted first.
        await self._session.flush()


class SqlSigningKeys:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction, self._session = transaction, transaction.session

    async def find_signing(self) -> SigningKey | None:
        await take_turn(self._transaction, "signing-keys")
        return await self._session.scalar(select(SigningKey).where(signing_keys.c.retired_at.is_(None)))

    async def add(self, key: SigningKey) -> None:
        await self._session.flush()  # the one that retires makes room first
        self._session.add(key)
