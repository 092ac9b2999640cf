"""What a side is asked to do, timed in its own process.

A side is a module with a class `Way(setup)`. Its methods do the work, and measure nothing:

    read(pdf) -> pages                  split(pages) -> chunks            texts(chunks) -> list of str
    embed(texts) -> (n, d) values       store(texts, vectors)             search(question) -> the five best
    whole(pdf): from a PDF to what can be searched, kept in setup["folder"]

ragkit and the tutorial have more, which the other libraries are not asked for: see `embed_one`, `ask`, `generate`.
What a step returns under the key of a row is that row's value.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Reply = dict[str, Any]


def timed(function: Callable[..., Any], *given: Any, **named: Any) -> tuple[float, Any]:
    """Seconds that a call took, and what it gave back."""
    started = time.perf_counter()
    result = function(*given, **named)
    return time.perf_counter() - started, result


def warm(way: Any) -> Reply:
    """Load the embedding model."""
    way.embed(["A first text."])
    return {}


def read_and_split(way: Any, pdf: str, n_pages: int) -> Reply:
    """Read a PDF and split it."""
    reading, pages = timed(way.read, pdf)
    splitting, chunks = timed(way.split, pages)
    n_chunks = len(way.texts(chunks))
    return {"read": n_pages / reading, "split": n_chunks / splitting, "n_chunks": n_chunks}


def dropped(way: Any, pdf: str, embedder: str) -> Reply:
    """Count how many tokens of the chunks lie behind the last one that the embedding model reads, in percent."""
    lengths, limit = count_tokens(way.texts(way.split(way.read(pdf))), embedder)
    return {"dropped": 100 * sum(max(0, n - limit) for n in lengths) / sum(lengths)}


def count_tokens(texts: Sequence[str], embedder: str) -> tuple[list[int], int]:
    """Tokens of each text, special ones included, and how many of them the embedding model reads."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{embedder}/tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    settings = json.loads(Path(embedder, "sentence_bert_config.json").read_text(encoding="utf-8"))
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))], settings["max_seq_length"]


def texts(way: Any, pdf: str, n: int, embedder: str) -> Reply:
    """Give n chunks, evenly spread, for all sides to embed; and how many tokens there are in them and in all."""
    found = way.texts(way.split(way.read(pdf)))
    picked = [found[i * len(found) // n] for i in range(n)] if len(found) > n else found
    lengths, all_lengths = (count_tokens(each, embedder)[0] for each in (picked, found))
    return {"texts": picked, "lengths": lengths, "n_tokens": sum(all_lengths)}


def embed(way: Any, texts: list[str], n_tokens: int) -> Reply:
    """Embed texts; the first vector goes along to see that all sides embed alike."""
    seconds, vectors = timed(way.embed, texts)
    return {"embed": n_tokens / seconds, "vector": [float(value) for value in vectors[0]]}


def embed_one(way: Any, texts: list[str], n_tokens: int) -> Reply:
    """Embed texts, each alone."""
    return {"embed_one": n_tokens / timed(way.embed_one, texts)[0]}


def whole(way: Any, pdf: str) -> Reply:
    """Make a PDF searchable. The seconds are counted outside, from the start of the process on."""
    import resource  # not on Windows: there is no such row there

    way.whole(pdf)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes on Linux
    return {"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6}


def store(way: Any, texts: list[str], n: int, dimension: int, file: str) -> Reply:
    """Fill a side's store with n texts and made unit vectors: what a search costs does not depend on their values."""
    import numpy as np

    if not Path(file).exists():
        rows = np.random.default_rng(0).standard_normal((n, dimension), dtype=np.float32)
        for part in np.array_split(rows, max(1, n // 10_000)):
            part /= np.linalg.norm(part, axis=1, keepdims=True)
        np.save(file, rows)
    way.store((texts * (n // len(texts) + 1))[:n], np.load(file, mmap_mode="r"))
    return {}


def store_document(way: Any, pdf: str, n: int) -> Reply:
    """Fill ragkit's store with n chunks of a document, repeated: it searches sentences, too, which must be real."""
    way.store_document(pdf, n)
    return {}


def search(way: Any, questions: list[str], key: str, **options: Any) -> Reply:
    """Search for the best of several questions, one after the other; the median in ms."""
    found = [timed(way.search, question, **options) for question in questions]
    assert all(len(hits) == 5 for _, hits in found)
    return {key: 1000 * statistics.median(seconds for seconds, _ in found)}


def open_document(way: Any, pdf: str) -> Reply:
    """Open what `whole` left, and load the language model."""
    way.open_document(pdf)
    return {}


def ask(way: Any, question: str, prefix: str) -> Reply:
    """Answer a question about the document; nothing but `refused` if the side finds no answer in it."""
    words: list[float] = []
    started = time.perf_counter()
    answer = way.ask(
        question, show=lambda piece: words.append(time.perf_counter()) if piece.strip() else None
    )
    if answer["refused"]:
        return {"refused": True}
    return {f"{prefix}_word": words[0] - started, "writing": answer["tokens_per_second"], "refused": False}


def prompt(way: Any, question: str) -> Reply:
    """The messages that the tutorial would hand to the language model."""
    return {"messages": way.prompt(question)}


def generate(way: Any, messages: list[dict[str, str]]) -> Reply:
    """Let the language model answer, always with its likeliest token."""
    words: list[float] = []
    started = time.perf_counter()
    answer = way.generate(
        messages, show=lambda piece: words.append(time.perf_counter()) if piece.strip() else None
    )
    return {
        "same_first_word": words[0] - started, "same_writing": answer["tokens_per_second"], "text": answer["text"],
    }  # fmt: skip


def sentences(way: Any) -> Reply:
    """What the tutorial splits sentences with."""
    return {"sentences": way.splitter}


def limits(way: Any) -> Reply:
    """How fast the machine is: only `bench.machine` knows."""
    return way.limits()
