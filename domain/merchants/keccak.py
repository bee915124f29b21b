"""Keccak-256, by which addresses of Ethereum's family check themselves: SHA-3 with the padding of before its standard.

Source: The Keccak reference 3.0, sections 1.1 and 1.2; of its parameters only rate 1088 and capacity 512 are here.
Made for addresses, not for speed.
"""

from __future__ import annotations

from typing import Final

_RATE_BYTES: Final = 136
_DIGEST_BYTES: Final = 32
_SIDE: Final = 5
_LANE_BITS: Final = 64
_ROUNDS: Final = 24
_MASK: Final = (1 << _LANE_BITS) - 1


def keccak_256(message: bytes) -> bytes:
    """The digest of 32 bytes."""
    padded = bytearray(message) + b"\x01" + bytes(-(len(message) + 1) % _RATE_BYTES)
    padded[-1] |= 0x80
    state = [0] * (_SIDE * _SIDE)
    for start in range(0, len(padded), _RATE_BYTES):
        for lane in range(_RATE_BYTES // 8):
            state[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[: _DIGEST_BYTES // 8])


def _permuted(state: list[int]) -> list[int]:
    noise = 1
    for _ in range(_ROUNDS):
        state = _chi(_rho_and_pi(_theta(state)))
        # Iota: the bits of the round constants come from a shift register, x^8 + x^6 + x^5 + x^4 + 1.
        for power in range(7):
            state[0] ^= (noise & 1) << ((1 << power) - 1)
            noise = (noise << 1) ^ (0x171 if noise & 0x80 else 0)
    return state


def _theta(state: list[int]) -> list[int]:
    sums = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(_SIDE)]
    turned = [sums[(x - 1) % _SIDE] ^ _rotated(sums[(x + 1) % _SIDE], 1) for x in range(_SIDE)]
    return [lane ^ turned[place % _SIDE] for place, lane in enumerate(state)]


def _rho_and_pi(state: list[int]) -> list[int]:
    moved = list(state)
    x, y, carried = 1, 0, state[1]
    for step in range(_ROUNDS):
        x, y = y, (2 * x + 3 * y) % _SIDE
        place = x + _SIDE * y
        moved[place], carried = _rotated(carried, (step + 1) * (step + 2) // 2 % _LANE_BITS), state[place]
    return moved


def _chi(state: list[int]) -> list[int]:
    rows = [state[start : start + _SIDE] for start in range(0, _SIDE * _SIDE, _SIDE)]
    return [row[x] ^ (~row[(x + 1) % _SIDE] & _MASK & row[(x + 2) % _SIDE]) for row in rows for x in range(_SIDE)]


def _rotated(lane: int, bits: int) -> int:
    return ((lane << bits) | (lane >> (_LANE_BITS - bits))) & _MASK if bits else lane
