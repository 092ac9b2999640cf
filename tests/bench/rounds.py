"""The order of a run: each step once a side and round, so that all sides meet the same disturbances."""

from __future__ import annotations

import datetime
import math
import operator
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.questions import QUESTIONS, reworded
from bench.rows import EMBEDDED, MADE, ONE_BY_ONE, ROWS, SMALL
from bench.side import Side

SAME = 0.98
"""Cosine from which two vectors of one text count as made by one model, be it in another number format."""


class Disagreement(Exception):
    """Two sides did not do the same work, so their times cannot be compared."""


class Rounds:
    """Runs the steps and keeps the values.

    Parameters
    ----------
    sides : list of Side
        ragkit and the tutorial first; then other libraries.
    pdf, part : Path
        The document; its first pages, for what takes long.
    n_pages : int
        Of `pdf`.
    dimension : int
        Values an embedding.
    n_rounds : int
    """

    def __init__(
        self, sides: Sequence[Side], pdf: Path, part: Path, n_pages: int, dimension: int, n_rounds: int
    ) -> None:
        self.sides, self.two = list(sides), list(sides[:2])
        self.pdf, self.part, self.n_pages = str(pdf), str(part), n_pages
        self.dimension, self.n_rounds = dimension, n_rounds
        self.setup = sides[0].setup
        self.values: dict[str, dict[str, list[float]]] = {}
        self.counts: dict[str, Any] = {}

    def run(self) -> None:
        """All steps; those that only ragkit and the tutorial can do if there are no others."""
        self.start_up()
        self.documents()
        self.searches(self.embedding())
        if self.sides == self.two:
            self.large_searches()
            self.answers()
        for side in self.sides:
            side.close()

    def notes(self) -> list[str]:
        """What has to be known to read the values."""
        other = self.counts.get("other_text", [])
        text = f"another text in {len(other)} of {self.n_rounds} rounds" if other else "the same text"
        notes = [f"The tutorial's sentences: {self.counts['sentences']}."]
        return [*notes, f"One prompt for both: {text}."] if "same_writing" in self.values else notes

    def keep(self, side: Side, reply: dict[str, Any]) -> None:
        """Keep what a reply says under the keys of rows."""
        for key in reply.keys() & ROWS.keys():
            self.values.setdefault(key, {}).setdefault(side.name, []).append(reply[key])

    def each(self, sides: Sequence[Side], n_rounds: int | None = None) -> Iterator[tuple[int, Side]]:
        """Every side in turn, round after round; every second round the other way round."""
        for number in range(n_rounds or self.n_rounds):
            for side in sides if number % 2 == 0 else sides[::-1]:
                yield number, side

    def take(self, sides: Sequence[Side], step: str, n_rounds: int | None = None, **given: Any) -> None:
        """Let sides take a step, and keep the values."""
        say(step)
        for _, side in self.each(sides, n_rounds):
            self.keep(side, side.do(step, **given))

    def start_up(self) -> None:
        """In fresh processes: from a PDF to what can be searched, its memory, and the imports."""
        say("whole")
        for side in self.sides:
            started = time.perf_counter()
            with side.fresh() as fresh:
                reply = fresh.do("whole", pdf=self.part)
                self.keep(side, {**reply, "whole": time.perf_counter() - started})
        self.counts["sentences"] = self.sides[1].do("sentences")["sentences"]
        say("import")
        for _, side in self.each(self.sides):
            with side.fresh() as fresh:
                self.keep(side, fresh.do("import"))

    def documents(self) -> None:
        """Count what is dropped, which loads what is needed; then read and split."""
        self.take(self.sides, "dropped", n_rounds=1, pdf=self.pdf, embedder=self.setup["embedder"])
        self.take(self.sides, "read_and_split", pdf=self.pdf, n_pages=self.n_pages)

    def embedding(self) -> list[str]:
        """Embed the same texts on all sides, and see that they come out the same."""
        about = self.sides[0].do("texts", pdf=self.part, n=EMBEDDED, embedder=self.setup["embedder"])
        texts, lengths = about["texts"], about["lengths"]
        self.counts["n_tokens"] = about["n_tokens"]
        self.take(self.sides, "warm", n_rounds=1)
        say("embed")
        vectors = {}
        for _, side in self.each(self.sides):
            reply = side.do("embed", texts=texts, n_tokens=sum(lengths))
            vectors[side.name] = reply.pop("vector")
            self.keep(side, reply)
        check_alike(vectors)
        few = {"texts": texts[:ONE_BY_ONE], "n_tokens": sum(lengths[:ONE_BY_ONE])}
        if self.sides == self.two:
            self.take(self.two, "embed_one", **few)
        return texts

    def search(self, sides: Sequence[Side], n: int, method: str = "hybrid") -> None:
        """Search among n chunks, with other words each round, by a method of ragkit's."""
        key = f"search_{n}" if method == "hybrid" else f"dense_{n}"
        say(key)
        for number, side in self.each(sides):
            options = {"method": method} if side is self.sides[0] else {}
            self.keep(side, side.do("search", questions=reworded(number), key=key, **options))

    def searches(self, texts: list[str]) -> None:
        """Search among as many chunks as a textbook has."""
        self.sides[0].do("store_document", pdf=self.part, n=SMALL)
        self.fill(self.sides[1:], texts, SMALL)
        self.search(self.sides, SMALL)
        if self.sides == self.two:
            self.search(self.two, SMALL, "dense")

    def large_searches(self) -> None:
        """Search among many rows, made of vectors and of texts of four words."""
        words = ["energy", "body", "water", "iron", "nutrients", "lemons", "salt", "bread", "protein"]
        texts = [
            " ".join(words[(i + step * j) % 9] for j in range(4)) for i in range(9) for step in (1, 2, 4)
        ]
        for n in MADE:
            self.fill(self.two, texts, n)
            for method in ("hybrid", "dense"):
                self.search(self.two, n, method)

    def fill(self, sides: Sequence[Side], texts: list[str], n: int) -> None:
        """Give sides n made rows; what they count once is counted with a first question."""
        say(f"storing {n:,} rows")
        file = Path(self.setup["folder"]).parent / f"{n}.npy"
        for side in sides:
            side.do("store", texts=texts, n=n, dimension=self.dimension, file=str(file))
            side.do("search", questions=QUESTIONS[:1], key="first")
        file.unlink(missing_ok=True)

    def answers(self) -> None:
        """Ask questions that ragkit finds an answer to: a first and a second one each round, on both sides."""
        self.take(self.two, "open_document", n_rounds=1, pdf=self.part)
        for side in self.two:
            side.do("ask", question=QUESTIONS[0], prefix="unused")  # the first one of all warms up
        say("answers")
        questions = iter(QUESTIONS[1:])
        for _ in range(self.n_rounds):
            for prefix in ("first", "second"):
                if not self.answer(questions, prefix):
                    say("too few questions that this document answers: rows of answers are left out")
                    return
            self.same_prompt()

    def answer(self, questions: Iterator[str], prefix: str) -> bool:
        """Ask both sides the next question that has an answer; False if none is left."""
        ours, theirs = self.two
        for question in questions:
            reply = ours.do("ask", question=question, prefix=prefix)
            if not reply["refused"]:
                self.keep(ours, reply)
                self.keep(theirs, theirs.do("ask", question=question, prefix=prefix))
                self.counts["question"] = question
                return True
        return False

    def same_prompt(self) -> None:
        """Let both sides answer one prompt; ragkit may stop earlier, where an answer begins to repeat itself."""
        ours, theirs = self.two
        messages = theirs.do("prompt", question=self.counts["question"])["messages"]
        replies = {side.name: side.do("generate", messages=messages) for side in self.two}
        for side in self.two:
            self.keep(side, replies[side.name])
        if not replies[theirs.name]["text"].startswith(replies[ours.name]["text"].rstrip()):
            self.counts.setdefault("other_text", []).append(self.counts["question"])


def say(text: str) -> None:
    """What is being done, with the time."""
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def check_alike(vectors: dict[str, list[float]]) -> None:
    """Raise Disagreement if a side made another vector of the first text than ragkit."""
    (name, first), *others = vectors.items()
    for other, vector in others:
        cosine = sum(map(operator.mul, first, vector)) / math.hypot(*first) / math.hypot(*vector)
        if cosine < SAME:
            raise Disagreement(f"{name} and {other} embed the same text differently: cosine {cosine:.3f}")
