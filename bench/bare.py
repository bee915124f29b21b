"""uvicorn as we run it around an application that answers fixed bytes: what any endpoint on it costs at the least."""

from __future__ import annotations

import base64
import os
from typing import Any

import orjson
import uvicorn


def main() -> None:
    """Answer every request with what `BENCH_ANSWER` holds, on `BENCH_PORT`."""
    told = orjson.loads(os.environ["BENCH_ANSWER"])
    headers = [(name.encode(), value.encode()) for name, value in told["headers"]]
    start = {"type": "http.response.start", "status": told["status"], "headers": headers}
    body = {"type": "http.response.body", "body": base64.b64decode(told["body"])}

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            await send(dict(start))
            await send(dict(body))

    uvicorn.run(
        application,
        port=int(os.environ["BENCH_PORT"]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
