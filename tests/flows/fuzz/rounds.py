"""How much is tried: a little with every test run, and `FUZZ_REQUESTS` in all where it is set (`make fuzz`)."""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

REQUESTS: Final = int(os.environ.get("FUZZ_REQUESTS", "240"))
IS_LONG: Final = "FUZZ_REQUESTS" in os.environ


def rounds(share: float) -> settings:
    """So many examples of the whole. A short run tries the same ones every time, a long one others."""
    return settings(
        max_examples=max(5, round(REQUESTS * share)),
        deadline=None,
        database=None,
        derandomize=not IS_LONG,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
