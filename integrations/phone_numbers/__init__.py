"""Numbering plans, as the phonenumbers library knows them."""
