"""Operations that clients registered beforehand, so that they may name them instead of sending them."""
