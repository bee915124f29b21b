"""What a person does in the explorer, in a real browser."""

from __future__ import annotations

import re
import subprocess

import aiohttp
from playwright.async_api import expect

from app.explorer import building
from app.node import usable_node
from tests.explorer.page import PATIENCE_MS, ExplorerPage
from tests.flows.documents import TRANSFER_CREATE, USER_BLOCK, USER_UNBLOCK, VIEWER, WALLET
from tests.flows.market import ROOT, Market

SCREENSHOT = ROOT / "build" / "explorer.png"
LONG_AGO = """() => {
  const kept = JSON.parse(sessionStorage.getItem('sokoni:session'));
  sessionStorage.setItem('sokoni:session', JSON.stringify({...kept, expiresAt: 0}));
}"""


async def test_the_page_opens_with_a_query_that_answers_without_a_sign_in(explorer: ExplorerPage) -> None:
    await explorer.is_told("Not signed in")
    await explorer.run()

    await explorer.sees('"listings"', '"displayName"')


async def test_the_browser_refuses_a_script_that_somebody_smuggled_in(explorer: ExplorerPage) -> None:
    await explorer.page.evaluate(
        "document.body.appendChild(Object.assign(document.createElement('script'), {text: 'window.smuggled = 1'}))"
    )

    assert await explorer.page.evaluate("window.smuggled") is None
    (complaint,) = explorer.complaints
    assert "Content Security Policy" in complaint
    explorer.complaints.clear()


async def test_one_click_signs_in_and_another_signs_out(explorer: ExplorerPage, market: Market) -> None:
    await explorer.act_as("merchant")
    await explorer.is_told("Signed in as Esther's Electronics")
    await explorer.choose("Who am I")
    await explorer.is_told("Signed in as Amina Otieno")
    await explorer.run()
    await explorer.sees(market.people["customer"]["userId"])

    async with explorer.page.expect_response(lambda answer: "EndSession" in (answer.request.post_data or "")):
        await explorer.page.get_by_role("button", name="Sign out").click()
    await explorer.is_told("Not signed in")
    await explorer.run()

    await explorer.sees("AUTHENTICATION_ERROR")


async def test_an_example_pays_a_friend(explorer: ExplorerPage, market: Market, http: aiohttp.ClientSession) -> None:
    customer = market.demo(http, "customer")
    before = (await customer.run(WALLET, id=customer.wallets["KES"]))["version"]

    await explorer.choose("Pay a friend")
    await explorer.run()

    await explorer.sees('"amount": "12.50"', '"errors": []')
    assert (await customer.run(WALLET, id=customer.wallets["KES"]))["version"] == before + 1


async def test_a_data_address_is_sent_as_a_file(explorer: ExplorerPage) -> None:
    await explorer.choose("Bring M-Pesa's statement")
    await explorer.run()

    await explorer.sees('"rail": "MPESA"', '"linesCount": 1', '"errors": []')


async def test_a_document_of_our_apps_is_asked_for_by_its_id(explorer: ExplorerPage) -> None:
    await explorer.choose("One listing")
    await explorer.run()

    await explorer.sees('"listing"', '"seller"')
    asked = explorer.posted[-1]
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", asked["documentId"])
    assert "query" not in asked
    await expect(explorer.page.get_by_text("asked for by its id")).to_be_visible()


async def test_a_subscription_hears_what_another_client_did(
    explorer: ExplorerPage, market: Market, http: aiohttp.ClientSession
) -> None:
    await explorer.choose("A wallet, live")
    await explorer.run()
    await explorer.sees("WalletSnapshot")
    await explorer.connection_is("live")

    merchant = market.demo(http, "merchant")
    payment = {
        "fromWalletId": merchant.wallets["KES"],
        "recipientId": market.people["customer"]["userId"],
        "amount": {"amount": "43.21", "asset": "KES"},
        "idempotencyKey": "paid-by-another-client",
    }
    await merchant.do(TRANSFER_CREATE, input=payment)

    await explorer.sees("WalletUpdated", '"43.21"')
    SCREENSHOT.parent.mkdir(exist_ok=True)
    await explorer.page.screenshot(path=SCREENSHOT)
    assert SCREENSHOT.stat().st_size > 20_000


async def test_a_subscription_goes_on_after_the_api_was_killed(
    explorer: ExplorerPage, market: Market, http: aiohttp.ClientSession
) -> None:
    await explorer.choose("The market, live")
    await explorer.run()
    await explorer.sees("ListingFeedSnapshot")

    market.kill("a")
    await explorer.connection_is("reconnecting")
    market.start_api("a")
    await market.until_ready("a")
    await explorer.connection_is("live")
    await explorer.sees("ListingFeedSnapshot")

    await explorer.choose("Approve the next one")
    await explorer.run()
    await explorer.sees('"status": "ACTIVE"')
    explorer.complaints.clear()  # the browser tells of every attempt to connect while nobody listened


async def test_whoever_is_blocked_is_told_why_the_stream_ended(
    explorer: ExplorerPage, market: Market, http: aiohttp.ClientSession
) -> None:
    await explorer.choose("My account, live")
    await explorer.run()
    await explorer.sees("UserSnapshot")
    person = {"userId": market.people["customer4"]["userId"], "reason": "A test of how access ends."}

    admin = market.demo(http, "admin")
    await admin.do(USER_BLOCK, input=person)

    await explorer.connection_is("closed 4403")
    await explorer.sees("The server closed the connection: 4403")
    await admin.do(USER_UNBLOCK, input=person)


async def test_an_expired_session_is_renewed_before_it_is_used(explorer: ExplorerPage) -> None:
    await explorer.act_as("finance")
    await explorer.is_told("Signed in as Hamisi Juma")
    await explorer.page.evaluate(LONG_AGO)
    await explorer.open()

    await explorer.choose("Trial balance")
    await explorer.run()

    await explorer.sees('"isBalanced": true')
    renewals = [asked for asked in explorer.posted if "RenewSession" in asked.get("query", "")]
    assert len(renewals) == 1


async def test_the_contract_can_be_read_and_a_query_be_put_together_by_clicks(explorer: ExplorerPage) -> None:
    page = explorer.page
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await page.get_by_role("link", name="Query", exact=True).click()
    await expect(page.get_by_role("link", name="ledgerTrialBalance")).to_be_visible(timeout=PATIENCE_MS)

    await page.get_by_role("button", name="Show GraphiQL Explorer").click()
    await page.locator(".graphiql-explorer-root").get_by_text("featureFlags", exact=True).click()

    await expect(page.locator(".graphiql-query-editor .view-lines").first).to_contain_text(
        "featureFlags", timeout=PATIENCE_MS
    )


async def test_two_windows_of_one_person_do_not_end_each_other(explorer: ExplorerPage) -> None:
    await explorer.act_as("worker")
    await explorer.is_told("Signed in as Farid Hassan")
    other = ExplorerPage(await explorer.page.context.new_page(), explorer.url)
    await other.open()
    await other.is_told("Not signed in")
    await other.act_as("worker")
    await other.is_told("Signed in as Farid Hassan")

    answer = await explorer.page.evaluate(
        "([token, query]) => fetch('/graphql', {method: 'POST', body: JSON.stringify({query}), headers: {"
        "'Content-Type': 'application/json', Authorization: `Bearer ${token}`}}).then((answer) => answer.json())",
        [
            await explorer.page.evaluate("JSON.parse(sessionStorage.getItem('sokoni:session')).accessToken"),
            VIEWER,
        ],
    )

    assert "errors" not in answer
    assert (other.other_hosts, other.complaints) == (set(), [])


def test_the_sources_of_the_page_are_typed() -> None:
    compiler = building.WORKSHOP / "node_modules" / "typescript" / "bin" / "tsc"

    checked = subprocess.run(
        [usable_node().program, compiler, "--project", building.WORKSHOP], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout) == (0, "")
