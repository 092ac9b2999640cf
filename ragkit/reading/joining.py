"""The pages of a file as one text: a sentence that runs over a page break is whole, and every place is known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ragkit.reading.paragraphs import space_between
from ragkit.words.sentences import CELL


@dataclass(frozen=True)
class Document:
    """The pages of one source as one text, and where in it each page and each text block lies."""

    source: str
    text: str
    starts: list[int]  # offset of each page in the text
    pages: list[int]  # 0-based page index of each
    labels: list[str]  # printed label of each
    # Boxes, with offsets into the text; of a table's row, the heads of its columns; the headings above
    blocks: list[dict[str, Any]]

    def heads_at(self, start: int) -> str:
        """Heads of the table in whose rows `start` lies, and a line break; "" where there are none."""
        i = bisect_right(self.blocks, start, key=lambda block: block["start"]) - 1
        inside = i >= 0 and start < self.blocks[i]["end"] and self.blocks[i]["heads"]
        return f"{self.blocks[i]['heads']}\n" if inside else ""

    def cut(self, start: int, end: int, heads: str = "") -> dict[str, Any]:
        """A slice of the text as the columns of a chunk: where it is from, its pages, and its boxes.

        `heads` is put before the slice: the heads of the table that it begins in.
        """
        shift = len(heads) - start
        boxes = [
            {**box, "start": max(box["start"], start) + shift, "end": min(box["end"], end) + shift}
            for box in self.blocks
            if box["start"] < end and start < box["end"]
        ]
        return {
            "source": self.source,
            "page": self.pages[self._index_at(start)],
            "last_page": self.pages[self._index_at(end - 1)],
            "label": self.labels[self._index_at(start)],
            "text": heads + self.text[start:end],
            "boxes": boxes,
        }

    def _index_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def as_pages(pages: pd.DataFrame | str | Sequence[str]) -> pd.DataFrame:
    """Give a text of one's own what pages have: a source, an index, a label, and no rectangles."""
    if not isinstance(pages, pd.DataFrame):
        pages = pd.DataFrame({"text": [pages] if isinstance(pages, str) else list(pages)})
    missing = {
        "source": "text",
        "page": range(len(pages)),
        "label": [str(page + 1) for page in range(len(pages))],
        "blocks": [[] for _ in range(len(pages))],
    }
    for name in ("heads", "headings"):  # rows of no table, under no heading
        missing[name] = [[""] * len(blocks) for blocks in pages.get("blocks", missing["blocks"])]
    return pages.assign(**{name: value for name, value in missing.items() if name not in pages})


def join_pages(pages: pd.DataFrame) -> Iterator[Document]:
    """Join each source's pages into one text, so that a sentence over a page break is whole.

    Nothing comes of a source without text.
    """
    for source, group in pages.groupby("source", sort=False):
        document = Document(str(source), _joined(group["text"]), [], [], [], [])
        offset = 0
        for row in group[group["text"] != ""].itertuples():
            offset = document.text.index(row.text, offset)
            document.starts.append(offset)
            document.pages.append(row.page)
            document.labels.append(row.label)
            boxes = zip(row.blocks, row.heads, row.headings, strict=True)
            document.blocks.extend(_box(row, block, offset, *above) for block, *above in boxes)
            offset += len(row.text)
        if document.text:
            yield document


def _box(page: Any, block: Any, offset: int, heads: str, heading: str) -> dict[str, Any]:
    start, end, x0, y0, x1, y1 = block
    return {
        "page": page.page, "label": page.label, "start": int(start) + offset, "end": int(end) + offset,
        "x0": float(x0), "y0": float(y0), "x1": float(x1), "y1": float(y1),
        "heads": heads, "heading": heading,
    }  # fmt: skip


def _joined(texts: pd.Series) -> str:
    """Join page texts: as lines are joined where a sentence goes on, else with a paragraph break."""
    joined: list[str] = []
    for text in filter(None, texts):
        if joined:
            before = joined[-1]
            joined.append(space_between(before, text) if _goes_on(before, text) else "\n\n")
        joined.append(text)
    return "".join(joined)


def _goes_on(before: str, after: str) -> bool:
    """Tell whether a sentence runs from the end of one page over to the next.

    No full stop, and then a small letter, or a line before the break that is too long for a heading.
    """
    last_line = before.rpartition("\n")[2]
    if CELL in last_line or CELL in after.partition("\n")[0]:
        return False  # rows of tables
    if last_line.rstrip("\"'”’)]»」』").endswith(tuple(".!?:;。．！？：；")):
        return False
    longest_heading = 120 if space_between(before, after) else 40  # a Chinese letter says more
    return after[:1].islower() or len(last_line) > longest_heading
