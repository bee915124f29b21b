"""Why a wallet refuses."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.money import Asset


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


class RateUnavailable(Conflict):
    """Nobody said lately what an asset is worth."""

    reason = "RATE_UNAVAILABLE"
    is_retryable = True

    def __init__(self, asset: Asset) -> None:
        self.asset = asset
        super().__init__(f"There is no current exchange rate of {asset.code}; try again later.")


class RateNotFound(NotFound):
    """Finance set no such rate."""

    def __init__(self) -> None:
        super().__init__("exchange rate")


class RateAlreadyOver(Conflict):
    """A rate whose time is over cannot be taken back."""

    reason = "RATE_OVER"

    def __init__(self) -> None:
        super().__init__("This exchange rate is no longer in force.")


class QuoteNotFound(NotFound):
    """No such quote of this person."""

    def __init__(self) -> None:
        super().__init__("quote")


class QuoteExpired(Conflict):
    """The minute for which the rate was promised is over."""

    reason = "QUOTE_EXPIRED"

    def __init__(self) -> None:
        super().__init__("This quote has expired; ask for a new one.")


class QuoteAlreadyExecuted(Conflict):
    """A quote is good for one conversion."""

    reason = "QUOTE_ALREADY_EXECUTED"

    def __init__(self) -> None:
        super().__init__("This quote was already carried out.")
