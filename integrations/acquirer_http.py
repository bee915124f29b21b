"""How acquirers are asked over HTTP: whatever goes wrong on the way is one of their port's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.payments.acquirer import AcquirerBusy, AcquirerUnknown
from integrations.outbound_http import NotSent, OutboundAnswer, OutboundHttp, Unanswered

Fault: TypeAlias = AcquirerBusy | AcquirerUnknown


@dataclass(frozen=True)
class AcquirerHttp:
    """Requests to one acquirer."""

    http: OutboundHttp

    async def get(self, url: str, headers: Mapping[str, str]) -> OutboundAnswer | AcquirerUnknown:
        """Ask for something, which changes nothing there."""
        try:
            return await self.http.get(url, headers=headers)
        except Unanswered as fault:
            return AcquirerUnknown(fault.provider_code or "NO_ANSWER")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> OutboundAnswer | Fault:
        """Have something done."""
        try:
            return await self.http.post(url, body, headers=headers)
        except NotSent as fault:
            return AcquirerBusy(fault.provider_code or "NOT_SENT")
        except Unanswered as fault:
            return AcquirerUnknown(fault.provider_code or "NO_ANSWER")
