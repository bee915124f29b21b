"""What tips ask of their storage."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import PaymentId, TipQrId, UserId, WorkerId
from domain.payments.state import PaymentState
from domain.tips.tip import Tip
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Tipped, Worker


class Tips(Protocol):
    """Workers, their codes, and what they were given."""

    async def find_worker_of(self, user_id: UserId) -> Worker | None:
        """The person's profile, its row locked, if there is one."""
        ...

    async def get_worker(self, worker_id: WorkerId) -> Worker:
        """A profile as it is; its row stays free, so that those who tip do not wait for each other.

        Raises:
            WorkerNotFound: there is none.
        """
        ...

    async def get_tipped(self, worker_id: WorkerId) -> Tipped:
        """A profile as it is, and whether they may receive; their rows stay free.

        Raises:
            WorkerNotFound: there is none.
        """
        ...

    async def get_tipped_by_code(self, qr_id: TipQrId) -> tuple[TipQr, Tipped]:
        """A code as it is, and whose it is; the rows stay free.

        Raises:
            TipQrNotFound: there is none.
        """
        ...

    async def add_worker(self, worker: Worker) -> None:
        """Keep a new profile."""
        ...

    async def get_qr(self, qr_id: TipQrId) -> TipQr:
        """A code as it is; its row stays free.

        Raises:
            TipQrNotFound: there is none.
        """
        ...

    async def get_qr_by_short_code(self, short_code: str) -> TipQr:
        """The code that this is typed for; its row stays free.

        Raises:
            TipQrNotFound: there is none.
        """
        ...

    async def has_short_code(self, short_code: str) -> bool:
        """Whether a code has it already."""
        ...

    async def get_qr_for_update(self, qr_id: TipQrId) -> TipQr:
        """A code, its row locked.

        Raises:
            TipQrNotFound: there is none.
        """
        ...

    async def qr_count(self, worker_id: WorkerId) -> int:
        """How many codes the worker has that were not withdrawn. The worker's other new codes wait from here on."""
        ...

    async def add_qr(self, qr: TipQr) -> None:
        """Keep a new code."""
        ...

    async def note_scan(self, qr_id: TipQrId, *, at: datetime) -> None:
        """Somebody read the code."""
        ...

    async def add(self, tip: Tip) -> None:
        """Keep a new tip."""
        ...

    async def get_promised_for_update(self, payment_id: PaymentId) -> Tip:
        """The tip that waits for this payment, its row locked; the payment's was locked before."""
        ...

    async def behind_their_payments(self, *, limit: int) -> list[tuple[Tip, PaymentState, str | None]]:
        """Tips that do not say yet what their payments do, locked, each with where its payment stands and why it
        failed; what another command holds is left out.
        """
        ...
