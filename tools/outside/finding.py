"""Right pages, rows of tables, quotations, and when an answer is doubted or refused."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pymupdf

from tools.outside.asking import READ, Asked, ask_all, embedders_here, work_on
from tools.outside.counts import Count, count
from tools.outside.report import Section, Table
from tools.outside.sets import Question
from tools.outside.values import holds_value, is_telling, shares_a_word, shares_the_years, years_of

METHODS = ("hybrid", "bm25", "dense")
Questions = Sequence[Question]


def pages(questions: Questions) -> Section:
    """How often a right page is first, and among five, for each set, way of searching, and embedder."""
    asked = [
        one for one in questions if one.answerable and (one.pages or one.labels) and one.source != "table"
    ]
    asked = [one for one in asked if one.group != "mmlong" or one.source == "text"]
    rows, worst = [], []
    for embedder in embedders_here():
        for group, part in _by_group(ask_all(tuple(asked), embedder)):
            ranks = {
                way: [one.rank(way) for one in work_on(part, f"{group}, {way}")]
                for way in METHODS
                if way != "bm25" or embedder == embedders_here()[0]  # which has no embedder
            }
            for way, found in ranks.items():
                rows.append([group, way, "" if way == "bm25" else embedder, _at(found, 1), _at(found, READ)])
            if embedder == embedders_here()[0]:
                worst += _not_found(part, ranks["hybrid"])
    columns = ["set", "search", "embedder", "right page first", f"in {READ}"]
    return Section("The right page", [Table(columns, sorted(rows, key=_of_set))], _left_out(asked), worst)


def _of_set(row: list[object]) -> int:
    return ["mmlong", "domains", "papers", "textbook", "off-topic"].index(str(row[0]))


def _at(ranks: Sequence[int | None], k: int) -> Count:
    return count(rank is not None and rank <= k for rank in ranks)


def _not_found(asked: Sequence[Asked], ranks: Sequence[int | None]) -> list[str]:
    """Questions without a right page among five, with the pages that are right."""
    return [
        f"{one.question} (page {', '.join(_pages_named(one.question))})"
        for one, rank in zip(asked, ranks, strict=True)
        if rank is None
    ]


def _pages_named(question: Question) -> list[str]:
    return sorted(question.labels) or [str(page + 1) for page in sorted(question.pages)][:4]


def tables(questions: Questions) -> Section:
    """Questions whose answer stands in a table: the right page, and the row."""
    asked = [one for one in questions if one.answerable and one.source == "table"]
    there = {one for one in asked if _stands_there(one)}
    rows, worst = [], []
    for embedder in embedders_here():
        every = ask_all(tuple(asked), embedder)
        ranks = [one.rank() for one in work_on(every, "tables")]
        found = [one for one in every if one.question in there]
        rows.append([
            embedder, _at(ranks, 1), _at(ranks, READ), count(one.has_row(shares_a_word) for one in found),
            count(one.has_row(shares_a_word, shares_the_years) for one in found if years_of(one.question.text)),
            _quoted(found, 1), _quoted(found, 3),
        ])  # fmt: skip
        if embedder == embedders_here()[0]:
            worst = [
                f"{one.question} ({', '.join(one.question.said)}; page {', '.join(_pages_named(one.question))}, "
                f"found at rank {one.rank() or f'over {READ}'})"
                for one in found
                if not _says(one, 3)
            ]
    columns = [
        "embedder", "right page first", f"in {READ}", "row in the hits", "with the year asked for",
        "value quoted first", "in three",
    ]  # fmt: skip
    note = (
        f"Of {len(asked)} questions, the value that is asked for stands on a right page {len(there)} times; the others "
        "ask for sums, ratios and counts. Only these are looked for. A row is a line or a sentence of the hits that "
        "holds the value and a word of the question; the year stands in it if it is read with its column heads."
    )
    return Section("Tables", [Table(columns, rows)], [note, *_left_out(asked)], worst)


def _left_out(questions: Questions) -> list[str]:
    """What is said of questions on documents that cannot be read."""
    asked = ask_all(tuple(questions), embedders_here()[0])
    unread = {one.pdf.name for one in questions} - {one.question.pdf.name for one in asked}
    if not unread:
        return []
    left = f"{len(questions) - len(asked)} questions on {len(unread)} files that hold no text, only pictures of pages"
    return [f"Left out: {left} (text recognition is not installed, or off)."]


def _stands_there(question: Question) -> bool:
    """Whether each part of the answer stands on one of the right pages, as MuPDF reads them."""
    texts = _page_texts(question.pdf)
    right = [texts[page] for page in question.pages if page < len(texts)]
    return is_telling(question.said) and all(
        any(holds_value(text, value) for text in right) for value in question.said
    )


@functools.cache
def _page_texts(pdf: Path) -> list[str]:
    with pymupdf.open(pdf) as document:
        return [page.get_text() for page in document]


def quotations(questions: Questions) -> Section:
    """How often a quotation holds what it must, in the first and in three."""
    asked = [one for one in questions if one.group != "mmlong" and one.said]
    asked += [
        one for one in questions if one.group == "mmlong" and one.source == "text" and _stands_there(one)
    ]
    rows, worst = [], []
    for embedder in embedders_here():
        for group, part in _by_group(ask_all(tuple(asked), embedder)):
            for name, some in _by_document(part) if group == "domains" else [("all", part)]:
                rows.append([group, name, embedder, _quoted(work_on(some, group), 1), _quoted(some, 3)])
            if group == "domains" and embedder == embedders_here()[0]:
                worst += [
                    f"{one.question} ({', '.join(one.question.said)})" for one in part if not _says(one, 3)
                ]
    columns = ["set", "document", "embedder", "right quotation first", "in three"]
    note = "A right quotation holds the answer's value (mmlong), all key words (papers, textbook), or all that it must."
    return Section("Quotations", [Table(columns, sorted(rows, key=_of_set))], [note], worst)


def _quoted(asked: Iterable[Asked], n: int) -> Count:
    return count(_says(one, n) for one in asked)


def _says(asked: Asked, n: int) -> bool:
    """Whether one of the first n quotations holds all that it must."""
    return any(all(holds_value(text, value) for value in asked.question.said) for text in asked.quotes[:n])


OUTCOMES = ("answered", "in doubt", "refused")


def doubt(questions: Questions) -> Section:
    """What becomes of questions that have an answer, and of those that have none."""
    rows, wrong = [], []
    for embedder in embedders_here():
        for group, part in _by_group(ask_all(tuple(questions), embedder)):
            for answerable, kind in ((True, "an answer"), (False, "none")):
                some = [one for one in part if one.question.answerable == answerable]
                if some:
                    outcomes = [one.outcome for one in work_on(some, f"{group}, {kind}")]
                    counts = [count(each == outcome for each in outcomes) for outcome in OUTCOMES]
                    rows.append([group, kind, embedder, *counts])
            if embedder == embedders_here()[0]:
                wrong += [one for one in part if one.question.answerable and one.outcome == "refused"]
    columns = ["set", "the document has", "embedder", *OUTCOMES]
    worst = [f"{one.question} ({one.answer.refusal})" for one in wrong]
    return Section(
        "Doubt and refusal", [Table(columns, sorted(rows, key=_of_set))], _left_out(questions), worst
    )


def _by_group(asked: Sequence[Asked]) -> list[tuple[str, list[Asked]]]:
    return _grouped(asked, lambda one: one.question.group)


def _by_document(asked: Sequence[Asked]) -> list[tuple[str, list[Asked]]]:
    return _grouped(asked, lambda one: one.question.pdf.stem)


def _grouped(asked: Sequence[Asked], by: Callable[[Asked], str]) -> list[tuple[str, list[Asked]]]:
    groups: dict[str, list[Asked]] = {}
    for one in asked:
        groups.setdefault(by(one), []).append(one)
    return list(groups.items())
