"""What a request may take: bytes, seconds, and one of the few places in the queue for the model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ragkit.answer import Answer
from ragkit.index import Index
from ragkit.models.llm import LLM
from ragkit.models.server import ServerLLM
from ragkit.web.answering import answer_in_steps

MOST_BYTES = 1_000_000  # of a request: a chat client sends all that was said before
MOST_CHARACTERS = 2_000  # of a question
MOST_NEW_TOKENS = 1_024
MOST_AT_ONCE = 8  # requests: one is answered, the others wait
MOST_SECONDS = 120.0  # for a model's words
MORE_SECONDS = 30.0  # to send the request, to search, and to take the answer
MOST_CONNECTIONS = 64


@dataclass
class Desk:
    """What is asked, who writes, and how many are being answered now."""

    index: Index
    llm: LLM | ServerLLM
    seconds: float = MOST_SECONDS
    at_once: int = MOST_AT_ONCE
    n_now: int = 0
    threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.threads = ThreadPoolExecutor(self.at_once)

    async def answer(self, request: Request, question: str, **how: Any) -> AsyncIterator[Answer]:
        """Yield what `answer_in_steps` does, until whoever asked has gone."""
        steps = answer_in_steps(question, self.index, self.llm, seconds=self.seconds, **how)
        try:
            while step := await asyncio.wrap_future(future := self.threads.submit(next, steps, None)):
                yield step
                if await request.is_disconnected():
                    break
        finally:  # if this task is cancelled, a thread may be in a step, a second long; until then it cannot be closed
            future.add_done_callback(lambda _: steps.close())


async def take_place(request: Request) -> AsyncIterator[Desk]:
    """Give the request one of the places until it is answered; 503 if all are taken."""
    desk: Desk = request.app.state.desk
    if desk.n_now >= desk.at_once:
        message = f"{desk.at_once} requests are being answered, and no more can wait: try again later."
        raise HTTPException(503, message, headers={"Retry-After": "5"})
    desk.n_now += 1
    try:
        yield desk
    finally:
        desk.n_now -= 1


Place = Annotated[Desk, Depends(take_place)]


class TimeLimit:
    """Ends a request that takes too long: a body that comes in drops, an answer that nobody fetches."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def note_and_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds):
                await self.app(scope, receive, note_and_send)
        except TimeoutError:
            if not started:  # else the connection is closed in the middle
                said = f"The request took more than {self.seconds:.0f} s."
                late = problem(scope["path"], 408, said, {"Connection": "close"})  # no other can follow on it
                await late(scope, receive, send)


class OneShape:
    """Says what a layer below says of a refusal as plain text in the shape of all other errors."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def shape_and_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start" and message["status"] >= 400:
                plain = dict(message["headers"]).get(b"content-type", b"").startswith(b"text/plain")
                status = message["status"] if plain else 0
            if not status:
                await send(message)
            elif message["type"] == "http.response.body":
                await problem(scope["path"], status, message["body"].decode())(scope, receive, send)

        await self.app(scope, receive, shape_and_send)


def problem(path: str, status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Say what was wrong, below /v1 in the shape that clients of OpenAI's API read."""
    if f"{path}/".startswith("/v1/"):
        return JSONResponse({"error": openai_error(status, message)}, status, headers)
    return JSONResponse({"error": message}, status, headers)


def openai_error(status: int, message: str) -> dict[str, str | None]:
    """An error as OpenAI's API writes it."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"message": message, "type": kind, "param": None, "code": None}


def event(data: str, name: str | None = None) -> bytes:
    """A server-sent event; JSON has no line breaks, so one line of data is enough."""
    return (f"event: {name}\n" if name else "").encode() + f"data: {data}\n\n".encode()


SILENCE = b": the model is at work\n\n"
"""A comment, which clients skip: it keeps the connection open."""
