"""The server as clients of OpenAI's chat API know one: their model is the documents."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from ragkit.answer import Answer
from ragkit.generate import MAX_NEW_TOKENS
from ragkit.notice import BadParameter, RagkitError
from ragkit.show import card
from ragkit.web import limits
from ragkit.web.limits import Place

NAME = "ragkit"
FINISHED = {"length": "length", "cut off": "length"}
CUT_OFF = "\n\n(The time was up before the model had ended.)"
router = APIRouter(prefix="/v1")


class Part(BaseModel):
    """A part of a message; only text can be read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """A message of the chat."""

    role: str
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    """What else a stream holds."""

    include_usage: bool = False


class Chat(BaseModel):
    """A request as OpenAI's API takes it; what is not named here is ignored."""

    messages: list[Message] = Field(min_length=1, description="the last one of the user is the question")
    max_tokens: int | None = Field(None, ge=1, description=f"{limits.MOST_NEW_TOKENS} at most")
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2, description="default: 0")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None


@router.get("/models")
async def models() -> dict[str, Any]:
    """Name the one model that there is; in a request any name will do."""
    return {"object": "list", "data": [{"id": NAME, "object": "model", "created": 0, "owned_by": NAME}]}


@router.post("/chat/completions", responses={200: {"content": {"text/event-stream": {}}}})
async def complete(chat: Chat, desk: Place, request: Request) -> Response:
    """Answer the last message of the user; those before it are read for what it leaves to them.

    The content is in the order in which it can be trusted: the sentences of the documents with their pages, then the
    model's words, each sentence with the number of the one that supports it. In a stream, the documents' sentences
    come at once, and the model's when all are checked: what was sent cannot be taken back.
    """
    most = min(chat.max_completion_tokens or chat.max_tokens or MAX_NEW_TOKENS, limits.MOST_NEW_TOKENS)
    heat = round(chat.temperature or 0.0, 2)
    *before, question = _questions(chat)
    steps = desk.answer(request, question, before=before, max_new_tokens=most, temperature=heat)
    first = await anext(steps)
    about = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": NAME}
    if chat.stream:
        wants_usage = bool(chat.stream_options and chat.stream_options.include_usage)
        events = _events(first, steps, about | {"object": "chat.completion.chunk"}, wants_usage)
        return StreamingResponse(events, media_type="text/event-stream")
    last = [first, *[step async for step in steps]][-1]
    choice = _choice(last) | {"message": {"role": "assistant", "content": _text(last), "refusal": None}}
    return JSONResponse(about | {"object": "chat.completion", "choices": [choice], "usage": _usage(last)})


async def _events(
    first: Answer, steps: AsyncIterator[Answer], about: dict[str, Any], wants_usage: bool
) -> AsyncIterator[bytes]:
    def chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
        return limits.event(json.dumps(about | {"choices": choices} | more))

    sent, last = _first_words(first), first
    yield chunk([{"index": 0, "delta": {"role": "assistant", "content": sent}, "finish_reason": None}])
    try:
        async for last in steps:  # noqa: B007 (what comes last is sent below)
            yield limits.SILENCE
    except RagkitError as error:
        yield limits.event(json.dumps({"error": limits.openai_error(500, str(error))}))
        return
    rest = _text(last).removeprefix(sent)
    yield chunk([{"index": 0, "delta": {"content": rest}, "finish_reason": None}])
    yield chunk([_choice(last) | {"delta": {}}])
    if wants_usage:
        yield chunk([], usage=_usage(last))
    yield limits.event("[DONE]")


def _questions(chat: Chat) -> list[str]:
    """The messages of the user, as texts, the question last; raises BadParameter for what cannot be answered."""
    if (chat.n or 1) != 1 or chat.tools or chat.functions:
        raise BadParameter("One answer in words is all that there is: leave out n, tools and functions.")
    if (chat.response_format or {}).get("type", "text") != "text":
        raise BadParameter("The answer is text: leave out response_format.")
    contents = [each.content for each in chat.messages if each.role == "user"] or [None]
    asked = [[Part(type="text", text=each)] if isinstance(each, str) else each or [] for each in contents]
    if other := [part.type for part in asked[-1] if part.type != "text"]:
        raise BadParameter(f"Only text can be read, not {other[0][:40]}.")
    questions = ["\n".join(part.text for part in parts) for parts in asked]
    if len(questions[-1]) > limits.MOST_CHARACTERS:
        raise BadParameter(f"A question has {limits.MOST_CHARACTERS:,} characters at most.")
    return questions


def _text(answer: Answer) -> str:
    """The answer as `ragkit ask` prints it, without the question."""
    text = card.answer(answer).text.removeprefix(f"Question: {answer.question}\n\n")
    return text + CUT_OFF if answer.stop_reason == "cut off" else text


def _first_words(found: Answer) -> str:
    """What can be said before the model has written: how its text will begin."""
    return _text(found).rpartition(f"\n\n{card.MODEL}")[0] if len(found.key_sentences) else ""


def _choice(answer: Answer) -> dict[str, Any]:
    return {"index": 0, "logprobs": None, "finish_reason": FINISHED.get(answer.stop_reason, "stop")}


def _usage(answer: Answer) -> dict[str, int]:
    read, written = answer.n_prompt_tokens, answer.n_answer_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
