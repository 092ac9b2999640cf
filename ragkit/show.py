"""What the notebooks and the report draw: pages with passages highlighted, figures, tables, answers.

Every public function but `pipeline_svg` and `cite` gives a `Display`, which has two forms: HTML for people,
and a plain text that is the same on every machine, so that nbval can compare it. A picture's plain text is
its alt text, without timings. All text is escaped: markup inside a PDF stays inert. The HTML uses only inline
styles that JupyterLab keeps in a notebook that it does not trust yet, and sets no text colour except on its
own background, so that it reads in light and dark themes.
"""

from __future__ import annotations

import base64
import difflib
import io
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pymupdf
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image, ImageChops

from ragkit.notice import BadParameter, PDFNotFound
from ragkit.opening import open_pdf

if TYPE_CHECKING:
    from ragkit.generate import Answer
    from ragkit.workspace import Workspace

Row = Mapping[str, Any] | pd.Series
Box = tuple[float, float, float, float]

# Okabe and Ito, "Color Universal Design" (2008): told apart with every common form of colour blindness.
BLUE, RED, GREEN, ORANGE, SKY, PINK, BLACK, GREY = PALETTE = (
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#222222", "#8c8c8c",
)  # fmt: skip
STYLE = {
    "figure.dpi": 100, "savefig.dpi": 100, "figure.facecolor": "white", "savefig.facecolor": "white",
    "figure.constrained_layout.use": True, "font.family": "DejaVu Sans", "font.size": 10.5,
    "axes.titlesize": 11.5, "axes.titlelocation": "left", "axes.titleweight": "bold", "axes.titlepad": 9,
    "axes.edgecolor": "#666666", "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "axes.grid": True, "grid.color": "#e4e4e4", "legend.frameon": False, "text.color": BLACK,
    "text.parse_math": False,  # a PDF's "$5 to $10" is no formula
}  # fmt: skip
MARKER = (255, 236, 92)  # highlighter yellow; multiplied with the page, so that the print stays black
MOST_COLOURS = 50_000
_LINE = "1px solid rgba(128,128,128,0.4)"
_TINT = "rgba(128,128,128,0.12)"
_PROSE = "white-space:pre-wrap;overflow-wrap:break-word;line-height:1.45"
_STEPS = [
    ("PDF", "pages"), ("chunk", "chunks"), ("embed", "embeddings"),
    ("search", "hits"), ("prompt", "messages"), ("generate", "answer"),
]  # fmt: skip


class Display:
    """Something to look at: `text` is its plain form (also its `repr`), `html` what a notebook shows."""

    def __init__(self, text: str, html: str) -> None:
        self.text, self.html = text, html

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


class Picture(Display):
    """An image (bytes of a PNG or JPEG file) with its alt text; `figure` is None for the page of a PDF."""

    def __init__(self, image: bytes, alt: str, figure: Figure | None = None) -> None:
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        source = f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
        style = f"max-width:100%;height:auto;background-color:#fff;border:{_LINE};border-radius:4px"
        super().__init__(alt, f'<img src="{source}" alt="{escape(alt)}" style="{style}">')
        self.image, self.figure = image, figure


# ---------------------------------------------------------------- the pipeline


def pipeline_svg(step: int) -> str:
    """Draw the six steps of the course as SVG, with one of them lit.

    Parameters
    ----------
    step : int
        1 (PDF) to 6 (generate); 0 lights none.

    Raises
    ------
    BadParameter
        If there is no such step.
    """
    if step not in range(7):
        raise BadParameter(f"step {step!r} does not exist: give 1 (PDF) to 6 (generate), or 0 to light none")
    lit = f"step {step}, {_STEPS[step - 1][0]}, is lit" if step else "no step is lit"
    flow = ", then ".join(f"{name} gives {product}" for name, product in _STEPS)
    boxes = "\n".join(_svg_step(number, step) for number in range(1, 7))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 150" width="900" height="150" role="img"
 aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif">
<title id="title">The pipeline in six steps: {lit}</title>
<desc id="desc">{flow}. The first three run once for each PDF, the last three for each question.</desc>
<rect x="0.5" y="0.5" width="899" height="149" rx="8" fill="#f6f8fa" stroke="#d0d7de"/>
<g fill="none" stroke="#8c959f"><path d="M24 44v-8h414v8"/><path d="M462 44v-8h414v8"/></g>
<g font-size="13" fill="#424a53" text-anchor="middle">
<text x="231" y="25">once for each PDF</text><text x="669" y="25">for each question</text></g>
{boxes}
</svg>
"""


def _svg_step(number: int, lit: int) -> str:
    """One box, with the arrow that leads to the next."""
    name, product = _STEPS[number - 1]
    left, middle = 24 + 146 * (number - 1), 24 + 146 * (number - 1) + 61
    fill, edge, ink = (BLUE, "#004d78", "#ffffff") if number == lit else ("#ffffff", "#8c959f", "#24292f")
    arrow = f'<path d="M{left + 125} 92h15m-5 -5l5 5l-5 5" fill="none" stroke="#57606a" stroke-width="1.5"/>'
    return f"""\
<rect x="{left}" y="52" width="122" height="80" rx="6" fill="{fill}" stroke="{edge}"/>
<g fill="{ink}" text-anchor="middle"><text x="{middle}" y="73" font-size="12">{number:02d}</text>
<text x="{middle}" y="95" font-size="18" font-weight="600">{name}</text>
<text x="{middle}" y="118" font-size="13">→ {product}</text></g>{arrow if number < 6 else ""}"""


# ---------------------------------------------------------------- pages of the PDF


def page(
    path: str | Path, page: int, boxes: Iterable[Box] = (), password: str | None = None, zoom: float = 1.5
) -> Picture:
    """Draw a page as it is printed, with passages highlighted in yellow.

    Parameters
    ----------
    path : str or Path
        The PDF file.
    page : int
        0-based index of the page in the file.
    boxes : iterable of (x0, y0, x1, y1)
        Rectangles to highlight, in points from the top left corner of the page before any rotation that the
        file asks for: those that come with text.
    password : str, optional
        Opens an encrypted file.
    zoom : float
        Pixels per point: 1.0 gives 72 dots per inch.

    Raises
    ------
    PDFNotFound, NotAPDF, BrokenPDF, EncryptedPDF, BadParameter
        If the file is missing or cannot be opened, or has no such page.
    """
    return _page_picture(Path(path), page, f"page index {page} of {Path(path).name}", boxes, password, zoom)


def _page_picture(
    path: Path, page: int, name: str, boxes: Iterable[Box], password: str | None, zoom: float
) -> Picture:
    """Draw a page under the name that its alt text begins with."""
    boxes = list(boxes)
    if not path.is_file():
        raise PDFNotFound(f"no PDF at {path}: check the path; if the file moved, open the workspace again")
    with open_pdf(path, password) as document:
        if not 0 <= page < document.page_count:
            raise BadParameter(f"{path.name} has pages 0 to {document.page_count - 1}, no page index {page}")
        image = _render(document[int(page)], boxes, zoom)
    marked = f", {len(boxes)} {'passage' if len(boxes) == 1 else 'passages'} highlighted" if boxes else ""
    return Picture(_encode(image, colours=64), name + marked)


def _render(page: pymupdf.Page, boxes: list[Box], zoom: float) -> Image.Image:
    """Render one page to RGB pixels, and turn the boxes with the page if the file asks for that."""
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), alpha=False)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    for box in boxes:
        _highlight(image, [round(edge * zoom) for edge in pymupdf.Rect(box) * page.rotation_matrix])
    return image


def _highlight(image: Image.Image, edges: Sequence[int]) -> None:
    """Colour a rectangle like a marker pen does: white turns yellow, black stays black."""
    x0, y0 = max(edges[0], 0), max(edges[1], 0)
    x1, y1 = min(edges[2], image.width), min(edges[3], image.height)
    if x0 < x1 and y0 < y1:
        part = image.crop((x0, y0, x1, y1))
        image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, MARKER)), (x0, y0))


def _encode(image: Image.Image, colours: int) -> bytes:
    """Compress: a palette is enough for print and figures; a page with photographs becomes JPEG."""
    file = io.BytesIO()
    if image.getcolors(MOST_COLOURS):  # of more colours than that, choosing the palette takes seconds
        image.quantize(colours, method=Image.Quantize.MAXCOVERAGE).save(file, "PNG", optimize=True)
    else:
        image.save(file, "JPEG", quality=70, optimize=True)
    return file.getvalue()


def page_beside_text(path: str | Path, page: int, text: str, password: str | None = None) -> Display:
    """Put a page's picture and the text that was read from it side by side.

    Parameters
    ----------
    path, page, password
        As for `ragkit.show.page`.
    text : str
        What was read; long text scrolls.
    """
    path = Path(path)
    picture = _page_picture(path, page, f"page index {page} of {path.name}", (), password, zoom=1.3)
    body = f'<div style="max-height:600px;overflow:auto;padding:4px 12px;{_PROSE}">{escape(text)}</div>'
    alt = f"{picture.text}, beside its text of {len(text):,} characters"
    return Display(alt, _columns([picture.html, body]))


def hit_page(workspace: Workspace, hit: Row, zoom: float = 1.5) -> Picture:
    """Draw the page on which a hit begins, with its text highlighted.

    Parameters
    ----------
    workspace : Workspace
        Knows the file behind `hit["source"]`, and its password.
    hit : Series or mapping
        A row of `hits` (or of `chunks`): `source`, `page`, `label`, `boxes`.
    zoom : float
        Pixels per point.
    """
    source, index = hit["source"], int(hit["page"])
    here = [box for box in hit["boxes"] if box["page"] == index]
    boxes = [(box["x0"], box["y0"], box["x1"], box["y1"]) for box in here]
    name = f"page {hit['label']} of {source}"
    return _page_picture(workspace.path_of(source), index, name, boxes, workspace.password, zoom)


def hit_pages(workspace: Workspace, hits: pd.DataFrame, n: int = 3) -> Display:
    """Draw the pages of the first `n` hits side by side, each with its file name and printed page."""
    rows = [row for _, row in hits.head(n).iterrows()]
    pictures = [hit_page(workspace, row, zoom=1.0) for row in rows]
    captions = [f"{rank}. {cite(row)}" for rank, row in enumerate(rows, start=1)]
    cells = [f"{_heading(c)}{p.html}" for c, p in zip(captions, pictures, strict=True)]
    lines = [f"{c}: {p.text}" for c, p in zip(captions, pictures, strict=True)]
    return Display("\n".join(lines), _columns(cells, width=220))


def cite(hit: Row) -> str:
    """Name the file and the printed page or pages of a hit, a chunk or a key sentence.

    >>> cite({"source": "primer.pdf", "label": "12", "boxes": [{"label": "12"}, {"label": "13"}]})
    'primer.pdf, pp. 12–13'
    >>> cite({"source": "primer.pdf", "label": "iv"})
    'primer.pdf, p. iv'
    """
    boxes = hit.get("boxes")
    labels = [hit["label"]] if boxes is None or not len(boxes) else [boxes[0]["label"], boxes[-1]["label"]]
    pages = f"p. {labels[0]}" if labels[0] == labels[-1] else f"pp. {labels[0]}–{labels[-1]}"
    return f"{hit['source']}, {pages}"


# ---------------------------------------------------------------- tables and text


def table(frame: Any, columns: Sequence[str] | None = None, width: int = 80, rows: int = 10) -> Display:
    """Show the first rows of a table: floats to 3 decimals, long text cut.

    Parameters
    ----------
    frame : DataFrame, or anything that makes one
        An index of names (as `describe()` gives) becomes the first column; a numeric one is not shown.
    columns : sequence of str, optional
        Which columns, in which order; all by default.
    width : int
        Longest cell, in characters; what is cut ends in "…".
    rows : int
        How many rows are shown; a last line says how many more there are.

    Raises
    ------
    BadParameter
        If a column is not there.
    """
    frame = pd.DataFrame(frame)
    if not pd.api.types.is_numeric_dtype(frame.index):
        frame = frame.rename_axis(frame.index.name or "").reset_index()
    names = list(frame.columns if columns is None else columns)
    if missing := [name for name in names if name not in frame.columns]:
        raise BadParameter(f"no column {missing[0]!r} here: there is {', '.join(map(str, frame.columns))}")
    shown = frame.loc[:, names].head(rows)
    cells = [[_cell(value, width) for value in row] for row in shown.itertuples(index=False)]
    right = [all(_is_number(value) for value in shown[name]) for name in names]
    rest = len(frame) - len(shown)
    more = f"… {rest:,} more {'row' if rest == 1 else 'rows'}" if rest else ""
    header = [str(name) for name in names]
    return Display(_text_table(header, cells, right, more), _html_table(header, cells, right, more))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _cell(value: Any, width: int) -> str:
    """One value as it is shown; "z" turns -0.000 into 0.000."""
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:z.3f}"
    text = " ".join(str(value).split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _text_table(header: list[str], cells: list[list[str]], right: list[bool], more: str) -> str:
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    lines = []
    for row in [header, *cells]:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)]
        lines.append("  ".join(parts).rstrip())
    return "\n".join([*lines, more] if more else lines)


def _html_table(header: list[str], cells: list[list[str]], right: list[bool], more: str) -> str:
    body = _html_row("th", header, right) + "".join(_html_row("td", values, right) for values in cells)
    foot = f'<div style="padding:2px 10px;opacity:0.75">{escape(more)}</div>' if more else ""
    return f'<table style="border-collapse:collapse;margin:4px 0">{body}</table>{foot}'


def _html_row(tag: str, values: list[str], right: list[bool]) -> str:
    """One row; short cells, file names above all, stay on one line."""
    style = "padding:4px 10px;vertical-align:top;overflow-wrap:break-word"
    style += f";border-bottom:{_LINE}" if tag == "th" else ""
    inner = []
    for value, is_right in zip(values, right, strict=True):
        side, wrap = "right" if is_right else "left", "nowrap" if len(value) <= 24 else "normal"
        inner.append(f'<{tag} style="{style};text-align:{side};white-space:{wrap}">{escape(value)}</{tag}>')
    return f"<tr>{''.join(inner)}</tr>"


def _columns(cells: Iterable[str], width: int = 320) -> str:
    """Lay out side by side; below `width` pixels each, one under another."""
    style = f"flex:1 1 {width}px;min-width:0px"
    inner = "".join(f'<div style="{style}">{cell}</div>' for cell in cells)
    return f'<div style="display:flex;flex-wrap:wrap;gap:16px;margin:4px 0">{inner}</div>'


def _heading(text: str) -> str:
    return f'<div style="font-weight:600;margin:2px 0 6px 0">{escape(text)}</div>' if text else ""


def _panel(title: str, inner: str) -> str:
    """A titled block of text; `inner` is HTML that is already escaped."""
    box = f"border:{_LINE};border-radius:6px;padding:8px 12px;{_PROSE}"
    return f'{_heading(title)}<div style="{box}">{inner}</div>'


def side_by_side(left: str, right: str, titles: Sequence[str] = ("", "")) -> Display:
    """Put two texts, two answers for instance, into two columns with a title each."""
    pairs = list(zip(titles, (left, right), strict=True))
    text = "\n\n".join(f"{title}\n{body}".strip() for title, body in pairs)
    return Display(text, _columns(_panel(title, escape(body)) for title, body in pairs))


def before_after(before: str, after: str, label: str = "") -> Display:
    """Put a text before and after a change side by side, with what changed marked.

    Words, spaces and punctuation marks are compared (`difflib`). A line break that changed is shown as ↵;
    in the plain text, what changed stands in ⟦ ⟧.
    """
    old, new = (re.findall(r"\w+|\s|[^\w\s]", text) for text in (before, after))
    steps = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    left = [(tag != "equal", "".join(old[i:j])) for tag, i, j, _, _ in steps]
    right = [(tag != "equal", "".join(new[i:j])) for tag, _, _, i, j in steps]
    lines = [label, f"before: {_bracketed(left)}", f"after:  {_bracketed(right)}"]
    columns = [_panel("before", _marked(left, "del")), _panel("after", _marked(right, "ins"))]
    return Display("\n".join(line for line in lines if line), _heading(label) + _columns(columns))


def _bracketed(parts: list[tuple[bool, str]]) -> str:
    text = "".join(f"⟦{part}⟧" if changed and part else part for changed, part in parts)
    return text.replace("\n", "↵")


def _marked(parts: list[tuple[bool, str]], tag: str) -> str:
    tint = "rgba(213,94,0,0.3)" if tag == "del" else "rgba(0,158,115,0.3)"
    style = f"background-color:{tint};text-decoration:none;border-radius:3px"
    return "".join(
        f'<{tag} style="{style}">{_breaks(escape(part))}</{tag}>' if changed and part else escape(part)
        for changed, part in parts
    )


def _breaks(text: str) -> str:
    """Make line breaks visible."""
    return text.replace("\n", "↵\n")


def chat_template(text: str, control_tokens: Sequence[str]) -> Display:
    """Show a rendered prompt with its control tokens as chips and its line breaks as ↵.

    Parameters
    ----------
    text : str
        The prompt after the chat template.
    control_tokens : sequence of str
        The tokenizer's control tokens, such as `<|im_start|>`; in the plain text they stand in ⟦ ⟧.
    """
    longest_first = sorted(filter(None, control_tokens), key=len, reverse=True)
    pattern = "|".join(map(re.escape, longest_first)) or r"(?!)"
    parts = re.split(f"({pattern})", text)
    chip = f"background-color:{BLUE};color:#fff;border-radius:4px;padding:1px 5px;font-weight:600"
    html = "".join(
        f'<span style="{chip}">{escape(part)}</span>' if odd % 2 else _breaks(escape(part))
        for odd, part in enumerate(parts)
    )
    plain = "".join(f"⟦{part}⟧" if odd % 2 else _breaks(part) for odd, part in enumerate(parts))
    return Display(plain.rstrip("\n"), _panel("", f'<span style="font-family:monospace">{html}</span>'))


def answer(answer: Answer) -> Display:
    """Show an answer as a card: question, the model's words, and beside them what the PDF itself says.

    The plain text holds the question, the answer and the key sentences with their pages, but no timings.
    """
    sentences = [(row["text"], cite(row)) for _, row in answer.key_sentences.iterrows()]
    lines = [f"Question: {answer.question}", "", f"The model's words: {answer.text}", "", "Key sentences:"]
    lines += [f"{rank}. {text} ({where})" for rank, (text, where) in enumerate(sentences, start=1)]
    quotes = "".join(_quote(text, where) for text, where in sentences)
    words = f'<div style="{_PROSE};padding:2px 0 4px 0">{escape(answer.text)}</div>'
    small = f'<div style="font-size:90%;opacity:0.8;padding:6px 0 0 0">{escape(_footer(answer))}</div>'
    style = f"border:{_LINE};border-radius:6px;padding:10px 14px;margin:6px 0"
    sections = [
        f'<div style="font-size:115%;font-weight:600;padding:0 0 8px 0">{escape(answer.question)}</div>',
        _columns([_heading("The model's words") + words, _heading("Key sentences of the PDF") + quotes]),
    ]
    return Display("\n".join(lines), f'<div style="{style}">{"".join(sections)}{small}</div>')


def _quote(text: str, where: str) -> str:
    style = f"border-left:4px solid {ORANGE};background-color:{_TINT};padding:4px 10px;margin:0 0 6px 0"
    where = f'<span style="opacity:0.8;font-size:90%">{escape(where)}</span>'
    return f'<div style="{style};{_PROSE}">{escape(text)}<br>{where}</div>'


def _footer(answer: Answer) -> str:
    """The passages found, how many of them the model read, and what the answer cost."""
    hits = "; ".join(f"{cite(hit)} ({hit['score']:.3f})" for _, hit in answer.hits.iterrows())
    return (
        f"Passages found (score): {hits or 'none'}. In the prompt: the best {answer.n_read}. "
        f"{answer.n_prompt_tokens:,} prompt tokens, {answer.n_answer_tokens:,} answer tokens, "
        f"{answer.seconds_to_first_token:.1f} s to the first, then {answer.tokens_per_second:.1f} tokens/s; "
        f"stopped by: {answer.stop_reason}."
    )


# ---------------------------------------------------------------- figures


def _figure(height: float, rows: int = 1, columns: int = 1, **shared: Any) -> tuple[Figure, list[Axes]]:
    """A figure 8 inches wide that pyplot does not know, so that a notebook does not show it twice."""
    figure = Figure(figsize=(8, height))
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    return figure, list(axes.flat)


def _picture(figure: Figure, alt: str) -> Picture:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Picture(_encode(Image.open(buffer).convert("RGB"), colours=256), alt, figure)


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise BadParameter(message)


@rc_context(STYLE)
def token_histogram(
    groups: Mapping[str, Sequence[int]], limit: int | None = None, unit: str = "tokens"
) -> Picture:
    """Draw one histogram a group, one under another on a shared axis, with the limit as a line.

    Parameters
    ----------
    groups : dict of str to sequence of int
        Name to the lengths of its texts, in `unit`.
    limit : int, optional
        Longest text that the model reads whole; what is longer is drawn in another colour.

    Raises
    ------
    BadParameter
        If a group is empty.
    """
    _need(bool(groups) and all(map(len, groups.values())), "nothing to draw: give every group a length")
    longest = max(limit or 1, *(max(lengths) for lengths in groups.values()))
    step = max(1, -(-longest // 40))
    first = (limit + 1) % step - step if limit else 0  # so that the limit ends a bin
    edges = np.arange(first, longest + 2 * step, step)
    figure, axes = _figure(0.7 + 1.75 * len(groups), rows=len(groups), sharex=True)
    told = []
    for axis, (name, lengths) in zip(axes, groups.items(), strict=True):
        told.append(_histogram(axis, name, np.asarray(lengths), edges, limit, unit))
    axes[-1].set_xlabel(unit)
    return _picture(figure, f"Histograms of {unit}. {'. '.join(told)}.")


def _histogram(
    axis: Axes, name: str, lengths: np.ndarray, edges: np.ndarray, limit: int | None, unit: str
) -> str:
    """One panel; gives its title."""
    over = lengths > (limit or np.inf)
    axis.hist([lengths[~over], lengths[over]], bins=edges, color=[BLUE, RED], stacked=True)
    title = f"{name}: {len(lengths):,} texts, median {np.median(lengths):,.0f} {unit}"
    if limit is not None:
        title += f", {over.sum():,} over the limit"
        axis.axvline(limit, color=BLACK, linestyle="--", linewidth=1.5, label=f"limit: {limit:,} {unit}")
        axis.margins(y=0.35)  # room for the legend
        axis.legend(loc="upper right")
    axis.set(title=title, ylabel="texts")
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=4)
    return title


@rc_context(STYLE)
def pages_histogram(pages: pd.DataFrame) -> Picture:
    """Draw how many characters and how many tokens the pages have, from `n_chars` and `n_tokens`."""
    _need(len(pages) > 0, "nothing to draw: the table of pages is empty")
    empty = pages["n_chars"] == 0
    figure, axes = _figure(2.9, columns=2, sharey=True)
    for axis, column, unit in zip(axes, ["n_chars", "n_tokens"], ["characters", "tokens"], strict=True):
        axis.hist(
            [pages.loc[~empty, column], pages.loc[empty, column]],
            bins=30, color=[BLUE, RED], stacked=True, label=["_", f"{empty.sum():,} without text"],
        )  # fmt: skip
        axis.set_title(f"median {pages[column].median():,.0f} {unit} a page")
        axis.set_xlabel(f"{unit} on the page")
        axis.xaxis.set_major_formatter(_thousands)
    axes[0].set_ylabel("pages")
    if empty.any():
        axes[0].legend(loc="upper left")
    told = ", ".join(axis.get_title(loc="left") for axis in axes)
    return _picture(figure, f"Histograms of {len(pages):,} pages: {told}; {empty.sum():,} without text.")


def _thousands(value: float, _position: int) -> str:
    """Tick label with thousands set apart: 12,000."""
    return f"{value:,.0f}"


@rc_context(STYLE)
def heat_map(matrix: np.ndarray, labels: Sequence[str]) -> Picture:
    """Draw the similarities between texts as colours, with the numbers in the cells.

    Parameters
    ----------
    matrix : (n, n) array
        Similarities, 1 on the diagonal for unit vectors.
    labels : sequence of str
        The n texts; they are numbered, so that the columns need only the number.
    """
    matrix, n = np.asarray(matrix, dtype=float), len(labels)
    _need(matrix.shape == (n, n) and n > 0, f"a matrix of {matrix.shape} does not fit {n} labels")
    figure, (axis,) = _figure(1.0 + 0.58 * n)
    low = min(0.0, matrix.min())
    image = axis.imshow(matrix, cmap="Blues", vmin=low, vmax=1.0, aspect="auto")
    for row, column in np.ndindex(n, n):
        ink = "white" if matrix[row, column] - low > 0.6 * (1 - low) else BLACK
        axis.text(column, row, f"{matrix[row, column]:z.2f}", ha="center", va="center", color=ink)
    names = [f"{number}  {label}" for number, label in enumerate(labels, start=1)]
    axis.set_yticks(range(n), [textwrap.fill(name, 34, max_lines=3, placeholder="…") for name in names])
    axis.set_xticks(range(n), range(1, n + 1))
    axis.grid(visible=False)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    figure.colorbar(image, ax=axis, label="similarity", pad=0.02).outline.set_visible(False)
    return _picture(figure, f"Heat map of the similarities of {n} texts: {_nearest(matrix, labels)}.")


def _nearest(matrix: np.ndarray, labels: Sequence[str]) -> str:
    """Words for the most similar pair, for the alt text."""
    pairs = np.where(np.triu(np.ones_like(matrix), k=1) > 0, matrix, -np.inf)
    row, column = np.unravel_index(pairs.argmax(), pairs.shape)
    if row == column:
        return "only one"
    return f"nearest are “{labels[row]}” and “{labels[column]}” with {matrix[row, column]:.2f}"


def _two_components(embeddings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Principal component analysis: (n, d) to (n, 2) points, and the (2,) shares of the variance, 0 to 1.

    A singular vector's sign is arbitrary; here the largest weight of each is positive.
    """
    centred = np.asarray(embeddings, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    top = directions[:2]
    top = top * np.sign(top[np.arange(2), np.abs(top).argmax(axis=1)])[:, None]
    return centred @ top.T, sizes[:2] ** 2 / max((sizes**2).sum(), np.finfo(float).tiny)


@rc_context(STYLE)
def map_2d(embeddings: np.ndarray, groups: Sequence[str], labels: Sequence[str] | None = None) -> Picture:
    """Draw embeddings as points on a plane, coloured by group: their two principal components.

    Parameters
    ----------
    embeddings : (n, d) array
        n and d of at least 2.
    groups : sequence of str
        Group of each point, its chapter for instance.
    labels : sequence of str, optional
        Name to write beside each point; an empty one is left out.
    """
    shape, groups = np.shape(embeddings), list(map(str, groups))
    _need(len(shape) == 2 and min(shape) >= 2, f"a map needs two embeddings of two values, not shape {shape}")
    _need(shape[0] == len(groups), f"{shape[0]} embeddings, but {len(groups)} groups: give one group a row")
    points, shares = _two_components(embeddings)
    figure, (axis,) = _figure(4.8)
    for number, name in enumerate(dict.fromkeys(groups)):
        own = points[[group == name for group in groups]]
        look = {"color": PALETTE[number % len(PALETTE)], "marker": "osD^vP"[number // len(PALETTE) % 6]}
        axis.scatter(*own.T, s=26, alpha=0.8, linewidths=0, label=textwrap.fill(name, 26), **look)
    named = [(label, point) for label, point in zip(labels or [], points, strict=False) if label]
    for label, point in named:
        _name_point(axis, textwrap.shorten(label, 40, placeholder="…"), point)
    first, second = (f"{share:.0%} of the variance" for share in shares)
    axis.set(xlabel=f"first component, {first}", ylabel=f"second component, {second}")
    axis.set_title(f"{shape[1]:,} values a text, drawn along the 2 directions that vary most")
    figure.legend(loc="outside right upper", fontsize=9.5)
    alt = f"Map of {shape[0]:,} embeddings in {len(set(groups))} groups; on the axes {first} and {second}."
    return _picture(figure, alt)


def _name_point(axis: Axes, label: str, point: np.ndarray) -> None:
    """Ring a point and write beside it, towards the middle of the map."""
    left, right = axis.get_xlim()
    side = -1 if point[0] > (left + right) / 2 else 1
    axis.scatter(*point, s=70, facecolors="none", edgecolors=BLACK, linewidths=1.4)
    align = "left" if side > 0 else "right"
    note = axis.annotate(label, point, (8 * side, 0), textcoords="offset points", ha=align, va="center")
    note.set_bbox({"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1})
    note.set_in_layout(False)


@rc_context(STYLE)
def batch_times(times: Mapping[str, float]) -> Picture:
    """Draw how long each way of doing the same thing took, in seconds, as bars."""
    _need(bool(times) and min(times.values()) > 0, "nothing to draw: give each way's seconds, above 0")
    slow, fast = max(times, key=times.get), min(times, key=times.get)
    figure, (axis,) = _figure(1.0 + 0.5 * len(times))
    colours = [GREEN if name == fast else BLUE for name in times]
    bars = axis.barh(range(len(times)), list(times.values()), color=colours, height=0.65)
    axis.bar_label(bars, [f"{seconds:,.2f} s" for seconds in times.values()], padding=5)
    axis.set_yticks(range(len(times)), [textwrap.fill(name, 28) for name in times])
    axis.set(xlabel="seconds", xlim=(0, times[slow] * 1.15))
    if len(times) > 1:
        axis.set_title(f"{times[slow] / times[fast]:.1f} times as fast: {fast}")
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    return _picture(figure, f"Bars of the seconds that each way took: {', '.join(times)}.")


@rc_context(STYLE)
def speed_curve(sizes: Sequence[int], seconds: Sequence[float]) -> Picture:
    """Draw the time of an exact search over the number of vectors, with a line at 0.1 s.

    A tenth of a second is about the limit for a reaction to feel instant (Miller, "Response time in
    man-computer conversational transactions", 1968).

    Parameters
    ----------
    sizes, seconds : sequences of the same length
        Number of vectors, in rising order, and the seconds that one search took.
    """
    _need(len(sizes) == len(seconds) >= 2, "a curve needs two sizes or more, and as many times")
    reach = _size_at(0.1, np.asarray(sizes, dtype=float), np.asarray(seconds, dtype=float))
    figure, (axis,) = _figure(3.6)
    axis.loglog(sizes, seconds, "o-", color=BLUE, linewidth=2, label="measured")
    if reach > max(sizes):
        axis.loglog([sizes[-1], reach], [seconds[-1], 0.1], ":", color=BLUE, label="if it goes on like that")
    axis.axhline(0.1, color=RED, linestyle="--", linewidth=1.5, label="0.1 s: feels instant below")
    axis.xaxis.set_major_formatter(_thousands)
    axis.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    axis.set(xlabel="vectors", ylabel="seconds a search")
    axis.set_title(f"Exact search feels instant up to {_round(reach)} vectors")
    axis.legend(loc="lower right")
    span = f"{min(sizes):,} to {max(sizes):,} vectors"
    return _picture(figure, f"Seconds of an exact search over {span}, both axes logarithmic, line at 0.1 s.")


def _size_at(limit: float, sizes: np.ndarray, seconds: np.ndarray) -> float:
    """Number of vectors at which a search takes `limit` seconds; beyond the measurements in proportion."""
    rising = np.maximum.accumulate(seconds)
    if not rising[0] <= limit <= rising[-1]:
        end = -1 if limit > rising[-1] else 0
        return sizes[end] * limit / rising[end]
    return float(np.exp(np.interp(np.log(limit), np.log(rising), np.log(sizes))))


def _round(number: float) -> str:
    """Two significant digits, in words where there are many zeros."""
    number = float(f"{number:.1e}")
    return f"{number / 1e6:g} million" if number >= 1e6 else f"{number:,.0f}"


@rc_context(STYLE)
def score_bars(hits: pd.DataFrame) -> Picture:
    """Draw the scores of hits as bars, best on top, each with its page and how its text begins."""
    _need(len(hits) > 0, "nothing to draw: there are no hits")
    rows = [row for _, row in hits.iterrows()]
    names = [f"{cite(row)}\n{textwrap.shorten(row['text'], 46, placeholder='…')}" for row in rows]
    figure, (axis,) = _figure(1.0 + 0.52 * len(rows))
    bars = axis.barh(range(len(rows)), hits["score"], color=BLUE, height=0.62)
    axis.bar_label(bars, [f"{score:.3f}" for score in hits["score"]], padding=4)
    axis.set_yticks(range(len(rows)), names, fontsize=9.5)
    axis.set(xlabel="score (dot product of question and passage)", xlim=(min(0, hits["score"].min()), 1))
    axis.set_title(f"{len(rows)} hits, from {hits['score'].max():.3f} down to {hits['score'].min():.3f}")
    axis.invert_yaxis()
    axis.grid(visible=False, axis="y")
    axis.tick_params(axis="y", length=0)
    told = "; ".join(f"{row['score']:.3f} {cite(row)}" for row in rows)
    return _picture(figure, f"Bars of the scores of {len(rows)} hits: {told}.")


@rc_context(STYLE)
def token_budget(parts: Mapping[str, int], budget: int) -> Picture:
    """Draw where a prompt's tokens go: one bar with a piece for each part, and the budget as a line."""
    used = sum(parts.values())
    _need(used > 0 and budget > 0, "nothing to draw: give the tokens of a part, and a budget above 0")
    figure, (axis,) = _figure(2.1)
    left = 0
    for number, (name, tokens) in enumerate(parts.items()):
        look = {"color": PALETTE[number % len(PALETTE)], "edgecolor": "white"}
        axis.barh(0, tokens, left=left, label=f"{name}: {tokens:,}", **look)
        left += tokens
    line = axis.axvline(budget, color=BLACK, linestyle="--", linewidth=1.5, label=f"budget: {budget:,}")
    rest = f"{budget - used:,} left" if used <= budget else f"{used - budget:,} too many"
    axis.set_title(f"{used:,} of {budget:,} tokens used, {rest}")
    axis.set(xlabel="tokens", yticks=[], ylim=(-0.5, 0.5))
    axis.xaxis.set_major_formatter(_thousands)
    axis.set_xlim(0, 1.03 * max(used, budget))
    axis.spines["left"].set_visible(False)
    columns = len(parts) + 1 if len(parts) < 5 else 3
    figure.legend(handles=[*axis.containers, line], loc="outside lower left", ncols=columns, fontsize=9.5)
    told = ", ".join(f"{name} {tokens:,}" for name, tokens in parts.items())
    return _picture(figure, f"Bar of a prompt's tokens: {told}; {axis.get_title(loc='left')}.")


@rc_context(STYLE)
def embedding_strip(vector: np.ndarray) -> Picture:
    """Draw the values of one embedding, (d,), as a strip of colours, and how often each value occurs."""
    vector = np.asarray(vector, dtype=float)
    _need(vector.ndim == 1 and vector.size > 0, f"an embedding is a vector, not an array of {vector.shape}")
    figure, (strip, counts) = _figure(3.8, rows=2, height_ratios=[1, 1.6])
    largest = np.abs(vector).max()
    image = strip.imshow(vector[None], cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto")
    strip.set(title=f"{vector.size:,} values, length {np.linalg.norm(vector):.2f}", xlabel="position")
    strip.set_yticks([])
    strip.grid(visible=False)
    figure.colorbar(image, ax=strip, label="value", pad=0.02)
    counts.hist(vector, bins=60, color=BLUE)
    counts.set(title="Most values are close to 0", xlabel="value", ylabel="how many")
    span = f"{vector.size:,} values between {vector.min():.2f} and {vector.max():.2f}"
    return _picture(figure, f"An embedding of {span}, as a strip of colours and as a histogram.")
