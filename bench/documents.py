"""What both servers are asked, word for word the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from bench.people import Person

LISTING_FIELDS: Final = (
    "id title description city status version createdAt updatedAt expiresAt "
    "price { amount asset } seller { id displayName } category { id slug name }"
)
MARKET: Final = (
    f"query Market($first: Int) {{ listings(first: $first) {{ edges {{ cursor node {{ {LISTING_FIELDS} }} }} "
    "pageInfo { hasNextPage endCursor } nextCursor } }"
)
ONE_LISTING: Final = (
    f"query One($id: ID!) {{ listing(id: $id) {{ {LISTING_FIELDS} categoryId submittedAt "
    "withParent: category { path level parent { id name } } } }"
)
WALLET: Final = """
query Statement($id: ID!) { wallet(id: $id) {
  id asset version balance { amount asset } held { amount } available { amount } owner { id displayName }
  transactions(first: 20) {
    edges { cursor node {
      id type status code amount { amount asset } runningBalance { amount } reference note createdAt } }
    pageInfo { hasNextPage } nextCursor } } }
"""
PAY: Final = """
mutation Pay($input: TransferCreateInput!) { transferCreate(input: $input) {
  transfer { id reference code amount { amount asset units } note createdAt } errors { code message } } }
"""
LISTEN: Final = """
subscription Watch($id: ID!) { listingEvents(listingId: $id) {
  __typename
  ... on ListingUpdated {
    id type occurredAt cursor listingId status title price { amount asset } city categoryId version } } }
"""
# Takes the place of a key that every request has of its own.
FRESH_KEY: Final = "fresh-key-" + "0" * 22


def market(people: Sequence[Person]) -> list[str]:
    """The first page, for everybody."""
    return [request(person.token, MARKET, first=20) for person in people]


def one_listing(people: Sequence[Person], listing_ids: Sequence[str]) -> list[str]:
    """One listing each."""
    return [
        request(person.token, ONE_LISTING, id=listing_id)
        for person, listing_id in zip(people, listing_ids, strict=False)
    ]


def wallets(people: Sequence[Person]) -> list[str]:
    """Everybody's own."""
    return [request(person.token, WALLET, id=person.wallet_id) for person in people]


def payments(people: Sequence[Person]) -> list[str]:
    """Everybody pays somebody half the crowd away."""
    half = len(people) // 2
    return [
        request(person.token, PAY, input=_transfer(person, people[(place + half) % len(people)]))
        for place, person in enumerate(people)
    ]


def _transfer(payer: Person, payee: Person) -> dict[str, Any]:
    return {
        "fromWalletId": payer.wallet_id,
        "recipientId": payee.user_id,
        "amount": {"amount": "0.01", "asset": "KES"},
        "note": "For lunch",
        "idempotencyKey": FRESH_KEY,
    }


def request(token: str, document: str, **variables: Any) -> str:
    """The bytes of one HTTP request, as text without anything beyond ASCII."""
    body = orjson.dumps({"query": document, "variables": variables}).decode()
    assert body.isascii(), "a length in characters is one in bytes"
    head = (
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Authorization: Bearer {token}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", body))
