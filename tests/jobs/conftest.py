"""What jobs reach, on this test's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from integrations.sealing.sealer import AesSealer
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.checkouts import (
    CardDesk,
    PayPalDesk,
    RazorpayDesk,
    open_card_desk,
    open_paypal_desk,
    open_razorpay_desk,
)
from tests.makers.mpesa import Till, make_payer, open_till
from tests.makers.mpesa_payouts import PayDesk, open_pay_desk
from tests.makers.parts import make_parts


@pytest.fixture
def parts(commands: Commands, tmp_path: Path) -> Parts:
    """The real storage behind its ports."""
    return make_parts(commands, tmp_path, sealer=AesSealer(bytes(32)))


@pytest.fixture
async def till(commands: Commands, parts: Parts) -> AsyncIterator[Till]:
    """A market that is paid by M-Pesa."""
    async with open_till(commands, parts) as opened:
        yield opened


@pytest.fixture
async def cards(commands: Commands, parts: Parts) -> AsyncIterator[CardDesk]:
    """A market that is paid by card."""
    async with open_card_desk(commands, parts) as opened:
        yield opened


@pytest.fixture
async def paypal(commands: Commands, parts: Parts) -> AsyncIterator[PayPalDesk]:
    """A market that is paid by PayPal."""
    async with open_paypal_desk(commands, parts) as opened:
        yield opened


@pytest.fixture
async def razorpay(commands: Commands, parts: Parts) -> AsyncIterator[RazorpayDesk]:
    """A market that is paid by Razorpay."""
    async with open_razorpay_desk(commands, parts) as opened:
        yield opened


@pytest.fixture
async def payer(commands: Commands) -> Actor:
    """Somebody with wallets and nothing in them."""
    return await make_payer(commands)


@pytest.fixture
async def desk(commands: Commands, gateways: Gateways, parts: Parts, tmp_path: Path) -> AsyncIterator[PayDesk]:
    """A market that pays by M-Pesa."""
    async with open_pay_desk(commands, gateways, parts, tmp_path) as opened:
        yield opened
