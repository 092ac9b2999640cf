"""Step 02: from pages to chunks that the embedding model reads to the end.

Sentences are found by spaCy's rule-based sentencizer and packed, whole, up to a limit counted in the embedding
model's own tokens. A chunk is a slice of the document's text, so it may run over a page break; it knows its
first and last page, and the rectangles on those pages that its words come from.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ragkit import models
from ragkit.layout import space_between
from ragkit.notice import BadParameter
from ragkit.pdf import load_pages
from ragkit.workspace import Workspace, make_recipe

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
_BREAK = re.compile("(?= )|(?<=[、，；])")


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences with spaCy's sentencizer, which knows abbreviations and decimals.

    A line break ends a sentence too: in `pages` it stands only between paragraphs, list items and table rows.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        Sentences in order, without the white space around them; none is empty.

    Examples
    --------
    >>> split_sentences("Dr. Lind tried citrus, e.g. lemons. It took 1.5 weeks!")
    ['Dr. Lind tried citrus, e.g. lemons.', 'It took 1.5 weeks!']
    """
    return [text[start:end] for start, end in _sentence_spans(text)]


def chunk_pages(
    pages: pd.DataFrame,
    tokenizer: Any = None,
    max_tokens: int | None = None,
    overlap: int = DEFAULT_OVERLAP,
) -> pd.DataFrame:
    """Pack whole sentences into chunks of at most `max_tokens` tokens.

    Parameters
    ----------
    pages : DataFrame
        As `read_pdf` gives them; not changed.
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
        character range in the chunk's text and the rectangle in points.

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
            f"max_tokens={max_tokens}, overlap={overlap}: a chunk needs room for at least 8 tokens beside "
            f"{special} special ones, and an overlap of 0 or more sentences. Try max_tokens=384, overlap=0."
        )
    if max_tokens > tokenizer.model_max_length:
        raise BadParameter(
            f"max_tokens={max_tokens}, but the embedding model reads {tokenizer.model_max_length} tokens: it would "
            f"never see the rest of a chunk. Try max_tokens={default_max_tokens(tokenizer)}."
        )
    rows = []
    for document in _documents(pages):
        sentences = _fitting_sentences(document.text, tokenizer, limit)
        counts = models.count_tokens(tokenizer, [document.text[a:b] for a, b in sentences])

        def measure(first: int, last: int, text=document.text, sentences=sentences) -> int:
            return models.count_tokens(tokenizer, [text[sentences[first][0] : sentences[last - 1][1]]])[0]

        groups = _pack(counts, limit, overlap, measure)
        rows += [document.chunk(sentences[first:last]) for first, last in groups]
    return _number(rows, tokenizer, special)


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
    for _, page in pages.groupby(["source", "page"], sort=False):
        for document in _documents(page):  # none for a page without text
            sentences = list(_sentence_spans(document.text))
            rows += [document.chunk(sentences[i : i + n]) for i in range(0, len(sentences), n)]
    return _number(rows, tokenizer, tokenizer.num_special_tokens_to_add())


def default_max_tokens(tokenizer: Any) -> int:
    """Tokens a chunk at most unless one asks for another number, special tokens included."""
    return min(tokenizer.model_max_length, DEFAULT_MAX_TOKENS)


def load_chunks(
    workspace: Workspace, max_tokens: int | None = None, overlap: int | None = None
) -> pd.DataFrame:
    """Load a workspace's chunks; what is missing or stale is built, and one line says so.

    Parameters
    ----------
    workspace : Workspace
        From `open_workspace`.
    max_tokens, overlap : int, optional
        As in `chunk_pages`; default: as they were when the chunks were last built.

    Returns
    -------
    DataFrame
        One row a chunk, columns `CHUNK_COLUMNS`.
    """
    with workspace.locked():
        return _load_chunks(workspace, max_tokens, overlap)


def _load_chunks(workspace: Workspace, max_tokens: int | None, overlap: int | None) -> pd.DataFrame:
    pages = load_pages(workspace)
    tokenizer = models.load_tokenizer(workspace.embedder)
    if max_tokens is None:
        max_tokens = workspace.parameter("chunks", "max_tokens", None)
        if max_tokens and max_tokens > tokenizer.model_max_length:
            max_tokens = None  # it was another embedder's
    if overlap is None:
        overlap = workspace.parameter("chunks", "overlap", DEFAULT_OVERLAP)
    parameters = {"max_tokens": max_tokens, "overlap": overlap}
    libraries = ["ragkit", "spacy", "tokenizers"]
    recipe = make_recipe(workspace.fingerprint("pages"), parameters, workspace.embedder, libraries)
    return workspace.load_or_build(
        "chunks",
        "chunks.parquet",
        recipe,
        build=lambda: chunk_pages(pages, tokenizer, max_tokens, overlap),
        read=_read_chunks,
        write=lambda chunks, path: chunks.to_parquet(path),
    )


@dataclass(frozen=True)
class _Document:
    """The pages of one source as one text, and where in it each page and each text block lies."""

    source: str
    text: str
    starts: list[int]  # offset of each page in the text
    pages: list[int]  # 0-based page index of each
    labels: list[str]  # printed label of each
    blocks: list[dict[str, Any]]  # boxes, with offsets into the text

    def chunk(self, sentences: list[Span]) -> dict[str, Any]:
        start, end = sentences[0][0], sentences[-1][1]
        boxes = [
            {**box, "start": max(box["start"], start) - start, "end": min(box["end"], end) - start}
            for box in self.blocks
            if box["start"] < end and start < box["end"]
        ]
        return {
            "source": self.source,
            "page": self.pages[self._index_at(start)],
            "last_page": self.pages[self._index_at(end - 1)],
            "label": self.labels[self._index_at(start)],
            "text": self.text[start:end],
            "n_sentences": len(sentences),
            "boxes": boxes,
        }

    def _index_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def _documents(pages: pd.DataFrame) -> Iterator[_Document]:
    """Join each source's pages into one text, so that a sentence over a page break is whole."""
    for source, group in pages.groupby("source", sort=False):
        document = _Document(str(source), _joined(group["text"]), [], [], [], [])
        offset = 0
        for row in group[group["text"] != ""].itertuples():
            offset = document.text.index(row.text, offset)
            document.starts.append(offset)
            document.pages.append(row.page)
            document.labels.append(row.label)
            document.blocks.extend(_box(row, block, offset) for block in row.blocks)
            offset += len(row.text)
        if document.text:
            yield document


def _box(page: Any, block: Any, offset: int) -> dict[str, Any]:
    start, end, x0, y0, x1, y1 = block
    return {
        "page": page.page, "label": page.label, "start": int(start) + offset, "end": int(end) + offset,
        "x0": float(x0), "y0": float(y0), "x1": float(x1), "y1": float(y1),
    }  # fmt: skip


def _joined(texts: pd.Series) -> str:
    """Join page texts: as lines are joined where a sentence goes on, else with a paragraph break."""
    joined = ""
    for text in texts:
        if joined and text:
            joined += space_between(joined, text) if _goes_on(joined, text) else "\n\n"
        joined += text
    return joined


def _goes_on(before: str, after: str) -> bool:
    """Tell whether a sentence runs from the end of one page over to the next.

    No full stop, and then a small letter, or a line before the break that is too long for a heading.
    """
    last_line = before.rpartition("\n")[2]
    if last_line.rstrip("\"'”’)]»」』").endswith(tuple(".!?:;。．！？：；")):
        return False
    longest_heading = 120 if space_between(before, after) else 40  # a Chinese letter says more
    return after[:1].islower() or len(last_line) > longest_heading


def _sentence_spans(text: str) -> Iterator[Span]:
    """Character ranges of the sentences of a text, white space around them left out."""
    lines = _line_spans(text)
    texts = (text[start:end] for start, end in lines)
    for (line, _), doc in zip(lines, models.load_sentencizer().pipe(texts), strict=True):
        for sentence in doc.sents:
            stripped = sentence.text.strip()
            if stripped:
                start = line + sentence.start_char + len(sentence.text) - len(sentence.text.lstrip())
                yield start, start + len(stripped)


def _line_spans(text: str) -> list[Span]:
    spans, start = [], 0
    for line in text.split("\n"):
        if line.strip():
            spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _fitting_sentences(text: str, tokenizer: Any, limit: int) -> list[Span]:
    """Sentences of a text, those of more than `limit` tokens halved until they fit."""
    fitting: list[Span] = []
    waiting = list(_sentence_spans(text))[::-1]
    counts = models.count_tokens(tokenizer, [text[a:b] for a, b in waiting])
    while waiting:
        (start, end), count = waiting.pop(), counts.pop()
        if count <= limit or end - start < 2:
            fitting.append((start, end))
            continue
        middle = _middle(text, start, end)
        halves = [(middle + len(text[middle:end]) - len(text[middle:end].lstrip()), end), (start, middle)]
        waiting += halves
        counts += models.count_tokens(tokenizer, [text[a:b] for a, b in halves])
    return fitting


def _middle(text: str, start: int, end: int) -> int:
    """Where to halve a text: at the white space or the Chinese comma nearest to the middle.

    In the middle of an endless word, where there is none in the middle half.
    """
    middle, quarter = (start + end) // 2, (end - start) // 4
    breaks = [match.start() for match in _BREAK.finditer(text, middle - quarter, middle + quarter)]
    return min((i for i in breaks if start < i < end), key=lambda i: abs(i - middle), default=middle)


def _pack(counts: list[int], limit: int, overlap: int, measure: Callable[[int, int], int]) -> Iterator[Span]:
    """Group consecutive sentences, as many as fit; yield (first, one past the last) of each group.

    `counts` are tokens a sentence. Some tokenizers give a few more for sentences that stand together, so
    `measure(first, last)` has the last word.
    """
    first = covered = 0
    while covered < len(counts):
        last = covered + 1
        while last < len(counts) and sum(counts[first : last + 1]) <= limit:
            last += 1
        while measure(first, last) > limit and last > covered + 1:
            last -= 1
        while measure(first, last) > limit and first < covered:
            first += 1
        yield first, last
        covered, first = last, max(last - overlap, first + 1)


def _number(rows: list[dict[str, Any]], tokenizer: Any, special: int) -> pd.DataFrame:
    """Make the frame: count tokens as the model will, number the chunks, put the columns in order."""
    chunks = pd.DataFrame(rows, columns=[name for name in CHUNK_COLUMNS if name not in ("chunk", "n_tokens")])
    counts = models.count_tokens(tokenizer, chunks["text"].tolist())
    chunks = chunks.assign(chunk=range(len(chunks)), n_tokens=[count + special for count in counts])
    return chunks[CHUNK_COLUMNS].astype({"page": "int64", "last_page": "int64", "n_sentences": "int64"})


def _read_chunks(path: Any) -> pd.DataFrame:
    chunks = pd.read_parquet(path)
    return chunks.assign(boxes=[list(boxes) for boxes in chunks["boxes"]])
