"""What a transfer is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.ids import UserId, new_id
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.ledger.codes import TransactionType, TransferCode
from domain.ledger.transfer import MOVE_MINOR_MAX, Move, Transfer, require_movable, reverse
from domain.money import Asset, Money

AMINA, BRIAN, CHEBET = (chart.user_wallet(UserId(new_id()), Asset.KES) for _ in range(3))


def kes(minor: int) -> Money:
    return Money(minor, Asset.KES)


def sending(*moves: Move, reference: str = "transfer:1") -> Transfer:
    return Transfer(reference, TransferCode.PERSON_TO_PERSON, moves)


def test_what_one_loses_the_other_gains() -> None:
    transfer = sending(Move(AMINA, BRIAN, kes(70)), Move(AMINA, CHEBET, kes(30)))

    assert transfer.nets == {AMINA: -100, BRIAN: 70, CHEBET: 30}
    assert list(transfer.nets) == sorted(transfer.nets, key=lambda account: account.path)


@given(st.lists(st.tuples(st.permutations([AMINA, BRIAN, CHEBET]), st.integers(1, MOVE_MINOR_MAX)), min_size=1))
def test_every_transfer_and_its_reverse_sum_to_zero(parts: list[tuple[list[AccountRef], int]]) -> None:
    moves = tuple(Move(source, destination, kes(minor)) for (source, destination, _), minor in parts)
    gained = {account: 0 for account in (AMINA, BRIAN, CHEBET)}
    for move in moves:
        gained[move.source] -= move.amount.minor
        gained[move.destination] += move.amount.minor
    if not all(gained[account] for move in moves for account in (move.source, move.destination)):
        with pytest.raises(AssertionError, match="comes out even"):
            sending(*moves)
        return

    transfer = sending(*moves)

    assert sum(transfer.nets.values()) == 0
    assert reverse(transfer).nets == {account: -net for account, net in transfer.nets.items()}


def test_a_reverse_has_its_own_reference_and_reads_as_a_refund() -> None:
    back = reverse(sending(Move(AMINA, BRIAN, kes(5)), reference="transfer:7"))

    assert back.reference == "transfer:7:reversed"
    assert back.moves == (Move(BRIAN, AMINA, kes(5)),)
    assert back.code.seen_as(5) is TransactionType.REFUND
    assert back.code.seen_as(-5) is TransactionType.DEBIT


def test_the_fingerprint_tells_moves_and_codes_apart_and_not_notes() -> None:
    one = sending(Move(AMINA, BRIAN, kes(5)))

    assert one.fingerprint == Transfer("other", one.code, one.moves, note="for lunch").fingerprint
    assert one.fingerprint != sending(Move(AMINA, BRIAN, kes(6))).fingerprint
    assert one.fingerprint != sending(Move(BRIAN, AMINA, kes(5))).fingerprint
    assert one.fingerprint != Transfer("other", TransferCode.REVERSAL, one.moves).fingerprint


@pytest.mark.parametrize("minor", [0, -1, MOVE_MINOR_MAX + 1])
def test_a_move_has_an_amount_within_its_limit(minor: int) -> None:
    with pytest.raises(AssertionError):
        Move(AMINA, BRIAN, kes(minor))
    with pytest.raises(InvalidInput) as refusal:
        require_movable(kes(minor), path=("amount", "amount"))

    assert refusal.value.faults[0].path == ("amount", "amount")


def test_the_largest_move_is_movable() -> None:
    assert require_movable(kes(MOVE_MINOR_MAX)) == kes(MOVE_MINOR_MAX)


def test_a_move_stays_within_its_asset_and_leaves_its_account() -> None:
    points = chart.user_points(UserId(new_id()))

    with pytest.raises(AssertionError, match="within its asset"):
        Move(AMINA, points, kes(1))
    with pytest.raises(AssertionError, match="within its asset"):
        Move(AMINA, BRIAN, Money(1, Asset.USD))
    with pytest.raises(AssertionError, match="somewhere else"):
        Move(AMINA, AMINA, kes(1))


def test_a_code_binds_the_accounts_that_take_part() -> None:
    with pytest.raises(AssertionError, match=r"PERSON_TO_PERSON does not go from platform:adjustments"):
        sending(Move(chart.adjustments(Asset.KES), AMINA, kes(1)))
    with pytest.raises(AssertionError, match=r"ADJUSTMENT does not go"):
        Transfer("adjustment:1", TransferCode.ADJUSTMENT, (Move(AMINA, BRIAN, kes(1)),))


@pytest.mark.parametrize("reference", ["", "x" * 201])
def test_a_reference_has_a_length(reference: str) -> None:
    with pytest.raises(AssertionError, match="reference"):
        sending(Move(AMINA, BRIAN, kes(1)), reference=reference)
