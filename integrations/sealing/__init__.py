"""Keyed digests and sealed text, on keys derived for one purpose each."""
