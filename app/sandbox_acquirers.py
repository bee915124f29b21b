"""`sokoni sandbox-acquirers`: servers in the shape of the acquirers, each below a path of its own, for development."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from app.acquirer_callbacks import CALLBACKS
from app.config import Settings
from app.logging import configure_logging
from app.sandbox_clock import beginning_at_house_time
from app.stripe_settings import SANDBOX_WEBHOOK_SECRET
from integrations.sandbox.caller import Caller
from integrations.sandbox.paypal import PayPalSandbox
from integrations.sandbox.razorpay import RazorpaySandbox
from integrations.sandbox.stripe import StripeSandbox

HOST: Final = "127.0.0.1"


def addresses(url: str) -> Mapping[str, str]:
    """The settings by which everything finds them at this address."""
    return {
        "SOKONI_STRIPE_URL": f"{url}/stripe",
        "SOKONI_PAYPAL_URL": f"{url}/paypal",
        "SOKONI_RAZORPAY_URL": f"{url}/razorpay",
    }


def unnamed(settings: Settings, url: str) -> Mapping[str, str]:
    """Those of them that stand in for what the settings do not name."""
    named = {
        "SOKONI_STRIPE_URL": settings.stripe_url,
        "SOKONI_PAYPAL_URL": settings.paypal_url,
        "SOKONI_RAZORPAY_URL": settings.razorpay_url,
    }
    return {name: address for name, address in addresses(url).items() if named[name] is None}


def serve_acquirers(settings: Settings, *, port: int, api: str | None) -> int:
    """Serve until a signal comes; the answer is the exit status. They know the accounts that the settings name."""
    if settings.is_production:
        sys.stderr.write(
            "The sandbox of the acquirers pays with money that does not exist; production has none of it.\n"
        )
        return 1
    configure_logging(settings.log_level)
    application = acquirers_application(settings, port=port, api=api or settings.own_url)
    web.run_app(application, host=HOST, port=port, print=None, access_log=None, shutdown_timeout=1)
    return 0


def acquirers_application(settings: Settings, *, port: int, api: str) -> web.Application:
    """The servers, which begin at the time of the house that the settings name, and call back to `api`."""
    callbacks = api + CALLBACKS
    servers: dict[str, StripeSandbox | PayPalSandbox | RazorpaySandbox] = {
        "/stripe": _stripe(settings, port=port, callbacks=callbacks),
        "/paypal": _paypal(settings, port=port, callbacks=callbacks),
        "/razorpay": _razorpay(settings, callbacks=callbacks),
    }
    application = web.Application()
    for path, server in servers.items():
        application.add_subapp(path, server.application())
    application.on_startup.append(beginning_at_house_time(settings, [server.driven for server in servers.values()]))
    return application


def _stripe(settings: Settings, *, port: int, callbacks: str) -> StripeSandbox:
    secrets = settings.stripe_webhook_secrets
    return StripeSandbox(
        settings.stripe_secret_key.get_secret_value(),
        settings.stripe_public_key,
        secrets[0].get_secret_value() if secrets else SANDBOX_WEBHOOK_SECRET,
        Caller(f"{callbacks}card"),
        url=f"http://{HOST}:{port}/stripe",
    )


def _paypal(settings: Settings, *, port: int, callbacks: str) -> PayPalSandbox:
    return PayPalSandbox(
        settings.paypal_client_id,
        settings.paypal_client_secret.get_secret_value(),
        settings.paypal_webhook_id,
        Caller(f"{callbacks}paypal"),
        url=f"http://{HOST}:{port}/paypal",
    )


def _razorpay(settings: Settings, *, callbacks: str) -> RazorpaySandbox:
    return RazorpaySandbox(
        settings.razorpay_key_id,
        settings.razorpay_key_secret.get_secret_value(),
        settings.razorpay_webhook_secret.get_secret_value(),
        Caller(f"{callbacks}razorpay"),
    )
