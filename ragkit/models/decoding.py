"""What an answer may be: it stops where it goes in circles, and a small model keeps to the words that it read."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from ragkit.words.languages import FUNCTION_WORDS
from ragkit.words.sentences import sentence_spans

WHOLE = re.compile(r".*[\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]", re.DOTALL)
"""A text as far as its words are whole: to the last space, or letter of a script without spaces (Thai, Chinese)."""

THOUGHT, THOUGHT_END = "<think>", "</think>"
"""Between these, models that reason aloud write what is no answer yet."""

REPEATED_WORDS = 6
"""So many words that come again where they have just ended are a circle, not an accident."""

SENTENCE_WORDS = 3
"""Words that make a sentence: headings ("Advantages:") and signs ("```") come again in an answer with parts."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_FULL_STOP = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?:\[[\d, –-]+\])*$")


def cut_repeats(text: str) -> str:
    """Cut a text before it repeats itself: a whole sentence, or the same words over and over.

    >>> cut_repeats("It is so. It is so. It is")
    'It is so.'
    >>> cut_repeats("Pumps\\nAdvantages: cheap.\\nPipes\\nAdvantages: quiet.")
    'Pumps\\nAdvantages: cheap.\\nPipes\\nAdvantages: quiet.'
    """
    seen_sentences: set[str] = set()
    end = len(text)
    for start, stop in sentence_spans(text):
        sentence = text[start:stop].lower()
        if sentence in seen_sentences:
            end = start
            break
        if _is_sentence(sentence):
            seen_sentences.add(sentence)
    circle = _start_of_circle(text[:end])
    return text[:end].rstrip() if circle is None else to_last_sentence(text[:circle])


def _is_sentence(text: str) -> bool:
    return bool(_FULL_STOP.search(text)) and len(_WORD.findall(text)) >= SENTENCE_WORDS


def _start_of_circle(text: str) -> int | None:
    """Where words come again, six or more, that have just ended; None where none do."""
    words = list(re.finditer(r"\S+", text.lower()))
    said = [word[0] for word in words]
    last: dict[tuple[str, ...], int] = {}
    for i in range(len(said) - REPEATED_WORDS + 1):
        run = tuple(said[i : i + REPEATED_WORDS])
        before = last.get(run, i)
        if before < i and said[before:i] == said[i : 2 * i - before]:
            return words[i].start()
        last[run] = i
    return None


def to_last_sentence(text: str) -> str:
    """Cut what was broken off: back to the last whole sentence, if there is one.

    >>> to_last_sentence("Iron carries oxygen. Zinc"), to_last_sentence("Iron carries")
    ('Iron carries oxygen.', 'Iron carries')
    """
    ends = [stop for start, stop in sentence_spans(text) if _is_sentence(text[start:stop])]
    return text[: ends[-1]] if ends else text.rstrip()


def ended(text: str, stopped: str) -> tuple[str, str]:
    """An answer as it is shown, without what repeats itself or was broken off at the limit; and what stopped it.

    >>> ended("Iron carries oxygen. Zinc", "length"), ended("It is so. It is so.", "end")
    (('Iron carries oxygen.', 'length'), ('It is so.', 'repeats'))
    """
    if (cut := cut_repeats(text)) != text:
        return cut, "repeats"
    return (to_last_sentence(text) if stopped == "length" else text), stopped


def is_only(question: str, text: str) -> bool:
    """Tell whether a text is the question once more, and nothing else.

    >>> is_only("What is iron?", "Question: what is iron"), is_only("Is iron good?", "Iron is good.")
    (True, False)
    """
    asked, said = (_WORD.findall(each.lower()) for each in (question, text))
    return said in (asked, ["question", *asked])


def goes_in_circles(text: str) -> bool:
    """Tell whether an answer, as far as it is written, repeats itself.

    >>> goes_in_circles("It is so. It is"), goes_in_circles("It is so. It is so.")
    (False, True)
    """
    whole = _FULL_STOP.search(text)  # an unfinished sentence may still become another one
    return cut_repeats(text) != text if whole else _start_of_circle(text) is not None


def without_thoughts(text: str) -> str:
    """What a model says when it has thought aloud, between <think> and </think>; nothing while it still thinks.

    >>> without_thoughts("<think>Iron? Yes.</think> Iron."), without_thoughts("<think>Iron?")
    ('Iron.', '')
    """
    said = text.rpartition(THOUGHT_END)[2].lstrip() if THOUGHT_END in text else text
    begun = said.lstrip()[: len(THOUGHT)]
    return "" if begun and THOUGHT.startswith(begun) else said


def only_thought(name: str, n_tokens: int) -> str:
    """What to say of a model that has not come to its answer."""
    return f"{name} only thought, for {n_tokens} tokens: allow more, or take one that answers."


def tokens_of(texts: Sequence[str], tokenizer: Any) -> set[int]:
    """Token ids that the words of the texts can be written with, at the beginning of a sentence and inside.

    A small model makes names and numbers up, and does so less where it has no other tokens. Of the digits and pieces
    of words that it has, it can still put new ones together.
    """
    words = [word for text in texts for word in re.findall(r"[\w'’-]+|[^\w\s]", text)]
    forms = {form for word in [*words, *FUNCTION_WORDS] for form in (word, word[:1].upper() + word[1:])}
    pieces = [*texts, *forms, *(f" {form}" for form in forms), ".", ",", ";", ":", "-", "'s", "’s"]
    encoded = tokenizer(pieces, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return {token for ids in encoded for token in ids}


class Stream:
    """Takes an answer as it grows: notes the times, and hands over each word when it is whole."""

    def __init__(self, show: Callable[[str], Any] | None) -> None:
        self.show = show
        self.shown = 0
        self.started = time.perf_counter()
        self.times: list[float] = []

    def put(self, text: str) -> None:
        self.times.append(time.perf_counter())
        whole = WHOLE.match(text)
        self._show_to(text, whole.end() if whole else 0)

    def end(self, text: str) -> None:
        self._show_to(text, len(text))

    def _show_to(self, text: str, end: int) -> None:
        if self.show and end > self.shown:
            self.show(text[self.shown : end])
            self.shown = end
