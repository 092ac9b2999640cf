"""The retrieval bench: how much should each of three scores weigh?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from playables.playing import picture, playable
from ragkit.show import Display, place

WEIGHTS = (0.2, 0.3, 0.5)
RIGHT, OTHER, FIRST = "#009e73", "#8c8c8c", "#d55e00"

PAPER = (
    "position:relative;overflow:hidden;max-width:30rem;container-type:inline-size;"
    "background:#fff;color:#666;border:1px solid #ccc"
)
"""How the page looks whose blocks the script places: what is in cqw is a share of its width. It says nothing that
the passage above it does not, so it is not read aloud."""


def retrieval_bench(
    scores: Mapping[str, Sequence[Any]],
    questions: Sequence[Mapping[str, Any]],
    chunks: pd.DataFrame,
    nearest: Sequence[Sequence[str]],
    weights: Sequence[float] = WEIGHTS,
    pdf: str = "",
) -> Display:
    """Draw the score of every passage along the document, with a slider for the weight of each kind of score.

    A click on a bar, or a slider, opens a passage: its text with the sentence nearest to the question marked, the
    page that this stands on, drawn small, and a link to it.

    Parameters
    ----------
    scores : mapping of str to (questions, passages) array
        By method, three of them; passages in the order of `chunks`.
    questions : sequence of questions
        As `read_questions` gives them, all with pages.
    chunks : DataFrame
        Pages are drawn from the rectangles in `boxes`.
    nearest : (questions, passages) of str
        The sentence of each passage that is nearest to each question; "" for none.
    weights : sequence of float
        One a method, at the beginning.
    pdf : str
        Where the file is, for the link; "" for none.
    """
    if not questions:
        return Display(
            "no labelled questions: nothing to weigh", "<p>No labelled questions: nothing to weigh.</p>"
        )
    each = np.array(
        [np.asarray(scores[method], dtype=float) for method in scores]
    )  # (methods, questions, passages)
    right = [
        [i for i, chunk in enumerate(chunks.to_dict("records")) if _is_right(chunk, one)] for one in questions
    ]
    totals = np.tensordot(weights, each, axes=1)
    hits = sum(int(row.argmax()) in pages for row, pages in zip(totals, right, strict=True))
    rows, first = chunks.to_dict("records"), int(totals[0].argmax())
    marks = [[_span(row["text"], said) for row, said in zip(rows, told, strict=True)] for told in nearest]
    files = list(chunks["source"].unique())
    data = {
        "methods": list(scores), "weights": list(weights),
        "scores": (9999 * each.clip(0, 1)).round().astype(int).tolist(),
        "right": right, "questions": [one["question"] for one in questions], "marks": marks,
        "passages": [
            [_where(row), row["text"], [_block(box, files.index(row["source"])) for box in row["boxes"]]]
            for row in rows
        ],
    }  # fmt: skip
    mixed = ", ".join(f"{weight} {method}" for weight, method in zip(weights, scores, strict=True))
    drawing = (
        f"{_bars(totals[0], right[0])}<p>Each bar is a passage, from the first page to the last; green ones are on a "
        f"right page, the framed one is found first.</p>{_passage(rows[first], marks[0][first], pdf)}"
    )
    said = f"A right page in front: {hits} of {len(questions)} questions."
    return playable(f"{len(chunks)} passages, weighed {mixed}", said, drawing, "bench.js", data)


def _is_right(chunk: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    labels = {box["label"] for box in chunk["boxes"]}
    return one["source"] in (None, chunk["source"]) and bool(labels & set(one["pages"]))


def _where(chunk: Mapping[str, Any]) -> str:
    return place(chunk).partition(", ")[2]


def _block(box: Mapping[str, Any], file: int) -> list[int]:
    """A piece of a passage: where it begins and ends in the text; its file and page; its rectangle there, in points."""
    return [
        box["start"],
        box["end"],
        file,
        box["page"],
        *(round(box[edge]) for edge in ("x0", "y0", "x1", "y1")),
    ]


def _passage(chunk: Mapping[str, Any], mark: tuple[int, int], pdf: str) -> str:
    """The place of a passage, a link to its file, and its text with one sentence marked."""
    (start, end), text = mark, chunk["text"]
    link = (
        f' <a data-part="open" href="{escape(pdf)}" target="_blank" rel="noopener">Open the page</a>'
        * bool(pdf)
    )
    return (
        f'<p><b data-part="place">{escape(_where(chunk))}</b>{link}</p>'
        f'<p data-part="passage" style="white-space:pre-line;font-size:0.9em">{escape(text[:start])}'
        f"<mark>{escape(text[start:end])}</mark>{escape(text[end:])}</p>"
        f'<div data-part="page" hidden aria-hidden="true" style="{PAPER}"></div>'
    )


def _span(text: str, sentence: str) -> tuple[int, int]:
    """Where a sentence begins and ends in its passage; (0, 0) if it is not there."""
    start = max(text.find(sentence), 0)
    return start, start + len(sentence) * text.startswith(sentence, start)


def _bars(totals: np.ndarray, right: Sequence[int]) -> str:
    """One bar a passage, 150 high at most; the highest is framed."""
    heights, step = (150 * totals.clip(0) / max(totals.max(), 1e-9)).clip(1), 700 / len(totals)
    rows = "".join(
        f'<rect x="{i * step + 1:.1f}" y="{150 - height:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}" '
        f'fill="{RIGHT if i in right else OTHER}" stroke-width="3" '
        f'stroke="{FIRST if i == totals.argmax() else "none"}"/>'
        for i, height in enumerate(heights)
    )
    alt = "The score of each passage along the document"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -4 704 158" width="704" height="158">{rows}</svg>'
    return picture(svg, alt)
