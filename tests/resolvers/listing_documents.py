"""Operations on listings as clients write them."""

from domain.ids import IdKind, encode_id
from domain.listings.listing import Listing

SHOWN = "listing { id title status version expiresAt rejectionReason price { amount asset units scale } }"
MARKET = """
query($filter: ListingFilterInput, $sort: ListingSort! = NEWEST, $first: Int, $after: String) {
  listings(filter: $filter, sort: $sort, first: $first, after: $after) {
    nodes { title } edges { cursor } nextCursor pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""
ONE = """
query($id: ID!) { listing(id: $id) { title status flagsCount riskScore category { slug name } seller { id } } }
"""
QUEUE = """
query($first: Int, $after: String) {
  moderationQueue(first: $first, after: $after) { nodes { title } nextCursor }
}"""
OWN = """
query($statuses: [ListingStatus!], $first: Int, $after: String) {
  viewer { listings(statuses: $statuses, first: $first, after: $after) { nodes { title status } nextCursor } }
}"""


def public_id(listing: Listing) -> str:
    return encode_id(IdKind.LISTING, listing.id)
