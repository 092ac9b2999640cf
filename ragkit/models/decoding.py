"""How the next token is chosen: stop where an answer goes in circles; keep a small model to the words that it read."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ragkit.keywords import FUNCTION_WORDS
from ragkit.models.sentences import sentence_spans

REPEATED_WORDS = 6
"""So many words in a row that stood there before are a circle, not an accident."""


def cut_repeats(text: str) -> str:
    """Cut a text before it repeats itself: a whole sentence, or six words in a row.

    >>> cut_repeats("It is so. It is so. It is")
    'It is so.'
    >>> cut_repeats("Iron carries oxygen.")
    'Iron carries oxygen.'
    """
    seen_sentences: set[str] = set()
    end = len(text)
    for start, stop in sentence_spans(text):
        if (sentence := text[start:stop].lower()) in seen_sentences:
            end = start
            break
        seen_sentences.add(sentence)
    circle = _start_of_circle(text[:end])
    return text[:end].rstrip() if circle is None else _to_last_sentence(text[:circle])


def _start_of_circle(text: str) -> int | None:
    """Where six words in a row begin that stood in the text before; None where there are none."""
    words = list(re.finditer(r"\S+", text.lower()))
    seen: set[tuple[str, ...]] = set()
    for i in range(len(words) - REPEATED_WORDS + 1):
        run = tuple(word[0] for word in words[i : i + REPEATED_WORDS])
        if run in seen:
            return words[i].start()
        seen.add(run)
    return None


def _to_last_sentence(text: str) -> str:
    """Cut what was broken off: back to the last whole sentence, if there is one."""
    ends = [stop for _, stop in sentence_spans(text) if text[stop - 1] in ".!?"]
    return text[: ends[-1]] if ends else text.rstrip()


def stop_at_repeats(tokenizer: Any, n_prompt: int) -> Any:
    """Make a stopping criterion for `model.generate`: the answer repeats itself."""
    from transformers import StoppingCriteria, StoppingCriteriaList

    class StopAtRepeats(StoppingCriteria):
        def __call__(self, ids: Any, scores: Any, **_: Any) -> Any:
            text = tokenizer.decode(ids[0, n_prompt:], skip_special_tokens=True).rstrip()
            ended = text.endswith((".", "!", "?"))  # an unfinished sentence may still become another one
            circles = cut_repeats(text) != text if ended else _start_of_circle(text) is not None
            return ids.new_tensor([circles], dtype=bool)

    return StoppingCriteriaList([StopAtRepeats()])


def only_words_of(texts: Sequence[str], tokenizer: Any, end_tokens: Sequence[int]) -> Any:
    """Make a logits processor for `model.generate`: only words of these texts, function words and signs.

    A small model makes names and numbers up, and does so less where it has no tokens for them. Of the digits and
    pieces of words that it has, it can still put new ones together.
    """
    import torch
    from transformers import LogitsProcessor, LogitsProcessorList

    allowed = torch.tensor(sorted({*_tokens_of(texts, tokenizer), *end_tokens}))

    class OnlyTheseWords(LogitsProcessor):
        def __call__(self, ids: Any, scores: Any) -> Any:
            kept = torch.full_like(scores, float("-inf"))
            places = allowed.to(scores.device)
            kept[:, places] = scores[:, places]
            return kept

    return LogitsProcessorList([OnlyTheseWords()])


def _tokens_of(texts: Sequence[str], tokenizer: Any) -> set[int]:
    """Token ids that the words of the texts can be written with, at the beginning of a sentence and inside."""
    words = [word for text in texts for word in re.findall(r"[\w'’-]+|[^\w\s]", text)]
    forms = {form for word in [*words, *FUNCTION_WORDS] for form in (word, word[:1].upper() + word[1:])}
    pieces = [*texts, *forms, *(f" {form}" for form in forms), ".", ",", ";", ":", "-", "'s", "’s"]
    encoded = tokenizer(pieces, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return {token for ids in encoded for token in ids}


@contextlib.contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
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


class Stream:
    """Takes tokens from `model.generate` as they come: notes the times, and hands the words to `show`."""

    def __init__(self, tokenizer: Any, show: Callable[[str], Any] | None) -> None:
        self.words = _words_to(show, tokenizer) if show else None
        self.started = time.perf_counter()
        self.times: list[float] = []
        self.prompt_seen = False

    def put(self, tokens: Any) -> None:
        if self.prompt_seen:
            self.times.append(time.perf_counter())
        self.prompt_seen = True
        if self.words:
            self.words.put(tokens)

    def end(self) -> None:
        if self.words:
            self.words.end()


def _words_to(show: Callable[[str], Any], tokenizer: Any) -> Any:
    """Make a streamer for `model.generate` that hands over whole words."""
    from transformers import TextStreamer

    class Words(TextStreamer):
        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            show(text + "\n" * stream_end)

    return Words(tokenizer, skip_prompt=True, skip_special_tokens=True)
