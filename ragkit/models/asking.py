"""How a server is asked: on this machine alone, with no proxy, no redirect and no key, and every fault by its name."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ragkit.notice import BadParameter, ServerError

EXAMPLE = "http://127.0.0.1:11434/v1#qwen3:4b"
CONNECT_SECONDS = 5.0
LONGEST_BYTES = 1_000_000  # a line of a stream, or an answer that comes as a whole


def split_address(url: str) -> SplitResult:
    """Take an address apart.

    Raises
    ------
    BadParameter
        It is none, it has a user or a query in it, or its host is neither this machine nor the one that
        RAGKIT_REMOTE_LLM names.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError as error:
        raise BadParameter(f"{url!r} is not an address ({error}); one is {EXAMPLE}.") from error
    if not parts.hostname or "@" in parts.netloc or parts.query:
        raise BadParameter(f"A server's address is host, port and /v1, with no user and no key: {EXAMPLE}.")
    allowed = os.environ.get("RAGKIT_REMOTE_LLM", "").strip().strip("[]").lower()
    if not is_here(parts.hostname) and parts.hostname != allowed:
        raise BadParameter(
            f"{parts.hostname} is not this machine (127.0.0.1, localhost): question and passages would leave for it. "
            f"If that is what you want, set RAGKIT_REMOTE_LLM={parts.hostname}."
        )
    return parts


def is_here(host: str | None) -> bool:
    """Tell whether a host is this machine: 127.0.0.0/8, ::1 or localhost."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host or "").is_loopback
    return host == "localhost"


@contextlib.contextmanager
def request(
    url: str, body: Any = None, *, connect: float = CONNECT_SECONDS, wait: float = CONNECT_SECONDS
) -> Iterator[http.client.HTTPResponse]:
    """Ask (POST where there is a body); what goes wrong until the `with` ends becomes a ServerError.

    Parameters
    ----------
    connect, wait : float
        Seconds to let us in; seconds without a byte.
    """
    parts = split_address(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=connect)
    method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
    late = f"did not answer within {connect:g} s"
    try:
        connection.connect()
        late = f"sent nothing for {wait:g} s"
        connection.sock.settimeout(wait)
        connection.request(method, parts.path, data, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            if response.status != 200:
                raise _refusal(url, response)
            yield response
    except ServerError:
        raise
    except ConnectionRefusedError as error:
        start = "ollama serve; LM Studio: lms server start; llama.cpp: llama-server -m FILE"
        raise ServerError(
            f"Nothing answers at {url}. Start the server ({start}), or correct the port."
        ) from error
    except TimeoutError as error:
        raise ServerError(f"{url} {late}. Is it busy, or the model too large for it?") from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ServerError(f"{url} broke off: {shown(f'{type(error).__name__}: {error}', 200)}.") from error
    finally:
        connection.close()


def _refusal(url: str, response: http.client.HTTPResponse) -> ServerError:
    """Make an error of a status, with the server's own words."""
    if 300 <= response.status < 400:
        place = shown(response.getheader("Location") or "nowhere", 200)
        error = ServerError(
            f"{url} sends on to {place}. That is not followed: give the server's own address."
        )
    else:
        text = response.read(10_000).decode("utf-8", "replace")
        with contextlib.suppress(ValueError):
            text = message(json.loads(text))
        error = ServerError(f"{url} answers {response.status} {response.reason}: {shown(text, 200)}")
    error.status = response.status
    return error


def message(data: Any) -> str:
    """Return the words in an error that came as JSON."""
    error = data.get("error", data) if isinstance(data, dict) else data
    return str(error.get("message", error) if isinstance(error, dict) else error)


def read_json(url: str, response: http.client.HTTPResponse) -> Any:
    """Read an answer that comes as a whole."""
    text = response.read(LONGEST_BYTES + 1)
    if len(text) > LONGEST_BYTES:
        raise ServerError(f"{url} sent more than {LONGEST_BYTES:,} bytes, which no answer has.")
    if response.length:
        raise ServerError(f"{url} broke off in the middle of its answer.")
    return _parse(url, text)


def read_events(url: str, response: http.client.HTTPResponse) -> Iterator[Any]:
    """Yield what an event stream sends until its [DONE]; or the one answer of a server that does not stream."""
    if "event-stream" not in (response.getheader("Content-Type") or ""):
        yield read_json(url, response)
        return
    while line := response.readline(LONGEST_BYTES + 1):
        if len(line) > LONGEST_BYTES:
            raise ServerError(f"{url} sent a line of more than {LONGEST_BYTES:,} bytes, which no answer has.")
        field, _, value = line.partition(b":")
        value = line if line.startswith(b"{") else value if field in (b"data", b"error") else b""
        if value.strip() == b"[DONE]":
            return
        if value.strip() and line.endswith(b"\n"):
            yield _parse(url, value)
    raise ServerError(f"{url} broke off in the middle of its answer.")


def _parse(url: str, text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise odd(url, text) from error


def odd(url: str, answer: Any) -> ServerError:
    """Make an error of an answer that has no sense in this API."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else json.dumps(answer)
    return ServerError(f"{url} does not answer as this API does: {shown(text, 100) or '(nothing)'}")


def shown(text: str, limit: int) -> str:
    """Cut a server's words, on one line and without signs that a terminal obeys."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return words if len(words) <= limit else f"{words[:limit]} ..."
