"""`make bench` and `make bench-peers`: measure, write it down, and compare it with what is committed."""

from __future__ import annotations

import argparse
import datetime
import shutil
import sys
from pathlib import Path
from typing import Any

import pymupdf

from bench import figure, results, table
from bench.rounds import Rounds, say
from bench.rows import ROUNDS
from bench.side import ROOT, Side
from ragkit import models

SAMPLE = ROOT / "notebooks" / "data" / "nutrition-primer.pdf"
PART = 120  # pages that are made searchable, unless all are asked for
PEERS = {"LangChain": "langchain", "LlamaIndex": "llama_index", "Haystack": "haystack", "txtai": "txtai"}
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
DOCS = ROOT / "docs"
FIGURES = {False: "speed.svg", True: "speed-peers.svg"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--pdf", type=Path, default=SAMPLE, help="document (default: the sample)")
    parser.add_argument("--full", action="store_true", help=f"all of it, not its first {PART} pages")
    parser.add_argument("--peers", action="store_true", help="other libraries, too: the rows that all have")
    parser.add_argument("--keep", action="store_true", help="renew docs/speed.*")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="fewer, to see whether it works")
    return parser.parse_args()


def first_pages(pdf: Path, folder: Path, full: bool) -> tuple[Path, int, int]:
    """The part of a document that is made searchable, and how many pages document and part have."""
    with pymupdf.open(pdf) as document:
        n_pages = document.page_count
        if full or n_pages <= PART:
            return pdf, n_pages, n_pages
        document.select(list(range(PART)))
        part = folder / f"{pdf.stem}-{PART}.pdf"
        document.save(part)
    return part, n_pages, PART


def open_sides(peers: bool, setup: dict[str, Any]) -> list[Side]:
    """ragkit and the tutorial; or also the other libraries, in whose environment the tutorial has its spaCy."""
    here = Path(sys.executable)
    there = PEERS_PYTHON if peers else here
    places = {results.OURS: ("ragkit_way", here), results.TUTORIAL: ("tutorial", there)}
    if peers:
        places |= {name: (f"peers.with_{module}", there) for name, module in PEERS.items()}
    return [Side(name, f"bench.{module}", python, setup) for name, (module, python) in places.items()]


def measure(pdf: Path, full: bool, peers: bool, n_rounds: int) -> results.Run:
    """All rows, in about ten minutes."""
    folder = ROOT / "runs" / "bench" / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    part, n_pages, n_part = first_pages(pdf, folder, full)
    setup = {
        "embedder": str(models.fetch_model(None, "embedder")), "llm": str(models.fetch_model(None, "llm")),
        "folder": str(folder / "sides"),
    }  # fmt: skip
    say("limits")
    with Side("machine", "bench.machine", Path(sys.executable), setup) as machine_side:
        machine = machine_side.do("limits")
    sides = open_sides(peers, setup)
    rounds = Rounds(sides, pdf.resolve(), part.resolve(), n_pages, machine["dimension"], n_rounds)
    rounds.run()
    limits = results.limits_of_rows(machine, rounds.counts["n_tokens"])
    return {
        "document": {"name": pdf.name, "pages": n_pages, "part": n_part},
        "date": f"{datetime.date.today():%Y-%m-%d}",
        "machine": {**machine.pop("machine"), **machine},
        "sides": [side.name for side in rounds.sides],
        "same_text": not rounds.counts.get("other_text"),
        "notes": rounds.notes(),
        "rows": results.make_rows(rounds.values, limits),
    }  # fmt: skip


def write(run: results.Run, name: str, peers: bool, keep: bool) -> None:
    """Write JSON, table and figure: to runs/bench, or over what is committed."""
    folder = DOCS if keep else ROOT / "runs" / "bench"
    runs = {**results.load(folder / "speed.json"), name: results.rounded(run)}
    results.save(runs, folder / "speed.json")
    if not keep or run["document"]["name"] == SAMPLE.name:  # the figures in docs/ are the sample's
        figure.draw(run, folder / FIGURES[peers])
    (folder / "speed.md").write_text(table.page(runs), encoding="utf-8")
    print(f"\n{table.table(run)}\n")
    print(f"Written: speed.json, speed.md and the figure in {folder.relative_to(ROOT)}/")


def main() -> int:
    given = arguments()
    kinds = {"whole": given.full, "with other libraries": given.peers}
    name = ", ".join([given.pdf.name, *(kind for kind, is_so in kinds.items() if is_so)])
    run = measure(given.pdf, given.full, given.peers, given.rounds)
    committed = results.load(DOCS / "speed.json").get(name)
    write(run, name, given.peers, given.keep)
    if committed is None:
        print(f"docs/speed.json has no run of {name}: nothing to compare with")
        return 0
    worse = results.worse_than(run, committed)
    for line in worse:
        print(f"WORSE  {line}")
    print(f"{len(worse) or 'No'} rows are worse than in docs/speed.json")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
