"""Documents that are no PDF: laid out, read by the same steps, cited by what there is in them."""

import base64
import zipfile

import pytest
from made_pdfs import PROSE

from ragkit.notice import BrokenPDF, NotAPDF, NoText, PDFNotFound
from ragkit.pdf import read_pdf
from ragkit.reading.find import find_pdfs
from ragkit.reading.opening import open_pdf
from ragkit.show.display import place
from ragkit.show.pages import page as draw_page

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def make_zip(path, **files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def make_docx(path, *paragraphs, **parts):
    """A Word file; a paragraph is (style, text), or that and what else stands in its properties, or XML as it is."""
    body = "".join(
        each
        if isinstance(each, str)
        else f'<w:p><w:pPr><w:pStyle w:val="{each[0]}"/>{"".join(each[2:])}</w:pPr>'
        f"<w:r><w:t>{each[1]}</w:t></w:r></w:p>"
        for each in paragraphs
    )
    relations = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>' for name in parts
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return make_zip(path, **{
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        **{f"word/{name}.xml": f'<w:{name} xmlns:w="{WORD}">{text}</w:{name}>' for name, text in parts.items()},
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    })  # fmt: skip


def make_epub(path, *chapters):
    """An EPUB of chapters: the body of a page each."""
    names = [f"c{i}.xhtml" for i in range(len(chapters))]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    points = "".join(
        f'<navPoint id="n{i}" playOrder="{i}"><navLabel><text>Chapter {i + 1}</text></navLabel>'
        f'<content src="{name}"/></navPoint>'
        for i, name in enumerate(names)
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Brenn</dc:title></metadata><manifest>'
        f'<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>{items}</manifest>'
        f'<spine toc="ncx">{spine}</spine></package>'
    )
    contents = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
    pages = {
        name: f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
        for name, body in zip(names, chapters, strict=True)
    }
    files = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "book.opf": package}
    return make_zip(path, **files, **{"toc.ncx": contents}, **pages)


LONG = "".join(f"<p>The sea was rough in winter {year}, and the boat came seldom.</p>" for year in range(90))


def test_a_section_is_a_place_of_its_own_however_short_or_long(tmp_path):
    file = tmp_path / "club.html"
    file.write_text(
        "<title>Club</title><p>Since 1901.</p><h1>Fees</h1><p>Members pay forty pounds.</p><h2>Boats</h2>"
        f"{LONG}<h2>Damage</h2><p>It is reported.</p><script>alert(1)</script>",
        encoding="utf-8",
    )
    pages = read_pdf(file)
    first, fees, *boats, last = zip(pages["label"], pages["text"], strict=True)
    assert first == ("the beginning", "Since 1901.")
    assert fees == ("§ Fees", "Fees\n\nMembers pay forty pounds.")
    assert {label for label, _ in boats} == {"§ Boats"}
    assert len(boats) > 1
    assert last == ("§ Damage", "Damage\n\nIt is reported.")
    assert place({"source": "club.html", "label": "§ Fees"}) == "club.html, § Fees"
    assert "no pages of its own" in pages.attrs["report"]["club.html"]["label_reason"]


def test_headings_of_the_same_words_are_told_apart_and_none_is_a_running_header(tmp_path):
    versions = "".join(
        f"<h1>Version {n}</h1><p>It came.</p><h2>Fixes</h2><p>Number {n}.</p>" for n in range(5)
    )
    (tmp_path / "notes.html").write_text(versions, encoding="utf-8")
    pages = read_pdf(tmp_path / "notes.html")
    assert pages["label"].tolist()[:3] == ["§ Version 0", "§ Version 0 › Fixes", "§ Version 1"]
    assert pages["text"].tolist()[1::2] == [f"Fixes\n\nNumber {n}." for n in range(5)]


def test_numbers_at_the_end_of_sections_are_no_page_numbers(tmp_path):
    rules = "".join(
        f"<h1>Rule {rule}</h1><p>{PROSE}</p><div style='margin-top:90pt'>{n}</div>"
        for n, rule in enumerate("ABCDE", start=1)
    )
    (tmp_path / "rules.html").write_text(rules, encoding="utf-8")
    pages = read_pdf(tmp_path / "rules.html")
    assert pages["label"].tolist() == [f"§ Rule {rule}" for rule in "ABCDE"]
    assert [text.split()[-1] for text in pages["text"]] == ["1", "2", "3", "4", "5"]


def test_an_epub_is_cited_by_its_chapters(tmp_path):
    file = make_epub(
        tmp_path / "brenn.epub", f"<p class='t'>The lamp</p>{LONG}", "<p>Two keepers lived here.</p>"
    )
    pages = read_pdf(file)
    assert set(pages["label"][:-1]) == {"§ Chapter 1"}
    assert pages[["label", "text"]].iloc[-1].tolist() == ["§ Chapter 2", "Two keepers lived here."]
    with open_pdf(file) as document:
        assert document.metadata["title"] == "Brenn"


def test_a_page_with_nothing_but_a_picture_is_kept_and_said_to_have_no_text(tmp_path):
    picture = base64.b64encode(draw_page(make_epub(tmp_path / "a.epub", LONG), 0).image).decode()
    file = make_epub(tmp_path / "map.epub", f"<img src='data:image/png;base64,{picture}'/>", LONG)
    pages = read_pdf(file)
    assert pages["text"].iloc[0] == ""
    assert 0 in pages.attrs["report"]["map.epub"]["empty_pages"]
    assert "sea" in pages["text"].iloc[1]


def test_a_word_file_is_read_and_drawn(tmp_path):
    paragraphs = [
        ("Heading1", "Lending"),
        ("Normal", "A drill may be kept for three days."),
        ("Heading1", "Damage"),
    ]
    file = make_docx(tmp_path / "rules.docx", *paragraphs, ("Normal", "Breakage is reported."))
    pages = read_pdf(file)
    assert "A drill may be kept for three days." in pages["text"][0]
    assert "Breakage is reported." in pages["text"].iloc[-1]
    assert draw_page(file, 0).image.startswith(b"\x89PNG")


def test_a_plain_text_is_cited_by_its_lines_whatever_it_was_saved_in(tmp_path):
    lines = ["", "NOTICE", *(f"Der Schlüssel {n} kostet {n} €." + " und mehr" * (n % 20) for n in range(80))]
    for encoding in ("utf-8", "utf-16", "cp1252"):
        file = tmp_path / f"{encoding}.txt"
        file.write_bytes("\n".join(lines).encode(encoding))
        pages = read_pdf(file)
        assert pages["text"].str.contains("Der Schlüssel 79 kostet 79 €.").sum() == 1
        for label, text in zip(pages["label"], pages["text"], strict=True):
            first, last = map(int, label.removeprefix("lines ").split("–"))
            here = " ".join(" ".join(lines[first - 1 : last]).split())
            assert " ".join(text.split()) in here
        assert pages["label"].iloc[0].startswith("lines 2–")
        assert pages["label"].iloc[-1].endswith("–82")


def test_a_markdown_table_keeps_its_cells(tmp_path):
    rows = "\n".join(f"| Boat {n} | {n + 5} pounds | {n} seats |" for n in range(5))
    (tmp_path / "fees.md").write_text(
        f"# Fees\n\n| Boat | Fee | Room |\n|---|---|---|\n{rows}\n", encoding="utf-8"
    )
    assert "Boat 3 | 8 pounds | 3 seats" in read_pdf(tmp_path / "fees.md")["text"][0]


def test_a_document_without_headings_is_cited_by_its_parts(tmp_path):
    (tmp_path / "a.html").write_text(f"<body>{LONG}</body>", encoding="utf-8")
    assert read_pdf(tmp_path / "a.html")["label"].tolist() == ["part 1", "part 2", "part 3"]


def test_a_changed_file_is_laid_out_anew(tmp_path):
    file = tmp_path / "a.txt"
    for text in ("First words.", "Other words here."):
        file.write_text(text, encoding="utf-8")
        assert read_pdf(file)["text"].tolist() == [text]


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("a.docx", b"PK\x03\x04 and no more", BrokenPDF, "cannot be read as what its name says, .docx"),
        ("a.epub", b"only words", BrokenPDF, "cannot be read as what its name says, .epub"),
        ("a.txt", b"", NotAPDF, "an empty file"),
        ("a.txt", b" \n\n", NoText, "every page is blank"),
        ("a.txt", bytes(range(256)) * 20, NotAPDF, "binary data"),
        ("a.html", b"\x89PNG....", NotAPDF, "a PNG picture"),
        ("a.xlsx", b"PK\x03\x04...", NotAPDF, "a ZIP archive, as files of office programs are"),
        ("a.csv", b"boat,fee", NotAPDF, "a text file"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, error, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=said):
        read_pdf(tmp_path / name)


def test_a_folder_gives_all_that_can_be_read_and_says_of_what_kinds(tmp_path, capsys):
    for name in ("b.txt", "a.md", "c.csv", ".d.txt"):
        (tmp_path / name).write_text("Words.", encoding="utf-8")
    assert list(find_pdfs(tmp_path)) == ["a.md", "b.txt"]
    assert f"{tmp_path}: 1 × .md, 1 × .txt\n" in capsys.readouterr().err


def test_documents_of_a_folder_that_are_not_read_are_named(tmp_path, capsys):
    for name in ("a.txt", "c.csv", "old/list.xlsx", "letter.ODT", ".hidden.odt", "~$open.doc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Words.", encoding="utf-8")
    assert list(find_pdfs(tmp_path)) == ["a.txt"]
    assert "not read: letter.ODT, old/list.xlsx. Save" in capsys.readouterr().err


def test_a_missing_file_is_answered_with_what_is_there_the_nearest_name_first(tmp_path):
    for name in ("a.txt", "b.txt", "paper.txt", *(f"z{n}.md" for n in range(4))):
        (tmp_path / name).write_text("Words.", encoding="utf-8")
    with pytest.raises(PDFNotFound, match=r"there is: paper.txt, a.txt, b.txt, z0.md, z1.md and 2 more\."):
        find_pdfs(tmp_path / "papers.txt")


def numbered(list_, level=0):
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_}"/></w:numPr>'


def levels(kind, *each):
    inner = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{signs}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (signs, text, start) in enumerate(each)
    )
    return f'<w:abstractNum w:abstractNumId="{kind}">{inner}</w:abstractNum>'


NUMBERING = (
    levels(7, ("decimal", "%1.", 1), ("decimal", "%1.%2", 1), ("lowerLetter", "(%3)", 1))
    + levels(8, ("upperRoman", "Article %1", 4))
    + levels(9, ("bullet", "•", 1))
    + "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{kind}"/>{more}</w:num>'
        for n, kind, more in (
            (1, 7, ""),
            (2, 7, ""),
            (3, 7, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'),
            (4, 8, ""),
            (5, 9, ""),
        )
    )
)
NUMBERED_STYLES = (
    '<w:style w:type="paragraph" w:styleId="Clause"><w:name w:val="Clause"/><w:pPr>'
    '<w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Strict"><w:name w:val="Strict"/><w:basedOn w:val="Clause"/></w:style>'
)


def test_the_numbers_that_word_counts_stand_in_the_text(tmp_path):
    """The lines are what LibreOffice prints of the same file."""
    file = make_docx(
        tmp_path / "lease.docx",
        ("Normal", "Rent", numbered(1)),
        ("Normal", "Nine hundred euros.", numbered(1, 1)),
        ("Normal", "Paid on the third.", numbered(1, 1)),
        ("Normal", "It is paid at home.", numbered(1, 2)),
        ("Normal", "Nobody numbers this."),
        ("Normal", "Pets", numbered(2)),  # another list of the same kind goes on
        ("Normal", "Fish are welcome.", numbered(2, 1)),
        ("Normal", "Keys", numbered(3)),  # one that says so begins anew
        ("Clause", "Of notice"),
        ("Strict", "Of the end"),
        ("Strict", "Of nothing", numbered(0)),
        ("Normal", "A dot", numbered(5)),
        numbering=NUMBERING,
        styles=NUMBERED_STYLES,
    )
    lines = "\n".join(read_pdf(file)["text"]).split("\n")
    assert [line for line in lines if line] == [
        "1. Rent", "1.1 Nine hundred euros.", "1.2 Paid on the third.", "(a) It is paid at home.",
        "Nobody numbers this.", "2. Pets", "2.1 Fish are welcome.", "1. Keys", "Article IV Of notice",
        "Article V Of the end", "Of nothing", "• A dot",
    ]  # fmt: skip


def test_a_table_in_a_word_file_stays_rows_and_an_address_lines(tmp_path):
    cells = [["Item", "Price"], ["Watering can", "9 euros"], ["Total due", "12 euros"]]
    paragraph = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    rows = "".join(
        f"<w:tr>{''.join(f'<w:tc>{paragraph.format(cell)}</w:tc>' for cell in row)}</w:tr>" for row in cells
    )
    address = "<w:p><w:r><w:t>Hart Ltd</w:t><w:br/><w:t>Mill Lane 4</w:t></w:r></w:p>"
    text = read_pdf(make_docx(tmp_path / "invoice.docx", address, f"<w:tbl>{rows}</w:tbl>"))["text"][0]
    lines = [line for line in text.split("\n") if line]
    assert lines == ["Hart Ltd", "Mill Lane 4", *map(" | ".join, cells)]


def test_what_is_wrong_with_the_lists_of_a_word_file_loses_no_text(tmp_path):
    file = make_docx(
        tmp_path / "a.docx", ("Normal", "Rent is due.", numbered("x", "y")), numbering="<w:num/>"
    )
    assert "Rent is due." in read_pdf(file)["text"][0]
