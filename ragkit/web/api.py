"""A server for other programs: ask and search one's own documents over HTTP, on this machine."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import uvicorn
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

import ragkit
from ragkit.answer import Answer
from ragkit.generate import MAX_NEW_TOKENS
from ragkit.index import Index, Paths, open_index
from ragkit.models.asking import is_here
from ragkit.models.llm import LLM
from ragkit.models.open_llm import load_llm
from ragkit.models.server import ServerLLM
from ragkit.notice import BadParameter, EmptyQuestion, PromptTooLong, RagkitError, ServerError, say
from ragkit.web import completions, limits
from ragkit.web.limits import Desk, Place, problem
from ragkit.web.replies import Passages, Reply, reply_of, rows_of
from ragkit.web.serving import Server

ABOUT = """Answers from your own documents: first what they say, then a local model's words, each sentence traced.

`POST /ask` streams server-sent events. `found`: what the documents say, or why they do not answer. `text`: the next
words of the model, not yet checked. `answer`: the whole, with the sentence that supports each sentence of the model.
`error`: what went wrong on the way. With `"stream": false` only the whole comes, as JSON.

`POST /v1/chat/completions` is for clients of OpenAI's API; the last message of the user is the question. One that
leans on those before it ("And for class C?") is searched for with them; `searched_for`, or a line, says as what."""

MOST_PASSAGES = 50
Method = Literal["hybrid", "dense", "sentences", "bm25"]
router = APIRouter()


class Asked(BaseModel):
    """A question, and how to answer it."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=1, max_length=limits.MOST_CHARACTERS)
    before: list[str] = Field([], max_length=50, description="questions asked before it, the latest last")
    top_k: int = Field(5, ge=1, le=MOST_PASSAGES, description="passages")
    method: Method = "hybrid"
    max_new_tokens: int = Field(MAX_NEW_TOKENS, ge=1, le=limits.MOST_NEW_TOKENS)
    temperature: float = Field(0.0, ge=0, le=2)
    stream: bool = True


class Problem(BaseModel):
    """What was wrong, and what to do."""

    error: str


@router.post("/ask", response_model=Reply, responses={200: {"content": {"text/event-stream": {}}}})
async def ask(asked: Asked, desk: Place, request: Request) -> Response | Reply:
    """Answer a question."""
    how = asked.model_dump(include={"before", "top_k", "method", "max_new_tokens"})
    steps = desk.answer(request, asked.question, temperature=round(asked.temperature, 2), **how)
    first = await anext(steps)  # an error here has a status of its own
    if asked.stream:
        return StreamingResponse(_events(first, steps), media_type="text/event-stream")
    return reply_of([first, *[step async for step in steps]][-1])


@router.get("/search")
async def search(
    desk: Place,
    question: Annotated[str, Query(min_length=1, max_length=limits.MOST_CHARACTERS)],
    top_k: Annotated[int, Query(ge=1, le=MOST_PASSAGES)] = 5,
    method: Method = "hybrid",
) -> Passages:
    """Find the passages nearest to a question; no model writes."""
    hits = await run_in_threadpool(desk.index.search, question, top_k, method=method)
    return Passages.model_validate({"question": question, "passages": rows_of(hits)})


async def _events(first: Answer, steps: AsyncIterator[Answer]) -> AsyncIterator[bytes]:
    yield limits.event(reply_of(first).model_dump_json(), "found")
    step = before = first
    try:
        async for step in steps:
            piece, before = step.text[len(before.text) :], step
            yield limits.event(json.dumps({"text": piece}), "text") if piece else limits.SILENCE
        yield limits.event(reply_of(step).model_dump_json(), "answer")
    except RagkitError as error:
        yield limits.event(json.dumps({"error": str(error)}), "error")


def make_api(
    index: Index,
    llm: LLM | ServerLLM,
    host: str = "127.0.0.1",
    seconds: float = limits.MOST_SECONDS,
    at_once: int = limits.MOST_AT_ONCE,
) -> FastAPI:
    """Make the application that `serve` runs.

    Parameters
    ----------
    index, llm
        What is asked, and who writes.
    host : str
        Besides localhost, the only name by which a client may call this server: a page in a browser that reaches it
        under a name of its own is turned away.
    seconds : float
        Time for a model's words.
    at_once : int
        Requests that are answered or wait; one more gets 503.
    """
    app = FastAPI(
        title="ragkit", version=ragkit.__version__, description=ABOUT,
        docs_url=None, redoc_url=None,  # both load scripts from elsewhere
        telemetry={"tracing": False, "metrics": False, "logs": False},
        responses={code: {"model": Problem} for code in (400, 422, 503)},
    )  # fmt: skip
    app.state.desk = Desk(index, llm, seconds, at_once)
    app.add_middleware(limits.TimeLimit, seconds=seconds + limits.MORE_SECONDS)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", host])
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=limits.MOST_BYTES)
    app.add_middleware(limits.OneShape)
    app.include_router(router)
    app.include_router(completions.router)
    app.add_exception_handler(RagkitError, _ragkit_problem)
    app.add_exception_handler(RequestValidationError, _wrong_shape)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _fault)
    return app


async def _ragkit_problem(request: Request, error: Exception) -> JSONResponse:
    asked_wrongly = isinstance(error, BadParameter | EmptyQuestion | PromptTooLong)
    status = 400 if asked_wrongly else 502 if isinstance(error, ServerError) else 500
    return problem(request.url.path, status, str(error))


async def _wrong_shape(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if request.method == "POST" and "json" not in request.headers.get("content-type", ""):
        return problem(request.url.path, 415, "Send JSON, with the header Content-Type: application/json.")
    if (first := error.errors()[0])["type"] == "json_invalid":
        said = f"This is no JSON from character {first['loc'][-1]} on: {first['ctx']['error']}."
        return problem(request.url.path, 400, said)
    wrong = [f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in error.errors()[:3]]
    status = 400 if request.url.path.startswith("/v1/") else 422
    return problem(request.url.path, status, "; ".join(wrong))


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    hint = ". What there is: /openapi.json" if error.status_code in (404, 405) else ""
    return problem(request.url.path, error.status_code, error.detail.rstrip(".") + hint, error.headers)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    """What nobody foresaw: the server's log has it, whoever asks gets none of it."""
    return problem(
        request.url.path, 500, "Something went wrong here: what it was stands where the server runs."
    )


def serve(pdf: Paths, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Answer questions about PDFs over HTTP until Ctrl-C.

    Parameters
    ----------
    pdf
        As in `open_index`.
    host : str
        Address to listen on. There is no login: whoever reaches it can read the documents.
    port : int

    Raises
    ------
    BadParameter
        If nobody can listen there.
    Whatever `open_index` and `load_llm` raise.
    """
    try:
        listening = socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        raise BadParameter(f"Port {port} of {host}: {error}. Choose another with --port.") from error
    index = open_index(pdf)
    _ = index.keywords, index.embedder.model  # made here, once, and not by the first requests side by side
    app = make_api(index, load_llm(), host)
    address = f"http://{host}:{listening.getsockname()[1]}"
    if not is_here(host):
        say(f"whoever reaches {address} can read the documents: there is no login")
    say(f"ready: {address}/v1 for chat clients, {address}/openapi.json for other programs; Ctrl-C ends it")
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none",
        lifespan="off", limit_concurrency=limits.MOST_CONNECTIONS, timeout_graceful_shutdown=3,
    )  # fmt: skip
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run(sockets=[listening])
