"""How a model writes: token after token, several at once where it copies, and without reading a prompt twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ragkit.models.llm import LLM

COPIED = 6
"""Tokens that are guessed at once. (Of 3 to 10, all within a tenth of each other on two cores; 2 are slower.)"""

SHARED = 1 / 3
"""Part of a prompt that has to be known already: to read the rest after it takes a mask, which costs more than a little
saves. (First token 2.3 × as soon with half of the prompt known, 0.75 × with the template's first words only.)
"""

Choose = Callable[[Any], list[int]]


@dataclass
class Memory:
    """What a model read last: its tokens, and the keys and values that it made of them."""

    ids: list[int] = field(default_factory=list)
    cache: Any = None

    def recall(self, model: Any, ids: Sequence[int]) -> Any:
        """The cache for a prompt, filled as far as it begins like what was read last.

        The prompts of one recipe begin alike: instructions and examples need to be read only once.
        """
        from transformers import DynamicCache

        cache, self.cache = self.cache, None  # if something goes wrong on the way, nothing is remembered
        same = next((i for i, (a, b) in enumerate(zip(self.ids, ids, strict=False)) if a != b), len(self.ids))
        same = min(same, len(ids) - 1)  # the last token is read anew: what comes after it is the question
        if cache is None or same < SHARED * len(ids) or not can_crop(cache):
            return DynamicCache(config=model.config)
        _crop(cache, same)
        return cache


def write_tokens(
    llm: LLM, prompt: Sequence[int], most: int, choose: Choose, guess: bool
) -> Iterator[list[int]]:
    """Yield the tokens that follow a prompt as they come; one or more each time, the end token included.

    Every pass through the model reads what it has not read yet and gives, for each of these tokens, the one to follow.
    With `guess`, the tokens that followed the last two or three where they stood before are read along: as many as the
    model would have written itself are kept, the others forgotten. So a quotation takes one pass for several tokens,
    which costs hardly more than one for a single token, because both read all weights once. (Prompt lookup decoding:
    Saxena 2023, https://github.com/apoorvumang/prompt-lookup-decoding; 1.3 × as many tokens a second with the
    sentences recipe.)

    Parameters
    ----------
    llm : LLM
        Remembers the prompt; the next one that begins alike is read from where it differs.
    prompt : sequence of int
    most : int
        Tokens at most.
    choose : callable
        Takes scores, (tokens, vocabulary), and gives the token to follow each.
    guess : bool
        Only for a choice without chance.
    """
    cache = llm.memory.recall(llm.model, prompt)
    ids, guess = list(prompt), guess and can_crop(cache)
    written = 0
    while written < most:
        copied = copy_ahead(ids)[: most - written - 1] if guess and written else []
        llm.memory.cache = None  # a pass that is broken off leaves some layers longer than others
        chosen = choose(_read(llm, [*ids[cache.get_seq_length() :], *copied], cache, len(copied) + 1))
        agreed = next((i for i, token in enumerate(copied) if token != chosen[i]), len(copied))
        new = _to_end(chosen[: agreed + 1], llm.end_tokens)
        ids += new
        written += len(new)
        if copied:
            _crop(cache, len(ids) - 1)
        llm.memory.ids, llm.memory.cache = ids[:-1], cache
        yield new
        if new[-1] in llm.end_tokens:
            return


def copy_ahead(ids: Sequence[int]) -> list[int]:
    """The tokens that followed when the last three, else the last two, stood there before; the latest place counts.

    >>> copy_ahead([1, 2, 3, 4, 5, 9, 2, 3])
    [4, 5, 9, 2, 3]
    """
    ids = list(ids)
    for size in (3, 2):
        for start in range(len(ids) - size - 1, -1, -1):
            if ids[start : start + size] == ids[-size:]:
                return ids[start + size : start + size + COPIED]
    return []


def can_crop(cache: Any) -> bool:
    """Whether the last tokens can be taken out of a cache: not where layers keep a window of tokens only."""
    from transformers.cache_utils import DynamicLayer

    return all(type(layer) is DynamicLayer for layer in cache.layers)


def _crop(cache: Any, length: int) -> None:
    cache.crop(min(0, length - cache.get_seq_length()))


def _read(llm: LLM, ids: list[int], cache: Any, n_scores: int) -> Any:
    """Let the model read tokens; the scores, (n_scores, vocabulary), of what follows the last ones."""
    import torch

    with torch.inference_mode():
        tokens = torch.tensor([ids], device=llm.device)
        output = llm.model(input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=n_scores)
    return output.logits[0, -n_scores:]


def _to_end(ids: list[int], ends: Sequence[int]) -> list[int]:
    """Tokens up to the first end token."""
    return next((ids[: i + 1] for i, token in enumerate(ids) if token in ends), ids)


def chooser(temperature: float, seed: int, allowed: Sequence[int] | None = None) -> Choose:
    """Make the choice of the next token: the likeliest, or by chance; among all, or the allowed ones only."""
    import torch

    chance = torch.Generator().manual_seed(seed)

    def choose(scores: Any) -> list[int]:
        if allowed is not None:
            scores = scores[:, torch.tensor(allowed, device=scores.device)]
        if temperature:
            shares = (scores.float() / temperature).softmax(-1).cpu()
            places = torch.multinomial(shares, 1, generator=chance)[:, 0]
        else:
            places = scores.argmax(-1)
        return [allowed[place] if allowed is not None else place for place in places.tolist()]

    return choose
