"""A server that ends quietly."""

from __future__ import annotations

import logging
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """uvicorn's, but whoever is still connected at Ctrl-C (each open tab is) is left without a traceback."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal to end."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        super().handle_exit(sig, frame)
