"""Answers: who may, the transaction, the call, the payload; no rules and no SQL."""
