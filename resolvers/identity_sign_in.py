"""The way in and out: passcodes, refresh tokens, device keys, the end of sessions."""

from __future__ import annotations

from typing import TypeVar

import strawberry

from domain.identity.access import ACCESS_LIFETIME
from domain.identity.device_sign_in import challenge_device_key, enroll_device_key, sign_in_with_device_key
from domain.identity.errors import NoConnection
from domain.identity.otp import send_passcode
from domain.identity.outcome import Refused
from domain.identity.refreshing import refresh_session
from domain.identity.signing_in import SignedIn
from domain.identity.signing_out import revoke_all_sessions, revoke_session
from domain.ids import DeviceKeyId, IdKind, SessionId, decode_id, encode_id
from domain.registration import sign_in
from resolvers.context import Info
from schema.access import ANYONE, IN_SESSION
from schema.fields import mutation
from schema.identity import Session, User
from schema.identity_sign_in import (
    ConnectionReauthenticateInput,
    ConnectionReauthenticatePayload,
    DeviceKeyChallengeInput,
    DeviceKeyChallengePayload,
    DeviceKeyEnrollInput,
    DeviceKeyEnrollPayload,
    DeviceKeyVerifyInput,
    DeviceKeyVerifyPayload,
    OtpSendInput,
    OtpSendPayload,
    OtpVerifyInput,
    OtpVerifyPayload,
    SessionRefreshInput,
    SessionRefreshPayload,
    SessionRevokeAllPayload,
    SessionRevokeInput,
    SessionRevokePayload,
    SignInPayload,
)

P = TypeVar("P", bound=SignInPayload)


async def told(info: Info, outcome: SignedIn | Refused, payload: type[P]) -> P:
    """The payload of a sign-in that was committed; the access token is signed outside of any transaction.

    Raises:
        AuthenticationRefused: the outcome is a refusal.
    """
    if isinstance(outcome, Refused):
        raise outcome.refusal
    return payload(
        access_token=await info.context.gateways.tokens.issue(outcome.claims),
        access_token_expires_at=outcome.claims.issued_at + ACCESS_LIFETIME,
        refresh_token=outcome.refresh_token,
        refresh_token_expires_at=outcome.session.expires_at,
        user=User.of(outcome.user),
        session=Session.of(outcome.session, current=outcome.session.id),
        is_new_user=outcome.is_new,
    )


@strawberry.type
class SignInMutation:
    """How people come in and go out."""

    @mutation(access=ANYONE)
    async def otp_send(self, info: Info, input: OtpSendInput) -> OtpSendPayload:
        """Send a passcode by SMS or e-mail; five an hour to an address and from a network."""
        async with info.context.unit_of_work() as uow:
            expires_at = await send_passcode(
                uow, address=input.address, purpose=input.purpose, gateways=info.context.gateways
            )
        return OtpSendPayload(expires_at=expires_at)

    @mutation(access=ANYONE)
    async def otp_verify(self, info: Info, input: OtpVerifyInput) -> OtpVerifyPayload:
        """Sign in by the passcode; who comes for the first time is registered and gets wallets."""
        device = input.device.parse()
        async with info.context.unit_of_work() as uow:
            outcome = await sign_in(
                uow, address=input.address, code=input.code, device=device, gateways=info.context.gateways
            )
        return await told(info, outcome, OtpVerifyPayload)

    @mutation(access=ANYONE)
    async def session_refresh(self, info: Info, input: SessionRefreshInput) -> SessionRefreshPayload:
        """Exchange the refresh token for the next pair. One that was used before ends the session."""
        async with info.context.unit_of_work() as uow:
            outcome = await refresh_session(
                uow,
                refresh_token=input.refresh_token,
                fingerprint=input.device_id,
                gateways=info.context.gateways,
            )
        return await told(info, outcome, SessionRefreshPayload)

    @mutation(access=IN_SESSION)
    async def connection_reauthenticate(
        self, info: Info, input: ConnectionReauthenticateInput
    ) -> ConnectionReauthenticatePayload:
        """Let this socket go on with a newer access token; it would close when the old one expires."""
        if info.context.connection is None:
            raise NoConnection
        claims = await info.context.connection.reauthenticate(input.token)
        return ConnectionReauthenticatePayload(expires_at=claims.expires_at)

    @mutation(access=IN_SESSION)
    async def session_revoke(self, info: Info, input: SessionRevokeInput) -> SessionRevokePayload:
        """End one of your sessions, this one or another; its tokens and sockets end at once."""
        session_id = SessionId(decode_id(IdKind.SESSION, input.session_id, path=("sessionId",)))
        async with info.context.unit_of_work() as uow:
            session = await revoke_session(uow, session_id=session_id)
        return SessionRevokePayload(session=Session.of(session, current=info.context.actor.session))

    @mutation(access=IN_SESSION)
    async def session_revoke_all(self, info: Info) -> SessionRevokeAllPayload:
        """End all of your sessions, this one too, and forget the keys of your devices."""
        async with info.context.unit_of_work() as uow:
            ended = await revoke_all_sessions(uow)
        current = info.context.actor.session
        return SessionRevokeAllPayload(sessions=[Session.of(session, current=current) for session in ended])

    @mutation(access=IN_SESSION)
    async def device_key_enroll(self, info: Info, input: DeviceKeyEnrollInput) -> DeviceKeyEnrollPayload:
        """Let this session's device sign in with its own key, behind its fingerprint or face check."""
        async with info.context.unit_of_work() as uow:
            key = await enroll_device_key(uow, public_key=input.public_key, gateways=info.context.gateways)
        return DeviceKeyEnrollPayload(key_id=strawberry.ID(encode_id(IdKind.DEVICE_KEY, key.id)))

    @mutation(access=ANYONE)
    async def device_key_challenge(self, info: Info, input: DeviceKeyChallengeInput) -> DeviceKeyChallengePayload:
        """Ask for something to sign; it takes the place of what was asked before."""
        async with info.context.unit_of_work() as uow:
            challenge = await challenge_device_key(uow, key_id=_key_id(input.key_id))
        return DeviceKeyChallengePayload(challenge=challenge.challenge, expires_at=challenge.expires_at)

    @mutation(access=ANYONE)
    async def device_key_verify(self, info: Info, input: DeviceKeyVerifyInput) -> DeviceKeyVerifyPayload:
        """Sign in by the signed challenge."""
        device = input.device.parse()
        async with info.context.unit_of_work() as uow:
            outcome = await sign_in_with_device_key(
                uow,
                key_id=_key_id(input.key_id),
                signature=input.signature,
                device=device,
                gateways=info.context.gateways,
            )
        return await told(info, outcome, DeviceKeyVerifyPayload)


def _key_id(text: str) -> DeviceKeyId:
    return DeviceKeyId(decode_id(IdKind.DEVICE_KEY, text, path=("keyId",)))
