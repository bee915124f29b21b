"""The address that a result comes to is one that Daraja takes, whatever the token is."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.ids import PaymentId, new_id
from domain.payments.mpesa_request import MpesaRequest
from integrations.sandbox.daraja_bodies import FORBIDDEN_WORDS

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_no_token_spells_a_word_that_is_refused() -> None:
    tokens = [
        MpesaRequest(payment_id=PaymentId(new_id()), phone="+254712345678", reference="SK1", next_attempt_at=NOON)
        .send(shillings=1, at=NOON)
        .callback_token
        for _ in range(5_000)
    ]

    assert len(set(tokens)) == 5_000
    assert {len(token) for token in tokens} == {48}
    assert not [token for token in tokens if any(word in token.lower() for word in FORBIDDEN_WORDS)]
