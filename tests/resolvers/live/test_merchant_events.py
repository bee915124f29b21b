"""A merchant hears that it will be paid elsewhere, and that it may not sell; nobody else listens."""

from __future__ import annotations

from domain.gateways import Gateways
from domain.merchants.chain_address import SettlementNetwork
from domain.merchants.onboarding import suspend_merchant
from domain.merchants.settling_at import cancel_settlement_address, set_settlement_address
from tests.commands import Commands
from tests.makers.orders import make_merchant
from tests.makers.payouts import make_payee
from tests.makers.wallets import make_holder
from tests.resolvers.live.listening import HEAD, LiveApi

LISTEN = f"""
subscription($merchantId: ID!) {{ merchantEvents(merchantId: $merchantId) {{
    __typename
    ... on MerchantSnapshot {{ merchant {{ status }} }}
    ... on MerchantUpdated {{ {HEAD} status }}
    ... on SettlementAddressUpdated {{ {HEAD} network address state inForceAt }} }} }}
"""
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


async def test_its_owner_hears_where_it_is_paid(commands: Commands, gateways: Gateways, live: LiveApi) -> None:
    seller, stranger = await make_payee(commands), await make_holder(commands)
    merchant = await make_merchant(commands, seller)
    await live.settled()

    async with live.listening(seller, LISTEN, merchantId=merchant.label) as hearing:
        assert (await hearing.next())["merchant"] == {"status": "VERIFIED"}
        async with commands.by(seller) as uow:
            await set_settlement_address(
                uow, gateways, merchant_id=merchant.id, network=SettlementNetwork.TRON, address=TRON
            )
        async with commands.by(seller) as uow:
            await cancel_settlement_address(uow, gateways, merchant_id=merchant.id, reason="It was not me.")
        async with commands.by_system() as uow:
            await suspend_merchant(uow, merchant_id=merchant.id, reason="Complaints")
        heard = [await hearing.next() for _ in range(3)]

    assert [one["type"] for one in heard] == ["merchant.settlement_address_updated"] * 2 + ["merchant.updated"]
    assert [(one["address"], one["state"]) for one in heard[:2]] == [(TRON, "PENDING"), (TRON, "CANCELLED")]
    assert heard[2]["status"] == "SUSPENDED"
    async with live.listening(stranger, LISTEN, merchantId=merchant.label) as nobody:
        assert (await nobody.refusal())["code"] == "NOT_FOUND"
