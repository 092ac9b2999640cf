"""One number to turn, and what follows from it: chunks, a budget, a temperature, cells to search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from playables.playing import Bar, bars, playable
from ragkit import chunk_pages, models
from ragkit.show import Display, place
from ragkit.show.display import GREY, ORANGE
from ragkit.words.sentences import sentence_spans

TINTS = ("rgba(0,114,178,0.16)", "rgba(230,159,0,0.22)")  # of one chunk, of the next


def chunk_slider(text: str, tokenizer: Any, max_tokens: int) -> Display:
    """Draw where a text is cut into chunks of whole sentences, with sliders for their size and overlap.

    Parameters
    ----------
    text : str
    tokenizer : transformers tokenizer
        Of the embedding model.
    max_tokens : int
        Tokens a chunk at most, special tokens included: at the beginning, and as far as the slider goes. The other way
        it goes to the longest sentence, so that none has to be halved.
    """
    spans, special = sentence_spans(text), tokenizer.num_special_tokens_to_add()
    counts = models.count_tokens(tokenizer, [text[a:b] for a, b in spans])
    least = max_tokens - 8 * max(0, (max_tokens - max(counts) - special) // 8)
    chunks = chunk_pages(text, tokenizer, max_tokens, overlap=0)
    first = [0, *chunks["n_sentences"].cumsum()]
    inner = ""
    for i, (start, end) in enumerate(
        zip([a for a, _ in spans], [a for a, _ in spans[1:]] + [len(text)], strict=True)
    ):
        own = int(np.searchsorted(first, i, side="right")) - 1
        mark = f"{own + 1} ▸ " if i in first else ""
        style = f"background:{TINTS[own % 2]};text-underline-offset:0.2em"
        inner += f'<span data-sentence style="{style}"><b>{mark}</b>{escape(text[start:end])}</span>'
    said = (
        f"Chunks: {len(chunks)}, of {chunks['n_tokens'].min()} to {chunks['n_tokens'].max()} tokens; "
        f"{chunks['n_tokens'].sum():,} tokens to embed, 0% more than without an overlap."
    )
    drawing = (
        "<p>A number begins a chunk; what is underlined stands in two or more.</p>"
        f'<div style="white-space:pre-line;font-size:0.9em">{inner}</div>'
    )
    span = {"min": least, "max": max_tokens, "step": 8, "value": max_tokens}
    data = {"counts": counts, "special": special, "tints": TINTS, "range": span}
    return playable(
        f"Size at most {max_tokens} tokens, overlap 0 sentences", said, drawing, "chunks.js", data
    )


def budget_slider(lengths: Sequence[int], hits: pd.DataFrame, budget: int) -> Display:
    """Draw which passages fit into a prompt, with a slider for its budget.

    Parameters
    ----------
    lengths : sequence of int
        Tokens of the prompt with no passage, with the best one, and so on.
    hits : DataFrame
        The passages, best first.
    budget : int
        Tokens, at the beginning: a multiple of 10, as the slider gives them.
    """
    places = [place(hit).partition(", ")[2] for hit in hits.to_dict("records")]
    longest = -(-max(budget, int(1.1 * lengths[-1])) // 10) * 10
    fits = sum(length <= budget for length in lengths) - 1
    rows = [Bar("budget", 0, budget / longest, f"{budget:,}", ORANGE)]
    names = ["rules, question", *(f"{n}: {where}" for n, where in enumerate(places, start=1))]
    for n, (name, before, length) in enumerate(zip(names, [0, *lengths], lengths, strict=False)):
        share = (length - before) / longest
        rows.append(Bar(name, before / longest, share, f"{length - before:,}", strong=n <= fits))
    said = "Not even the best passage fits: there is no prompt worth sending."
    if fits > 0:
        said = (
            f"{fits} of {len(hits)} passages fit: {lengths[fits]:,} tokens, {budget - lengths[fits]:,} left. "
        )
        said += f"Left out: {'; '.join(places[fits:]) or 'nothing'}."
    span = {"min": 0, "max": longest, "step": 10, "value": budget}
    data = {"lengths": list(lengths), "passages": places, "range": span}
    return playable(f"A budget of {budget:,} tokens", said, bars(rows), "budget.js", data)


def temperature_dial(scores: Any, tokenizer: Any, temperature: float = 1.0, k: int = 8) -> Display:
    """Draw the probabilities of the `k` likeliest next tokens and of all others, with a slider for the temperature.

    Parameters
    ----------
    scores : tensor or array of shape (vocabulary,)
        A language model's own, before softmax; kept in the page with two digits, those of the others counted by tenths.
    tokenizer : transformers tokenizer
    temperature : float
        At the beginning, above 0.
    k : int
    """
    scores = np.asarray(scores, dtype=float)
    best = np.argsort(-scores, kind="stable")[:k]
    kept, others = scores[best].round(2), Counter(np.delete(scores, best).round(1).tolist())
    words = [tokenizer.decode([i]).strip() or "(space)" for i in best.tolist()]
    weights = [*np.exp((kept - kept[0]) / temperature).tolist()]
    weights.append(sum(n * np.exp((score - kept[0]) / temperature) for score, n in others.items()))
    shares = [weight / sum(weights) for weight in weights]
    rows = [Bar(word, 0, share, f"{share:.1%}") for word, share in zip(words, shares, strict=False)]
    rows.append(Bar(f"{len(scores) - k:,} others", 0, shares[-1], f"{shares[-1]:.1%}", GREY))
    said = (
        f"Of 100 draws, {100 * shares[0]:.0f} are “{words[0]}” and "
        f"{100 * shares[-1]:.0f} are none of these {k}."
    )
    span = {"min": 0, "max": 2, "step": 0.1, "value": temperature}
    data = {"words": words, "scores": kept.tolist(), "others": list(others.items()), "range": span}
    return playable(f"Temperature {temperature:.1f}", said, bars(rows), "temperature.js", data)


def probes_slider(recall: Mapping[str, Mapping[int, float]], compared: Mapping[int, float]) -> Display:
    """Draw what a search in cells finds and what it compares, with a slider for the cells that are searched.

    Parameters
    ----------
    recall : mapping of str to mapping of int to float
        Who asks -> probes -> share of the ten nearest rows that is found, 0 to 1; questions first.
    compared : mapping of int to float
        Probes -> share of all rows that is compared, 0 to 1. The last number of probes is all cells.
    """
    probes = list(compared)
    first, last = probes[0], probes[-1]
    rows = [Bar(asker, 0, shares[first], f"{shares[first]:.0%}") for asker, shares in recall.items()]
    rows.append(Bar("compared", 0, compared[first], f"{compared[first]:.0%}", ORANGE))
    questions = next(iter(recall.values()))
    said = (
        f"One row in {1 / compared[first]:.1f} is compared. "
        f"Of its ten nearest rows, a question finds {10 * questions[first]:.1f} on average."
    )
    data = {
        "probes": probes, "compared": list(compared.values()),
        "recall": [list(each.values()) for each in recall.values()],
        "range": {"min": 0, "max": len(probes) - 1, "value": 0},
    }  # fmt: skip
    return playable(f"Cells searched: {first} of {last}", said, bars(rows), "probes.js", data)
