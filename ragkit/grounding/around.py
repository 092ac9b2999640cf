"""What stands around a quotation: what it is not understood without, and what it only opens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any

import pandas as pd

from ragkit.sections import heading_of, heads_of
from ragkit.words.sentences import CELL, NOTE

MOST_AFTER = 60
"""Words of a list or an item from which on it is cut, and says so by "…"."""

LEANS = re.compile(r"(?:It|Its|She|He|They|This|These|That|Those|Er|Sie|Es|Dies\w*|Il|Elle|Ils|Elles)\b")
_WHOLE = re.compile(rf"[.!。！:;][\"'”’)\]]*{NOTE}$| \| ")  # a row says something, too
_ITEM = re.compile(r"^(?:[^\w¹²³⁴-⁹]|\w{1,3}[.)]\s)")  # begins with a bullet or a number, and none of a note
_FIELD = re.compile(r"[^:|.]{2,40}: \S")  # Occupation: Piano tuner. What stands below it is another one's
_FEW = 4
_NOTES = "¹²³⁴⁵⁶⁷⁸⁹"


def is_few(text: str) -> bool:
    """Whether a text is a few words: fewer than four."""
    # Chinese has no spaces between words.
    return len(text.split()) < _FEW and (text.isascii() or len(text) < 8)


def is_whole(text: str) -> bool:
    """Whether a text ends as a sentence does, or is the row of a table."""
    return bool(_WHOLE.search(text))


def without_mark(text: str) -> str:
    """A list's item without its bullet or number."""
    return _ITEM.sub("", text, count=1)


def is_heading(text: str, boxes: list[Any]) -> bool:
    """Whether a sentence is a heading."""
    return heading_of(boxes).endswith(text)


def goes_on(sentences: pd.DataFrame, row: int) -> bool:
    """Whether a sentence stands behind another one in one block; never where no blocks are known."""
    if not row or sentences["chunk"].iloc[row - 1] != sentences["chunk"].iloc[row]:
        return False
    one, other = sentences["boxes"].iloc[row - 1][-1:], sentences["boxes"].iloc[row][:1]
    return bool(one) and one == other and CELL not in sentences["text"].iloc[row - 1]


def _leans(sentences: pd.DataFrame, row: int) -> bool:
    """Whether a sentence is not understood without the one before it: it begins with a pronoun; or it is a few words or
    a field inside a block, as the vote behind a resolution.
    """
    text = sentences["text"].iloc[row]
    if LEANS.match(text):
        return True
    short = (is_few(text) and is_whole(text)) or _FIELD.match(text)
    return bool(short) and CELL not in text and not _is_item(text) and goes_on(sentences, row)


def _is_item(text: str) -> bool:
    """Whether a text is an item of a list, or begins one."""
    return bool(_ITEM.match(text)) and CELL not in text


def completed(
    sentences: pd.DataFrame, best: pd.DataFrame, headings: Mapping[int, str], n: int
) -> pd.DataFrame:
    """Put what stands around them to quotations, and leave out what is said with a better one.

    Parameters
    ----------
    sentences : DataFrame
        All sentences of the hits, as in `Found`.
    best : DataFrame
        Some of them, best first; `row`: which.
    headings : mapping
        The headings that are said before sentences, by their rows.
    n : int
        Quotations that are wanted.

    Returns
    -------
    DataFrame
        At most n rows of `best`, with `before` and `after`. Of two items of one list the sentence that opens it is
        quoted, with its items.
    """
    lists = Counter(opening for row in best["row"][:n] if (opening := _opening(sentences, row)) is not None)
    said: set[int] = set()
    quoted = []
    for place, row in enumerate(best["row"].tolist()):
        opening = _opening(sentences, row)
        if opening is not None and lists[opening] > 1:
            row = opening
        if row in said:
            continue
        opened = _opened_by(sentences, row, row in headings)
        if said.issuperset(opened):  # else all, as a list without the item said above would have a hole
            opened = []
        after = _within(sentences["text"].iloc[opened], MOST_AFTER)
        said |= {row, *opened[: len(after)]}
        text = " ".join([*after, "…"] if len(after) < len(opened) else after)
        quoted.append((place, row, _below(headings.get(row, ""), before(sentences, row)), text))
    places, rows, befores, afters = zip(*quoted, strict=True) if quoted else ((), (), (), ())
    columns = sentences.iloc[list(rows)].assign(row=rows, score=best["score"].iloc[list(places)].to_numpy())
    found = columns.assign(before=befores, after=afters)
    return found[~found["text"].isin(found["before"][:n])][:n].reset_index(drop=True)


def _below(heading: str, before: str) -> str:
    """A heading and what else stands before a sentence, unless that is the heading."""
    return heading if heading.startswith(before) else f"{heading} {before}".strip()


def before(sentences: pd.DataFrame, row: int) -> str:
    """The sentence without which another one is not understood, as far as its chunk has it; "" for most."""
    text = sentences["text"].iloc[row]
    if CELL in text:
        return ": ".join(reversed(heads_of(sentences["boxes"].iloc[row])))
    if _leans(sentences, row):
        alike = row and sentences["chunk"].iloc[row - 1] == sentences["chunk"].iloc[row]
        other = sentences["text"].iloc[row - 1] if alike else ""
        return other if is_whole(other) and CELL not in other else ""  # a table's last row is nobody's "Sie"
    opening = _opening(sentences, row)
    return "" if opening is None else sentences["text"].iloc[opening]


def _opening(sentences: pd.DataFrame, row: int) -> int | None:
    """The row of the sentence that opens the list of an item, as far as its chunk has it."""
    chunk, place = sentences["chunk"].iloc[row], row
    while place >= 0 and sentences["chunk"].iloc[place] == chunk:
        text = sentences["text"].iloc[place]
        if not _is_item(text):
            return place if place < row and text.endswith(":") else None
        place -= 1
    return None


def _within(texts: Iterable[str], n_words: int) -> list[str]:
    """The first texts, to the one in which the words of all come to a number."""
    kept: list[str] = []
    for text in texts:
        if sum(len(each.split()) for each in kept) >= n_words:
            break
        kept.append(text)
    return kept


def _opened_by(sentences: pd.DataFrame, row: int, by_heading: bool) -> list[int]:
    """The rows of what a sentence only opens, in its chunk: the rest of its item, the items of its list, the sentence
    under a line; or those that lean on it.

    Of an item that its heading was asked for, the items after it, too. The next heading ends it.
    """
    here = sentences[row:][(sentences["chunk"] == sentences["chunk"].iloc[row])[row:]]
    heads = [i for i, each in enumerate(zip(here["text"], here["boxes"], strict=True)) if is_heading(*each)]
    if heads and heads[0]:
        here = here[: heads[0]]
    text, *after = here["text"].tolist()
    if CELL in text or not after:
        return []
    few, is_item, whole = is_few(text), _is_item(text), is_whole(text)
    is_field = not whole and bool(_FIELD.match(text))
    is_list = text.endswith(":") or (by_heading if is_item else not whole and not is_field)
    if is_item or (is_list and _is_item(after[0])):
        kind = _kind(text) if is_item and not by_heading else ""
        end = _end_of_items(after, here["boxes"].tolist(), is_list, kind)
        return list(range(row + 1, row + 1 + end))
    opens = not is_field and (not any(map(str.isdigit, text)) if few else not whole)
    says = is_whole(after[0]) or (few and not whole)
    if opens and says and CELL not in after[0] and not _is_item(after[0]) and after[0][0] not in _NOTES:
        return [row + 1]
    rest = range(row + 1, row + len(here))
    return list(takewhile(lambda i: goes_on(sentences, i) and _leans(sentences, i), rest))


def _kind(item: str) -> str:
    """What an item's bullet or number looks like: "9." for any number with a full stop, "a)" for any letter."""
    found = _ITEM.match(item)
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", found.group().strip())) if found else ""


def _end_of_items(after: list[str], blocks: list[Any], is_list: bool, kind: str) -> int:
    """How many sentences after an item or what opens a list go on with it: other items of a list, of another kind than
    the item that opens it, and what stands in the block of the one before.
    """
    for i, text in enumerate(after):
        belongs = is_list and _kind(text) != kind if _is_item(text) else blocks[i + 1] == blocks[i]
        if not belongs:
            return i
    return len(after)


def in_full(quotes: pd.DataFrame) -> pd.DataFrame:
    """The same sentences, each with what it is not understood without."""
    return quotes.assign(text=[said_in_full(quote) for quote in quotes.to_dict("records")])


def said_in_full(quote: Mapping[Any, Any]) -> str:
    """A quotation with the sentence before it or the heads of its table, and with what it only opens."""
    before, after = quote.get("before") or "", quote.get("after") or ""
    return " ".join(filter(None, (before + ":" * (CELL in before), quote["text"], after)))
