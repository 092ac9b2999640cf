"""An answer as it comes: for whatever shows one while it is written."""

from __future__ import annotations

import functools
import math
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from ragkit.answer import Answer
from ragkit.found import find
from ragkit.generate import quoted, write
from ragkit.grounding.citations import support
from ragkit.index import Index
from ragkit.models.llm import LLM
from ragkit.models.server import ServerLLM

ONE_AT_A_TIME = threading.Lock()
"""A model on this machine writes one answer at a time: two at once would each take more than twice as long."""

SILENCE_SECONDS = 1.0
"""After so long without a word there is a step nevertheless: whoever shows it can see that nobody looks any more."""


class Stopped(Exception):
    """Whoever asked has gone; nobody reads on."""


def answer_in_steps(
    question: str,
    index: Index,
    llm: LLM | ServerLLM,
    *,
    before: Sequence[str] = (),
    top_k: int = 5,
    method: str = "hybrid",
    seconds: float = math.inf,
    stop: Sequence[str] = (),
    **writing: Any,
) -> Generator[Answer, None, None]:
    """Answer a question, and yield what there is so far, each time a little more.

    The first has what the document says and no words of the model (or is a refusal, and the last); then its words as
    they come; the last is what `ragkit.ask` returns. Once a second there is a step, even without a new word. If the
    caller stops reading, the model stops writing.

    Parameters
    ----------
    question, index, llm, before, top_k, method
        As in `ragkit.ask`; `before` holds questions.
    seconds : float
        Time for the model's words, the wait for its turn included; then what has come is the answer, "cut off".
    stop : sequence of str
        The model's words end before the first of these.
    writing
        What else `ragkit.generate.write` takes.

    Raises
    ------
    EmptyQuestion, BadParameter, PromptTooLong, ServerError
    """
    found = find(question, index, top_k, before=before, method=method)
    answer = quoted(found)
    yield answer
    if answer.stop_reason:
        return
    pieces: SimpleQueue[str | Answer | BaseException] = SimpleQueue()
    gone = threading.Event()

    look = functools.partial(_look, gone)

    def take(piece: str) -> None:
        look()
        pieces.put(piece)

    def work() -> None:
        try:
            with ONE_AT_A_TIME:
                if not gone.is_set():
                    pieces.put(write(answer, llm, stream=take, look=look, **writing))
        except BaseException as error:
            pieces.put(error)

    threading.Thread(target=work, daemon=True).start()
    ends, text, n = time.monotonic() + seconds, "", 0
    try:
        while not isinstance(piece := _wait(pieces, ends), Answer | BaseException):
            text, n = text + (piece or ""), n + (piece is not None)
            stopped = any(each in text for each in stop)
            if stopped or time.monotonic() > ends:
                cited, reason = support(text, found), "end" if stopped else "cut off"
                piece = replace(answer, text=text, n_answer_tokens=n, stop_reason=reason, citations=cited)
                break
            yield replace(answer, text=text)
    finally:
        gone.set()
    if isinstance(piece, BaseException):
        raise piece
    yield _until(piece, stop)


def _look(gone: threading.Event) -> None:
    """Raise Stopped if nobody reads on."""
    if gone.is_set():
        raise Stopped


def stopped(answer: Answer) -> Answer:
    """An answer that was stopped, with what had come compared with the document; as it is where nothing had come."""
    if not answer.text or answer.found is None or answer.stop_reason:
        return answer
    return replace(answer, citations=support(answer.text, answer.found), stop_reason="stopped")


def _until(answer: Answer, stop: Sequence[str]) -> Answer:
    """The answer with the model's words before the first of the stops."""
    text = min((answer.text.partition(each)[0] for each in stop), key=len, default=answer.text)
    if answer.found is None or text == answer.text:
        return answer
    citations = support(text, answer.found)
    if answer.doubt:  # as in `ragkit.generate.write`
        citations = citations[citations["supported"]].reset_index(drop=True)
    return replace(answer, text=text.rstrip(), citations=citations, stop_reason="end")


def _wait(
    pieces: SimpleQueue[str | Answer | BaseException], ends: float
) -> str | Answer | BaseException | None:
    """The next piece, or None after a second without one, or where the time ends."""
    try:
        return pieces.get(timeout=max(0.0, min(SILENCE_SECONDS, ends - time.monotonic())))
    except Empty:
        return None
