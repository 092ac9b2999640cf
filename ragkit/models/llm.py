"""A language model, ready to generate: which one it is, and what it is asked for, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Take = Callable[[str], bool]
"""Is handed each piece of text as it comes, and an empty one while a prompt is read or a model thinks; True: stop."""


@dataclass(frozen=True)
class Written:
    """What a model wrote, in numbers.

    Attributes
    ----------
    n_tokens : int
    ended : bool
        It came to its own end.
    """

    n_tokens: int
    ended: bool


@dataclass(frozen=True)
class LLM:
    """A language model on this machine: made by `load_llm`.

    Attributes
    ----------
    name : str
    tokenizer : transformers tokenizer
    device, dtype : str
        Where and in which number format the model runs; a GGUF file's own, such as "Q4_K_M".
    context : int
        Tokens that prompt and answer can have together.
    n_parameters : int
        Weights; those that two layers share count once.
    """

    name: str
    tokenizer: Any
    device: str
    dtype: str
    context: int
    n_parameters: int

    def write(
        self,
        prompt: Sequence[int],
        most: int,
        take: Take,
        temperature: float = 0.0,
        seed: int = 0,
        allowed: Sequence[int] | None = None,
        head: int = 0,
    ) -> Written:
        """Write on from a prompt until the model's own end, or until `take` says so.

        Parameters
        ----------
        prompt : sequence of int
            Token ids.
        most : int
            Tokens at most.
        take : callable
            Gets each piece of text in the thread that called; True stops.
        temperature : float
            0 takes the likeliest token each time.
        seed : int
            For the chance in higher temperatures.
        allowed : sequence of int, optional
            The only tokens that may be written, the end tokens among them.
        head : int
            So many of the prompt's first tokens may come again with the next prompt: what they cost may be kept.
        """
        raise NotImplementedError

    @property
    def end_tokens(self) -> list[int]:
        """The tokens that end an answer."""
        raise NotImplementedError
