"""Why a tip is refused."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class WorkerNotFound(NotFound):
    """No such worker."""

    def __init__(self) -> None:
        super().__init__("worker")


class WorkerAlreadyRegistered(Conflict):
    """A person has one profile."""

    reason = "WORKER_ALREADY_REGISTERED"

    def __init__(self) -> None:
        super().__init__("You are registered as a worker already.")


class WorkerNotActive(Conflict):
    """The worker takes no tips at present."""

    reason = "WORKER_NOT_ACTIVE"

    def __init__(self) -> None:
        super().__init__("This worker takes no tips at present.")


class TipNotFound(NotFound):
    """No such tip for this caller."""

    def __init__(self) -> None:
        super().__init__("tip")


class TipQrNotFound(NotFound):
    """No such code, or one that was altered."""

    def __init__(self) -> None:
        super().__init__("tip code")


class TipQrWithdrawn(Conflict):
    """Its worker took it back."""

    reason = "TIP_QR_WITHDRAWN"

    def __init__(self) -> None:
        super().__init__("This code was withdrawn by its worker.")


class TooManyTipQrs(Conflict):
    """As many codes as one worker may have."""

    reason = "TOO_MANY_TIP_QRS"

    def __init__(self) -> None:
        super().__init__("You have as many codes as a worker may have; withdraw one first.")


class TipAmountFixed(Conflict):
    """The code asks for another amount."""

    reason = "TIP_AMOUNT_FIXED"

    def __init__(self) -> None:
        super().__init__("This code asks for another amount.")


class OwnTip(Conflict):
    """Nobody tips themselves."""

    reason = "OWN_TIP"

    def __init__(self) -> None:
        super().__init__("You cannot tip yourself.")
