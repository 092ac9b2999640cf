"""What the notebooks and the report draw: pages with passages highlighted, figures, tables, answers.

Every public function but `pipeline_svg` and `place` gives a `Display`, which has two forms: HTML for people,
and a plain text that is the same on every machine, so that nbval can compare it. A picture's plain text is
its alt text, without timings. All text is escaped: markup inside a PDF stays inert. The HTML uses only inline
styles that JupyterLab keeps in a notebook that it does not trust yet, and sets no text colour except on its
own background, so that it reads in light and dark themes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ragkit.notice import RagkitError

if TYPE_CHECKING:
    from ragkit.show.card import answer
    from ragkit.show.counts import batch_times, pages_histogram, speed_curve, token_budget, token_histogram
    from ragkit.show.display import Display, place
    from ragkit.show.pages import Picture, cited_pages, hit_page, hit_pages, page, page_beside_text
    from ragkit.show.pipeline import pipeline_svg
    from ragkit.show.probing import cells_searched, recall_by_probes
    from ragkit.show.texts import before_after, chat_template, side_by_side, table
    from ragkit.show.vectors import embedding_strip, heat_map, map_2d, score_bars

__all__ = [
    "Display",
    "Picture",
    "answer",
    "batch_times",
    "before_after",
    "cells_searched",
    "chat_template",
    "cited_pages",
    "embedding_strip",
    "heat_map",
    "hit_page",
    "hit_pages",
    "map_2d",
    "page",
    "page_beside_text",
    "pages_histogram",
    "pipeline_svg",
    "place",
    "recall_by_probes",
    "score_bars",
    "side_by_side",
    "speed_curve",
    "table",
    "token_budget",
    "token_histogram",
]  # fmt: skip

_MODULES = {
    "display": ["Display", "place"],
    "pipeline": ["pipeline_svg"],
    "pages": ["Picture", "cited_pages", "hit_page", "hit_pages", "page", "page_beside_text"],
    "texts": ["before_after", "chat_template", "side_by_side", "table"],
    "card": ["answer"],
    "probing": ["cells_searched", "recall_by_probes"],
    "counts": ["batch_times", "pages_histogram", "speed_curve", "token_budget", "token_histogram"],
    "vectors": ["embedding_strip", "heat_map", "map_2d", "score_bars"],
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'ragkit.show' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"ragkit.show.{_MODULE_OF[name]}"), name)
    except ModuleNotFoundError as error:
        raise RagkitError(f'show.{name} needs {error.name}: pip install "ragkit[show]"') from error


def __dir__() -> list[str]:
    return __all__
