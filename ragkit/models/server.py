"""A language model behind a server on this machine: Ollama, LM Studio, llama.cpp, or another with the same API."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from ragkit.models import asking
from ragkit.models.asking import CONNECT_SECONDS, EXAMPLE, shown
from ragkit.models.decoding import only_thought
from ragkit.models.memory import CONTEXT_TOKENS
from ragkit.notice import BadParameter, ServerError, say

PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080}
FIND_SECONDS = 0.3
TOKEN_SECONDS = 120.0  # the first token waits until the server has loaded the model and read the prompt
_NO_THINKING = {
    "reasoning_effort": "none",
    "chat_template_kwargs": {"enable_thinking": False},
}  # Ollama; llama.cpp


@dataclass(frozen=True)
class ServerLLM:
    """A language model that a server runs; made by `open_server`.

    Attributes
    ----------
    name : str
        The model's name on the server.
    url : str
        Where the server's API is; ends in /v1.
    context : int
        Tokens that prompt and answer can have together.
    device, dtype : str
        "server" and "": where and how the model runs is the server's business.
    """

    name: str
    url: str
    context: int = CONTEXT_TOKENS
    device: ClassVar[str] = "server"
    dtype: ClassVar[str] = ""


def open_server(address: str, timeout: float = CONNECT_SECONDS) -> ServerLLM:
    """Return the model at an address, such as http://127.0.0.1:11434/v1#qwen3:4b; the server has to be running.

    Parameters
    ----------
    address : str
        The server's API and, after "#", a model; without it, the only model that the server has.
    timeout : float
        Seconds that the server has for each of the few questions about its models.

    Raises
    ------
    BadParameter
        No such model, several to choose from, or a host that is neither this machine nor RAGKIT_REMOTE_LLM.
    ServerError
        The server does not answer, or not in the way of this API.
    """
    base, _, name = address.partition("#")
    host = asking.split_address(base).hostname
    url = base.rstrip("/").removesuffix("/v1") + "/v1"
    if not asking.is_here(host):
        say(f"question and passages leave this machine for {host} (RAGKIT_REMOTE_LLM)")
    try:
        models = _models(url, timeout)
    except ServerError as error:
        if not (name and error.status == 404):  # a server without a list: the name is taken as given
            raise
        models = {}
    if not name and len(models) != 1:
        found = f"has several models: {_names(models)}" if models else "has no language model yet"
        raise BadParameter(f"{url} {found}. Name one behind the address, as in {EXAMPLE}.")
    name = name or next(iter(models))
    facts = models.get(name) or models.get(f"{name}:latest")
    if models and facts is None:
        raise BadParameter(f"{url} has no model {name!r}. It has: {_names(models)}.")
    return ServerLLM(name, url, _context(url, name, facts or {}, timeout))


def find_servers() -> list[str]:
    """Return the models that servers on the usual ports of this machine offer: addresses for `open_server`.

    A server without a model is there as its address alone. Each port has 0.3 s to answer.
    """
    found = []
    for port in PORTS.values():
        url = f"http://127.0.0.1:{port}/v1"
        with contextlib.suppress(ServerError):
            found += [f"{url}#{name}" for name in _models(url, FIND_SECONDS)] or [url]
    return found


def stream_chat(
    llm: ServerLLM,
    messages: list[dict[str, str]],
    max_new_tokens: int,
    temperature: float = 0.0,
    seed: int = 0,
) -> Iterator[tuple[str, str | None]]:
    """Yield the answer in pieces as they come, (text, None) each, and at the end ("", "end" or "length").

    A thought is no text: ("", None).

    Raises
    ------
    ServerError
        Whatever goes wrong on the way, also after some pieces have come: the caller has those.
    """
    body = {
        "model": llm.name, "messages": messages, "stream": True,
        "max_tokens": max_new_tokens, "temperature": temperature, "seed": seed,
    }  # fmt: skip
    try:
        yield from _stream(llm.url, body | _NO_THINKING)
        return
    except ServerError as error:
        if error.status != 400:  # a server that takes no word it does not know says 400, before any piece
            raise
    yield from _stream(llm.url, body)


def _stream(url: str, body: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    written, thought, stop = False, False, None
    with asking.request(f"{url}/chat/completions", body, wait=TOKEN_SECONDS) as response:
        for data in asking.read_events(url, response):
            text, thinks, stop = _read_piece(url, data)
            written, thought = written or bool(text), thought or thinks
            if text or thinks:
                yield text, None
            if stop:
                break
    if thought and not written:
        raise ServerError(only_thought(body["model"], body["max_tokens"]))
    yield "", "length" if stop == "length" else "end"


def _read_piece(url: str, data: Any) -> tuple[str, bool, str | None]:
    """Return the text of an event, whether the model thinks instead of answering, and why it stopped, if it did."""
    if isinstance(data, dict) and data.get("error"):
        raise ServerError(f"{url} gave up: {shown(asking.message(data), 200)}")
    try:
        if not data["choices"]:  # what the answer took, in numbers
            return "", False, None
        choice = data["choices"][0]
        said = choice.get("delta") or choice.get("message") or {}
        text = said.get("content") or ""
        thinks = bool(said.get("reasoning") or said.get("reasoning_content"))
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise asking.odd(url, data) from error
    if not isinstance(text, str):
        raise asking.odd(url, data)
    return text, thinks, choice.get("finish_reason")


def _models(url: str, seconds: float) -> dict[str, dict]:
    """Return the language models that a server lists, by name, with what it says of each."""
    answer = _ask(f"{url}/models", None, seconds)
    try:
        found = {str(facts["id"]): facts for facts in answer["data"] or []}
    except (KeyError, TypeError) as error:
        raise asking.odd(url, answer) from error
    return {
        name: facts for name, facts in found.items() if "embed" not in name.lower() and name.isprintable()
    }


def _ask(url: str, body: Any, seconds: float) -> Any:
    with asking.request(url, body, connect=seconds, wait=seconds) as response:
        return asking.read_json(url, response)


def _names(models: Iterable[str]) -> str:
    return shown(", ".join(models), 400)


def _context(url: str, name: str, facts: dict, seconds: float) -> int:
    """Return the tokens that prompt and answer can have, where the server tells; else 4096, or the model's own if less.

    What a model was trained for is no more than a limit: Ollama gives it 4,096 tokens unless its Modelfile has another
    `num_ctx`, and drops in silence what is over.
    """
    root = url.removesuffix("/v1")
    questions = {"/props": None, "/api/show": {"model": name}, f"/api/v0/models/{quote(name)}": None}
    told = json.dumps(facts)  # vLLM's has it; llama.cpp, Ollama and LM Studio are asked, each in its own way
    for path, body in questions.items():
        with contextlib.suppress(ServerError):
            told += json.dumps(_ask(root + path, body, seconds))
    given = re.search(r'(?:"max_model_len":|"n_ctx":|num_ctx|"loaded_context_length":)\s+([1-9]\d*)', told)
    trained = re.search(r'"(?:max_|[\w-]+\.)context_length": ([1-9]\d*)', told)
    return int(given[1]) if given else min(CONTEXT_TOKENS, int(trained[1]) if trained else CONTEXT_TOKENS)
