"""Step 06: from a prompt to an answer that names the pages it came from.

A small model gets the sentences nearest to the question, two worked examples, and no word that is not in them; a
larger one gets rules and the passages, on a processor only as much of them as it reads in the time. Either way the
document's own sentences stand first, and each sentence of the model is traced to the one that supports it.
"""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ragkit.answer import Answer
from ragkit.found import Found, find
from ragkit.grounding.around import in_full
from ragkit.grounding.citations import support
from ragkit.grounding.doubt import outcome_of
from ragkit.grounding.quotes import quote
from ragkit.grounding.windows import windows
from ragkit.index import Index, Paths, Sources, open_index
from ragkit.models.decoding import (
    THOUGHT,
    Stream,
    ended,
    goes_in_circles,
    is_only,
    only_thought,
    tokens_of,
    without_thoughts,
)
from ragkit.models.llm import LLM, Take
from ragkit.models.open_llm import load_llm
from ragkit.models.server import ServerLLM, stream_chat
from ragkit.notice import BadParameter, PromptTooLong, ServerError, say
from ragkit.prompt import (
    MAX_PROMPT_TOKENS,
    Messages,
    Template,
    count_head_tokens,
    fill_template,
    fit_passages,
    render_prompt,
)
from ragkit.whole import answer_whole

__all__ = ["LLM", "Answer", "ask", "generate", "load_llm"]

MAX_NEW_TOKENS = 256
NO_ANSWER = "The document does not answer this."

SMALL_MODEL = 300_000_000
"""Parameters up to which a model gets sentences and examples instead of excerpts and rules: between the two that were
measured, 135 and 494 million (docs/answers.md)."""

READ_TOKENS = 180
"""Tokens of the passages that a model reads on a processor, which takes a second for 100 to 160 (docs/answers.md)."""

Show = Callable[[str], None]
Look = Callable[[], None]
_CONTROL = re.compile(r"<(?=\||/?s>|(?:start|end)_of_turn)|\[(?=/?INST\])")


def generate(
    llm: LLM | ServerLLM,
    prompt: Messages | str,
    max_new_tokens: int = MAX_NEW_TOKENS,
    *,
    temperature: float = 0.0,
    seed: int = 0,
    stream: bool | Show = False,
    words_of: Sequence[str] | None = None,
    look: Look | None = None,
) -> Answer:
    """Let the model write the answer, token by token, until its own end token.

    Parameters
    ----------
    llm : LLM or ServerLLM
        From `load_llm`.
    prompt : list of dict, or str
        Chat messages; or a plain text to be continued, without the chat template.
    max_new_tokens : int
        Tokens an answer at most.
    temperature : float
        0 takes the likeliest token each time (greedy); higher values let chance in.
    seed : int
        For the chance, so that the same call gives the same answer.
    stream : bool or callable
        Print the words on stdout as they come; or hand each piece to a function of your own.
    words_of : sequence of str, optional
        Texts: the answer may have only their words, function words and signs (not a server's). Default: any words.
    look : callable, optional
        Called at each token, and while the prompt is read: what it raises ends the writing.

    Returns
    -------
    Answer
        Without hits and key sentences, which `ask` adds.

    Raises
    ------
    PromptTooLong
        If prompt and answer together are over the model's context.
    BadParameter
        If `max_new_tokens` or `temperature` makes no sense.
    """
    if max_new_tokens < 1 or temperature < 0:
        raise BadParameter(f"{max_new_tokens=}, {temperature=}: at least 1, at least 0.")
    if not prompt:
        raise BadParameter("The prompt is empty: give chat messages, or a text to be continued.")
    show = functools.partial(print, end="", flush=True) if stream is True else stream or None
    read = [] if isinstance(llm, ServerLLM) else _read(llm, prompt, max_new_tokens)
    opened = isinstance(llm, LLM) and llm.tokenizer.decode(read[-6:]).rstrip().endswith(THOUGHT)
    streamer, pieces = Stream(show), [THOUGHT if opened else ""]

    def take(piece: str) -> bool:
        if look:
            look()
        if not piece:
            return False
        pieces.append(piece)
        streamer.put(text := without_thoughts("".join(pieces)))
        return goes_in_circles(text.strip())

    if isinstance(llm, ServerLLM):
        n, stopped = _from_server(llm, prompt, max_new_tokens, take, temperature, seed)
    else:
        allowed = sorted({*tokens_of(words_of, llm.tokenizer), *llm.end_tokens}) if words_of else None
        head = 0 if isinstance(prompt, str) else count_head_tokens(prompt, read, llm.tokenizer)
        written = llm.write(read, max_new_tokens, take, temperature, seed, allowed, head)
        n, stopped = written.n_tokens, "end" if written.ended else "length"
    text = without_thoughts("".join(pieces))
    streamer.end(text)
    if THOUGHT in "".join(pieces) and not text:
        fault = ServerError if isinstance(llm, ServerLLM) else BadParameter
        raise fault(only_thought(llm.name, max_new_tokens))
    text, stopped = ended(text.strip(), stopped)
    times = streamer.times or [time.perf_counter()]  # nothing was said
    speed = (len(times) - 1) / (times[-1] - times[0]) if times[-1] > times[0] else 0.0
    return Answer(text, len(read), n, times[0] - streamer.started, speed, stopped, prompt)


def ask(
    question: str,
    index: Index | Paths,
    llm: LLM | ServerLLM | str | None = None,
    *,
    before: Sequence[str | Answer] = (),
    top_k: int = 5,
    source: Sources | None = None,
    method: str = "hybrid",
    template: Template | None = None,
    max_prompt_tokens: int = MAX_PROMPT_TOKENS,
    max_new_tokens: int = MAX_NEW_TOKENS,
    temperature: float = 0.0,
    stream: bool | Show = False,
) -> Answer:
    """Answer a question from an index: search, quote, and let a model write; or say that there is no answer.

    Parameters
    ----------
    question : str
    index : Index, or what `open_index` takes
        To ask several questions, open it once.
    llm : LLM or str, optional
        From `load_llm`, or what it takes; one that was loaded here is kept for the next question.
    before : sequence of str or Answer
        What was asked before, the latest last: questions, or the answers to them. A question that does not stand alone
        ("And for class C?") is searched for together with them; `Answer.searched_for` says as what. The model reads
        that, and nothing of the answers before: they are no evidence.
    top_k, source, method
        As in `Index.search`.
    template : {"sentences", "excerpts", "passages"}, optional
        What the model reads: the key sentences with examples, and it may use only their words; what stands around
        them, with rules; or the hits, with rules. Default: sentences for a model of up to 0.3 billion parameters,
        excerpts for a larger one on a CPU, else passages.
    max_prompt_tokens, max_new_tokens, temperature, stream
        As in `build_messages` and `generate`.

    Returns
    -------
    Answer
        The document's key sentences, the model's words with their citations, and the passages; with a `doubt`, only
        those words that are supported; with a `refusal`, none.
    """
    index = index if isinstance(index, Index) else open_index(index)
    found = find(question, index, top_k, before=questions_of(before), source=source, method=method)
    answer = quoted(found)
    if answer.stop_reason:
        return answer
    llm = llm if isinstance(llm, LLM | ServerLLM) else _loaded_llm(llm, os.environ.get("RAGKIT_LLM"))
    return write(
        answer, llm, template=template, max_prompt_tokens=max_prompt_tokens, max_new_tokens=max_new_tokens,
        temperature=temperature, stream=stream,
    )  # fmt: skip


def questions_of(before: Sequence[str | Answer]) -> list[str]:
    """What was asked before, as it was typed; of the first answer as it was searched for, which may rest on others."""
    asked = [turn.question if isinstance(turn, Answer) else turn for turn in before]
    first = [turn.searched_for or turn.question for turn in before[:1] if isinstance(turn, Answer)]
    return [*first, *asked[len(first) :]]


def quoted(found: Found) -> Answer:
    """What the document says: an answer without a model's words yet, maybe with a `doubt` or a `refusal`.

    If it has a `stop_reason`, it is whole: it was refused, or is about the file and its headings.
    """
    if whole := answer_whole(found):
        return whole
    quotes = quote(found)
    outcome = outcome_of(found, quotes)
    answer = Answer("", 0, 0, 0.0, 0.0, "", found=found, key_sentences=quotes)
    if outcome.state == "refused":
        return replace(answer, text=NO_ANSWER, stop_reason="refused", refusal=outcome.why)
    return replace(answer, doubt=outcome.why)


def write(
    answer: Answer,
    llm: LLM | ServerLLM,
    *,
    template: Template | None = None,
    max_prompt_tokens: int = MAX_PROMPT_TOKENS,
    max_new_tokens: int = MAX_NEW_TOKENS,
    temperature: float = 0.0,
    seed: int = 0,
    stream: bool | Show = False,
    look: Look | None = None,
) -> Answer:
    """Let a model add its words to an answer from `quoted`, each sentence traced to one that supports it.

    The parameters are those of `ask`, and `seed` and `look` as in `generate`. With nothing to read, no model is asked:
    it would write from memory.
    """
    found = answer.found
    template = template or default_template(llm)
    texts = in_full(answer.key_sentences) if template == "sentences" else answer.hits
    if found is None or not len(texts):
        return replace(answer, template=template, stop_reason="nothing to read")
    if max_new_tokens >= llm.context:
        raise PromptTooLong(
            f"max_new_tokens={max_new_tokens} leaves no room for a prompt: {llm.name} has room for {llm.context} "
            f"tokens in all. Try max_new_tokens={MAX_NEW_TOKENS}."
        )
    budget = min(max_prompt_tokens, llm.context - max_new_tokens)
    if isinstance(llm, LLM):
        tokenizer = llm.tokenizer
    else:  # a server keeps its own to itself: another one counts, with a quarter to spare
        tokenizer, budget = found.index.embedder.tokenizer, budget * 3 // 4
    if template == "excerpts":
        texts = windows(found, answer.key_sentences, tokenizer, READ_TOKENS)
    read = fit_passages(found.question, texts, tokenizer, max_prompt_tokens=budget, template=template)
    messages = fill_template(found.question, read, template)
    words = [found.question, *read["text"]] if template == "sentences" else None
    how: dict[str, Any] = {
        "temperature": temperature,
        "seed": seed,
        "stream": stream,
        "words_of": words,
        "look": look,
    }
    if answer.doubt:  # it is told that a word came, and not which: none is shown before it is checked
        how["stream"] = (lambda _: stream("")) if callable(stream) else False
    written = generate(llm, messages, max_new_tokens, **how)
    if is_only(found.question, written.text):
        written = replace(written, text="", stop_reason="repeats the question")
    citations = support(written.text, found)
    if answer.doubt:
        citations = citations[citations["supported"]].reset_index(drop=True)
        written = replace(written, text=" ".join(citations["claim"]))
    about = {name: getattr(answer, name) for name in ("found", "key_sentences", "doubt", "note")}
    return replace(written, template=template, n_read=len(read), citations=citations, **about)


def default_template(llm: LLM | ServerLLM) -> Template:
    """What a model is given to read: a small one follows examples and not rules, and loses its way in passages."""
    if isinstance(llm, LLM) and llm.n_parameters <= SMALL_MODEL:
        return "sentences"
    return "excerpts" if isinstance(llm, LLM) and llm.device == "cpu" else "passages"


def _read(llm: LLM, prompt: Messages | str, max_new_tokens: int) -> list[int]:
    """The tokens of a prompt, which leave room for the answer."""
    encoding = llm.tokenizer(prompt) if isinstance(prompt, str) else render_prompt(prompt, llm.tokenizer)
    read: list[int] = encoding["input_ids"]
    if len(read) + max_new_tokens > llm.context:
        raise PromptTooLong(
            f"The prompt has {len(read)} tokens and the answer may have {max_new_tokens}; {llm.name} has room "
            f"for {llm.context} in all. Use fewer passages (TOP_K) or a smaller max_new_tokens."
        )
    return read


def _from_server(
    llm: ServerLLM, prompt: Messages | str, most: int, take: Take, temperature: float, seed: int
) -> tuple[int, str]:
    """Let the model of a server write; what has come when the connection breaks is kept, and the fault is said.

    The server applies the chat template, so control tokens in documents are taken apart here: "<|" becomes "< |". This
    knows the usual families' (ChatML, Llama, Gemma, Mistral), not all.
    """
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    harmless = [{**message, "content": _CONTROL.sub(r"\g<0> ", message["content"])} for message in messages]
    n, stopped = 0, "cut off"
    try:
        for piece, reason in stream_chat(llm, harmless, most, temperature, seed):
            n, stopped = n + bool(piece), reason or stopped
            if take(piece):
                break
    except ServerError as error:
        if not n:
            raise
        say(f"the answer is cut off: {error}")
    return n, stopped


@functools.lru_cache(maxsize=1)
def _loaded_llm(name: str | None, setting: str | None) -> LLM | ServerLLM:
    """The model that was asked for, or that RAGKIT_LLM names, or the default; kept for the next question."""
    return load_llm(name)
