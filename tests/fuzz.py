"""Reads and chunks damaged PDFs, one line each: `python tests/fuzz.py FOLDER FIRST COUNT`.

Run by test_fuzz.py in a process of its own, because what is looked for may take the interpreter down.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import random
import sys
from pathlib import Path

from ragkit.chunk import chunk_pages
from ragkit.notice import RagkitError
from ragkit.pdf import read_pdf

SECONDS = 30  # a file
GIGABYTES = 4


class Words:
    """Counts words; takes the place of a model's tokenizer."""

    model_max_length = 64

    def __call__(self, texts, **_):
        return {"input_ids": [text.split() for text in texts]}

    def num_special_tokens_to_add(self):
        return 2


def damage(data: bytes, chance: random.Random) -> bytes:
    """Flip bytes, cut, repeat or move a part of a file; often several of these."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        i, j = sorted(chance.randrange(len(changed) + 1) for _ in range(2))
        kind = chance.choice(["flip", "flip", "cut", "end", "repeat", "move"])
        if kind == "flip":
            for _ in range(chance.choice([1, 10, 200])):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        elif kind == "cut":
            del changed[i : min(j, i + 2000)]
        elif kind == "end":
            del changed[max(j, 10) :]
        elif kind == "repeat":
            changed[j:j] = changed[i : min(j, i + 2000)]
        else:
            part = changed[i : i + 500]
            del changed[i : i + 500]
            place = chance.randrange(len(changed) + 1)
            changed[place:place] = part
        changed = changed or bytearray(b"%PDF-")
    return bytes(changed)


def limit_memory() -> None:
    """Turn a file that asks for too much into a MemoryError, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES * 2**30, resource.RLIM_INFINITY))


def outcome(file: Path) -> str:
    """What became of a file: the number of its chunks, or the name of the error."""
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            pages = read_pdf(file)
            return f"{len(pages)} pages, {len(chunk_pages(pages, Words()))} chunks"
    except RagkitError as error:
        return type(error).__name__


def main(folder: Path, first: int, count: int) -> None:
    limit_memory()
    originals = [path.read_bytes() for path in sorted(folder.glob("original-*.pdf"))]
    for number in range(first, first + count):
        chance = random.Random(number)
        file = folder / f"damaged-{number}.pdf"
        file.write_bytes(damage(chance.choice(originals), chance))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        print(number, outcome(file), flush=True)
        faulthandler.cancel_dump_traceback_later()
        file.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
