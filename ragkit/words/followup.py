"""Questions that lean on the one before: known by their words, and written out so that they can be searched for."""

from __future__ import annotations

from collections.abc import Sequence


def in_full(question: str, before: Sequence[str] = ()) -> str:
    """Write out a question that does not stand alone, with what it takes from those before it, the latest last."""
    return question
