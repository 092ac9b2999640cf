"""Set the sample PDF of the course from the Markdown in `nutrition-primer/`.

    python notebooks/data/build_primer.py [output.pdf]

The same files give the same bytes. Without `output.pdf` it writes `nutrition-primer.pdf`, and the printed
pages of the answers into `questions.jsonl`. The words are in the Markdown; this script holds the layout, and
draws the figures. What it makes is meant to be an ordinary book, with the things that make a PDF hard to read
for a program: ligatures, hyphens at line ends, running heads, two numberings of the pages and no page labels.
"""

import json
import math
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
import pymupdf
import pyphen
from reportlab.graphics.shapes import Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.graphics.shapes import Path as Curve
from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BalancedColumns,
    BaseDocTemplate,
    CondPageBreak,
    DocIf,
    Frame,
    HRFlowable,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    paragraph,
)
from reportlab.platypus.tableofcontents import TableOfContents

HERE = Path(__file__).parent
SOURCE = HERE / "nutrition-primer"
OUTPUT = HERE / "nutrition-primer.pdf"
QUESTIONS = HERE / "questions.jsonl"

PAGE_WIDTH, PAGE_HEIGHT = 432, 648  # points: 6 x 9 inches
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 50, 58, 58
TEXT_WIDTH = PAGE_WIDTH - 2 * MARGIN_X
TEXT_HEIGHT = PAGE_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM
HEADER_Y, FOOTER_Y = PAGE_HEIGHT - 42, 34
COLUMN_GAP = 16

FONT = "STIX"
FONT_FILES = {  # the four faces come with matplotlib
    "STIX": "STIXGeneral.ttf",
    "STIX-Bold": "STIXGeneralBol.ttf",
    "STIX-Italic": "STIXGeneralItalic.ttf",
    "STIX-BoldItalic": "STIXGeneralBolIta.ttf",
}
LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}  # longest first
HYPHENATION = pyphen.Pyphen(lang="en_GB", left=2, right=3)

INK, RULE, SHADE = HexColor("#1f3d4d"), HexColor("#8a9ba5"), HexColor("#e6ecef")
FILLS = [HexColor(c) for c in ("#4f7f8f", "#c98b4b", "#7a9a5b", "#a8616b", "#8a7fa8")]


# ---------------------------------------------------------------- type


def ligate(text):
    """`text` with the letters ff, fi, fl, ffi and ffl replaced by one sign each, as a typesetter does."""
    for letters, sign in LIGATURES.items():
        text = text.replace(letters, sign)
    return text


class LigatureFont(TTFont):
    """A TrueType font that joins letters while it measures and draws: the words stay as written."""

    def stringWidth(self, text, size, encoding="utf8"):
        return super().stringWidth(ligate(text), size, encoding)

    def splitString(self, text, doc, encoding="utf-8"):
        return super().splitString(ligate(text), doc, encoding)


def register_fonts():
    """Make the STIX family known to reportlab; only the glyphs that are used end up in the PDF."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name, file in FONT_FILES.items():
        pdfmetrics.registerFont(LigatureFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(
        FONT, normal="STIX", bold="STIX-Bold", italic="STIX-Italic", boldItalic="STIX-BoldItalic"
    )


def break_word(word):
    """Places where `word` may be broken, last first; reportlab breaks a compound at its own hyphen."""
    return () if "-" in word else HYPHENATION.iterate(word)


def mend_reportlab():
    """Keep the hyphen of a compound when its paragraph is divided between two pages.

    reportlab 5.1 joins the words of the second part again, and turns `two-` + `thirds` into `twothirds`.
    """
    paragraph._shyUnsplit = lambda head, tail=None: head[:-1] if tail is None else head + tail


def style(name, size=10.1, leading=12.9, font=FONT, **more):
    """A paragraph style with this book's defaults."""
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=leading,
        allowWidows=0,
        allowOrphans=0,
        bulletFontName=FONT,
        hyphenationLang=break_word,
        embeddedHyphenation=1,
        hyphenationMinWordLength=6,
        uriWasteReduce=0.3,
        **more,
    )


BODY = style("body", alignment=TA_JUSTIFY, firstLineIndent=13)
FIRST = style("first", alignment=TA_JUSTIFY)
LEFT = style("left", alignment=TA_LEFT, spaceAfter=5)
ITEM = style("item", alignment=TA_JUSTIFY, leftIndent=16, bulletIndent=5, spaceAfter=2)
NARROW = style("narrow", 9.3, 11.8, alignment=TA_JUSTIFY, spaceAfter=3)
SOURCE_ITEM = style(
    "source", 8.8, 10.7, alignment=TA_LEFT, leftIndent=18, bulletIndent=2, spaceAfter=2.5, bulletFontSize=8.8
)
TERM = style("term", 9.8, 12.4, alignment=TA_JUSTIFY, leftIndent=12, firstLineIndent=-12, spaceAfter=3.5)
HEAD_1 = style("head 1", 21, 25, "STIX-Bold", textColor=INK, alignment=TA_LEFT, spaceAfter=14)
HEAD_2 = style("head 2", 12.6, 15, "STIX-Bold", textColor=INK, spaceBefore=12, spaceAfter=4)
HEAD_3 = style("head 3", 10.6, 13, "STIX-BoldItalic", textColor=INK, spaceBefore=8, spaceAfter=2)
CHAPTER_LINE = style("chapter line", 11, 14, "STIX-Italic", textColor=INK, spaceBefore=28, spaceAfter=2)
CAPTION = style("caption", 9, 11, spaceBefore=4, spaceAfter=4, alignment=TA_LEFT)
CELL = style("cell", 9, 10.8, alignment=TA_LEFT)
TITLE = style("title", 30, 35, "STIX-Bold", textColor=INK, alignment=TA_CENTER, spaceAfter=20)
TITLE_LINE = style("title line", 13, 17, alignment=TA_CENTER, spaceAfter=6)
PART = style("part", 22, 28, "STIX-Bold", textColor=INK, alignment=TA_CENTER)
PART_LINE = style("part line", 13, 20, "STIX-Italic", textColor=INK, alignment=TA_CENTER)
ALONE = style("alone", 10, 13, "STIX-Italic", alignment=TA_CENTER)
TOC_STYLES = [
    style("toc 1", 10.2, 12.6, "STIX-Bold", spaceBefore=6),
    style("toc 2", 9.4, 11.6, leftIndent=24, endDots=" ."),
]
TOC_NUMBERS = [
    style("toc number 1", 10.2, 12.6, "STIX-Bold", spaceBefore=6, alignment=TA_RIGHT),
    style("toc number 2", 9.4, 11.6, alignment=TA_RIGHT),
]
for plain in (*TOC_STYLES, CELL, HEAD_1, HEAD_2, HEAD_3, TITLE, PART):
    plain.hyphenationLang = ""


def polish(text):
    """Straight quotation marks and apostrophes as curly ones, and a dash, not a hyphen, between numbers."""
    text = re.sub(r"(?<=\d)-(?=\d)", "–", text)
    text = re.sub(r'(^|[\s(\[—–])"', r"\1“", text).replace('"', "”")
    return re.sub(r"(^|[\s(\[—–“])'", r"\1‘", text).replace("'", "’")


def inline(text):
    """One paragraph of Markdown (bold, italic, links) as reportlab's markup."""
    text = escape(polish(text))
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)


# ---------------------------------------------------------------- Markdown


def read_blocks(text):
    """The blocks of a Markdown text: a list of (kind, content).

    Kinds: 'h1', 'h2', 'h3', 'text' (a string each), 'bullets', 'numbers' (lists of strings), 'table'
    (caption, rows), 'figure' (caption, name), 'columns' (a list of blocks), 'alone' (a string).
    """
    found, caption, waiting = [], "", None
    for chunk in split_chunks(text):
        if chunk.startswith(":::"):
            if waiting is None:
                found, waiting = [], found
            else:
                found, waiting = [*waiting, ("columns", found)], None
        elif chunk.startswith("Table:"):
            caption = chunk.removeprefix("Table:").strip()
        else:
            found.append(read_block(chunk, caption))
    return found


def split_chunks(text):
    """Pieces of `text` between blank lines; headings, captions, figures and ::: lines stand alone."""
    alone = re.compile(r"^(#+ .*|Table: .*|!\[.*|:::.*)$", re.MULTILINE)
    return [c.strip() for c in re.split(r"\n\s*\n", alone.sub(r"\n\n\1\n\n", text)) if c.strip()]


def read_block(chunk, caption):
    """One block from its text; `caption` is what the last `Table:` line said."""
    heading = re.match(r"(#{1,3}) (.*)", chunk)
    if heading:
        return f"h{len(heading[1])}", heading[2].strip()
    if chunk.startswith("!["):
        return "figure", re.match(r"!\[(.*)\]\(figure:(.*)\)", chunk).groups()
    if chunk.startswith("|"):
        return "table", (caption, read_rows(chunk))
    for kind, mark in (("bullets", r"^- "), ("numbers", r"^\d+\. ")):
        if re.match(mark, chunk):
            return kind, [" ".join(i.split()) for i in re.split(mark, chunk, flags=re.MULTILINE)[1:]]
    return "text", " ".join(chunk.split())


def read_rows(chunk):
    """The cells of a pipe table, row by row, without the line of dashes."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in chunk.splitlines()]
    return [row for row in rows if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]


def read_book(folder):
    """The book's sections in order: a list of (file name, title, blocks); each begins at a `# ` heading."""
    sections = []
    for path in sorted(folder.glob("*.md")):
        for kind, content in read_blocks(path.read_text(encoding="utf-8")):
            if kind == "h1":
                sections.append((path.name, content, []))
            else:
                sections[-1][2].append((kind, content))
    return sections


# ---------------------------------------------------------------- figures


def label(drawing, x, y, text, size=9, font=FONT, anchor="middle", color=black):
    """Write one line of text into a drawing."""
    drawing.add(String(x, y, text, fontName=font, fontSize=size, textAnchor=anchor, fillColor=color))


def arrow(drawing, x0, y0, x1, y1):
    """A straight arrow from (x0, y0) to (x1, y1)."""
    drawing.add(Line(x0, y0, x1, y1, strokeColor=INK, strokeWidth=1))
    angle = math.atan2(y1 - y0, x1 - x0)
    corners = [x1, y1]
    for turn in (2.7, -2.7):
        corners += [x1 + 6 * math.cos(angle + turn), y1 + 6 * math.sin(angle + turn)]
    drawing.add(Polygon(corners, fillColor=INK, strokeColor=None))


def draw_energy_per_gram():
    """Bars: kilocalories in a gram of each source of energy."""
    drawing, base, scale = Drawing(TEXT_WIDTH, 132), 20, 10.5
    bars = [("Fat", 9), ("Alcohol", 7), ("Protein", 4), ("Carbohydrate", 4), ("Fibre", 2)]
    for tick in (0, 2, 4, 6, 8, 10):
        y = base + tick * scale
        drawing.add(Line(34, y, TEXT_WIDTH, y, strokeColor=RULE, strokeWidth=0.4))
        label(drawing, 28, y - 3, str(tick), 8, anchor="end")
    for i, (name, energy) in enumerate(bars):
        x = 48 + i * 57
        drawing.add(Rect(x, base, 36, energy * scale, fillColor=FILLS[i], strokeColor=None))
        label(drawing, x + 18, base + energy * scale + 3, str(energy), 9, "STIX-Bold")
        label(drawing, x + 18, base - 13, name, 8.5)
    return drawing


def draw_digestive_tract():
    """Boxes from the mouth to the large intestine, with the organs that pour into them on the right."""
    drawing = Drawing(TEXT_WIDTH, 226)
    steps = [
        ("Mouth", "chewing, saliva", "seconds to a minute"),
        ("Oesophagus", "swallowing", "about 10 seconds"),
        ("Stomach", "acid, pepsin, mixing", "2 to 4 hours"),
        ("Small intestine", "digestion, absorption", "3 to 5 hours"),
        ("Large intestine", "water, bacteria", "12 to 48 hours"),
    ]
    for i, (organ, work, time) in enumerate(steps):
        y = 190 - i * 46
        drawing.add(Rect(70, y, 118, 32, rx=6, ry=6, fillColor=SHADE, strokeColor=INK, strokeWidth=0.8))
        label(drawing, 129, y + 18, organ, 10, "STIX-Bold", color=INK)
        label(drawing, 129, y + 6, work, 8.5)
        label(drawing, 62, y + 12, time, 8, anchor="end")
        if i + 1 < len(steps):
            arrow(drawing, 129, y, 129, y - 13)
    for y, gland, juice in ((78, "Liver, gallbladder", "bile"), (48, "Pancreas", "enzymes, bicarbonate")):
        drawing.add(Rect(232, y - 9, 100, 26, rx=6, ry=6, fillColor=white, strokeColor=FILLS[1]))
        label(drawing, 282, y + 6, gland, 9, "STIX-Bold", color=INK)
        label(drawing, 282, y - 4, juice, 8)
        arrow(drawing, 232, y + 4, 190, 68 if y > 60 else 60)
    return drawing


def draw_blood_glucose():
    """Glucose in the blood over three hours: a steep curve that dips, and a flat one."""
    drawing, x0, y0, hour = Drawing(TEXT_WIDTH, 150), 44, 30, 92
    steep = [(0, 4.9), (0.35, 6.4), (0.75, 8.0), (1.2, 6.2), (1.8, 4.2), (2.4, 4.6), (3, 4.8)]
    flat = [(0, 4.9), (0.5, 5.7), (1.0, 6.3), (1.5, 6.0), (2.0, 5.5), (2.5, 5.1), (3, 4.9)]
    drawing.add(PolyLine([x0, 146, x0, y0, x0 + 3 * hour, y0], strokeColor=INK, strokeWidth=0.8))
    for n in range(4):
        label(drawing, x0 + n * hour, y0 - 12, str(n), 8.5)
    label(drawing, x0 + 1.5 * hour, 6, "hours after the meal", 8.5)
    for level in (4, 6, 8):
        label(drawing, x0 - 6, y0 + (level - 3) * 20 - 3, str(level), 8.5, anchor="end")
    label(drawing, x0 + 5, 140, "mmol/l", 8.5, anchor="start")
    for points, fill in ((steep, FILLS[3]), (flat, FILLS[0])):
        drawing.add(smooth([(x0 + t * hour, y0 + (level - 3) * 20) for t, level in points], fill))
    label(drawing, x0 + 92, y0 + 92, "quickly digested", 9, "STIX-Italic", "start", FILLS[3])
    label(drawing, x0 + 152, y0 + 62, "slowly digested", 9, "STIX-Italic", "start", FILLS[0])
    return drawing


def smooth(points, color):
    """A smooth curve through `points` (Catmull and Rom's)."""
    curve = Curve(strokeColor=color, strokeWidth=1.8, fillColor=None)
    curve.moveTo(*points[0])
    ends = [points[0], *points, points[-1]]
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        curve.curveTo(bx + (cx - ax) / 6, by + (cy - ay) / 6, cx - (dx - bx) / 6, cy - (dy - by) / 6, cx, cy)
    return curve


def draw_energy_balance():
    """Two columns of one height: what brings energy in, and the three ways in which it goes out."""
    drawing, base, height = Drawing(TEXT_WIDTH, 140), 18, 120
    intake = [("Carbohydrate", 0.5), ("Fat", 0.33), ("Protein", 0.17)]
    spent = [("Basal metabolism", 0.65), ("Thermic effect of food", 0.10), ("Physical activity", 0.25)]
    columns = ((40, "Energy in", intake, FILLS), (TEXT_WIDTH - 150, "Energy out", spent, FILLS[2:]))
    for x, title, parts, colors in columns:
        y = base
        for (name, share), fill in zip(parts, colors, strict=False):
            drawing.add(Rect(x, y, 110, share * height, fillColor=fill, strokeColor=white, strokeWidth=1))
            label(drawing, x + 55, y + share * height / 2 - 3, name, 9, color=white)
            y += share * height
        label(drawing, x + 55, base - 14, title, 10, "STIX-Bold", color=INK)
    arrow(drawing, 156, base + height / 2, TEXT_WIDTH - 156, base + height / 2)
    return drawing


FIGURES = {
    "energy-balance": draw_energy_balance,
    "energy-per-gram": draw_energy_per_gram,
    "digestive-tract": draw_digestive_tract,
    "blood-glucose": draw_blood_glucose,
}


# ---------------------------------------------------------------- blocks on the page


class Heading(Paragraph):
    """A heading that is reported to the contents, the bookmarks and the running heads."""

    def __init__(self, text, look, level, running=None, arabic=False):
        super().__init__(inline(text), look)
        self.text, self.level, self.running, self.arabic = text, level, running, arabic


class Setter:
    """Turns the blocks of one section into flowables, and counts its tables and figures."""

    def __init__(self, number):
        self.number, self.tables, self.figures, self.in_sources = number, 0, 0, False

    def set_blocks(self, blocks):
        """Flowables for `blocks`, in order."""
        flowables, after_text = [], False
        for i, (kind, content) in enumerate(blocks):
            if kind in ("h2", "h3"):
                flowables += self.set_heading(kind, content, blocks[i + 1][0])
            elif kind == "text":
                flowables.append(self.set_text(content, after_text))
            else:
                flowables += getattr(self, f"set_{kind}")(content)
            after_text = kind == "text"
        while isinstance(flowables[-1], Spacer):  # it could be pushed to a page of its own
            flowables.pop()
        return flowables

    def set_heading(self, kind, text, following):
        """A heading, never at the foot of a page; `following` is the kind of block after it."""
        self.in_sources = text == "Sources"
        room = {"table": 170, "figure": 260}.get(following, 78 if kind == "h2" else 62)
        look = HEAD_2 if kind == "h2" else HEAD_3
        level = 1 if kind == "h2" and self.number and not self.in_sources else None
        return [CondPageBreak(room), Heading(text, look, level)]

    def set_text(self, text, after_text):
        """A paragraph; only one that follows another is indented. A glossary entry hangs."""
        hanging = self.number is None and text.startswith("**")
        return Paragraph(inline(text), TERM if hanging else BODY if after_text else FIRST)

    def set_bullets(self, items):
        return self.set_list(items, ["•"] * len(items), ITEM)

    def set_numbers(self, items):
        look = SOURCE_ITEM if self.in_sources else ITEM
        return self.set_list(items, [f"{i}." for i in range(1, len(items) + 1)], look)

    def set_list(self, items, bullets, look):
        """List items with their bullets or numbers."""
        made = [Paragraph(inline(item), look, bulletText=b) for item, b in zip(items, bullets, strict=True)]
        return [Spacer(1, 4), *made, Spacer(1, 3)]

    def set_table(self, content):
        """A table over the full width, with its caption above it, on one page."""
        caption, rows = content
        head = []
        if caption:
            self.tables += 1
            number = f"{self.number}.{self.tables}" if self.number else str(self.tables)
            head = [Paragraph(f"<b>Table {number}.</b> {inline(caption)}", CAPTION)]
        bold = [Paragraph(f"<b>{inline(cell)}</b>", CELL) for cell in rows[0]]
        cells = [bold] + [[Paragraph(inline(cell), CELL) for cell in row] for row in rows[1:]]
        table = Table(cells, colWidths=column_widths(rows), style=TABLE_LOOK, repeatRows=1)
        return [Spacer(1, 5), KeepTogether([*head, table]), Spacer(1, 6)]

    def set_figure(self, content):
        """A drawing with its caption below it."""
        caption, name = content
        self.figures += 1
        text = f"<b>Figure {self.number}.{self.figures}.</b> {inline(caption)}"
        return [Spacer(1, 6), KeepTogether([FIGURES[name](), Paragraph(text, CAPTION)]), Spacer(1, 7)]

    def set_columns(self, blocks):
        """A part in two columns, balanced, in smaller type."""
        made = []
        for kind, content in blocks:
            look = {"h2": HEAD_2, "h3": HEAD_3}.get(kind, NARROW)
            items = content if isinstance(content, list) else [content]
            made += [Paragraph(inline(item), look) for item in items]
        return [
            Spacer(1, 8),
            BalancedColumns(
                made,
                nCols=2,
                leftPadding=0,
                rightPadding=0,
                topPadding=0,
                bottomPadding=0,
                innerPadding=COLUMN_GAP,
            ),
            Spacer(1, 8),
        ]


TABLE_LOOK = [
    ("LINEABOVE", (0, 0), (-1, 0), 1, INK),
    ("LINEBELOW", (0, 0), (-1, 0), 0.5, INK),
    ("LINEBELOW", (0, -1), (-1, -1), 1, INK),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
]


def column_widths(rows):
    """Widths, in points, that fill the page: what the longest cell wants, never under the longest word."""

    def width(text):
        return stringWidth(text.replace("*", ""), "STIX-Bold", CELL.fontSize) + 9

    columns = list(zip(*rows, strict=True))
    least = [max(width(word) for cell in column for word in [*cell.split(), "x"]) for column in columns]
    wanted = [max(width(cell) for cell in column) for column in columns]
    slack = [w - least_ + 1 for w, least_ in zip(wanted, least, strict=True)]
    spare = (TEXT_WIDTH - sum(least)) / sum(slack)
    return [least_ + spare * s for least_, s in zip(least, slack, strict=True)]


# ---------------------------------------------------------------- pages


def roman(number):
    """`number` (1 to 39) in lower-case roman numerals."""
    tens, ones = divmod(number, 10)
    return "x" * tens + ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"][ones]


class Book(BaseDocTemplate):
    """The document: page kinds, running heads, printed page numbers, bookmarks."""

    def __init__(self, path, title, author):
        super().__init__(
            str(path),
            pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
            title=title,
            author=author,
            subject="Sample document of the ragkit course; CC BY 4.0",
            lang="en-GB",
            invariant=1,
            creator="build_primer.py",
            initialFontName=FONT,
        )
        self.front_pages = None
        frame = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0, "id": "body"}
        for name, start, end in (
            ("bare", draw_nothing, draw_nothing),
            ("opening", draw_nothing, draw_footer),
            ("running", draw_header, draw_footer),
        ):
            area = Frame(MARGIN_X, MARGIN_BOTTOM, TEXT_WIDTH, TEXT_HEIGHT, **frame)
            self.addPageTemplates(PageTemplate(name, [area], onPage=start, onPageEnd=end))

    def beforeDocument(self):
        self.chapter, self.count = "", 0

    def afterFlowable(self, flowable):
        """Tell the contents and the bookmarks about a heading that was just set."""
        if not isinstance(flowable, Heading):
            return
        if flowable.running:
            self.chapter = flowable.running
        if flowable.arabic:
            self.front_pages = self.page - 1
        if flowable.level is not None:
            self.count += 1
            key = f"heading-{self.count}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(polish(flowable.text), key, flowable.level, closed=True)
            self.notify("TOCEntry", (flowable.level, inline(flowable.text), self.page, key))

    def printed(self, page):
        """The number printed on a page (counted from 1): roman before chapter 1, then arabic from 1."""
        if self.front_pages is None or page <= self.front_pages:
            return roman(page)
        return str(page - self.front_pages)


def draw_nothing(canvas, book):
    """Neither a running head nor a page number."""


def draw_header(canvas, book):
    """The running head: the book's title on a left-hand page, the chapter's on a right-hand one."""
    canvas.setFont("STIX-Italic", 9)
    if book.page % 2:
        canvas.drawRightString(PAGE_WIDTH - MARGIN_X, HEADER_Y, polish(book.chapter))
    else:
        canvas.drawString(MARGIN_X, HEADER_Y, book.title)
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN_X, HEADER_Y - 5, PAGE_WIDTH - MARGIN_X, HEADER_Y - 5)


def draw_footer(canvas, book):
    """The printed page number."""
    canvas.setFont(FONT, 9.5)
    canvas.drawCentredString(PAGE_WIDTH / 2, FOOTER_Y, book.printed(book.page))


# ---------------------------------------------------------------- sections


def new_page(kind):
    """Go to a new page of this kind."""
    return [NextPageTemplate(kind), PageBreak()]


def new_right_page(kind):
    """Go to the next right-hand page of this kind, over a blank page where one is needed."""
    return [DocIf("doc.page % 2", [*new_page("bare"), Spacer(1, 1), *new_page(kind)], new_page(kind))]


def set_title_page(title, blocks):
    """The title page."""
    lines = [Paragraph(inline(content), TITLE_LINE) for _, content in blocks]
    return [Spacer(1, 240), Paragraph(inline(title), TITLE), *lines]


def set_copyright_page(title, blocks):
    """The licence and what else belongs on the back of the title page: unjustified, at the page's foot."""
    return [*new_page("bare"), Spacer(1, 230), *[Paragraph(inline(content), LEFT) for _, content in blocks]]


class Contents(TableOfContents):
    """The table of contents, filled in on reportlab's second pass: title, dots, printed page number."""

    def wrap(self, width, height):
        rows, look = [], list(TOC_LOOK)
        for level, text, page, key in self._lastEntries or [(0, "Contents", 1, "heading-1")]:
            if level == 0:
                look.append(("TOPPADDING", (0, len(rows)), (-1, len(rows)), 5))
            link = f'<a href="#{key}">%s</a>'
            number = Paragraph(link % self.formatter(page), TOC_NUMBERS[level])
            rows.append([Paragraph(link % text, TOC_STYLES[level]), number])
        self._table = Table(rows, colWidths=(width - 24, 24), style=look)
        self.width, self.height = self._table.wrapOn(self.canv, width, height)
        return self.width, self.height


def set_contents(title, blocks):
    """The pages of the table of contents."""
    heading = Heading(title, HEAD_1, None, title)
    return [*new_right_page("opening"), NextPageTemplate("running"), heading, Contents()]


TOC_LOOK = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
]


def set_single_line(title, blocks):
    """A part's divider (a right-hand page) or a page with one line on it."""
    if title.startswith("Part "):
        name = Heading(blocks[0][1], PART, 0)
        name.text = f"{title}. {name.text}"
        return [*new_right_page("bare"), Spacer(1, 170), Paragraph(title, PART_LINE), name]
    return [*new_page("bare"), Spacer(1, 235), Paragraph(inline(title), ALONE)]


def set_unnumbered(title, blocks):
    """Preface, abbreviations, glossary."""
    head = [*new_page("opening"), NextPageTemplate("running"), Spacer(1, 20)]
    return [*head, Heading(title, HEAD_1, 0, title), *Setter(None).set_blocks(blocks)]


def set_chapter(number, title, blocks, first):
    """A numbered chapter, on a new page; the `first` of a part on a right-hand one."""
    start = new_right_page if first else new_page
    head = [
        *start("opening"),
        NextPageTemplate("running"),
        Spacer(1, 12),
        Paragraph(f"Chapter {number}", CHAPTER_LINE),
    ]
    heading = Heading(title, HEAD_1, 0, title, arabic=number == 1)
    heading.text = f"{number}  {title}"
    rule = HRFlowable(width="100%", thickness=0.6, color=RULE, spaceAfter=14)
    return [*head, heading, rule, *Setter(number).set_blocks(blocks)]


def set_book(sections):
    """The flowables of the whole book."""
    special = {"Copyright": set_copyright_page, "Contents": set_contents}
    story, first = set_title_page(*sections[0][1:]), True
    for file, title, blocks in sections[1:]:
        is_chapter = "01" <= file[:2] <= "09" and not title.startswith("Part ")
        if title in special:
            story += special[title](title, blocks)
        elif is_chapter:
            story += set_chapter(int(file[:2]), title, blocks, first)
        elif title.startswith("Part ") or not blocks:
            story += set_single_line(title, blocks)
        else:
            story += set_unnumbered(title, blocks)
        first = not is_chapter
    return story


def build(output):
    """Write the PDF and return its number of pages."""
    register_fonts()
    mend_reportlab()
    sections = read_book(SOURCE)
    title = sections[0][1]
    book = Book(output, title, "The ragkit authors")
    book.title = title
    story = set_book(sections)
    next(f for f in story if isinstance(f, Contents)).formatter = book.printed
    book.multiBuild(story)
    return book.page


# ---------------------------------------------------------------- questions


def read_printed_pages(pdf):
    """Printed page number -> the page's text without ligatures, its line-end hyphens dropped, and kept."""
    pages = {}
    with pymupdf.open(pdf) as document:
        for page in document:
            text = page.get_text(flags=pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES).strip()
            printed = text.rpartition("\n")[2]
            if re.fullmatch(r"\d+|[ivx]+", printed):
                pages[printed] = [" ".join(text.replace("-\n", hyphen).split()) for hyphen in ("", "-")]
    return pages


def find_pages(keywords, pages):
    """Printed numbers of the pages on which every keyword stands."""
    return [n for n, texts in pages.items() if all(any(k in text for text in texts) for k in keywords)]


def number_questions(pdf, path):
    """Write into each question of a JSON Lines file the printed pages that hold all its keywords."""
    questions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pages = read_printed_pages(pdf)
    for question in questions:
        if question["answer"]:
            question["pages"] = find_pages(question["keywords"], pages)
        if question["answer"] and not question["pages"]:
            sys.exit(f"{path.name}, {question['id']}: no page holds all of {question['keywords']}.")
    lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    pages = build(output)
    if output == OUTPUT:
        number_questions(OUTPUT, QUESTIONS)
    print(f"{output.name}: {pages} pages, {output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
