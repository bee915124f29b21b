"""Only addresses that check themselves are taken; one wrong sign is found."""

from __future__ import annotations

import random

import pytest

from domain.errors import InvalidInput
from domain.merchants.chain_address import SettlementNetwork, checked_address, checksummed
from domain.merchants.keccak import keccak_256

# The examples of EIP-55 itself, and the contract of USDT on BNB Smart Chain.
BSC = (
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x55d398326f99059fF775485246999027B3197955",
)
TRON = ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR")
BASE_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
    ],
)
def test_keccak_is_the_one_of_chains(message: bytes, digest: str) -> None:
    assert keccak_256(message).hex() == digest


def test_keccak_takes_messages_around_its_rate() -> None:
    digests = {keccak_256(bytes(length)) for length in range(130, 280)}

    assert len(digests) == 150


@pytest.mark.parametrize("address", BSC)
def test_what_checks_itself_is_taken_on_bsc(address: str) -> None:
    assert checked_address(SettlementNetwork.BSC, f" {address} ") == address
    assert checksummed(address.lower()) == address


@pytest.mark.parametrize("address", TRON)
def test_what_checks_itself_is_taken_on_tron(address: str) -> None:
    assert checked_address(SettlementNetwork.TRON, address) == address


@pytest.mark.parametrize("address", TRON)
def test_every_wrong_sign_is_found_on_tron(address: str) -> None:
    for place in range(len(address)):
        wrong = random.Random(place).choice([sign for sign in BASE_58 if sign != address[place]])
        with pytest.raises(InvalidInput):
            checked_address(SettlementNetwork.TRON, address[:place] + wrong + address[place + 1 :])


@pytest.mark.parametrize("address", BSC[:5])
def test_spelled_without_its_checksum_it_is_refused_on_bsc(address: str) -> None:
    digits = address[2:]
    for spelled in {digits.lower(), digits.upper(), digits.swapcase()} - {digits}:
        with pytest.raises(InvalidInput):
            checked_address(SettlementNetwork.BSC, "0x" + spelled)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        (SettlementNetwork.BSC, ""),
        (SettlementNetwork.BSC, BSC[0][2:]),
        (SettlementNetwork.BSC, BSC[0] + "0"),
        (SettlementNetwork.BSC, BSC[0][:-1] + "g"),
        (SettlementNetwork.BSC, "0x" + "0" * 40),
        (SettlementNetwork.BSC, TRON[0]),
        (SettlementNetwork.TRON, ""),
        (SettlementNetwork.TRON, TRON[0][:-1]),
        (SettlementNetwork.TRON, TRON[0] + "1"),
        (SettlementNetwork.TRON, TRON[0].replace("7", "0")),
        (SettlementNetwork.TRON, "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"),  # nobody's: twenty empty bytes
        (SettlementNetwork.TRON, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),  # Bitcoin's own form
        (SettlementNetwork.TRON, BSC[0]),
    ],
)
def test_what_is_no_address_is_refused(network: SettlementNetwork, address: str) -> None:
    with pytest.raises(InvalidInput):
        checked_address(network, address)
