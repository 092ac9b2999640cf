"""The server as clients of OpenAI's chat API know one: their model is the documents."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from ragkit.answer import Answer
from ragkit.generate import MAX_NEW_TOKENS
from ragkit.notice import BadParameter, RagkitError
from ragkit.show import card
from ragkit.web import limits
from ragkit.web.errands import question_in, title_of
from ragkit.web.limits import Place
from ragkit.web.replies import Reply, reply_of

NAME = "ragkit"
MODEL = {"id": NAME, "object": "model", "created": 0, "owned_by": NAME}
FINISHED = {"length": "length", "cut off": "length"}
CUT_OFF = "\n\n(The time was up before the model had ended.)"
Text = Annotated[str, Field(max_length=limits.MOST_BYTES)]  # limited: half a character is refused
router = APIRouter(prefix="/v1")


class Part(BaseModel):
    """A part of a message; only text can be read."""

    type: Text
    text: Text = ""


class Message(BaseModel):
    """A message of the chat."""

    role: Text
    content: Text | list[Part] | None = None


class StreamOptions(BaseModel):
    """What else a stream holds."""

    include_usage: bool = False


class Chat(BaseModel):
    """A request as OpenAI's API takes it; what is not named here has no effect, and the answer says so (`ignored`)."""

    model_config = ConfigDict(extra="allow")
    messages: list[Message] = Field(min_length=1, description="the last one of the user is the question")
    model: str | None = Field(None, description="any name will do: there is one model")
    max_tokens: int | None = Field(
        None, ge=-1, description=f"{limits.MOST_NEW_TOKENS} at most; 0, -1: {MAX_NEW_TOKENS}"
    )
    max_completion_tokens: int | None = Field(None, ge=-1)
    temperature: float | None = Field(None, ge=0, le=2, description="default: 0")
    seed: int | None = Field(None, description="for the chance, where the temperature is over 0")
    stop: str | list[str] | None = Field(None, description="where the model's words end")
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, description="1")
    logprobs: bool | None = Field(None, description="false")
    tools: list[Any] | None = Field(None, description='only with tool_choice "none"')
    tool_choice: Any = None
    functions: list[Any] | None = Field(None, description='only with function_call "none"')
    function_call: Any = None
    response_format: dict[str, Any] | None = Field(
        None, description="json_object: the answer as from /ask; json_schema: those of its fields"
    )


@router.get("/models")
async def models() -> dict[str, Any]:
    """Name the one model that there is; in a request any name will do."""
    return {"object": "list", "data": [MODEL]}


@router.get("/models/{name}")
async def model(name: str) -> dict[str, Any]:
    """Say that the model is there."""
    if name != NAME:
        raise HTTPException(404, f"There is one model: {NAME}.")
    return MODEL


@router.post("/chat/completions", responses={200: {"content": {"text/event-stream": {}}}})
async def complete(chat: Chat, desk: Place, request: Request) -> Response:
    """Answer the last message of the user; those before it are read for what it leaves to them.

    The content is in the order in which it can be trusted: the sentences of the documents with their pages, then the
    model's words, each sentence with the number of the one that supports it. In a stream, the documents' sentences
    come at once, and the model's when all are checked: what was sent cannot be taken back. `citations` has the
    sentences once more, with file and page, in the order of their numbers.
    """
    _refuse_what_is_not_done(chat)
    about: dict[str, Any] = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": NAME}
    kind = {"object": "chat.completion.chunk" if chat.stream else "chat.completion"}
    said = [(each.role, _words(each)) for each in chat.messages]
    title = title_of(said, desk.index.chunks["source"].iloc[0])
    ignored = sorted({*(chat.model_extra or {}), *(_unread(chat) if title is None else ())})
    about |= {"ignored": ignored} if ignored else {}
    if title is not None:
        steps = _once(Answer(title, 0, 0, 0.0, 0.0, "end"))
    else:
        *before, question = _questions(chat)
        steps = desk.answer(request, question, before=before, **_how(chat))
    first = await anext(steps)
    if chat.stream:
        return StreamingResponse(_events(first, steps, about | kind, chat), media_type="text/event-stream")
    last = [first, *[step async for step in steps]][-1]
    message = {"role": "assistant", "content": _content(last, chat), "refusal": None}
    whole = {"choices": [_choice(last, chat) | {"message": message}], "usage": _usage(last)}
    return JSONResponse(about | kind | whole | {"citations": _citations(last)})


async def _once(answer: Answer) -> AsyncIterator[Answer]:
    yield answer


async def _events(
    first: Answer, steps: AsyncIterator[Answer], about: dict[str, Any], chat: Chat
) -> AsyncIterator[bytes]:
    def chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
        return limits.event(json.dumps(about | {"choices": choices} | more))

    sent, last = _first_words(first) if _fields(chat) is None else "", first
    yield chunk([{"index": 0, "delta": {"role": "assistant", "content": sent}, "finish_reason": None}])
    try:
        async for last in steps:  # noqa: B007 (what comes last is sent below)
            yield limits.SILENCE
    except RagkitError as error:
        yield limits.event(json.dumps({"error": limits.openai_error(500, str(error))}))
        return
    rest = _content(last, chat).removeprefix(sent)
    yield chunk([{"index": 0, "delta": {"content": rest}, "finish_reason": None}])
    yield chunk([_choice(last, chat) | {"delta": {}}], citations=_citations(last))
    if chat.stream_options and chat.stream_options.include_usage:
        yield chunk([], usage=_usage(last))
    yield limits.event("[DONE]")


def _refuse_what_is_not_done(chat: Chat) -> None:
    """Raise BadParameter for what would change the answer, and cannot."""
    if chat.n not in (None, 1) or chat.logprobs:
        raise BadParameter("There is one answer, without probabilities: leave out n and logprobs.")
    pairs = ((chat.tools, chat.tool_choice), (chat.functions, chat.function_call))
    if any(choice not in (("none",) if tools else ("none", "auto", None)) for tools, choice in pairs):
        instead = "Fields of the answer come with response_format json_schema, all of it with json_object."
        raise BadParameter(
            f'No tool is ever called: leave out tools and functions, or send tool_choice "none". {instead}'
        )
    if unknown := [each for each in _fields(chat) or () if each not in Reply.model_fields]:
        there = ", ".join(Reply.model_fields)
        raise BadParameter(f"The answer has no field {unknown[0][:40]!r}. There is: {there}.")


def _unread(chat: Chat) -> set[str]:
    """What of a question's chat is not read: roles, pictures, passages that a front end has put in."""
    found = {each.role for each in chat.messages} - {"user", "assistant"}
    found |= {kind for each in chat.messages for kind in _other_kinds(each)}
    return found | {"context" for text in map(_words, chat.messages) if question_in(text) != text}


def _fields(chat: Chat) -> set[str] | None:
    """The fields of the JSON that is asked for, or None if text is."""
    wanted = chat.response_format or {}
    if (kind := wanted.get("type", "text")) == "text":
        return None
    if kind == "json_object":
        return set(Reply.model_fields)
    try:
        return set(wanted["json_schema"]["schema"]["properties"])
    except (KeyError, TypeError):
        raise BadParameter("response_format: text, json_object, or json_schema with a schema.") from None


def _how(chat: Chat) -> dict[str, Any]:
    """How the model is to write."""
    most = max(chat.max_completion_tokens or chat.max_tokens or 0, 0) or MAX_NEW_TOKENS
    stops = [chat.stop] if isinstance(chat.stop, str) else chat.stop or []
    return {
        "max_new_tokens": min(most, limits.MOST_NEW_TOKENS),
        "temperature": round(chat.temperature or 0.0, 2),
        "seed": (chat.seed or 0) % 2**31,  # what all that run a model take
        "stop": tuple(filter(None, stops)),
    }


def _words(message: Message) -> str:
    """The text of a message."""
    parts = message.content or []
    return parts if isinstance(parts, str) else "\n".join(part.text for part in parts)


def _other_kinds(message: Message) -> list[str]:
    """What is no text in a message."""
    return [part.type for part in message.content or [] if isinstance(part, Part) and part.type != "text"]


def _questions(chat: Chat) -> list[str]:
    """The messages of the user, the question last; raises BadParameter if it cannot be answered."""
    asked = [each for each in chat.messages if each.role == "user"]
    if not asked:
        raise BadParameter('The question is the last message with the role "user", and there is none.')
    if other := _other_kinds(asked[-1]):
        raise BadParameter(f"Only text can be read, not {other[0][:40]}.")
    questions = [question_in(_words(each)) for each in asked]
    if len(questions[-1]) > limits.MOST_CHARACTERS:
        raise BadParameter(f"A question has {limits.MOST_CHARACTERS:,} characters at most.")
    return questions


def _content(answer: Answer, chat: Chat) -> str:
    """The answer as text, or as the JSON that is asked for."""
    if answer.found is None:
        return answer.text
    fields = _fields(chat)
    return _text(answer) if fields is None else reply_of(answer).model_dump_json(include=fields)


def _citations(answer: Answer) -> list[dict[str, Any]]:
    """The sentences that the text numbers, each with its file and page."""
    fields = ("text", "source", "page", "label")
    quotes = enumerate(card.quotations(answer), start=1)
    return [{"number": n} | {field: quote[field] for field in fields} for n, quote in quotes]


def _text(answer: Answer) -> str:
    """The answer as `ragkit ask` prints it, without the question."""
    text = card.answer(answer).text.removeprefix(f"Question: {answer.question}\n\n")
    return text + CUT_OFF if answer.stop_reason == "cut off" else text


def _first_words(found: Answer) -> str:
    """What can be said before the model has written: how its text will begin."""
    return _text(found).rpartition(f"\n\n{card.MODEL}")[0] if len(found.key_sentences) else ""


def _choice(answer: Answer, chat: Chat) -> dict[str, Any]:
    """How the choice ended: JSON is whole where the model's words in it are not, and clients drop what is "length"."""
    reason = "stop" if _fields(chat) is not None else FINISHED.get(answer.stop_reason, "stop")
    return {"index": 0, "logprobs": None, "finish_reason": reason}


def _usage(answer: Answer) -> dict[str, int]:
    read, written = answer.n_prompt_tokens, answer.n_answer_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
