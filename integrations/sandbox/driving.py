"""The hand on the sandbox's servers: they are told over HTTP what to do, in their own processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import orjson

from domain.errors import GatewayFault
from domain.money import Asset, Money
from domain.payments.mobile_money import SHILLING_MINOR
from domain.sandbox import (
    CallbackFault,
    CheckoutAnswered,
    CheckoutNotFound,
    MpesaPrompt,
    PromptAnswered,
    PromptNotFound,
    SandboxCard,
)
from integrations.outbound_http import OK, OutboundAnswer, OutboundHttp
from integrations.sandbox.driven import CONTROL

PROVIDER: Final = "sandbox"
CARDS: Final[Mapping[SandboxCard, str]] = MappingProxyType(
    {
        SandboxCard.PAYS: "pm_card_visa",
        SandboxCard.ASKS_THE_BANK: "pm_card_authenticationRequired",
        SandboxCard.IS_DECLINED: "pm_card_visa_chargeDeclined",
        SandboxCard.HAS_TOO_LITTLE: "pm_card_visa_chargeDeclinedInsufficientFunds",
        SandboxCard.HAS_EXPIRED: "pm_card_chargeDeclinedExpiredCard",
        SandboxCard.IS_DISPUTED: "pm_card_createDispute",
        SandboxCard.TAKES_TIME: "pm_sandbox_processing",
    }
)
NOT_FOUND: Final = 404
CONFLICT: Final = 409
SHOWN_MAX: Final = 50
JSON: Final = MappingProxyType({"Content-Type": "application/json"})


class ServerDriver:
    """One server that stands in for a provider. One that is no sandbox does not know these paths: a fault of it."""

    def __init__(self, url: str, http: OutboundHttp | None = None) -> None:
        self._url, self._http = url + CONTROL, http or OutboundHttp(PROVIDER)

    async def go_down(self, duration: timedelta) -> None:
        """Let it be away for so long. Raises GatewayFault."""
        _understood(await self._post("outages", {"seconds": duration.total_seconds()}))

    async def be_ahead(self, ahead: timedelta) -> None:
        """Let its time be so far ahead of the machine's. Raises GatewayFault."""
        _understood(await self._post("clock", {"ahead_seconds": ahead.total_seconds()}))

    async def _post(self, path: str, body: dict[str, Any]) -> OutboundAnswer:
        return await self._http.post(self._url + path, orjson.dumps(body), headers=JSON)


class DarajaDriver(ServerDriver):
    """See the port `MpesaSandbox`."""

    async def prompts(self) -> list[MpesaPrompt]:
        answer = _understood(await self._http.get(self._url + "prompts"))
        return [_prompt(said) for said in answer[: -SHOWN_MAX - 1 : -1]]

    async def answer(self, checkout_id: str, *, code: str, fault: CallbackFault | None, late: timedelta) -> MpesaPrompt:
        path = f"prompts/{quote(checkout_id, safe='')}/answer"
        answer = await self._post(path, _behaviour(code, fault, late, at_once=True))
        if answer.status == NOT_FOUND:
            raise PromptNotFound
        if answer.status == CONFLICT:
            raise PromptAnswered
        return _prompt(_understood(answer))

    async def answer_next(self, *, code: str, fault: CallbackFault | None, late: timedelta) -> None:
        _understood(await self._post("behaviours", _behaviour(code, fault, late, at_once=False)))


class StripeDriver(ServerDriver):
    """See the port `CardSandbox`."""

    async def answer(
        self, checkout_id: str, *, card: SandboxCard, fault: CallbackFault | None, late: timedelta
    ) -> None:
        path = f"intents/{quote(checkout_id, safe='')}/answer"
        answer = await self._post(path, _pays_with(card, fault, late, at_once=True))
        if answer.status == NOT_FOUND:
            raise CheckoutNotFound
        if answer.status == CONFLICT:
            raise CheckoutAnswered
        _understood(answer)

    async def answer_next(self, *, card: SandboxCard, fault: CallbackFault | None, late: timedelta) -> None:
        _understood(await self._post("behaviours", _pays_with(card, fault, late, at_once=False)))


def _pays_with(card: SandboxCard, fault: CallbackFault | None, late: timedelta, *, at_once: bool) -> dict[str, Any]:
    given: dict[str, Any] = {"pays_with": None if fault is CallbackFault.TIMEOUT else CARDS[card]}
    return given | _faulty(fault, late, at_once=at_once)


def _behaviour(code: str, fault: CallbackFault | None, late: timedelta, *, at_once: bool) -> dict[str, Any]:
    is_silent = fault is CallbackFault.TIMEOUT
    given = {"code": code, "silent": is_silent, **({"callbacks": 0} if is_silent else {})}
    return given | _faulty(fault, late, at_once=at_once)


def _faulty(fault: CallbackFault | None, late: timedelta, *, at_once: bool) -> dict[str, Any]:
    if fault is CallbackFault.LATE:
        return {"after_seconds": late.total_seconds()}
    times = {"callbacks": 2} if fault is CallbackFault.DUPLICATE else {}
    return {**times, **({"after_seconds": 0.0} if at_once else {})}


def _understood(answer: OutboundAnswer) -> Any:
    if answer.status != OK:
        raise GatewayFault(PROVIDER, str(answer.status), "What stands in for the provider does not do as it is told.")
    return orjson.loads(answer.body)


def _prompt(said: dict[str, Any]) -> MpesaPrompt:
    decided_at = said["decidedAt"]
    return MpesaPrompt(
        checkout_id=said["checkoutRequestId"],
        reference=said["reference"],
        amount=Money(said["amount"] * SHILLING_MINOR, Asset.KES),
        code=said["code"],
        decided_at=datetime.fromisoformat(decided_at) if decided_at else None,
        callbacks=len(said["callbackStatuses"]),
    )
