"""What comes out in the end: an answer, with everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ragkit.found import Found
from ragkit.grounding.citations import CITATION_COLUMNS
from ragkit.grounding.quotes import QUOTE_COLUMNS
from ragkit.prompt import Messages, Template


@dataclass(frozen=True, eq=False)
class Answer:
    """What the model said, what it was given to read, and how long it took.

    Attributes
    ----------
    text : str
        The model's own words.
    found : Found or None
        The question with all that was found for it; None for a prompt that was not made from a search.
    key_sentences : DataFrame
        The sentences of the hits nearest to the question, each with file and printed page.
    template : {"sentences", "excerpts", "passages"}
        What the model was given to read: the key sentences, what stands around them, or the hits.
    n_read : int
        How many of these, from the best down, fitted in the prompt.
    citations : DataFrame
        From `cite`: each sentence of the text with the document's sentence that supports it, or why none does.
    doubt : str
        Why the sentences may not answer the question, or "". Then only those of the model's words are kept that a
        sentence supports.
    refusal : str
        Why nothing in the document is near the question, or "". Then no model was asked.
    note : str
        What the sentences are not: of a long section or document, how much is left out; or "".
    n_prompt_tokens, n_answer_tokens : int
    seconds_to_first_token, tokens_per_second : float
        Wait before the first token of the answer; speed from then on (0 if there was only one token).
    stop_reason : {"end", "length", "repeats", "repeats the question", "refused", "not asked", "nothing to read",
            "stopped", "cut off"}
        The model's own end token, `max_new_tokens` (the text ends at its last whole sentence), an answer that began to
        repeat itself or was the question once more (no text is left), no model was asked (of
        the file and its headings, `text` says what is known), somebody who pressed Stop, or a server that stopped
        answering; "" while nothing is written yet.
    prompt : list of dict, or str
        What the model was given.
    """

    text: str
    n_prompt_tokens: int
    n_answer_tokens: int
    seconds_to_first_token: float
    tokens_per_second: float
    stop_reason: str
    prompt: Messages | str = field(default="", repr=False)
    found: Found | None = None
    key_sentences: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=QUOTE_COLUMNS), repr=False
    )
    template: Template = "passages"
    n_read: int = 0
    citations: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=CITATION_COLUMNS), repr=False
    )
    doubt: str = ""
    refusal: str = ""
    note: str = ""

    @property
    def question(self) -> str:
        """What was asked, as it was typed."""
        return (self.found.asked or self.found.question) if self.found else ""

    @property
    def searched_for(self) -> str:
        """What was searched for in its place: a follow-up written out, a slip mended; "" if it stands alone."""
        return self.found.question if self.found and self.found.question != self.question else ""

    @property
    def hits(self) -> pd.DataFrame:
        """The passages found, best first (as from `search`)."""
        return self.found.hits if self.found else pd.DataFrame()

    @property
    def labels(self) -> list[str]:
        """Printed pages that the passages begin on, best first, each once."""
        pages = self.hits.drop_duplicates(["source", "page"]) if len(self.hits) else self.hits
        return list(pages["label"]) if len(pages) else []
