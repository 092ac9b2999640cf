"""Between search and answer: what was found, made once and handed on.

An answer quotes, doubts, is written and is checked. All of that looks at the same few things: the question and its
vector, the passages, their sentences with vectors. They are put together here, so that no step finds them again.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ragkit.embed import Embedder, embed_texts
from ragkit.index import Index, Sources
from ragkit.notice import StaleIndex
from ragkit.reading.lines import clean_characters
from ragkit.search import check_questions, dot_scores, nearest, top_k
from ragkit.sections import heading_of, heads_of, named_in, stand_in
from ragkit.vectors import take_rows
from ragkit.words.followup import in_full
from ragkit.words.keywords import shares, words_of
from ragkit.words.languages import measures_in, stem, stems_of_asking
from ragkit.words.naming import PAGE, days_asked, has_day, without_days
from ragkit.words.numbered import has_thing, things_numbered, without_numbers
from ragkit.words.sentences import sentence_spans
from ragkit.words.slips import mended

READ_AGAIN = 16
"""Sentences of the hits that are embedded once more, alone."""

WORDS_COUNT = 0.4
"""What it counts beside nearness that a sentence has all of the question's words."""

RAREST = 14.0
"""Logarithm of the place, in a list of all words by their frequency, from which a word is as rare as can be: one in a
million."""

BEFORE_COUNTS = 0.5
"""What a word of the question before counts beside one of a question that leans on it."""

NOTHING_IN_COMMON = (
    ("Who painted the Mona Lisa?", "The gasket is tightened in three steps."),
    ("When does the lease end?", "Iron carries oxygen in the blood."),
    ("How deep is the Pacific Ocean?", "Dogs are welcome on the terrace."),
    ("What does the tax return cost?", "The encoder has six identical layers."),
    ("Which tyres fit the bicycle?", "Wash the rice before it is cooked."),
    ("Where is the nearest airport?", "The poem was written in his youth."),
    ("Why do leaves turn red?", "The net sales rose in the second quarter."),
    ("How is the password changed?", "Goats climb on the steepest rocks."),
)
"""Questions, and sentences that have nothing to do with them."""

_UNRELATED: dict[str, float] = {}

SENTENCE_COLUMNS = ["text", "source", "page", "label", "chunk", "boxes", "listed"]


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found, made once: all that quoting, doubting and citing read.

    Attributes
    ----------
    question : str
        What was searched for: what was asked, or that written out (`asked_in_full`).
    query : ndarray, float32, shape (d,)
        The question's embedding; of a follow-up, between its own and that of it written out, so that it counts more
        than what was asked before.
    hits : DataFrame
        From `search`, best first.
    sentences : DataFrame
        A row a sentence of the hits, in their order: `text`, `source`, `page`, `label`, `chunk`, `boxes`, and whether
        it is `listed`: stands in a list of sources or contents, or in an index.
    vectors : ndarray, float32, shape (sentences, d)
        Unit rows: row i is sentence i.
    index : Index
        The part of the index that was searched.
    asked : str
        The question as it was typed, or "" for the one that was searched for.
    """

    question: str
    query: np.ndarray = field(repr=False)
    hits: pd.DataFrame = field(repr=False)
    sentences: pd.DataFrame = field(repr=False)
    vectors: np.ndarray = field(repr=False)
    index: Index = field(repr=False)
    asked: str = ""

    @functools.cached_property
    def language(self) -> str:
        """The language of the file that the first passage is of."""
        return self.index.languages[self.hits["source"].iloc[0]] if len(self.hits) else "english"

    @functools.cached_property
    def words(self) -> pd.DataFrame:
        """The question's words, and how much each tells: a row a word, which is the frame's index.

        `count`: in how many passages of what was searched it is, in one form or another; `missing`: how much of it is
        in none, of a compound maybe one part; `rare`: how rare it is in the language, `told`: in the language and in
        what was searched, 0 to 1. A word of the matter ("pump") is frequent in the document, one of talking about it
        ("meeting") in the language: neither alone says what a question is about. A word of the asking ("format",
        "page", "how *high*") is here only if the document has it, and a day or a page that there is is none of them.
        """
        keywords, tokenizer = self.index.keywords, self.index.embedder.tokenizer
        question = PAGE.sub("", without_days(self.question)) if self.in_section.any() else self.question
        forms = {word: stem(word, self.language) for word in words_of(question)}
        counts = {word: keywords.count_of_forms(word, self.language) for word in forms}
        measures, asking = measures_in(question), stems_of_asking(self.language)
        kept = [word for word in forms if counts[word] or not (forms[word] in asking or word in measures)]
        count = np.array([counts[word] for word in kept], dtype=float)
        rare = np.minimum(*(rarities(words, tokenizer) for words in (kept, [forms[word] for word in kept])))
        here = _here(count, keywords.n)
        own = words_of(self.asked)
        before = (
            words_of(self.question.removesuffix(self.asked))
            if own and self.question.endswith(self.asked)
            else []
        )
        weight = [BEFORE_COUNTS if word in before and word not in own else 1.0 for word in kept]
        missing = np.array([keywords.missing(word, self.language) for word in kept], dtype=float)
        columns = {"count": count, "missing": missing, "rare": rare, "told": rare * here * weight}
        return pd.DataFrame(columns, index=kept)

    @functools.cached_property
    def said(self) -> np.ndarray:
        """How much of what the question's words tell stands in each sentence: 0 to 1, float32, shape (sentences,).

        A row of a table says what the heads of its columns do, too.
        A day is one thing, and tells as much as a word of its own that is as rare as can be: who asks of 14 February is
        not told half of it by another day of that month. So is a thing that is named by its number: action 4, item B.3.
        """
        forms = functools.partial(self.index.keywords.forms, language=self.language)
        heads = (" ".join(heads_of(boxes)) for boxes in self.sentences["boxes"])
        texts = [f"{text} {above}" for text, above in zip(self.sentences["text"], heads, strict=True)]
        told = self.words["told"]
        asked, has = self._one_thing(texts)
        on_it = np.array(has, dtype=np.float32)
        if not on_it.any():
            return shares(texts, told.to_dict(), forms)
        rest = told[told.index.isin(words_of(asked))]
        of_it = _here(self.sentences["chunk"][on_it > 0].nunique(), self.index.keywords.n)
        said = shares(texts, rest.to_dict(), forms) * np.float32(rest.sum()) + np.float32(of_it) * on_it
        return said / np.float32(rest.sum() + of_it)

    def _one_thing(self, texts: Sequence[str]) -> tuple[str, list[bool]]:
        """The question without the day or the number of a thing ("action 4") that it names, and which texts have that;
        none where it names none, or a section.
        """
        if self.in_section.any():
            return self.question, []
        if days := days_asked(self.question):
            return without_days(self.question), [has_day(text, days) for text in texts]
        things = things_numbered(self.question)
        paths = [heading_of(boxes) for boxes in self.sentences["boxes"]]
        has = [has_thing(text, path, things) for text, path in zip(texts, paths, strict=True)]
        return without_numbers(self.question, things), has

    @functools.cached_property
    def near(self) -> np.ndarray:
        """How near each sentence is to the question: float32, shape (sentences,).

        The mean of two dot products: a vector from the chunk's pass knows what stands around a sentence, one made alone
        knows what it says. Both find more than either (docs/search.md). Only the best are read again, alone; the others
        count as if they were opposed to the question there, and so come after.
        """
        in_context, alone = self.in_context, np.full(len(self.vectors), -1, dtype=np.float32)
        if not len(alone):
            return alone
        again = top_k(in_context + WORDS_COUNT * self.said, READ_AGAIN)[1]
        alone[again] = dot_scores(
            self.query, embed_texts(self.index.embedder, self.sentences["text"].iloc[again].tolist())
        )
        return (in_context + alone) / 2

    @functools.cached_property
    def in_section(self) -> np.ndarray:
        """Which sentences stand in a section or on a page that the question names: booleans, shape (sentences,)."""
        return stand_in(named_in(self.question, self.index), self.sentences, self.index)

    @functools.cached_property
    def named(self) -> np.ndarray:
        """The same, unless what is asked is said elsewhere and not there: then none, but of a page with its number."""
        told = self.said[self.in_section].max(initial=0.0) or not self.said.max(initial=0.0)
        page = PAGE.search(self.question)
        return self.in_section & bool(told or (page and page["leaf"]))

    @property
    def far(self) -> float:
        """How near a sentence is that has nothing to do with a question: for some embedders, any two texts are near."""
        return unrelated(self.index.embedder)

    @functools.cached_property
    def in_context(self) -> np.ndarray:
        """Dot product of the question with each sentence in its chunk: float32, shape (sentences,)."""
        return dot_scores(self.query, self.vectors)


def _here(count: Any, n: int) -> Any:
    """How rare it is to be in so many of n passages, 0 to 1, as inverse document frequency has it."""
    return np.log1p((n - count + 0.5) / (count + 0.5)) / math.log1p(2 * n + 1)


def unrelated(embedder: Embedder) -> float:
    """The mean dot product of questions with sentences that have nothing to do with them, for this embedder."""
    if embedder.checksum not in _UNRELATED:
        queries = embed_texts(embedder, [pair[0] for pair in NOTHING_IN_COMMON], role="query")
        sentences = embed_texts(embedder, [pair[1] for pair in NOTHING_IN_COMMON])
        _UNRELATED[embedder.checksum] = float(np.mean(np.vecdot(queries, sentences)))
    return _UNRELATED[embedder.checksum]


def rarities(words: Sequence[str], tokenizer: Any) -> np.ndarray:
    """How rare words are in the language that a tokenizer was made for, 0 to 1: float, shape (words,).

    Its vocabulary is in the order of their frequency, so that by Zipf's law the logarithm of a word's place is what it
    tells. What was not worth a place is made of pieces, which add up.
    """
    first, *ids = tokenizer(["the", *words], add_special_tokens=False, verbose=False)["input_ids"]
    told = [sum(math.log(max(2, piece - first[0])) for piece in pieces) for pieces in ids]
    return np.minimum(np.array(told, dtype=float) / RAREST, 1)


def find(
    question: str,
    index: Index,
    top_k: int = 5,
    *,
    before: Sequence[str] = (),
    source: Sources | None = None,
    method: str = "hybrid",
) -> Found:
    """Search, and keep all that an answer is made from: the parameters are those of `ragkit.search.search`.

    `before` holds the questions that were asked before this one, the latest last: see `asked_in_full`.
    """
    check_questions([question])
    part = index if source is None else index.of_source(source)
    wanted = asked_in_full(question, part, before)
    asked = _cleaned(question)
    both = [wanted, asked] if wanted != asked and wanted.endswith(asked) and words_of(asked) else [wanted]
    query = embed_texts(index.embedder, both, role="query").sum(0)
    query /= np.linalg.norm(query)
    hits = nearest(wanted, query, part, top_k, method)
    return Found(wanted, query, hits, *sentences_of(hits, part), part, asked)


def asked_in_full(question: str, index: Index, before: Sequence[str] = ()) -> str:
    """Write a question as it is searched for: with what it leaves to the questions before it, without a slip.

    Parameters
    ----------
    question : str
    index : Index
    before : sequence of str
        The questions that were asked before, as they were typed, the latest last.

    Returns
    -------
    str
        The question itself if it stands alone; never empty.
    """
    wanted = in_full(_cleaned(question), before, index.keywords.together)
    return mended(wanted, index.keywords, lambda word: len(index.embedder.tokenizer.tokenize(word)) == 1)


def _cleaned(question: str) -> str:
    """A question as documents are read: without ligatures, soft hyphens and the like."""
    return clean_characters(question)[0].replace("\u00ad", "")


def found_in(hits: pd.DataFrame, question: str, index: Index) -> Found:
    """What `find` would have kept, for hits of this index that are there already."""
    query = embed_texts(index.embedder, [question], role="query")[0]
    return Found(question, query, hits, *sentences_of(hits, index), index)


def sentences_of(hits: pd.DataFrame, index: Index) -> tuple[pd.DataFrame, np.ndarray]:
    """The sentences of some chunks of an index, and their vectors: as in `Found`."""
    places = pd.Index(index.chunks["chunk"]).get_indexer(hits["chunk"])
    if (places < 0).any():
        raise StaleIndex("These hits are not of this index. Search in the one whose sentences you want.")
    lists = [index.lists[place] for place in places]
    if len(index.vectors.spans):
        part = take_rows(index.vectors, places)
        return _sentences(hits, part.spans.tolist(), lists), part.sentences.astype(np.float32)
    texts = enumerate(hits["text"])
    spans = [(row, *span) for row, text in texts for span in sentence_spans(text)]
    sentences = _sentences(hits, spans, lists)
    return sentences, embed_texts(index.embedder, sentences["text"].tolist())


def _sentences(
    hits: pd.DataFrame, spans: Sequence[Sequence[int]], lists: Sequence[Sequence[tuple[int, int]]]
) -> pd.DataFrame:
    """Sentences of chunks, given as (row, start, end), with their own places: page, and the blocks they stand in."""
    chunks = hits.to_dict("records")
    rows = []
    for row, start, end in spans:
        chunk = chunks[row]
        boxes = [box for box in chunk["boxes"] if box["start"] < end and start < box["end"]]
        place = boxes[0] if boxes else chunk
        listed = any(first <= start < last for first, last in lists[row])
        rows.append([
            chunk["text"][start:end], chunk["source"], place["page"], place["label"], chunk["chunk"], boxes, listed,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=SENTENCE_COLUMNS)
