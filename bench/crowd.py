"""People, listings and money by the thousand: what the comparison and the seed's load find in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from app.keys import found_key
from app.wiring import Wiring, wired
from bench.house import House
from bench.people import Person
from db.engine import Connection, open_database
from domain.identity.access import AccessClaims
from domain.identity.actor import Actor
from domain.identity.address import parse_address
from domain.identity.session import Device, DevicePlatform
from domain.identity.signing_in import start_session
from domain.identity.user import User
from domain.ids import IdKind, ListingId, encode_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from domain.registration import register

PEOPLE: Final = 1_000
LISTINGS: Final = 10_000
# People whose wallets have a statement longer than a page.
WITH_STATEMENTS: Final = 100
STATEMENT_LINES: Final = 24
BATCH: Final = 50

FUND: Final = text(
    """
    do $$ declare w record; begin
        for w in select account_path from wallets where asset = 'KES' loop
            perform ledger_post(
                gen_random_uuid(), 'bench-grant:' || w.account_path, 'ADJUSTMENT', '', null, now(),
                array['platform:adjustments:KES', w.account_path],
                '{HOUSE,WALLET}', '{KES,KES}', '{1}', '{2}', '{1000000000}');
        end loop;
    end $$
    """
)
PAY_AROUND: Final = text(
    """
    select count(ledger_post(
        gen_random_uuid(), 'bench:' || payer || ':' || line, 'PERSON_TO_PERSON', '', 'For lunch', now(),
        array[least(payer, payee), greatest(payer, payee)], '{WALLET,WALLET}', '{KES,KES}',
        array[case when payer < payee then 1 else 2 end], array[case when payer < payee then 2 else 1 end],
        array[line * 100::bigint]))
    from unnest(cast(:payers as text[]), cast(:payees as text[])) pair (payer, payee), generate_series(1, :lines) line
    """
)
OFFER: Final = text(
    """
    insert into listings (id, seller_id, title, description, price_minor, price_asset, category_id, city, status,
        expires_at, flags_count, flags_since_approval, risk_score, version, submitted_at, created_at, updated_at)
    select gen_random_uuid(), sellers.ids[1 + (number * 7919) % cardinality(sellers.ids)], l.title, l.description,
        l.price_minor + number * 100, l.price_asset, l.category_id, l.city, 'ACTIVE', now() + interval '20 days',
        0, 0, 0, 2, at, at, at
    from (select array_agg(id order by id) as ids from users) sellers,
        (select *, row_number() over (order by id) as place, count(*) over () as all from listings
            where status = 'ACTIVE') l
        join generate_series(1, :count) number on number % l.all + 1 = l.place,
        lateral (select now() - number * interval '1 minute' as at) made
    """
)
NEWEST: Final = text("select id from listings where status = 'ACTIVE' order by created_at desc, id desc limit :count")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a session; tokens are signed from its claims, for they last a quarter of an hour only."""

    user: User
    claims: AccessClaims


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who there is and what they may look at."""

    house: House
    members: Sequence[Member]
    listing_ids: Sequence[ListingId]

    async def people(self, count: int) -> list[Person]:
        """The first so many, with fresh tokens."""
        async with wired(self.house.settings, application_name="sokoni bench") as wiring:
            await found_key(wiring)
            return [
                Person(
                    user_id=encode_id(IdKind.USER, member.user.id),
                    wallet_id=encode_id(IdKind.WALLET, wallet_id_of(member.user.id, Asset.KES)),
                    token=await wiring.gateways.tokens.issue(member.claims),
                )
                for member in self.members[:count]
            ]


async def gathered(house: House) -> Crowd:
    """Bring everybody in, give them money, and fill the market."""
    async with wired(house.settings, application_name="sokoni bench") as wiring:
        members: list[Member] = []
        for start in range(0, PEOPLE, BATCH):
            members += await _newcomers(wiring, range(start, start + BATCH))
    database = open_database(house.database_url)
    async with database.read() as connection:
        await connection.execute(FUND)
        await _pay_around(connection, members[:WITH_STATEMENTS])
        await connection.execute(OFFER, {"count": LISTINGS})
        await connection.execute(text("vacuum analyze"))
        listing_ids = list(await connection.scalars(NEWEST, {"count": LISTINGS}))
    await database.close()
    return Crowd(house, members, listing_ids)


async def _newcomers(wiring: Wiring, numbers: range) -> list[Member]:
    device = Device.checked(fingerprint=secrets.token_hex(16), name="bench", platform=DevicePlatform.OTHER)
    members: list[Member] = []
    async with wiring.unit_of_work(Actor.system(), operation="bench", request_id="bench") as uow:
        for number in numbers:
            address = parse_address(f"crowd{number}@demo.sokoni.example", phone_numbers=wiring.gateways.phone_numbers)
            user = await register(uow, address=address)
            signed_in = await start_session(uow, user=user, device=device, gateways=wiring.gateways)
            members.append(Member(user, signed_in.claims))
    return members


async def _pay_around(connection: Connection, members: Sequence[Member]) -> None:
    """Everybody pays the next one, so that all have lines of both kinds."""
    paths = [f"user:{member.user.id}:wallet:KES" for member in members]
    given = {"payers": paths, "payees": [*paths[1:], paths[0]], "lines": STATEMENT_LINES}
    await connection.execute(PAY_AROUND, given)
