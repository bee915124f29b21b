"""Authenticators: set up, confirmed, shown, switched off."""

from __future__ import annotations

import strawberry

from domain.identity.outcome import Refused
from domain.identity.totps import confirm_totp, disable_totp, set_up_totp, verify_totp
from resolvers.context import Info
from schema.access import IN_SESSION
from schema.fields import mutation
from schema.identity import Session
from schema.identity_totp import (
    TotpConfirmInput,
    TotpConfirmPayload,
    TotpDisableInput,
    TotpDisablePayload,
    TotpSetUpPayload,
    TotpVerifyInput,
    TotpVerifyPayload,
)


@strawberry.type
class TotpMutation:
    """How people use an authenticator."""

    @mutation(access=IN_SESSION)
    async def totp_set_up(self, info: Info) -> TotpSetUpPayload:
        """Get a secret for your authenticator. Done again before a code was shown, it makes another."""
        async with info.context.unit_of_work() as uow:
            made = await set_up_totp(uow, info.context.gateways)
        return TotpSetUpPayload(secret=made.secret, uri=made.uri)

    @mutation(access=IN_SESSION)
    async def totp_confirm(self, info: Info, input: TotpConfirmInput) -> TotpConfirmPayload:
        """Show a first code of your authenticator, and get the recovery codes."""
        async with info.context.unit_of_work() as uow:
            outcome = await confirm_totp(uow, info.context.gateways, code=input.code)
        if isinstance(outcome, Refused):
            raise outcome.refusal
        return TotpConfirmPayload(recovery_codes=list(outcome))

    @mutation(access=IN_SESSION)
    async def totp_verify(self, info: Info, input: TotpVerifyInput) -> TotpVerifyPayload:
        """Show a code as a second factor; the session remembers when."""
        async with info.context.unit_of_work() as uow:
            outcome = await verify_totp(uow, info.context.gateways, code=input.code)
        if isinstance(outcome, Refused):
            raise outcome.refusal
        return TotpVerifyPayload(session=Session.of(outcome, current=info.context.actor.session))

    @mutation(access=IN_SESSION)
    async def totp_disable(self, info: Info, input: TotpDisableInput) -> TotpDisablePayload:
        """Use your authenticator no more."""
        async with info.context.unit_of_work() as uow:
            refused = await disable_totp(uow, info.context.gateways, code=input.code)
        if refused is not None:
            raise refused.refusal
        return TotpDisablePayload(is_off=True)
