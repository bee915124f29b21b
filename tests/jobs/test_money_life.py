"""Whatever is done to money, and at once: nothing is made, nothing is lost, nothing is given or paid twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from domain.gateways import Gateways
from domain.ledger import chart
from domain.money import Asset
from domain.payouts.state import PayoutState
from integrations.sandbox.rates import RATES
from jobs.parts import Parts
from tests.commands import Commands
from tests.jobs.life import Life, make_life
from tests.makers.wallets import balance, verified

STEPS = 120
# Each answers what is wrong, and nothing where all is well.
INVARIANTS = {
    "an asset adds up to nothing": """
        select a.asset, sum(e.amount_minor) from ledger_entries e join ledger_accounts a on a.id = e.account_id
        group by 1 having sum(e.amount_minor) <> 0
    """,
    "what is held is covered, and is what payouts under way need": """
        select a.path, a.posted_minor, a.held_minor, coalesce(sum(p.amount_minor), 0) from ledger_accounts a
        join wallets w on w.account_path = a.path
        left join payouts p on p.owner_id = w.owner_id and p.amount_asset = w.asset
            and p.state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN')
        group by a.path, a.posted_minor, a.held_minor
        having a.held_minor > a.posted_minor or a.held_minor <> coalesce(sum(p.amount_minor), 0)
    """,
    "every receipt is booked once, and nothing else came in": """
        select coalesce(r.asset, b.asset), r.total, b.total from (
            select lower(rail) rail, amount_asset asset, sum(amount_minor) total from payment_receipts group by 1, 2
        ) r full join (
            select split_part(a.path, ':', 3) rail, a.asset, -sum(e.amount_minor) total from ledger_entries e
            join ledger_accounts a on a.id = e.account_id join ledger_transfers t on t.id = e.transfer_id
            where a.path like 'platform:rail:%' and t.code <> 'PAYOUT' group by 1, 2
        ) b on b.asset = r.asset and b.rail = r.rail where r.total is distinct from b.total
    """,
    "a payment is paid by a receipt of its own": """
        select i.id from payment_intents i
        left join payment_receipts r on r.rail = i.rail and r.number = i.receipt_number and r.payment_id = i.id
        where (i.state = 'PAID') <> (r.payment_id is not null)
    """,
    "every order has its code, and every code that is gone has its order": """
        select o.id, c.id from orders o full join product_codes c on c.id = o.code_id and c.order_id = o.id
        where (o.id is null and c.order_id is not null)
        or (o.id is not null and (c.id is null) <> (o.status = 'CANCELLED'))
    """,
    "orders are booked once each, and refunds too": """
        select count(*) filter (where code = 'ORDER_PAID'), count(*) filter (where code = 'ORDER_REFUNDED')
        from ledger_transfers
        having count(*) filter (where code = 'ORDER_PAID')
            <> (select count(*) from orders where status in ('DELIVERED', 'REFUNDED'))
        or count(*) filter (where code = 'ORDER_REFUNDED') <> (select count(*) from refunds)
    """,
    "what was given back of an order is the sum of its refunds, and at most its price": """
        select o.id from orders o
        left join (select order_id, sum(amount_minor) total from refunds group by 1) r on r.order_id = o.id
        where o.refunded_minor <> coalesce(r.total, 0) or o.refunded_minor > o.price_minor
        or (o.status = 'REFUNDED') <> (o.refunded_minor = o.price_minor)
    """,
    "of an order that is given back whole, merchant and market gave all of their parts": """
        select o.id from orders o join refunds r on r.order_id = o.id where o.status = 'REFUNDED' group by o.id
        having sum(r.from_merchant_minor) <> o.value_minor - o.fee_minor or sum(r.from_market_minor) <> o.fee_minor
    """,
    "tips are booked once each": """
        select count(*) from ledger_transfers where code = 'TIP'
        having count(*) <> (select count(*) from tips where state = 'PAID')
    """,
    "what is paid by a rail is given, or its payer has the money; what is not is not given": """
        select i.id, i.state, o.status, t.state from payment_intents i
        left join orders o on o.payment_id = i.id left join tips t on t.payment_id = i.id
        where (i.purpose = 'ORDER' and (o.status in ('DELIVERED', 'REFUNDED')) <> (i.state = 'PAID')
            or i.purpose = 'TIP' and (t.state = 'PAID') <> (i.state = 'PAID'))
        and not (i.state = 'PAID' and (o.status = 'CANCELLED' or t.state = 'FAILED') and exists (
            select from ledger_transfers f join ledger_entries e on e.transfer_id = f.id
            join ledger_accounts a on a.id = e.account_id
            where f.code = 'PAYMENT_CREDITED' and e.amount_minor = i.amount_minor
            and a.path = 'user:' || i.payer_id || ':wallet:' || i.amount_asset))
    """,
    "payouts that were paid are booked once each": """
        select count(*), sum(t.minor) from (
            select e.amount_minor minor from ledger_entries e join ledger_transfers t on t.id = e.transfer_id
            where t.code = 'PAYOUT' and e.amount_minor > 0
        ) t
        having count(*) <> (select count(*) from payouts where state = 'PAID')
        or coalesce(sum(t.minor), 0) <> (select coalesce(sum(amount_minor), 0) from payouts where state = 'PAID')
    """,
}


async def payout_states(life: Life) -> dict[str, str]:
    """By the name under which they were sent."""
    async with life.commands.database.read() as connection:
        rows = await connection.execute(text("select sent_as, state from payouts where sent_as is not null"))
        return {row.sent_as: row.state for row in rows}


async def require_sound(life: Life) -> None:
    async with life.commands.database.snapshot() as connection:
        for what, query in INVARIANTS.items():
            assert (await connection.execute(text(query))).all() == [], what
    assert set(life.rail.paid.values()) <= {1}, "a rail is asked to pay once"
    ends = await payout_states(life)
    assert PayoutState.FAILED not in {ends[name] for name in life.rail.paid}
    assert (await verified(life.commands)).differences == ()
    outstanding = -(await balance(life.commands, chart.points_issued())).minor
    outstanding -= (await balance(life.commands, chart.points_redeemed())).minor
    backing = await balance(life.commands, chart.usdt_reserve())
    assert 0 <= outstanding <= Decimal(backing.minor) / 10**Asset.USDT.scale * RATES[Asset.POINTS]


@pytest.mark.parametrize("seed", [2, 3])
async def test_nothing_is_made_lost_or_paid_twice(
    commands: Commands, parts: Parts, gateways: Gateways, seed: int
) -> None:
    life = await make_life(commands, gateways, parts, seed=seed)

    for _ in range(STEPS):
        await life.step()
        await require_sound(life)

    life.rail.is_honest = True
    await life.unblock()
    for _ in range(2):
        commands.later(timedelta(minutes=3))
        await life.run_jobs()
    await require_sound(life)
    ends = await payout_states(life)
    assert {ends[name] for name in life.rail.paid} <= {PayoutState.PAID}
    assert {ends[name] for name in life.rail.refused} <= {PayoutState.FAILED}
    done = ("top_up", "verify", "run_jobs", "order_by_rail", "tip_by_rail", "push", "call_back")
    assert {f"{deed}: done" for deed in done} <= set(life.ends)
