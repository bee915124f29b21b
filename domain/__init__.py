"""Rules and use cases of the market: standard library only, no network, no SQL, no commit."""
