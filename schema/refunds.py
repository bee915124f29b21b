"""Refunds as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.ids import IdKind, UserId, encode_id
from domain.refunds.refund import Refund as GivenBack
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.orders import Order


@strawberry.type
class Refund(Node):
    """What was given back of one order, into its customer's wallet."""

    made_by_key: strawberry.Private[UserId | None]

    order_id: strawberry.ID
    """Of which order."""
    amount: Money
    """How much of the price."""
    from_merchant: Money
    """What the merchant is owed less."""
    from_market: Money
    """What the market earned less."""
    reason: str
    """Why."""
    made_by: User | None = edge(key="made_by_key", loader="user")
    """Who gave it back; null for the market itself."""
    made_at: datetime
    """When."""

    @classmethod
    def of(cls, refund: GivenBack) -> Self:
        """Of a refund that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(refund.label),
            made_by_key=refund.made_by,
            order_id=strawberry.ID(encode_id(IdKind.ORDER, refund.order_id)),
            amount=Money.of(refund.amount),
            from_merchant=Money.of(refund.from_merchant),
            from_market=Money.of(refund.from_market),
            reason=refund.reason,
            made_at=refund.made_at,
        )


@strawberry.input
class RefundCreateInput:
    """How much of which order is given back."""

    order_id: strawberry.ID
    """One that was delivered, and that you did not buy yourself."""
    amount: MoneyInput | None = None
    """A part of the price, in its asset; all that is left of it when you name none."""
    reason: str
    """For the customer and the audit trail, 3 to 500 characters."""
    idempotency_key: str
    """Your name for this refund, 1 to 255 printable characters; sent again, it is given once."""


@strawberry.type
class RefundCreatePayload(Payload):
    """The refund, and the order as it is from then on."""

    refund: Refund | None = None
    """Null when it was refused."""
    order: Order | None = None
    """Null when it was refused."""
