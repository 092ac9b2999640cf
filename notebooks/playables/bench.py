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


def retrieval_bench(
    scores: Mapping[str, Sequence[Any]],
    questions: Sequence[Mapping[str, Any]],
    chunks: pd.DataFrame,
    weights: Sequence[float] = WEIGHTS,
) -> Display:
    """Draw the score of every passage along the document, with a slider for the weight of each kind of score.

    Parameters
    ----------
    scores : mapping of str to (questions, passages) array
        By method, three of them; passages in the order of `chunks`.
    questions : sequence of questions
        As `read_questions` gives them, all with pages.
    chunks : DataFrame
    weights : sequence of float
        One a method, at the beginning.
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
    data = {
        "methods": list(scores), "weights": list(weights),
        "scores": (9999 * each.clip(0, 1)).round().astype(int).tolist(),
        "right": right, "questions": [one["question"] for one in questions],
        "passages": [[place(chunk).partition(", ")[2], _short(chunk["text"])] for chunk in chunks.to_dict("records")],
    }  # fmt: skip
    mixed = ", ".join(f"{weight} {method}" for weight, method in zip(weights, scores, strict=True))
    drawing = (
        f"{_bars(totals[0], right[0])}<p>Each bar is a passage, from the first page to the last; green ones are on a "
        f'right page, the framed one is found first.</p><p data-part="passage">{escape(data["questions"][0])}</p>'
    )
    said = f"A right page in front: {hits} of {len(questions)} questions."
    return playable(f"{len(chunks)} passages, weighed {mixed}", said, drawing, "bench.js", data)


def _is_right(chunk: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    labels = {box["label"] for box in chunk["boxes"]}
    return one["source"] in (None, chunk["source"]) and bool(labels & set(one["pages"]))


def _short(text: str, width: int = 160) -> str:
    return text if len(text) <= width else f"{text[:width].rsplit(' ', 1)[0]} …"


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
