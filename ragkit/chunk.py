"""Step 02: from pages to chunks that the embedding model reads to the end.

Whole sentences are packed up to a limit counted in the embedding model's own tokens. A chunk is a slice of the
document's text, so it may run over a page break; it knows its first and last page, and the rectangles on those
pages that its words come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from ragkit import models
from ragkit.models.embedder import Embedder
from ragkit.notice import BadParameter, say
from ragkit.pdf import Document, as_pages, join_pages, load_pages, pages_recipe
from ragkit.words.sentences import SPLITTER, sentence_spans, split_sentences
from ragkit.workspace import Recipe, Workspace, make_recipe, recipe_hash

__all__ = [
    "CHUNK_COLUMNS", "chunk_by_sentences", "chunk_pages", "chunks_recipe", "default_max_tokens", "load_chunks",
    "split_sentences",
]  # fmt: skip

CHUNK_COLUMNS = [
    "chunk", "source", "page", "last_page", "label", "text", "n_sentences", "n_tokens", "boxes",
]  # fmt: skip

DEFAULT_MAX_TOKENS = 384
"""Tokens a chunk at most, special tokens included, whatever the model could take: a passage, not a chapter."""

DEFAULT_OVERLAP = 0
"""Sentences that a chunk repeats from the one before.

None, because measuring it showed no gain: over 58 questions on a textbook of 1,206 pages, one of the five best
passages came from the right page for 0.966 of the questions with no overlap and with one sentence alike, the best
one for 0.862 and 0.845; the overlap made 8 % more chunks.
"""

Span = tuple[int, int]
_NONE: Mapping[int, int] = MappingProxyType({})
_BREAK = re.compile("(?= )|(?<=[、，；])")


def chunk_pages(
    pages: pd.DataFrame | str | Sequence[str],
    tokenizer: Any = None,
    max_tokens: int | None = None,
    overlap: int = DEFAULT_OVERLAP,
) -> pd.DataFrame:
    """Pack whole sentences into chunks of at most `max_tokens` tokens.

    Parameters
    ----------
    pages : DataFrame, str or sequence of str
        As `read_pdf` gives them; not changed. Or a text of your own, or its pages.
    tokenizer : transformers tokenizer, optional
        Of the embedding model that will read the chunks; default: the default embedder's.
    max_tokens : int, optional
        Tokens a chunk at most, counted by `tokenizer`, special tokens included;
        default: what the model can read, but no more than 384.
    overlap : int
        Sentences that a chunk repeats from the end of the one before (as far as they fit).

    Returns
    -------
    DataFrame
        One row a chunk, columns `CHUNK_COLUMNS`; `n_tokens` (special tokens included) is never over the limit.
        `page` and `last_page` are 0-based; `boxes` holds, for each text block, the page, its printed label, the
        character range in the chunk's text, the rectangle in points, the heads of its table's columns and the headings
        that it stands under.

    Raises
    ------
    BadParameter
        If `max_tokens` leaves no room for a word or is more than the model reads, or `overlap` is negative.
    """
    tokenizer = tokenizer or models.load_tokenizer()
    special = tokenizer.num_special_tokens_to_add()
    if max_tokens is None:
        max_tokens = default_max_tokens(tokenizer)
    limit = max_tokens - special
    if limit < 8 or overlap < 0:
        raise BadParameter(
            f"max_tokens={max_tokens}, overlap={overlap}: a chunk needs room for at least 8 tokens besides "
            f"{special} special ones, and an overlap of 0 or more sentences. Try max_tokens=384, overlap=0."
        )
    if max_tokens > tokenizer.model_max_length:
        raise BadParameter(
            f"max_tokens={max_tokens}, but the embedding model reads {tokenizer.model_max_length} tokens: it would "
            f"never see the rest of a chunk. Try max_tokens={default_max_tokens(tokenizer)}."
        )
    rows, counts = [], []
    for document in join_pages(as_pages(pages)):
        sentences, n_tokens = _fitting_sentences(document.text, tokenizer, limit)
        heads = _heads(document, sentences, tokenizer, limit)
        groups, lengths = _group(document.text, sentences, n_tokens, heads, tokenizer, limit, overlap)
        rows += [_row(document, sentences[a:b], heads.get(a, ("", 0))[0]) for a, b in groups]
        counts += lengths
    return _number(rows, counts, special)


def chunk_by_sentences(pages: pd.DataFrame, tokenizer: Any = None, n: int = 10) -> pd.DataFrame:
    """Make chunks of a fixed number of sentences, page by page: simple, and blind to the model's limit.

    Parameters
    ----------
    pages : DataFrame
        As `read_pdf` gives them; not changed.
    tokenizer : transformers tokenizer, optional
        Counts the tokens; default: the default embedder's.
    n : int
        Sentences a chunk; a page's last chunk holds what is left.

    Returns
    -------
    DataFrame
        Columns `CHUNK_COLUMNS`; `n_tokens` (special tokens included) may be over what the model reads.
    """
    tokenizer = tokenizer or models.load_tokenizer()
    rows = []
    for _, page in as_pages(pages).groupby(["source", "page"], sort=False):
        for document in join_pages(page):  # none for a page without text
            sentences = sentence_spans(document.text)
            starts = range(0, len(sentences), n)
            rows += [_row(document, sentences[i : i + n], document.heads_at(sentences[i][0])) for i in starts]
    counts = models.count_tokens(tokenizer, [row["text"] for row in rows])
    return _number(rows, counts, tokenizer.num_special_tokens_to_add())


def default_max_tokens(tokenizer: Any) -> int:
    """Tokens a chunk at most unless one asks for another number, special tokens included."""
    return min(tokenizer.model_max_length, DEFAULT_MAX_TOKENS)


def load_chunks(
    workspace: Workspace,
    embedder: Embedder | str | None = None,
    max_tokens: int | None = None,
    overlap: int = DEFAULT_OVERLAP,
) -> pd.DataFrame:
    """Load a workspace's chunks; they are built if they were never built that way, and one line says so.

    Parameters
    ----------
    workspace : Workspace
        From `open_workspace`.
    embedder : Embedder or str, optional
        The model that will embed them, or its name: its tokenizer counts. Default: `RAGKIT_EMBEDDER`, else the
        catalogue's default.
    max_tokens, overlap : int
        As in `chunk_pages`.

    Returns
    -------
    DataFrame
        One row a chunk, columns `CHUNK_COLUMNS`; `attrs["lost"]` has a line for each reason why text of the documents
        is not in them, which is said again once a process.
    """
    embedder = embedder.name if isinstance(embedder, Embedder) else embedder
    tokenizer = models.load_tokenizer(embedder)
    max_tokens = max_tokens or default_max_tokens(tokenizer)
    recipe = chunks_recipe(workspace, embedder, max_tokens, overlap)
    return workspace.load_or_build(
        workspace.path("chunks", recipe, "parquet"),
        recipe,
        build=lambda: _chunks_of(load_pages(workspace), tokenizer, max_tokens, overlap),
        read=_read_chunks,
        write=lambda chunks, path: chunks.to_parquet(path),
    )


def chunks_recipe(workspace: Workspace, embedder: str | None, max_tokens: int, overlap: int) -> Recipe:
    """Everything that a workspace's chunks depend on."""
    parameters = {"max_tokens": max_tokens, "overlap": overlap, "splitter": SPLITTER}
    model = {"name": models.model_name("embedder", embedder)}
    return make_recipe(recipe_hash(pages_recipe(workspace)), parameters, model, ["ragkit", "tokenizers"])


def _fitting_sentences(text: str, tokenizer: Any, limit: int) -> tuple[list[Span], list[int]]:
    """Sentences of a text, those of more than `limit` tokens halved until they fit; and the tokens of each."""
    fitting: list[Span] = []
    n_tokens: list[int] = []
    waiting = sentence_spans(text)[::-1]
    counts = models.count_tokens(tokenizer, [text[a:b] for a, b in waiting])
    while waiting:
        (start, end), count = waiting.pop(), counts.pop()
        if count <= limit or end - start < 2:
            fitting.append((start, end))
            n_tokens.append(count)
            continue
        middle = _middle(text, start, end)
        halves = [(middle + len(text[middle:end]) - len(text[middle:end].lstrip()), end), (start, middle)]
        waiting += halves
        counts += models.count_tokens(tokenizer, [text[a:b] for a, b in halves])
    return fitting, n_tokens


def _middle(text: str, start: int, end: int) -> int:
    """Where to halve a text: at the white space or the Chinese comma nearest to the middle.

    In the middle of an endless word, where there is none in the middle half.
    """
    middle, quarter = (start + end) // 2, (end - start) // 4
    breaks = [match.start() for match in _BREAK.finditer(text, middle - quarter, middle + quarter)]
    return min((i for i in breaks if start < i < end), key=lambda i: abs(i - middle), default=middle)


def _heads(
    document: Document, sentences: list[Span], tokenizer: Any, limit: int
) -> dict[int, tuple[str, int]]:
    """Column heads that a chunk repeats if it begins with the i-th sentence, and their tokens.

    None where they would take more than a quarter of the chunk from the rows.
    """
    found = {i: heads for i, (start, _) in enumerate(sentences) if (heads := document.heads_at(start))}
    texts = list(dict.fromkeys(found.values()))
    lengths = dict(zip(texts, models.count_tokens(tokenizer, texts), strict=True))
    return {i: (heads, lengths[heads]) for i, heads in found.items() if lengths[heads] <= limit / 4}


def _group(
    text: str, sentences: list[Span], n_tokens: list[int], heads: dict[int, tuple[str, int]], tokenizer: Any,
    limit: int, overlap: int,
) -> tuple[list[Span], list[int]]:  # fmt: skip
    """Consecutive sentences, as many as fit in `limit` tokens together with the heads of the table they begin in.

    Gives the first sentence and one past the last of each group, and its tokens; takes the heads for which there is no
    room out of `heads`. Sentences that stand together may have a few tokens more than alone, with some tokenizers: then
    all groups are made that much smaller. Each slice is counted once, here or in `_fitting_sentences`, and its count
    handed on: 1.9 × as fast, on a book of 1,206 pages, as counting again where it is needed again.
    """
    room = limit
    while True:
        groups = list(_pack(n_tokens, room, overlap, {i: length for i, (_, length) in heads.items()}))
        texts = [heads.get(a, ("", 0))[0] + text[sentences[a][0] : sentences[b - 1][1]] for a, b in groups]
        lengths = models.count_tokens(tokenizer, texts)
        longest = max(lengths, default=0)
        if longest <= limit:
            return groups, lengths
        alone = [
            a for (a, b), n in zip(groups, lengths, strict=True) if n > limit and b == a + 1 and a in heads
        ]
        for a in alone:
            del heads[a]  # the row fills the chunk by itself
        room -= 0 if alone else longest - limit


def _pack(counts: list[int], limit: int, overlap: int, extra: Mapping[int, int] = _NONE) -> Iterator[Span]:
    """Group consecutive sentences by their tokens; yield (first, one past the last) of each group.

    `extra`: tokens that a group has more if it begins with that sentence.

    >>> list(_pack([9, 9, 9, 9], limit=20, overlap=1)), list(_pack([12, 12], limit=20, overlap=1))
    ([(0, 2), (1, 3), (2, 4)], [(0, 1), (1, 2)])
    >>> list(_pack([2, 9, 14, 2], limit=20, overlap=9))
    [(0, 2), (2, 4)]
    """
    first = covered = 0
    while covered < len(counts):
        while first < covered and extra.get(first, 0) + sum(counts[first : covered + 1]) > limit:
            first += 1  # the overlap gives way
        last = covered + 1
        while last < len(counts) and extra.get(first, 0) + sum(counts[first : last + 1]) <= limit:
            last += 1
        yield first, last
        covered, first = last, max(last - overlap, first + 1)


def _row(document: Document, sentences: list[Span], heads: str) -> dict[str, Any]:
    """Consecutive sentences as a chunk; heads that are repeated are no sentence of it."""
    return document.cut(sentences[0][0], sentences[-1][1], heads) | {"n_sentences": len(sentences)}


def _number(rows: list[dict[str, Any]], counts: list[int], special: int) -> pd.DataFrame:
    """Make the frame: number the chunks, add the special tokens to their counts, put the columns in order."""
    chunks = pd.DataFrame(rows, columns=[name for name in CHUNK_COLUMNS if name not in ("chunk", "n_tokens")])
    chunks = chunks.assign(chunk=range(len(chunks)), n_tokens=[count + special for count in counts])
    return chunks[CHUNK_COLUMNS].astype({"page": "int64", "last_page": "int64", "n_sentences": "int64"})


def _chunks_of(pages: pd.DataFrame, *how: Any) -> pd.DataFrame:
    """The chunks of pages, with what is missing in them."""
    chunks = chunk_pages(pages, *how)
    chunks.attrs["lost"] = pages.attrs["lost"]
    return chunks


def _read_chunks(path: Any) -> pd.DataFrame:
    chunks = pd.read_parquet(path)
    for line in chunks.attrs.get("lost", []):
        say(line, once=True)
    return chunks.assign(boxes=[list(boxes) for boxes in chunks["boxes"]])
