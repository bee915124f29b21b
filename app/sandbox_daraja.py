"""`sokoni sandbox-daraja`: a server in the shape of Daraja, for development."""

from __future__ import annotations

import sys
from typing import Final

from aiohttp import web

from app.config import Settings
from app.logging import configure_logging
from app.mpesa_settings import SANDBOX_CERTIFICATE
from app.sandbox_clock import beginning_at_house_time
from integrations.sandbox.daraja import DarajaSandbox
from integrations.sandbox.daraja_key import SandboxKey

HOST: Final = "127.0.0.1"


def serve_daraja(settings: Settings, *, port: int) -> int:
    """Serve until a signal comes; the answer is the exit status. It knows the account that the settings name."""
    if settings.is_production:
        sys.stderr.write("The sandbox of M-Pesa pays with money that does not exist; production has none of it.\n")
        return 1
    configure_logging(settings.log_level)
    application = daraja_application(settings)
    web.run_app(application, host=HOST, port=port, print=None, access_log=None, shutdown_timeout=1)
    return 0


def daraja_application(settings: Settings) -> web.Application:
    """The server, which begins at the time of the house that the settings name."""
    sandbox = DarajaSandbox(
        settings.mpesa_consumer_key,
        settings.mpesa_consumer_secret.get_secret_value(),
        settings.mpesa_short_code,
        settings.mpesa_passkey.get_secret_value(),
    )
    if settings.mpesa_b2c_initiator:
        key = SandboxKey()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / SANDBOX_CERTIFICATE).write_bytes(key.certificate)
        sandbox.pay_phones(
            short_code=settings.mpesa_b2c_short_code,
            initiator=settings.mpesa_b2c_initiator,
            password=settings.mpesa_b2c_password.get_secret_value(),
            key=key,
        )
    application = sandbox.application()
    application.on_startup.append(beginning_at_house_time(settings, (sandbox.driven,)))
    return application
