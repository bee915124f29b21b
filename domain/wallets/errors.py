"""Why a wallet refuses."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class WalletNotFound(NotFound):
    """No such wallet for this person."""

    def __init__(self) -> None:
        super().__init__("wallet")


class RecipientNotFound(NotFound):
    """Nobody to send to."""

    def __init__(self) -> None:
        super().__init__("recipient")


class RecipientCannotReceive(Conflict):
    """The recipient's account is not in use at present."""

    reason = "RECIPIENT_CANNOT_RECEIVE"

    def __init__(self) -> None:
        super().__init__("This person cannot receive money at present.")
