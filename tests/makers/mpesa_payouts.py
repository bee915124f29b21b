"""Payouts by M-Pesa on a test's database: the real adapter, a Daraja-shaped server, and an address to call back at."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web
from sqlalchemy import Row, func, select, update

from db.mpesa_inbox import ArrivedPayoutCallback, MpesaInbox
from db.reads.payouts import payout_by_id, standing_pauses
from db.tables.identity import users
from db.tables.ledger import ledger_transfers
from db.tables.mpesa import mpesa_callbacks
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import UserId
from domain.ledger.codes import TransferCode
from domain.money import Money
from domain.payouts.callback import PayoutCallbackKind, payout_of
from domain.payouts.payout import Payout
from domain.payouts.ports import CallbackReader, PayoutSender
from domain.payouts.rail_pause import RailPause
from domain.payouts.state import PayoutRail, PayoutState
from integrations.mpesa.b2c import MpesaPayouts
from integrations.mpesa.b2c_account import B2cAccount
from integrations.mpesa.daraja_http import DarajaHttp
from integrations.outbound_http import OutboundHttp
from integrations.sandbox.daraja_payout_bodies import PhonePayment, result_of
from integrations.sandbox.daraja_payouts import PayoutBehaviour, PayoutDesk
from jobs.parts import Parts
from jobs.send_payouts import ask_payouts, send_payouts
from jobs.take_in_payout_callbacks import take_in_payout_callbacks
from tests.commands import Commands
from tests.daraja import PATIENCE, Daraja, make_account, running_daraja, sandbox_key, serving
from tests.makers.conversion import observe
from tests.makers.payouts import approve, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.wallets import kes, verified, wallet

PHONE: Final = "+254708374149"
RICH: Final = kes(1_000_000)
WAGE: Final = kes(129_300)
INITIATOR, PASSWORD, SHORT_CODE = "api-operator", "operator-password", "600000"


def make_payer(folder: Path, *, password: str = PASSWORD) -> B2cAccount:
    """The account that the server knows, with the server's certificate in a file."""
    certificate = folder / "daraja.pem"
    certificate.write_bytes(sandbox_key().certificate)
    return B2cAccount(short_code=SHORT_CODE, initiator=INITIATOR, password=password, certificate=certificate)


def make_mpesa_payouts(
    daraja: Daraja, payer: B2cAccount, commands: Commands, gateways: Gateways, *, callback_url: str
) -> MpesaPayouts:
    """The real adapter, which loses its patience after half a second."""
    account = make_account(daraja.url, callback_url=callback_url)
    http = OutboundHttp("mpesa", timeout=PATIENCE, attempts=1)
    return MpesaPayouts(
        account, payer, daraja=DarajaHttp(account, clock=commands.clock, http=http), secrets=gateways.secrets
    )


@dataclass
class PayDesk:
    """A market that pays by M-Pesa, at the time of its commands."""

    commands: Commands
    gateways: Gateways
    parts: Parts
    daraja: Daraja
    desk: PayoutDesk
    adapter: MpesaPayouts
    inbox: MpesaInbox
    clerk: Actor

    async def payee(self, *, phone: str | None = PHONE) -> Actor:
        """Somebody with ten thousand shillings who signs in by this phone."""
        payee = await make_payee(self.commands, RICH)
        await self.give_phone(payee.user_id, phone)
        return payee

    async def give_phone(self, user_id: UserId, phone: str | None) -> None:
        """Their own from now on."""
        async with self.commands.database.transaction() as connection:
            await connection.execute(
                update(users).where(users.c.id == user_id).values(phone=phone, email=f"{user_id}@b.example")
            )

    async def ask(self, payee: Actor, amount: Money = WAGE, *, destination: str | None = None) -> Payout:
        """A payout that waits for finance."""
        return await make_payout(
            self.commands, self.gateways, payee, amount, rail=PayoutRail.MPESA, destination=destination
        )

    async def approved(self, payee: Actor, amount: Money = WAGE) -> Payout:
        """A payout that is to be sent."""
        return await approve(self.commands, self.clerk, await self.ask(payee, amount))

    async def send(self, rail: PayoutSender | None = None) -> None:
        """The job runs."""
        await send_payouts(self.job_parts(rail))

    async def take_in(self) -> None:
        """The job runs."""
        await take_in_payout_callbacks(self.job_parts())

    async def ask_daraja(self, rail: PayoutSender | None = None) -> None:
        """The job runs, and what it had called back is taken in."""
        await ask_payouts(self.job_parts(rail))
        await self.heard()

    async def heard(self) -> None:
        """What the sandbox calls back by itself has arrived and is taken in."""
        await self.desk.answered()
        await self.take_in()

    async def called_back(self) -> None:
        """The sandbox has called back by itself, whether it answered or not."""
        for _ in range(300):
            if self.desk.payments and self.payment.callback_statuses:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody called back")

    async def call_back(self, payment: PhonePayment, **said: Any) -> bool:
        """Daraja calls back, with these values of the parameters changed; answers whether the token is known."""
        body = result_of(payment)
        for item in body["Result"].get("ResultParameters", {}).get("ResultParameter", ()):
            item.update({"Value": said[item["Key"]]} if item["Key"] in said else {})
        body["Result"] |= {name: value for name, value in said.items() if name in body["Result"]}
        token = str(payment.body["ResultURL"]).rsplit("/", 2)[1]
        return await self.arrive(token, PayoutCallbackKind.RESULT, orjson.dumps(body))

    async def arrive(self, token: str, kind: PayoutCallbackKind, body: bytes) -> bool:
        """Something comes to the address of a token."""
        payout_id = payout_of(token, self.gateways.secrets)
        if payout_id is None:
            return False
        arrived = ArrivedPayoutCallback(
            payout_id=payout_id,
            kind=kind,
            body=body,
            source="196.201.214.200",
            request_id="req-callback",
            at=self.commands.now,
        )
        return await self.inbox.keep_for_payout(arrived)

    @property
    def payment(self) -> PhonePayment:
        """The only payment there is."""
        (payment,) = self.desk.payments.values()
        return payment

    def later(self, **step: float) -> None:
        """Time goes by."""
        self.commands.later(timedelta(**step))

    async def payout(self, payout: Payout) -> Payout:
        """As it stands."""
        async with self.commands.database.read() as connection:
            found = await payout_by_id(connection, payout.id)
        assert found is not None
        return found

    async def state(self, payout: Payout) -> PayoutState:
        """Where it stands."""
        return (await self.payout(payout)).state

    async def pause(self) -> RailPause | None:
        """Why nothing is sent."""
        async with self.commands.database.read() as connection:
            found = await standing_pauses(connection, at=self.commands.now)
        return found[0] if found else None

    async def callbacks(self) -> list[Row[Any]]:
        """What came, in order."""
        rows = select(mpesa_callbacks).order_by(mpesa_callbacks.c.received_at, mpesa_callbacks.c.id)
        async with self.commands.database.read() as connection:
            return list(await connection.execute(rows))

    async def require_paid_once(self, payee: Actor, payout: Payout) -> None:
        """It left the wallet by one booking, and the phone was paid once."""
        assert await self.state(payout) is PayoutState.PAID
        after = await wallet(self.commands, payee)
        assert (after.balance, after.held) == (RICH - WAGE, kes(0))
        assert await self._bookings() == 1
        assert [one.code for one in self.desk.payments.values()] == ["0"]
        assert (await verified(self.commands)).is_sound

    async def require_given_back(self, payee: Actor, payout: Payout) -> None:
        """The money is the owner's again, and nothing was booked."""
        assert await self.state(payout) is PayoutState.FAILED
        after = await wallet(self.commands, payee)
        assert (after.balance, after.held) == (RICH, kes(0))
        assert await self._bookings() == 0

    async def require_held(self, payee: Actor, payout: Payout, state: PayoutState) -> None:
        """Nobody knows, so nothing moved and nothing is available."""
        assert await self.state(payout) is state
        after = await wallet(self.commands, payee)
        assert (after.balance, after.held) == (RICH, WAGE)
        assert await self._bookings() == 0

    async def _bookings(self) -> int:
        paid = select(func.count()).select_from(ledger_transfers).where(ledger_transfers.c.code == TransferCode.PAYOUT)
        async with self.commands.database.read() as connection:
            return (await connection.execute(paid)).scalar_one()

    def job_parts(self, rail: PayoutSender | None = None) -> Parts:
        """What its jobs reach."""
        reader: CallbackReader = self.adapter
        return dataclasses.replace(
            self.parts,
            sealer=self.gateways.sealer,
            payout_senders={PayoutRail.MPESA: rail or self.adapter},
            payout_callbacks=reader,
        )


@asynccontextmanager
async def open_pay_desk(commands: Commands, gateways: Gateways, parts: Parts, folder: Path) -> AsyncIterator[PayDesk]:
    """Everything real but the money: payments are made at once and told unless a test says otherwise."""
    inbox = MpesaInbox(commands.database)

    async def arrive(request: web.Request) -> web.Response:
        kind = PayoutCallbackKind[request.match_info["kind"].upper()]
        is_known = await desk.arrive(request.match_info["token"], kind, await request.read())
        return web.json_response({"ResultCode": 0, "ResultDesc": "Accepted"}, status=200 if is_known else 404)

    application = web.Application()
    application.router.add_post("/callbacks/b2c/{token}/{kind}", arrive)
    async with serving(application) as callback_url, running_daraja(commands.clock) as daraja:
        assert daraja.server.payouts is not None
        daraja.server.payouts.usual = PayoutBehaviour(after_seconds=0)
        adapter = make_mpesa_payouts(daraja, make_payer(folder), commands, gateways, callback_url=callback_url)
        await observe(commands)
        clerk = await make_person(commands, Role.FINANCE)
        desk = PayDesk(commands, gateways, parts, daraja, daraja.server.payouts, adapter, inbox, clerk)
        yield desk
