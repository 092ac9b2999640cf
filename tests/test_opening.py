"""Files that are no PDF, or no whole one: what they are called, and what is read of them all the same."""

import gzip
import os
import re
import subprocess
import sys

import pymupdf
import pytest
from conftest import read_one
from made_pdfs import book_page, distinct, make_pdf, picture

import ragkit.reading.page as page_module
from ragkit import pdf
from ragkit.notice import (
    BrokenPDF,
    EncryptedPDF,
    NotAPDF,
    NoText,
    PDFNotFound,
)
from ragkit.pdf import read_pdf
from ragkit.reading.find import find_pdfs
from ragkit.reading.opening import describe_file

pytestmark = pytest.mark.usefixtures("quick_models")


WHITE = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 3, 3))
WHITE.clear_with()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "an empty file (0 bytes). Download it again"),
        (b"Just some words.\n", "a text file"),
        ("Größe".encode("latin-1") * 9, "a text file"),
        ("words".encode("utf-16"), "a text file"),
        (WHITE.tobytes("png"), "a PNG picture"),
        (b"  <!DOCTYPE html><html><title>404 Not Found</title></html>", "an HTML page"),
        (b"<html>%PDF-1.4</html>", "an HTML page"),
        (b"<?xml version='1.0'?><html xmlns='x'/>", "an HTML page"),
        (b"<?xml version='1.0'?><feed/>", "an XML file"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (gzip.compress(b"%PDF-1.7", mtime=0), "a gzip file. Unpack it"),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "a Mac's side file, without the text. The PDF has"),
        (b"\xef\xbb\xbf\r\n<!-- saved --><html>", "an HTML page"),
        (b"<script>location='login'</script>", "an HTML page"),
        (bytes(range(256)) * 20, "binary data of an unknown kind"),
    ],
)
def test_a_file_that_is_no_pdf_is_named_for_what_it_is(tmp_path, content, kind):
    file = tmp_path / "saved.pdf"
    file.write_bytes(content)
    with pytest.raises(NotAPDF) as error:
        read_pdf(file)
    assert kind in str(error.value)
    assert "saved.pdf" in str(error.value)
    assert kind.startswith(describe_file(content).removesuffix(", as files of office programs are"))


@pytest.mark.parametrize("header", [b"x" * 1000, b"HTTP/1.1 200 OK\r\nServer: a\r\n" * 99, b"\0\1" * 2000])
def test_what_another_program_wrote_before_the_header_is_passed_over(tmp_path, six_pages, header):
    file = tmp_path / "a.pdf"
    file.write_bytes(header + b"\n" + six_pages.read_bytes())
    assert "Page 5. " in read_pdf(file)["text"][5]


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read(tmp_path, monkeypatch, capsys):
    good, bad = make_pdf(tmp_path / "good.pdf", "Words."), make_pdf(tmp_path / "bad.pdf", "Words.")
    found = find_pdfs([good, bad])
    monkeypatch.setattr(pdf, "find_pdfs", lambda path: found)
    bad.unlink()
    assert list(read_pdf(tmp_path)["source"]) == ["good.pdf"]
    assert "bad.pdf cannot be opened: No such file" in capsys.readouterr().err
    monkeypatch.setattr(type(good), "open", refuse)
    with pytest.raises(PDFNotFound, match=r"good\.pdf cannot be opened: Permission denied"):
        read_pdf(good)


def refuse(self, *args, **how):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("address", ["https://example.org/a.pdf", "file:///home/me/a.pdf"])
def test_an_address_is_not_a_path(address):
    with pytest.raises(PDFNotFound, match="is an address, not a path"):
        read_pdf(address)


def test_a_pipe_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(PDFNotFound, match="not a file but a pipe or a device"):
        read_pdf(tmp_path / "pipe.pdf")
    with pytest.raises(PDFNotFound, match="No PDF in the folder"):
        read_pdf(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("Collection", "<</View/D>>", "attached files are not read: b.docx"),
        ("NeedsRendering", "true", "a.pdf is an XFA form, which only Adobe's programs show"),
    ],
)
def test_a_file_that_is_only_a_cover_says_so(tmp_path, capsys, key, value, said):
    document = pymupdf.open(make_pdf(tmp_path / "a.pdf", "Please open this file in another program."))
    document.embfile_add("b.docx", b"PK")
    document.xref_set_key(document.pdf_catalog(), key, value)
    document.saveIncr()
    _, report = read_one(tmp_path / "a.pdf")
    assert len(report["notes"]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "failed"),
    [
        (lambda b: b[: int(len(b) * 0.99)], []),  # the end is missing
        (
            lambda b: b[: b.rfind(b"startxref")] + b"startxref\n12\n%%EOF",
            [],
        ),  # a broken cross-reference table
        (lambda b: b[: len(b) // 2] + b"\x00garbage" * 9 + b[len(b) // 2 :], None),  # garbage in the middle
        (lambda b: b[: int(len(b) * 0.6)], None),  # nearly half is missing
    ],
)
def test_a_damaged_file_is_read_as_far_as_possible(tmp_path, capfd, six_pages, damage, failed):
    file = tmp_path / "damaged.pdf"
    file.write_bytes(damage(six_pages.read_bytes()))
    pages, report = read_one(file)
    assert report["repaired"]
    assert len(pages) == 6
    if failed is not None:
        assert report["failed_pages"] == failed
    unread = [page for page, text in zip(pages["page"], pages["text"], strict=True) if not text]
    assert set(unread) <= set(report["failed_pages"])
    assert "Page 1. " in pages["text"][1]
    printed, said = capfd.readouterr()
    assert (printed, said.count("\n")) == ("", 1)  # MuPDF's own messages are not sprayed
    assert "damaged.pdf is damaged" in said
    assert all(f"{page + 1}" in said for page in unread)
    assert "\n" not in report["mupdf_messages"]
    assert "repair" in report["mupdf_messages"]


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        (rb"/Count 6", b"/Count 0"),
        (rb"/Count 6", b"/Count 99999999999"),
        (rb"/Kids\[[^]]*\]", b"/Kids (lost)"),
        (rb"/Kids\[", rb"/Kids[2 0 R "),  # the list holds itself
        (rb"/Root \d+ 0 R", b"/Root 77 0 R"),
        (rb"obj(\s+<</Type/Catalog)", rb"xxx\1"),
    ],
)
def test_a_file_whose_list_of_pages_is_lost_is_broken(tmp_path, six_pages, pattern, wrong):
    file = tmp_path / "lost.pdf"
    content, n_changed = re.subn(pattern, wrong, six_pages.read_bytes())
    assert n_changed == 1
    file.write_bytes(content)
    with pytest.raises(BrokenPDF, match=r"lost\.pdf"):
        read_pdf(file)


@pytest.mark.parametrize("lost", ["its entry", "itself"])
def test_a_page_that_is_lost_keeps_its_number_and_is_the_only_one_named(tmp_path, capsys, six_pages, lost):
    file = tmp_path / "hole.pdf"
    content = six_pages.read_bytes()
    second = re.search(rb"/Kids\[\d+ 0 R (\d+)", content)
    if lost == "its entry":
        content = content[: second.start(1)] + b"99" + content[second.end(1) :]
    else:
        content = content.replace(b"\n%s 0 obj" % second[1], b"\n%s 0 xxx" % second[1])
    file.write_bytes(content)
    pages, report = read_one(file)
    assert [text[:7] for text in pages["text"]] == ["Page 0.", "", "Page 2.", "Page 3.", "Page 4.", "Page 5."]
    assert report["failed_pages"] == [1]
    assert "text may be missing or wrong on page 2 of the file" in capsys.readouterr().err


def test_text_that_stops_in_the_middle_of_a_page_is_said_though_the_file_is_well_formed(tmp_path, capsys):
    file = make_pdf(
        tmp_path / "a.pdf", book_page(), *[book_page(body=distinct(i)) for i in (1, 2)], deflate=True
    )
    content = bytearray(file.read_bytes())
    streams = [match.span(1) for match in re.finditer(rb"stream\n(.*?)\nendstream", content, re.DOTALL)]
    start, end = max(streams, key=lambda span: span[1] - span[0])
    content[(start + end) // 2 : end] = b"\xff" * (end - (start + end) // 2)
    file.write_bytes(content)
    pages, report = read_one(file)
    assert 20 < len(pages["text"][0]) < 200
    assert report["failed_pages"] == [0]
    assert "text may be missing or wrong on page 1 of the file" in capsys.readouterr().err


def test_a_setting_for_drawing_that_is_not_there_damages_no_text(tmp_path, capsys):
    file = make_pdf(tmp_path / "a.pdf", "Words.")
    document = pymupdf.open(file)
    (contents,) = document[0].get_contents()
    document.update_stream(contents, b"/Pale gs\n" + document.xref_stream(contents))
    document.saveIncr()
    _, report = read_one(file)
    assert "syntax error" in report["mupdf_messages"]
    assert (report["failed_pages"], capsys.readouterr().err) == ([], "")


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """The six pages, each as a compressed stream; what a page is made of packed together at the end of the file."""
    file = tmp_path_factory.mktemp("packed") / "packed.pdf"
    return make_pdf(file, *[book_page(body=f"Page {i}. {distinct(i)}") for i in range(6)],
                    use_objstms=1, deflate=True, garbage=3)  # fmt: skip


def test_wherever_a_file_ends_it_is_read_or_broken_and_what_is_missing_is_named(tmp_path, packed):
    content, cut = packed.read_bytes(), tmp_path / "cut.pdf"
    n_read = []
    for end in range(len(content) - 600, len(content), 9):
        cut.write_bytes(content[:end])
        try:
            pages, report = read_one(cut)
        except BrokenPDF:
            n_read.append(0)
        else:
            assert report["repaired"] or end > len(content) - 9
            assert set(pages["page"][pages["text"] == ""]) <= set(report["failed_pages"])
            n_read.append(int((pages["text"] != "").sum()))
    assert (n_read[0], n_read[-1]) == (0, 6)


def test_a_damaged_file_without_text_is_not_taken_for_a_scan(tmp_path, six_pages):
    file = tmp_path / "hollow.pdf"
    file.write_bytes(re.sub(rb"\bstream\b", b"strxam", six_pages.read_bytes()))
    with pytest.raises(BrokenPDF, match="none of its 6 pages has any text left"):
        read_pdf(file)


def test_a_damaged_scan_is_both(tmp_path):
    file = make_pdf(tmp_path / "scan.pdf", picture, picture)
    file.write_bytes(file.read_bytes()[:-300])
    with pytest.raises(
        NoText, match=r"2 of its 2 pages are scanned pictures, and the file is damaged\. Inst"
    ):
        read_pdf(file)


def test_opening_a_damaged_file_prints_nothing_of_mupdfs_own(tmp_path, six_pages):
    file = tmp_path / "a.pdf"
    file.write_bytes(six_pages.read_bytes()[:-2000])
    code = "import sys, pathlib; from ragkit.reading.opening import open_pdf; "
    code += "open_pdf(pathlib.Path(sys.argv[1]))[5].get_text()"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_pages_that_the_files_own_list_leaves_out_are_said_to_be_missing(tmp_path, six_pages, capsys):
    with pymupdf.open(six_pages) as document:
        content = document.tobytes()
    file = tmp_path / "a.pdf"
    file.write_bytes(content.replace(b"/Count 6", b"/Count 1"))
    assert len(read_pdf(file)) == 1
    assert "its list of pages is wrong, so that some may be missing" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.4\nthis is not really a PDF at all"])
def test_a_pdf_of_which_nothing_is_left_is_broken(tmp_path, content):
    file = tmp_path / "head.pdf"
    file.write_bytes(content)
    with pytest.raises(BrokenPDF, match=r"head\.pdf"):
        read_pdf(file)


def test_a_pdf_whose_every_page_fails_is_broken(tmp_path, monkeypatch):
    file = make_pdf(tmp_path / "a.pdf", "Words.", "More words.")

    def fail(self, *args, **how):
        raise RuntimeError("code=2: no such object")

    monkeypatch.setattr(pymupdf.Page, "get_textpage", fail)
    with pytest.raises(BrokenPDF, match="no such object"):
        read_pdf(file)


def test_one_page_that_fails_is_kept_empty_and_listed(tmp_path, monkeypatch):
    file = make_pdf(tmp_path / "a.pdf", "First words.", "More words.")
    get_textpage = pymupdf.Page.get_textpage

    def fail_on_first(self, *args, **how):
        if self.number == 0:
            raise RuntimeError
        return get_textpage(self, *args, **how)

    monkeypatch.setattr(pymupdf.Page, "get_textpage", fail_on_first)
    pages, report = read_one(file)
    assert list(pages["text"]) == ["", "More words."]
    assert report["failed_pages"] == [0]
    assert pages.loc[0, ["n_chars", "n_words", "n_sentences"]].tolist() == [0, 0, 0]


def test_an_encrypted_file_asks_for_its_password(locked, monkeypatch):
    with pytest.raises(EncryptedPDF, match="RAGKIT_PASSWORD"):
        read_pdf(locked)
    with pytest.raises(EncryptedPDF, match="does not open it"):
        read_pdf(locked, password="wrong")
    assert read_pdf(locked, password="open")["text"][0] == "Secret words."
    monkeypatch.setenv("RAGKIT_PASSWORD", "open")
    assert read_pdf(locked)["text"][0] == "Secret words."


def test_a_file_with_an_owner_password_only_opens(tmp_path):
    file = make_pdf(
        tmp_path / "owner.pdf", "Free words.",
        encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="own", permissions=0,
    )  # fmt: skip
    assert read_pdf(file)["text"][0] == "Free words."


def test_attached_files_and_text_that_is_not_shown_are_said(tmp_path, capsys):
    def hidden(page):
        page.insert_text((50, 80), "Text that is seen.")
        page.insert_text((50, 120), "white letters on white", color=(1, 1, 1))

    def shown(page):
        page.insert_text((50, 80), "Text that is seen.")
        page.draw_rect((40, 150, 300, 190), fill=(0, 0, 0.4))
        page.insert_text((50, 170), "white letters on blue", color=(1, 1, 1))

    def tiny(page):
        page.insert_text((50, 80), "Text that is seen.")
        page.insert_text((50, 120), "letters without size", fontsize=0.8)
        page.add_file_annot((300, 300), b"1,2", "data.csv")

    document = pymupdf.open(make_pdf(tmp_path / "a.pdf", hidden, shown, tiny))
    document.embfile_add("book.xlsx", b"PK")
    document.saveIncr()
    pages, report = read_one(tmp_path / "a.pdf")
    assert (report["hidden_pages"], report["attached_files"]) == ([0, 2], ["book.xlsx", "data.csv"])
    assert "white letters on white" in pages["text"][0]
    said = capsys.readouterr().err
    assert "attached files are not read: book.xlsx, data.csv" in said
    assert "on pages 1, 3 of the file" in said


def test_a_fault_in_a_rule_leaves_a_pages_plain_text_and_is_said(tmp_path, capsys, monkeypatch):
    rule = page_module.set_tables

    def fails_on_rivers(lines, *others):
        if any("Rivers" in line.text for line in lines):
            raise KeyError("gutter")
        return rule(lines, *others)

    monkeypatch.setattr(page_module, "set_tables", fails_on_rivers)
    texts = ["Words of one page.", "Rivers rise in spring.", "Words of another.", "Rivers fall."]
    pages, report = read_one(make_pdf(tmp_path / "a.pdf", *texts))
    assert pages["text"].tolist() == texts
    assert (report["fault_pages"], report["failed_pages"], report["repaired"]) == ([1, 3], [], False)
    said = capsys.readouterr().err
    assert said.count("a.pdf: a fault of ragkit's own on pages 2, 4 of the file (KeyError: 'gutter')") == 1
    assert "report it" in said
    assert "damaged" not in said


def test_a_page_that_cannot_be_drawn_keeps_its_text(tmp_path, capsys, monkeypatch):
    def fails(*_):
        raise pymupdf.mupdf.FzErrorFormat("no such path")

    monkeypatch.setattr(page_module, "set_tables", fails)
    pages, report = read_one(make_pdf(tmp_path / "a.pdf", "Rivers rise in spring."))
    assert (pages["text"].tolist(), report["failed_pages"]) == (["Rivers rise in spring."], [0])
    assert "fault" not in capsys.readouterr().err
