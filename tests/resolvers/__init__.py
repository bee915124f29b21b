"""Operations of the API, through the executable schema."""
