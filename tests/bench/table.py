"""A run as a table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from bench.results import OURS, Run

HEAD = """\
# How fast it is

Written by `make bench KEEP=1` and `make bench-peers KEEP=1`; without `KEEP=1` they compare with what stands here. The
sides take turns in one run. A value is the median of five rounds (one, for *PDF to searchable* and its memory), a ratio
the median of the rounds' ratios, more than 1 where ragkit is better. All on the CPU, with the same models. A limit is
what the machine's memory (weights read as bfloat16) or its matrix products, measured in the same run, would allow at
most. It runs on Linux; on a Mac it was not tried, and Windows cannot say how much memory a process needed.

The *tutorial* is what a learner has after the best-known six-hour tutorial, written down anew in
`tests/bench/tutorial.py`. The libraries are used as their documentation shows first: `tests/bench/peers`.
"""

NOTES = """\
- *read and clean*: ragkit finds headers, hyphens and paragraphs; the others take the text as it comes.
- *split*: chunks differ in size from side to side, and a splitter that makes small ones makes more a second.
- *embed*: the same texts on all sides, ragkit's chunks, none of them longer than the model reads.
- *PDF to searchable*: a fresh process, from its start to its last line.
- *import*: `import ragkit` leaves torch for when it is needed; the row above says how long one waits.
- *question to 5 of ...*: ragkit adds up three scores, of chunks, sentences and words; *dense* is the tutorial's one. A
  textbook has 808 chunks. The rows of 100,000 and a million are random vectors and texts of four words.
- *first word*: before the model is asked, ragkit also quotes and looks for reasons to refuse.
- *peak memory*: some 400 MB of it are the weights' file, mapped while it is read, which the system can take back.
- *human_nutrition_rebuilt.pdf* is the text of the open textbook *Human Nutrition: 2020 Edition* (University of Hawai‘i
  at Mānoa), 1,206 pages without pictures. It is not part of the course.
- *The whole textbook by other libraries*, once, by hand, beside light other work: Haystack took 501 s to make it
  searchable, ragkit 100 before it; LlamaIndex, another time, had not ended after 575. LangChain and txtai were not
  tried.
- *On a GPU*, once, by hand: an NVIDIA H100, with random weights of all-mpnet-base-v2's shape, embedded a textbook with
  its sentences in 1.28 s, without them in 0.76 s: 1.7 to 1.95 times as fast as `SentenceTransformer.encode` in float32,
  and 0.6 times as fast as that in bfloat16. A trial of pooling each batch by one product and tokenizing once, as is
  done now, took 36 % less. That, and the notebooks, did not run on CUDA again.
"""


def number(value: float | None) -> str:
    """Three digits, and thousands set apart."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def limit(limits: Mapping[str, float]) -> str:
    """All limits of a row."""
    return "; ".join(f"{number(value)} ({name})" for name, value in limits.items())


def line(cells: list[str]) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def table(run: Run) -> str:
    """All rows, a column a side; then how many times better ragkit is than the tutorial."""
    sides = run["sides"]
    head = ["", "unit", *sides, "ragkit / tutorial", "limit"]
    rows = [
        [
            row["name"], row["unit"], *(number(row["medians"].get(side)) for side in sides),
            number(row["ratios"].get(OURS)), limit(row["limits"]),
        ]
        for row in run["rows"]
    ]  # fmt: skip
    return "\n".join([line(head), line(["---"] * len(head)), *map(line, rows)])


def about(run: Run) -> str:
    """Document, machine and what else there is to be known, in a few lines."""
    machine, document = run["machine"], run["document"]
    lines = [
        f"{document['name']}, {document['pages']:,} pages; *PDF to searchable*: the first {document['part']:,}. "
        f"{machine['processor']}, {machine['threads']} threads, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, torch {machine['torch']}; {machine['bandwidth'] / 1e9:.0f} GB/s, "
        + ", ".join(f"{speed / 1e9:,.0f} GFLOP/s in {name}" for name, speed in machine["operations"].items())
        + f". {run['date']}.",
        *run["notes"],
    ]
    return "\n\n".join(lines)


def picture(run: Run) -> str:
    """The figure, where there is one in docs/: of the sample."""
    if run["document"]["name"] != "nutrition-primer.pdf":
        return ""
    name = "speed-peers.svg" if len(run["sides"]) > 2 else "speed.svg"
    return f"![How many times better than the tutorial's way, a bar a row, on a log scale]({name})\n\n"


def page(runs: Mapping[str, Run]) -> str:
    """The whole page: a section a run."""
    if not runs:
        return "\n".join([HEAD, NOTES, "Nothing was measured yet.\n"])
    sections = [f"## {name}\n\n{about(run)}\n\n{picture(run)}{table(run)}\n" for name, run in runs.items()]
    return "\n".join([HEAD, NOTES, *sections])
