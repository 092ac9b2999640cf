"""Step 06: from a prompt to an answer that names the pages it came from."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ragkit.index import Index, Paths, open_index
from ragkit.models.llm import LLM, load_llm
from ragkit.notice import BadParameter, PromptTooLong
from ragkit.prompt import MAX_PROMPT_TOKENS, Messages, Template, build_messages, fit_passages, render_prompt
from ragkit.search import KEY_SENTENCE_COLUMNS, Sources, key_sentences

__all__ = ["LLM", "Answer", "ask", "generate", "load_llm"]

MAX_NEW_TOKENS = 256


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model said, what it was given to read, and how long it took.

    Attributes
    ----------
    question, text : str
        The question; the model's own words.
    hits : DataFrame
        The passages found, best first (as from `search`).
    n_read : int
        How many of them, from the best down, fitted in the prompt: what the model could read.
    key_sentences : DataFrame
        The sentences of the hits nearest to the question, each with file and printed page.
    n_prompt_tokens, n_answer_tokens : int
    seconds_to_first_token, tokens_per_second : float
        Wait before the first token of the answer; speed from then on (0 if there was only one token).
    stop_reason : {"end", "length"}
        The model's own end token, or `max_new_tokens`.
    prompt : list of dict, or str
        What the model was given.
    """

    text: str
    n_prompt_tokens: int
    n_answer_tokens: int
    seconds_to_first_token: float
    tokens_per_second: float
    stop_reason: str
    prompt: Messages | str = field(default="", repr=False)
    question: str = ""
    hits: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    n_read: int = 0
    key_sentences: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=KEY_SENTENCE_COLUMNS), repr=False
    )

    @property
    def labels(self) -> list[str]:
        """Printed pages that the passages begin on, best first, each once."""
        pages = self.hits.drop_duplicates(["source", "page"]) if len(self.hits) else self.hits
        return list(pages["label"]) if len(pages) else []


def generate(
    llm: LLM,
    prompt: Messages | str,
    max_new_tokens: int = MAX_NEW_TOKENS,
    temperature: float = 0.0,
    seed: int = 0,
    stream: bool = False,
) -> Answer:
    """Let the model write the answer, token by token, until its own end token.

    Parameters
    ----------
    llm : LLM
        From `load_llm`.
    prompt : list of dict, or str
        Chat messages; or a plain text to be continued, without the chat template.
    max_new_tokens : int
        Tokens an answer at most.
    temperature : float
        0 takes the likeliest token each time (greedy); higher values let chance in.
    seed : int
        For the chance, so that the same call gives the same answer.
    stream : bool
        Print the words on stdout as they come.

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
    import torch

    if max_new_tokens < 1 or temperature < 0:
        raise BadParameter(
            f"max_new_tokens={max_new_tokens}, temperature={temperature}: at least 1, at least 0."
        )
    if not prompt:
        raise BadParameter("The prompt is empty: give chat messages, or a text to be continued.")
    encoding = llm.tokenizer(prompt) if isinstance(prompt, str) else render_prompt(prompt, llm.tokenizer)
    ids = torch.tensor([encoding["input_ids"]], device=llm.device)
    _check_context(llm, ids.shape[1], max_new_tokens)
    sampling = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
    streamer = _Stream(llm.tokenizer, stream)
    with torch.inference_mode(), _seeded(seed, llm.device):
        output = llm.model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_new_tokens,
            streamer=streamer,
            pad_token_id=_end_tokens(llm)[0],
            **sampling,
        )
    answer = _answer(llm, output[0, ids.shape[1] :].tolist(), ids.shape[1], streamer)
    return replace(answer, prompt=prompt)


def ask(
    question: str,
    index: Index | Paths,
    llm: LLM | str | None = None,
    *,
    top_k: int = 5,
    source: Sources | None = None,
    max_prompt_tokens: int = MAX_PROMPT_TOKENS,
    max_new_tokens: int = MAX_NEW_TOKENS,
    template: Template = "plain",
    temperature: float = 0.0,
    stream: bool = False,
) -> Answer:
    """Answer a question from the passages of an index: search, prompt, generate.

    Parameters
    ----------
    question : str
    index : Index, or what `open_index` takes
        To ask several questions, open it once.
    llm : LLM or str, optional
        From `load_llm`, or what it takes; one that was loaded here is kept for the next question.
    top_k, source
        As in `Index.search`.
    max_prompt_tokens, template
        As in `build_messages`.
    max_new_tokens, temperature, stream
        As in `generate`.

    Returns
    -------
    Answer
        The model's words, the passages, and the key sentences, with printed pages.
    """
    index = index if isinstance(index, Index) else open_index(index)
    hits = index.search(question, top_k, source)
    llm = llm if isinstance(llm, LLM) else _loaded_llm(llm)
    budget = min(max_prompt_tokens, llm.context - max_new_tokens)
    read = fit_passages(question, hits, llm.tokenizer, budget, template)
    messages = build_messages(question, read, llm.tokenizer, budget, template)
    answer = generate(llm, messages, max_new_tokens, temperature, stream=stream)
    sentences = key_sentences(question, hits, index)
    return replace(answer, question=question, hits=hits, n_read=len(read), key_sentences=sentences)


@functools.lru_cache(maxsize=1)
def _loaded_llm(name: str | None) -> LLM:
    return load_llm(name)


@contextlib.contextmanager
def _seeded(seed: int, device: str) -> Iterator[None]:
    """Seed torch's chance for a while, and leave the caller's as it was."""
    import torch

    states = [(torch, torch.get_rng_state())]
    if device != "cpu":
        states.append((getattr(torch, device), getattr(torch, device).get_rng_state()))
    torch.manual_seed(seed)
    try:
        yield
    finally:
        for module, state in states:
            module.set_rng_state(state)


class _Stream:
    """Takes tokens from `model.generate` as they come: notes the times, and prints the words if asked to."""

    def __init__(self, tokenizer: Any, show: bool) -> None:
        from transformers import TextStreamer

        self.printer = TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True) if show else None
        self.started = time.perf_counter()
        self.times: list[float] = []
        self.prompt_seen = False

    def put(self, tokens: Any) -> None:
        if self.prompt_seen:
            self.times.append(time.perf_counter())
        self.prompt_seen = True
        if self.printer:
            self.printer.put(tokens)

    def end(self) -> None:
        if self.printer:
            self.printer.end()


def _answer(llm: LLM, ids: list[int], n_prompt_tokens: int, streamer: _Stream) -> Answer:
    first, last = streamer.times[0], streamer.times[-1]
    return Answer(
        text=llm.tokenizer.decode(ids, skip_special_tokens=True).strip(),
        n_prompt_tokens=n_prompt_tokens,
        n_answer_tokens=len(ids),
        seconds_to_first_token=first - streamer.started,
        tokens_per_second=(len(ids) - 1) / (last - first) if last > first else 0.0,
        stop_reason="end" if ids[-1] in _end_tokens(llm) else "length",
    )


def _end_tokens(llm: LLM) -> list[int]:
    ends = llm.model.generation_config.eos_token_id
    return ends if isinstance(ends, list) else [ends if ends is not None else llm.tokenizer.eos_token_id]


def _check_context(llm: LLM, n_prompt_tokens: int, max_new_tokens: int) -> None:
    if n_prompt_tokens + max_new_tokens > llm.context:
        raise PromptTooLong(
            f"The prompt has {n_prompt_tokens} tokens and the answer may have {max_new_tokens}; {llm.name} has room "
            f"for {llm.context} in all. Use fewer passages (TOP_K) or a smaller max_new_tokens."
        )
