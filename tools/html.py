"""The course as a book of web pages, to be read without installing anything: the notebooks as they were executed."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ragkit.show.guesses import guesses_of
from tools.notebooks import NOTEBOOKS, ROOT, notebook_paths
from tools.page import STYLE, frame, notebook_html, one_cell, read_notebook, text_of, title_of

FOLDER = "html"
SCRIPT = Path(__file__).with_name("guesses.js")
"""The script of pages with guesses: choices become buttons, outputs are folded until one is taken."""
SEARCH = Path(__file__).with_name("search.js")
"""The script of all pages, which finds sections and terms in `TEXTS`."""
TEXTS = "search-data.js"
MOST_LETTERS = 1500
"""Of a section, that are searched: code and what it shows are left out."""


@dataclass(frozen=True)
class Page:
    """A page of the edition: `address` is its place in the folder, `sections` are (id, HTML) of its headings."""

    source: Path
    address: str
    body: str
    sections: list[tuple[str, str]]

    @property
    def title(self) -> str:
        """The first heading, as text."""
        return title_of(self.body) or self.source.stem


def write_edition() -> Path:
    """Write the numbered notebooks, the solutions and the documents as linked pages; return the first page.

    Nothing in them needs a network or a script: pictures and other files that a page links to are copied. A link
    to what is not in the repository becomes plain text.

    Raises
    ------
    RagkitError
        If ragkit was installed without the notebooks.
    """
    parts = {name: [_page(source) for source in sources] for name, sources in _parts().items() if sources}
    pages = [_first_page(parts), *(page for part in parts.values() for page in part)]
    addresses = {page.source: page.address for page in pages}
    course = [page for page in pages if page.source.parent == NOTEBOOKS]
    folder = ROOT / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    files = {STYLE: STYLE.name, SCRIPT: SCRIPT.name, SEARCH: SEARCH.name}
    for number, page in enumerate(pages):
        path = folder / page.address
        path.parent.mkdir(parents=True, exist_ok=True)
        body = _relinked(page, addresses, files)
        whole = _whole(page, body, pages[:number], pages[number + 1 :], course)
        path.write_text(whole, encoding="utf-8")
    texts = json.dumps([entry for page in pages for entry in _searched(page)], ensure_ascii=False)
    (folder / TEXTS).write_text(f"window.COURSE = {texts};\n", encoding="utf-8")
    for file, address in files.items():
        (folder / address).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / address)
    return folder / pages[0].address


def _parts() -> dict[str, list[Path]]:
    """What becomes a page, in the order of reading."""
    return {
        "The course": notebook_paths(),
        "Solutions": sorted(NOTEBOOKS.glob("solutions/*.ipynb")),
        "Background": sorted(ROOT.glob("docs/*.md")),
        "For teachers": sorted(ROOT.glob("instructors/*.md"), key=lambda path: (path.stem != "README", path)),
        "To change it": sorted(ROOT.glob("C[OH]*.md")),  # CONTRIBUTING, CHANGELOG
    }


def _address(path: Path) -> str:
    """Where a file of the repository stands in the edition: what is in `notebooks/` stands at the top."""
    return path.relative_to(NOTEBOOKS if path.is_relative_to(NOTEBOOKS) else ROOT).as_posix()


# One page


def _page(source: Path) -> Page:
    notebook = read_notebook(source)
    for cell in notebook.cells:  # what JupyterLab folds, the script knows by its class
        if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            cell.metadata.setdefault("tags", []).append("folded")
    body, sections = _with_anchors(notebook_html(notebook))
    return Page(source, _address(source.with_suffix(".html")), body, sections)


def _with_anchors(body: str) -> tuple[str, list[tuple[str, str]]]:
    """Give each heading an id of its own; list those of the highest level below the title."""
    seen: list[str] = []
    found: dict[str, list[tuple[str, str]]] = {}

    def anchored(heading: re.Match[str]) -> str:
        level, inner = heading.groups()
        name = _anchor(text_of(inner))
        seen.append(name)
        name += f"-{seen.count(name) - 1}" if name in seen[:-1] else ""
        found.setdefault(level, []).append((name, re.sub(r"</?a\b[^>]*>", "", inner)))
        return f'<h{level} id="{escape(name)}">{inner}</h{level}>'

    body = re.sub(r"<h([1-6])>(.*?)</h\1>", anchored, body, flags=re.DOTALL)
    found.pop("1", None)
    return body, found[min(found)] if found else []


def _searched(page: Page) -> list[tuple[str, str, str, str]]:
    """Page, heading, address and text of each section, and of each term of the glossary."""
    body = re.sub(r"<(script|style|svg|pre)\b.*?</\1>", " ", page.body, flags=re.DOTALL)
    heads = re.finditer(
        r'<(h\d) id="(.*?)">(.*?)</\1>|<a id="(.*?)"></a><strong>(.*?)</strong>', body, re.DOTALL
    )
    marks = [(head.span(), head[2] or head[4], text_of(head[3] or head[5])) for head in heads]
    ends = [start for (start, _), _, _ in marks[1:]] + [len(body)]
    return [
        (
            page.title,
            heading,
            f"{quote(page.address)}#{quote(unescape(name))}",
            " ".join(text.split()).lstrip(": ")[:MOST_LETTERS],
        )
        for ((_, start), name, heading), end in zip(marks, ends, strict=True)
        if (text := text_of(re.sub(r"(?=</(?:td|th|p|li|div)>)", " ", body[start:end]))) or heading
    ]


def _anchor(text: str) -> str:
    """The id of a heading as GitHub makes it. That of JupyterLab, `What-is-it?`, becomes the same."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _relinked(page: Page, addresses: Mapping[Path, str], files: dict[Path, str]) -> str:
    """Turn links between files of the repository into links between pages; add to `files` what to copy."""

    def relinked(link: re.Match[str]) -> str:
        before, attribute, address = link.groups()
        parts = urlsplit(unescape(address))
        if parts.scheme or parts.netloc:
            return link[0]
        target = (page.source.parent / unquote(parts.path)).resolve() if parts.path else page.source
        fragment = f"#{quote(_anchor(unquote(parts.fragment)))}" if parts.fragment else ""
        if target not in addresses:
            if not (target.is_file() and target.is_relative_to(ROOT)):
                return before  # without an address, a link is plain text
            files[target], fragment = _address(target), ""
        return f'{before} {attribute}="{_from(page, {**files, **addresses}[target])}{fragment}"'

    return re.sub(r'(<(?:a|img)\b[^>]*?)\s(href|src)="([^"]*)"', relinked, page.body)


def _from(page: Page, address: str) -> str:
    """An address as a link on a page."""
    return quote(posixpath.relpath(address, posixpath.dirname(page.address) or "."))


# Around it


def _whole(
    page: Page, body: str, before: Sequence[Page], after: Sequence[Page], course: Sequence[Page]
) -> str:
    """A page with its body, the ways to the pages beside it, the notebooks of the course, and its sections."""
    previous = _way(page, before[-1], "prev", "Previous") if before else ""
    following = _way(page, after[0], "next", "Next") if after else ""
    contents = f'<a href="{_from(page, "index.html")}">Contents</a>'
    sections = f"<ul>{_section_links(page.sections)}</ul>"
    notebooks = "".join(
        f'<li><a href="{_from(page, each.address)}">{escape(each.title)}</a></li>' for each in course
    )
    around = (
        f'<header><nav aria-label="Pages"><div>{previous}</div>{contents}<div>{following}</div></nav>'
        f'<div class="finding"><details><summary>Notebooks</summary><ul>{notebooks}</ul></details></div></header>'
        f'<div class="columns"><main><details class="sections"><summary>On this page</summary>{sections}</details>'
        f'{body}</main><nav class="sections" aria-label="On this page"><p>On this page</p>{sections}</nav></div>'
        f'<footer><nav aria-label="Previous and next">{previous}{following}</nav></footer>'
    )
    head = f'<link rel="stylesheet" href="{_from(page, STYLE.name)}">'
    root = "../" * page.address.count("/")
    head += f'<script defer src="{_from(page, SEARCH.name)}" data-root="{root}"></script>'
    right = _right_letters() if page.source.parent == NOTEBOOKS else {}
    if right.get(page.source.stem):
        data = f'data-name="{page.source.stem}" data-right="{escape(json.dumps(right))}"'
        head += f'<script defer src="{_from(page, SCRIPT.name)}" {data}></script>'
    return frame(f"{page.title} · ragkit" if before else page.title, around, head)


def _right_letters() -> dict[str, str]:
    """The right choices of each notebook's guesses, in order."""
    return {path.stem: "".join(guess.right for guess in guesses_of(path)) for path in notebook_paths()}


def _way(page: Page, to: Page, relation: str, name: str) -> str:
    link = f'rel="{relation}" href="{_from(page, to.address)}"'
    return f"<a {link}><small>{name}</small> <span>{escape(to.title)}</span></a>"


def _section_links(sections: Sequence[tuple[str, str]], address: str = "") -> str:
    return "".join(f'<li><a href="{address}#{quote(name)}">{inner}</a></li>' for name, inner in sections)


def _first_page(parts: Mapping[str, Sequence[Page]]) -> Page:
    """The README, with a table of contents in place of its table of the notebooks."""
    source = ROOT / "README.md"
    start, heading, rest = source.read_text(encoding="utf-8").partition("\n## ")
    start = re.sub(r"^\|.*\n", "", start, flags=re.MULTILINE)
    body, sections = _with_anchors(notebook_html(one_cell(start + heading + rest)))
    listed = "".join(
        f"<h3>{name}</h3><ol>{''.join(map(_entry, pages))}</ol>" for name, pages in parts.items()
    )
    contents = f'<section class="contents"><h2 id="contents">Contents</h2>{listed}</section>'
    body = re.sub("(?=<h2)|$", lambda _: contents, body, count=1)
    return Page(source, "index.html", body, [("contents", "Contents"), *sections])


def _entry(page: Page) -> str:
    """A line of the table of contents; a notebook with its first sentence, and its sections, folded."""
    link = quote(page.source.relative_to(ROOT).as_posix())  # from the README, as all links of the first page
    entry = f'<a href="{link}">{escape(page.title)}</a>'
    about = re.search(r"</h1>\s*<p>(.*?)</p>", page.body, re.DOTALL)
    if page.source.parent == NOTEBOOKS and about:
        links = _section_links(page.sections, link)
        entry += f"<p>{escape(text_of(about[1]))}</p><details><summary>Sections</summary><ul>{links}</ul></details>"
    return f"<li>{entry}</li>"
