"""Tips: customers thank workers, whom they find by a code on a card or nearby."""
