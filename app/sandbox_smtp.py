"""`sokoni sandbox-smtp`: a mail server that brings nothing anywhere, for development."""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from app.config import Settings
from integrations.sandbox.smtp import MailSandbox

HOST: Final = "127.0.0.1"


def serve_mail(settings: Settings, *, port: int) -> int:
    """Take e-mails into the folder `mails` of the data folder until a signal comes; the answer is the exit status."""
    if settings.is_production:
        sys.stderr.write("The sandbox brings no e-mail anywhere; production has none of it.\n")
        return 1

    async def serve() -> None:
        server = await MailSandbox(folder=settings.data_dir / "mails").start(host=HOST, port=port)
        async with server:
            await server.serve_forever()

    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        return 0
    return 0
