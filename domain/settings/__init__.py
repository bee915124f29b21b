"""How the market is tuned while it runs: typed settings and feature flags."""
