"""How often a person may do what costs others something; a limit of None lifts it, for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits that the rules themselves keep, beside the rate limits of the API."""

    otp_sends_per_hour: int | None = 5
    listing_creates_per_day: int | None = 10
    payout_requests_per_day: int | None = 3
    phone_prompts_per_hour: int | None = 10
    """Payments asked of one phone, whoever asks: a phone may be a stranger's."""
