"""The server behind `ragkit chat`: one page on this machine, which talks to no other."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.trustedhost import TrustedHostMiddleware

from ragkit.generate import load_llm
from ragkit.index import Index, open_index
from ragkit.models.catalogue import model_name
from ragkit.notice import BadParameter, say
from ragkit.reading.find import Paths
from ragkit.web.serving import Server
from ragkit.workspace import artifacts_root

HOST = "127.0.0.1"
PORTS = range(7860, 7880)
POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the browser lets the page do: reach this server and nothing else. (Gradio's own scripts are inline.)"""
FETCHES = ("/gradio_api/file=http", "/gradio_api/proxy=")
"""Paths with which Gradio would fetch an address for whoever asks."""

Message = dict[str, Any]


def serve_page(pdf: Paths | None = None, keep_chats: bool = False) -> None:
    """Serve the page until Ctrl-C, with a PDF open or none; the models are loaded first.

    With `keep_chats`, what is said is kept in the folder `chats` among the artifacts, until it is deleted on the page.

    Raises
    ------
    RagkitError
        Whatever `open_index` and `load_llm` raise; BadParameter where no port is free.
    """
    index = open_index(pdf) if pdf else None
    llm = load_llm()
    listening = _listen()
    with tempfile.TemporaryDirectory(prefix="ragkit-chat-") as uploads:
        chats = artifacts_root().absolute() / "chats" if keep_chats else None
        app = make_app(uploads, index, {model_name("llm"): llm}, chats)
        say(f"open http://{HOST}:{listening.getsockname()[1]} in a browser of this machine; Ctrl-C ends it")
        server = Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        server.run(sockets=[listening])


def make_app(uploads: str, index: Index | None, loaded: dict[str, Any], chats: Path | None = None) -> FastAPI:
    """Put the page behind the guards; uploaded files go to the folder `uploads`, what is said to `chats`."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = uploads
    from ragkit.web.chat_page import Behind, mount_page

    app = mount_page(FastAPI(openapi_url=None), Behind(index, loaded, chats))
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    return app


class Guard:
    """ASGI middleware: no other site may ask through the browser, and the page may reach no other site."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(
        self, scope: Message, receive: Any, send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Answer a request, or refuse it."""
        headers = dict(scope.get("headers", []))
        origin, here = headers.get(b"origin"), b"http://" + headers.get(b"host", b"")
        if scope["type"] == "http" and (origin not in (None, here) or scope["path"].startswith(FETCHES)):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"not from here"})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY)]
            await send(message)

        await self.app(scope, receive, send_guarded)


def _listen() -> socket.socket:
    """Take the first free port."""
    for port in PORTS:
        try:
            return socket.create_server((HOST, port))
        except OSError:
            continue
    raise BadParameter(
        f"No port from {PORTS[0]} to {PORTS[-1]} is free on {HOST}: end another `ragkit chat`."
    )
