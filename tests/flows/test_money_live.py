"""Money moves at one process; both owners hear it at another, whatever is killed meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller, Listening, SocketClosed
from tests.flows.documents import TRANSFER_CREATE, WALLET, WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in

CATCH_UP_SECONDS = 15.0


@pytest.fixture
async def friend(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


def payment(sender: Caller, recipient: Caller, amount: str, key: str) -> dict[str, Any]:
    return {
        "fromWalletId": sender.wallets["KES"],
        "recipientId": recipient.user_id,
        "amount": {"amount": amount, "asset": "KES"},
        "idempotencyKey": key,
    }


async def wallet_of(person: Caller) -> Any:
    return await person.run(WALLET, id=person.wallets["KES"])


async def updates(listening: Listening, count: int) -> list[dict[str, Any]]:
    """The next items that tell of money."""
    heard: list[dict[str, Any]] = []
    while len(heard) < count:
        item = await listening.next(within_seconds=CATCH_UP_SECONDS)
        if item["__typename"] == "WalletUpdated":
            heard.append(item)
    return heard


async def test_both_owners_hear_a_transfer_with_their_new_balances(
    market: Market, customer: Caller, friend: Caller
) -> None:
    before = float((await wallet_of(customer))["available"]["amount"])
    async with customer.at(market.urls["b"]).socket() as payer, friend.at(market.urls["b"]).socket() as payee:
        leaving = await payer.listen(WALLET_EVENTS, id=customer.wallets["KES"])
        arriving = await payee.listen(WALLET_EVENTS, id=friend.wallets["KES"])
        assert (await leaving.next())["__typename"] == "WalletSnapshot"
        assert (await arriving.next())["wallet"] == {"available": {"amount": "0.00"}, "version": 0}

        paid = await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "12.50", "both-hear"))

        debit, credit = await leaving.next(), await arriving.next()
    for heard, kind in ((debit, "DEBIT"), (credit, "CREDIT")):
        assert heard["type"] == "wallet.update"
        assert heard["txn"] == {
            "type": kind,
            "status": "COMPLETED",
            "amount": {"amount": "12.50"},
            "reference": paid["transfer"]["reference"],
        }
    assert float(debit["balance"]["amount"]) == before - 12.5
    assert credit["balance"] == {"amount": "12.50"}
    assert credit["wallet"] == {"available": {"amount": "12.50"}, "version": 1}


async def test_fifty_equal_requests_at_once_pay_once_and_answer_the_same(
    market: Market, customer: Caller, friend: Caller
) -> None:
    given = payment(customer, friend, "3.00", "fifty-times")
    callers = [customer.at(url) for url in market.urls.values()] * 25

    answers = await asyncio.gather(*(caller.ask(TRANSFER_CREATE, input=given) for caller in callers))

    transfers = [answer["data"]["transferCreate"] for answer in answers]
    assert transfers == [transfers[0]] * 50
    assert transfers[0]["errors"] == []
    replayed = [answer["extensions"].get("idempotency") for answer in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["{'replayed': True}"] * 49
    wallet = await wallet_of(friend)
    assert wallet["available"] == {"amount": "3.00"}
    assert wallet["transactions"]["nodes"] == [{"reference": transfers[0]["transfer"]["reference"]}]


async def test_a_key_that_comes_back_with_other_input_is_refused(customer: Caller, friend: Caller) -> None:
    await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "1.00", "one-key"))

    other = await customer.run(TRANSFER_CREATE, input=payment(customer, friend, "2.00", "one-key"))

    assert other["transfer"] is None
    assert [error["reason"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert (await wallet_of(friend))["available"] == {"amount": "1.00"}


async def test_two_payments_from_one_balance_leave_one_refused(
    market: Market, http: aiohttp.ClientSession, customer: Caller, friend: Caller
) -> None:
    poor = await come_in(market, http)
    await customer.do(TRANSFER_CREATE, input=payment(customer, poor, "10.00", f"to-{poor.user_id}"))

    answers = await asyncio.gather(
        poor.run(TRANSFER_CREATE, input=payment(poor, friend, "7.00", "a")),
        poor.at(market.urls["b"]).run(TRANSFER_CREATE, input=payment(poor, friend, "7.00", "b")),
    )

    refused = [error["__typename"] for answer in answers for error in answer["errors"]]
    assert refused == ["InsufficientFundsError"]
    assert (await wallet_of(poor))["available"] == {"amount": "3.00"}
    assert (await wallet_of(friend))["available"] == {"amount": "7.00"}


async def test_a_listener_hears_everything_although_relay_and_redis_are_killed(
    market: Market, customer: Caller, friend: Caller
) -> None:
    async with friend.at(market.urls["b"]).socket() as payee:
        arriving = await payee.listen(WALLET_EVENTS, id=friend.wallets["KES"])
        await arriving.next()

        await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "1.00", f"1-{friend.user_id}"))
        market.kill("relay")
        await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "2.00", f"2-{friend.user_id}"))
        await market.kill_redis()
        await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "3.00", f"3-{friend.user_id}"))
        market.start("relay", "relay")
        await market.start_redis()
        await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "4.00", f"4-{friend.user_id}"))

        heard = await updates(arriving, 4)

    assert [item["txn"]["amount"]["amount"] for item in heard] == ["1.00", "2.00", "3.00", "4.00"]
    assert [item["balance"]["amount"] for item in heard] == ["1.00", "3.00", "6.00", "10.00"]


async def test_a_listener_of_a_killed_process_resumes_at_another_by_its_cursor(
    market: Market, customer: Caller, friend: Caller
) -> None:
    async with friend.at(market.urls["b"]).socket() as payee:
        arriving = await payee.listen(WALLET_EVENTS, id=friend.wallets["KES"])
        cursor = (await arriving.next())["cursor"]
        market.kill("b")
        with pytest.raises(SocketClosed):
            await arriving.next()
    await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "5.00", f"5-{friend.user_id}"))
    market.start_api("b")
    await market.until_ready("b")
    await customer.do(TRANSFER_CREATE, input=payment(customer, friend, "6.00", f"6-{friend.user_id}"))

    async with friend.at(market.urls["b"]).socket() as payee:
        resumed = await payee.listen(WALLET_EVENTS, id=friend.wallets["KES"], after=cursor)
        heard = await updates(resumed, 2)
        anew = await payee.listen(WALLET_EVENTS, id=friend.wallets["KES"])
        snapshot = await anew.next()

    assert [item["txn"]["amount"]["amount"] for item in heard] == ["5.00", "6.00"]
    assert snapshot["wallet"]["available"] == {"amount": "11.00"}


async def test_nobody_else_listens_to_a_wallet(market: Market, customer: Caller, friend: Caller) -> None:
    async with friend.socket() as socket:
        refused = await (await socket.listen(WALLET_EVENTS, id=customer.wallets["KES"])).next()

    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_the_books_agree_after_all_of_it(market: Market) -> None:
    said = await asyncio.to_thread(market.command, "ledger", "verify")

    assert "Every balance equals the sum of its entries." in said
