"""An answer as a card."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ragkit.show.display import LINE, ORANGE, PROSE, TINT, Display, cite, heading, in_columns

if TYPE_CHECKING:
    from ragkit.generate import Answer


def answer(answer: Answer) -> Display:
    """Show an answer as a card: question, the model's words, and beside them what the PDF itself says.

    The plain text holds the question, the answer and the key sentences with their pages, but no timings.
    """
    sentences = [(row["text"], cite(row)) for _, row in answer.key_sentences.iterrows()]
    lines = [f"Question: {answer.question}", "", f"The model's words: {answer.text}", "", "Key sentences:"]
    lines += [f"{rank}. {text} ({where})" for rank, (text, where) in enumerate(sentences, start=1)]
    quotes = "".join(_quote(text, where) for text, where in sentences)
    words = f'<div style="{PROSE};padding:2px 0 4px 0">{escape(answer.text)}</div>'
    small = f'<div style="font-size:90%;opacity:0.8;padding:6px 0 0 0">{escape(_footer(answer))}</div>'
    style = f"border:{LINE};border-radius:6px;padding:10px 14px;margin:6px 0"
    sections = [
        f'<div style="font-size:115%;font-weight:600;padding:0 0 8px 0">{escape(answer.question)}</div>',
        in_columns([heading("The model's words") + words, heading("Key sentences of the PDF") + quotes]),
    ]
    return Display("\n".join(lines), f'<div style="{style}">{"".join(sections)}{small}</div>')


def _quote(text: str, where: str) -> str:
    style = f"border-left:4px solid {ORANGE};background-color:{TINT};padding:4px 10px;margin:0 0 6px 0"
    where = f'<span style="opacity:0.8;font-size:90%">{escape(where)}</span>'
    return f'<div style="{style};{PROSE}">{escape(text)}<br>{where}</div>'


def _footer(answer: Answer) -> str:
    """The passages found, how many of them the model read, and what the answer cost."""
    hits = "; ".join(f"{cite(hit)} ({hit['score']:.3f})" for _, hit in answer.hits.iterrows())
    return (
        f"Passages found (score): {hits or 'none'}. In the prompt: the best {answer.n_read}. "
        f"{answer.n_prompt_tokens:,} prompt tokens, {answer.n_answer_tokens:,} answer tokens, "
        f"{answer.seconds_to_first_token:.1f} s to the first, then {answer.tokens_per_second:.1f} tokens/s; "
        f"stopped by: {answer.stop_reason}."
    )
