"""Products: digital goods of merchants, each with a stock of codes."""
