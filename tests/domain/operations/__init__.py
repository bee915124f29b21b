"""Operations that clients registered beforehand."""
