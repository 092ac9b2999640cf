"""What `read_pdf` makes of pages, beside plain MuPDF and pdftotext: words, lines, and pages a second."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from tqdm import tqdm

from ragkit import RagkitError, read_pdf
from tools.outside.counts import Count
from tools.outside.report import Section, Table
from tools.outside.sets import skipped

OURS, MUPDF, PDFTOTEXT = "ragkit", "MuPDF", "pdftotext"
OFTEN = 3  # pages from which the same line counts as a running one


@dataclass
class Read:
    """One file as the readers have it: the text of each page, and the processor's time in seconds."""

    path: Path
    labels: list[str]
    texts: dict[str, list[str]]
    seconds: dict[str, float]


@dataclass(frozen=True)
class Missing:
    """A line of another reader that is not in ours."""

    reader: str
    pdf: str
    page: int
    text: str
    running: bool
    both: bool


def reading(folder: Path, limit: int = 0, lines: Path | None = None) -> Section | None:
    """Words against the true text, lines against other readers, and speed."""
    guides = sorted((folder / "guides").glob("*.pdf"))[: limit or None]
    others = sorted([*(folder / "mmlong" / "documents").glob("*.pdf"), *(folder / "domains").glob("*.pdf")])
    others = others[: limit or None]
    for name, files in (("guides", guides), ("mmlong/documents and domains", others)):
        if not files:
            skipped("reading", folder / name)
    if not shutil.which("pdftotext"):
        print("skipped: pdftotext, which is not installed (poppler-utils)")
    read = [one for path in tqdm([*guides, *others], "reading", leave=False) if (one := read_file(path))]
    if not read:
        return None
    missing = [each for one in read for each in missing_lines(one)]
    if lines:
        lines.write_text("".join(map(_line, missing)), encoding="utf-8")
    lost = [each for each in missing if not each.running and each.both and each.reader == MUPDF]
    tables = [*_words_table(read), _lines_table(read, missing), _speed_table(read)]
    return Section("Reading", tables, _notes(), [_line(each).strip() for each in spread(lost)])


def _notes() -> list[str]:
    return [
        "Words: how often each occurs, in small letters. The text has tables of contents at each chapter that the PDF "
        "does not have, so nobody reaches 1; *of those that anyone has* leaves out the words that no reader found.",
        "Lines: one is missing if its letters do not stand in a row on our page or one beside it, and one of its words "
        f"stands there less often than on theirs. Running: the same line on {OFTEN} pages and more, apart from the "
        "page's own number, or that number alone.",
    ]


def _line(missing: Missing) -> str:
    kind = "running" if missing.running else "lost, both have it" if missing.both else "lost"
    return f"{missing.pdf}, page {missing.page + 1}, {missing.reader}, {kind}: {missing.text}\n"


def spread(lost: list[Missing]) -> list[Missing]:
    """One of each file first, then the second of each, and so on: ten lines of one file show little."""
    seen: Counter[str] = Counter()
    turns = []
    for each in lost:
        turns.append(seen[each.pdf])
        seen[each.pdf] += 1
    return [each for _, each in sorted(zip(turns, lost, strict=True), key=lambda pair: pair[0])]


# Reading


def read_file(path: Path) -> Read | None:
    """Read a file with all readers, each timed; None, and a word on it, if ours refuses it."""
    read = Read(path, [], {}, {})
    try:
        started = time.process_time()
        pages = read_pdf(path)
        read.seconds[OURS] = time.process_time() - started
    except RagkitError as error:
        print(f"skipped: {path.name}, {error}")
        return None
    read.labels, read.texts[OURS] = pages["label"].tolist(), pages["text"].tolist()
    for name, reader in ((MUPDF, _by_mupdf), (PDFTOTEXT, _by_pdftotext)):
        started = time.process_time()
        texts = reader(path)
        if texts:
            read.seconds[name] = time.process_time() - started
            read.texts[name] = (texts + [""] * len(pages))[: len(pages)]
    return read


def _by_mupdf(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [page.get_text() for page in document]


def _by_pdftotext(path: Path) -> list[str]:
    """The pages as pdftotext has them; none where it is not installed."""
    if not shutil.which("pdftotext"):
        return []
    run = subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True)
    return run.stdout.decode("utf-8", errors="replace").split("\f")


# Words


def words_of(text: str) -> Counter[str]:
    """How often each word occurs, in small letters."""
    return Counter(re.findall(r"\w+", text.lower()))


def recall_and_precision(true: Counter[str], found: Counter[str]) -> tuple[float, float]:
    """Share of the true words that were found, and share of those found that are true.

    >>> recall_and_precision(words_of("to be or not to be"), words_of("to be 7"))
    (0.3333333333333333, 0.6666666666666666)
    """
    both = (true & found).total()
    return both / max(true.total(), 1), both / max(found.total(), 1)


def _words_table(read: list[Read]) -> Iterator[Table]:
    rows: list[list[object]] = []
    for one in read:
        truth = one.path.with_suffix(".txt")
        if truth.exists():
            true = words_of(truth.read_text(encoding="utf-8"))
            found = {name: words_of("\n".join(texts)) for name, texts in one.texts.items()}
            reachable = true & functools.reduce(lambda a, b: a | b, found.values())
            for name, words in found.items():
                recall, precision = recall_and_precision(true, words)
                rows.append(
                    [one.path.name, name, recall, recall_and_precision(reachable, words)[0], precision]
                )
    if rows:
        columns = ["file", "reader", "recall", "of those that anyone has", "precision"]
        yield Table(columns, rows, "Words of the text that the PDF was made from")


# Lines


def missing_lines(read: Read) -> Iterator[Missing]:
    """The lines of other readers that are not on the same page of ours, nor on one beside it."""
    ours = read.texts[OURS]
    letters, words = [letters_of(text) for text in ours], [plain_words(text) for text in ours]
    for name in read.texts.keys() - {OURS}:
        theirs = read.texts[name]
        often = _running(theirs, read.labels)
        third = [
            letters_of(text)
            for other, texts in read.texts.items()
            if other not in (OURS, name)
            for text in texts
        ]
        for page, text in enumerate(theirs):
            near = "".join(letters[max(0, page - 1) : page + 2])
            fewer = plain_words(text) - words[page]
            for line in told_lines(text):
                if not is_there(line, near, fewer):
                    running = without_label(line, read.labels[page]) in often
                    both = bool(third) and letters_of(line) in third[page]
                    yield Missing(name, read.path.name, page, " ".join(line.split()), running, both)


def told_lines(text: str) -> list[str]:
    """The lines with a word of three letters or a number of two digits: the others are signs on maps.

    >>> told_lines("Oats\\n# 5\\n15")
    ['Oats', '15']
    """
    return [line for line in text.splitlines() if re.search(r"[^\W\d_]{3}|\d\d", line)]


def is_there(line: str, near: str, fewer: Counter[str]) -> bool:
    """Whether a line stands in the letters near, in a row, or none of its words is one that we have fewer of."""
    letters = letters_of(line)
    return not letters or letters in near or not (plain_words(line).keys() & fewer.keys())


def letters_of(text: str) -> str:
    """Letters and digits alone: no accents, no signs, no spaces, in small letters.

    >>> letters_of("Se´lam-\\nbarom³")
    'selambarom3'
    """
    return "".join(filter(str.isalnum, _without_accents(text)))


def _without_accents(text: str) -> str:
    return "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign)
    )


def plain_words(text: str) -> Counter[str]:
    """How often each word occurs, without accents; signs part words."""
    return Counter(re.findall(r"[^\W_]+", _without_accents(text)))


def _running(texts: list[str], labels: list[str]) -> set[str]:
    """Lines that are the same on several pages, apart from the page's own number; and that number alone."""
    pages = Counter(
        line
        for text, label in zip(texts, labels, strict=True)
        for line in {without_label(each, label) for each in text.splitlines()}
    )
    return {line for line, n in pages.items() if n >= OFTEN} | {""}


def without_label(line: str, label: str) -> str:
    """A line's letters without the page's own number.

    >>> without_label("Annual report  | 37", "37"), without_label("page 7", "7")
    ('annualreport', '')
    """
    rest = re.sub(rf"(?i)(?<!\w)(?:page\s+)?{re.escape(label)}(?!\w)", " ", line)
    return letters_of(rest)


def _lines_table(read: list[Read], missing: list[Missing]) -> Table:
    rows: list[list[object]] = []
    for name in (MUPDF, PDFTOTEXT):
        for group, some in _by_folder(read):
            files = {one.path.name for one in some}
            n = sum(len(told_lines(text)) for one in some for text in one.texts.get(name, []))
            of_these = [each for each in missing if each.reader == name and each.pdf in files]
            lost = [each for each in of_these if not each.running]
            if n:
                running = Count(len(of_these) - len(lost), n)
                both = sum(each.both for each in lost)
                rows.append([group, name, len(files), running, Count(len(lost), n), Count(both, n)])
    columns = [
        "set",
        "beside",
        "files",
        "not in ours: running",
        "not in ours: others",
        "of these, both others have",
    ]
    return Table(columns, rows, "Lines of other readers that are not in ours")


def _by_folder(read: list[Read]) -> list[tuple[str, list[Read]]]:
    groups: dict[str, list[Read]] = {}
    for one in read:
        parent = one.path.parent
        groups.setdefault(parent.parent.name if parent.name == "documents" else parent.name, []).append(one)
    return list(groups.items())


# Speed


def _speed_table(read: list[Read]) -> Table:
    pages = sum(len(one.labels) for one in read)
    took = {name: sum(one.seconds.get(name, 0.0) for one in read) for name in (OURS, MUPDF)}
    rows = [[name, round(pages / took[name]), round(took[name] / took[MUPDF], 2)] for name in took]
    return Table(
        ["reader", "pages a second of the processor", "time beside MuPDF's"],
        rows,
        f"Speed, {pages:,} pages, in turns",
    )
