"""An answer as a card, in the order in which it can be trusted: the document's words, then the model's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ragkit.grounding.around import said_in_full
from ragkit.show.display import LINE, ORANGE, PROSE, TINT, Display, Row, heading, in_columns, place

if TYPE_CHECKING:
    from ragkit.answer import Answer
    from ragkit.index import Index

DOCUMENT, MODEL = "In the document's words", "In the model's words"
UNPROVEN = "which no sentence was found to support"
NEAREST = "Nearest in the document"
SEARCHED_FOR = "Searched for"
NOT_ASKED = "not asked"
NO_MODEL = (NOT_ASKED, "refused")
_NUMBERED = re.compile(r"\W?(?:\d|(?:[a-zA-Z]|[ivxIVX]+)[.)]\s)")
UNDER_WAY = f"{MODEL}, as they come: not compared with the document yet"


def answer(answer: Answer, index: Index | None = None) -> Display:
    """Show an answer as a card: what the document says, where, and what the model made of it.

    Each sentence of the model has the number of the document's sentence that supports it, or the reason why none does.
    If none is supported, that is said before the model's words, which HTML folds away. It holds no timings.
    While the model still writes (no `stop_reason` yet), its words stand there without marks.

    Parameters
    ----------
    answer : Answer
        From `ask`.
    index : Index, optional
        The one that was asked; with it the cited pages are drawn, the sentences marked (needs the extra `show`).
    """
    quotes = quotations(answer)
    lines = [f"Question: {answer.question}", ""]
    lines += [f"{SEARCHED_FOR}: {answer.searched_for}", ""] if answer.searched_for else []
    lines += [line, ""] if (line := _reservation(answer)) else []
    if quotes or answer.stop_reason != NOT_ASKED:
        lines += [f"{NEAREST if answer.doubt or answer.refusal else DOCUMENT}:"]
        quoted = [f"{n}. {_words(quote)} ({_places(quote)})" for n, quote in enumerate(quotes, start=1)]
        lines += quoted or ["nothing"]
    if answer.stop_reason not in NO_MODEL:
        lines += ["", _models_words(answer, quotes)]
    return Display("\n".join(lines), _html(answer, quotes, index))


def cards(question: str, answers: Mapping[str, Row | str], width: int = 280) -> Display:
    """Put several answers to one question side by side: one before a change and one after it, for instance.

    Parameters
    ----------
    question : str
    answers : mapping of str to a hit, a page, a sentence, or str
        The title of each card, and what was found; a mere text names no place.
    width : int
        Characters of each that are shown; what is cut ends in "…".
    """
    lines, columns = [f"Question: {question}"], []
    for title, each in answers.items():
        text, where = (each, "") if isinstance(each, str) else (str(each["text"]), place(each))
        text = " ".join(text.split())
        text = text if len(text) <= width else text[: width - 1].rstrip() + "…"
        lines.append(f"\n{title}:\n{text}" + (f" ({where})" if where else ""))
        columns.append(heading(title) + _block(escape(text), where))
    return Display("\n".join(lines), _framed(question, in_columns(columns, width=240)))


def _reservation(answer: Answer) -> str:
    """What is known of the file; or why the sentences below may not answer, or what they leave out; "" for most."""
    if answer.stop_reason == NOT_ASKED:
        return answer.text
    if answer.refusal:
        return f"{answer.text[:-1]}: {answer.refusal}."
    return f"In doubt: {answer.doubt}." if answer.doubt else answer.note


def _words(quote: dict[str, Any]) -> str:
    """A quotation; in quotation marks if it begins with a number of its own, which is not the list's."""
    text = said_in_full(quote)
    return f"“{text}”" if _NUMBERED.match(text) else text


def _places(quote: dict[str, Any]) -> str:
    """Where a sentence stands: everywhere, if there are copies."""
    also = quote.get("also")
    return "; ".join([place(quote), *(also if isinstance(also, list) else [])])


def quotations(answer: Answer) -> list[dict[str, Any]]:
    """The sentences that a card quotes: the key sentences, and what else supports a sentence of the model."""
    quotes = list(answer.key_sentences.to_dict("records"))
    for citation in answer.citations[answer.citations["supported"].astype(bool)].to_dict("records"):
        if _number(citation, quotes) is None:
            quotes.append(citation)
    return quotes


def _number(citation: dict[str, Any], quotes: list[dict[str, Any]]) -> int | None:
    """The number, from 1, of the quotation that supports a claim."""
    text, chunk = citation["text"], citation["chunk"]
    same = [
        quote["chunk"] == chunk and (quote["text"] == text or text in (quote.get("after") or ""))
        for quote in quotes
    ]
    return same.index(True) + 1 if True in same else None


def _marked(answer: Answer, quotes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each sentence of the model, with the number of its quotation or why it has none."""
    return [
        (
            row["claim"],
            f"[{_number(row, quotes)}]" if row["supported"] else f"[{row['verdict']}: {row['reason']}]",
        )
        for row in answer.citations.to_dict("records")
    ]


def _models_words(answer: Answer, quotes: list[dict[str, Any]]) -> str:
    if not answer.stop_reason:
        return f"{UNDER_WAY}:\n{answer.text}"
    if answer.citations.empty:
        return f"{MODEL}: left out, as no sentence was found that supports them."
    unproven = "" if answer.citations["supported"].any() else f", {UNPROVEN}"
    return f"{MODEL}{unproven}:\n" + "\n".join(f"{claim} {mark}" for claim, mark in _marked(answer, quotes))


def _html(answer: Answer, quotes: list[dict[str, Any]], index: Index | None) -> str:
    quoted = "".join(_quote(n, quote) for n, quote in enumerate(quotes, start=1))
    words = _reservation(answer)
    said = [f"{SEARCHED_FOR}: {answer.searched_for}"] if answer.searched_for else []
    said += [words] if words else []
    parts = [f'<div style="{PROSE};padding:2px 0 8px 0">{escape(line)}</div>' for line in said]
    parts += [heading(NEAREST if answer.doubt or answer.refusal else DOCUMENT) + quoted]
    parts += [] if answer.stop_reason in NO_MODEL else [_model_html(answer, quotes)]
    pages = _pages(index, pd.DataFrame(quotes)) if index is not None and quotes else ""
    small = f'<div style="font-size:90%;opacity:0.8;padding:6px 0 0 0">{escape(_footer(answer))}</div>'
    body = in_columns(["".join(parts), pages]) if pages else "".join(parts)
    return _framed(answer.question, body + small)


def _framed(question: str, body: str) -> str:
    """The frame of a card, with the question as its title."""
    title = f'<div style="font-size:115%;font-weight:600;padding:0 0 8px 0">{escape(question)}</div>'
    style = f"border:{LINE};border-radius:6px;padding:10px 14px;margin:6px 0"
    return f'<div style="{style}">{title}{body}</div>'


def _model_html(answer: Answer, quotes: list[dict[str, Any]]) -> str:
    if not answer.stop_reason:
        return heading(UNDER_WAY) + f'<div style="{PROSE};padding:2px 0 4px 0">{escape(answer.text)}</div>'
    marked = "".join(
        f'{escape(claim)} <span style="font-size:85%;opacity:0.8">{escape(mark)}</span> '
        for claim, mark in _marked(answer, quotes)
    )
    words = f'<div style="{PROSE};padding:2px 0 4px 0">{marked or "(left out)"}</div>'
    if answer.citations["supported"].any():
        return heading(MODEL) + words
    return f"<details><summary>{MODEL}, {UNPROVEN}</summary>{words}</details>"


def _quote(number: int, quote: dict[str, Any]) -> str:
    return _block(f"{number}. {escape(_words(quote))}", _places(quote))


def _block(inner: str, where: str) -> str:
    """A quotation, already escaped, with its place below."""
    style = f"border-left:4px solid {ORANGE};background-color:{TINT};padding:4px 10px;margin:0 0 6px 0"
    below = f'<br><span style="opacity:0.8;font-size:90%">{escape(where)}</span>' if where else ""
    return f'<div style="{style};{PROSE}">{inner}{below}</div>'


def _pages(index: Index, quotes: pd.DataFrame) -> str:
    from ragkit.show.pages import cited_pages

    return cited_pages(index, quotes).html


def _footer(answer: Answer) -> str:
    """The passages found, what the model read, and what the answer cost."""
    hits = "; ".join(f"{place(hit)} ({hit['score']:.2f})" for _, hit in answer.hits.iterrows())
    found = f"Passages found (score): {hits or 'none'}."
    if answer.stop_reason in NO_MODEL:
        return f"{found} No model was asked."
    if not answer.stop_reason:
        return found
    return (
        f"{found} The model read {answer.n_read} {answer.template}, {answer.n_prompt_tokens:,} tokens in all; it wrote "
        f"{answer.n_answer_tokens:,}, the first after {answer.seconds_to_first_token:.1f} s, then "
        f"{answer.tokens_per_second:.1f} a second; stopped by: {answer.stop_reason}."
    )
