"""`sokoni sandbox-daraja`: a server in the shape of Daraja, for development."""

from __future__ import annotations

import sys
from typing import Final

from aiohttp import web

from app.config import Settings
from app.logging import configure_logging
from integrations.sandbox.daraja import DarajaSandbox

HOST: Final = "127.0.0.1"


def serve_daraja(settings: Settings, *, port: int) -> int:
    """Serve until a signal comes; the answer is the exit status. It knows the account that the settings name."""
    if settings.is_production:
        sys.stderr.write("The sandbox of M-Pesa pays with money that does not exist; production has none of it.\n")
        return 1
    configure_logging(settings.log_level)
    sandbox = DarajaSandbox(
        settings.mpesa_consumer_key,
        settings.mpesa_consumer_secret.get_secret_value(),
        settings.mpesa_short_code,
        settings.mpesa_passkey.get_secret_value(),
    )
    web.run_app(sandbox.application(), host=HOST, port=port, print=None, access_log=None, shutdown_timeout=1)
    return 0
