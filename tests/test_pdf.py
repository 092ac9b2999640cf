"""From files that the tests make to the table of pages: text, labels, recognised scans, the report."""

import os
import pickle
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pandas as pd
import pymupdf
import pytest
from conftest import read_one
from made_pdfs import PROSE, book_page, distinct, make_pdf, picture, write_lines, write_prose

from ragkit import models, notice, pdf
from ragkit.notice import (
    BadParameter,
    NotAPDF,
    NoText,
    PDFNotFound,
)
from ragkit.pdf import PAGE_COLUMNS, load_pages, read_pdf
from ragkit.reading import page as page_module
from ragkit.reading.file_labels import file_labels
from ragkit.reading.find import find_pdfs
from ragkit.words.sentences import count_sentences
from ragkit.workspace import open_workspace

pytestmark = pytest.mark.usefixtures("quick_models")


# --- which files ---


def test_a_file_a_folder_a_glob_and_a_list_name_the_same_files(tmp_path):
    for name in ("b10.pdf", "b2.pdf", "a.PDF"):
        make_pdf(tmp_path / name, "Words.")
    (tmp_path / "notes.csv").write_text("no", encoding="utf-8")
    (tmp_path / ".hidden.pdf").write_text("no", encoding="utf-8")
    for folder in (".venv/lib", "env/lib", "node_modules/that"):  # what nobody means
        (tmp_path / folder).mkdir(parents=True)
        make_pdf(tmp_path / folder / "example.pdf", "Words.")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert list(find_pdfs(tmp_path)) == ["a.PDF", "b2.pdf", "b10.pdf"]
    assert list(find_pdfs(str(tmp_path / "b*.pdf"))) == ["b2.pdf", "b10.pdf"]
    assert list(find_pdfs([tmp_path / "b10.pdf", str(tmp_path / "a.PDF")])) == ["a.PDF", "b10.pdf"]


def test_a_glob_works_in_a_folder_whose_name_has_brackets(tmp_path):
    (tmp_path / "[2023]" / "deep").mkdir(parents=True)
    make_pdf(tmp_path / "[2023]" / "deep" / "a.pdf", "Words.")
    make_pdf(tmp_path / "[2023]" / "b.pdf", "Words.")
    assert list(find_pdfs(tmp_path / "[2023]" / "*.pdf")) == ["b.pdf"]
    assert list(find_pdfs(tmp_path / "[2023]" / "**" / "[a-c].pdf")) == ["a.pdf", "b.pdf"]
    assert list(find_pdfs(tmp_path / "[[]2023*" / "b*")) == ["b.pdf"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are text")
def test_a_name_that_is_no_text_is_left_out_and_said(tmp_path, capsys):
    make_pdf(tmp_path / "ok.pdf", "Words.")
    (tmp_path / os.fsdecode(b"caf\xe9.pdf")).write_bytes((tmp_path / "ok.pdf").read_bytes())
    assert list(find_pdfs(tmp_path)) == ["ok.pdf"]
    assert "caf\\udce9.pdf' is left out: its name is not UTF-8. Rename it." in capsys.readouterr().err


def test_a_drive_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(Path, "is_dir", lambda self: False)
    with pytest.raises(PDFNotFound, match="a drive or share that is not connected"):
        find_pdfs("/papers/a.pdf")


def test_names_that_two_folders_share_are_told_apart_by_their_folders(tmp_path):
    for folder in ("x/one", "y/one", "y/two"):
        (tmp_path / folder).mkdir(parents=True)
        make_pdf(tmp_path / folder / "report.pdf", "Words.")
    make_pdf(tmp_path / "single.pdf", "Words.")
    names = ["single.pdf", "two/report.pdf", "x/one/report.pdf", "y/one/report.pdf"]
    assert list(find_pdfs(tmp_path)) == names
    assert set(read_pdf(tmp_path)["source"]) == set(names)


def test_a_file_named_twice_or_through_a_link_is_read_once_and_that_is_said(tmp_path, capsys):
    file = make_pdf(tmp_path / "a.pdf", "Words.")
    try:
        (tmp_path / "link.pdf").symlink_to(file)
    except OSError:
        pytest.skip("no symbolic links here")
    assert len(find_pdfs([file, tmp_path / "link.pdf", file])) == 1
    assert capsys.readouterr().err.count("the same file as") == 2


@pytest.mark.parametrize(
    "name", ["two words.pdf", "100%.pdf", "it's.pdf", "größe λ 中.pdf", "br[a]ck.pdf", "a*b.pdf"]
)
def test_odd_file_names(tmp_path, name):
    if os.name == "nt" and "*" in name:
        pytest.skip("not a file name on Windows")
    file = make_pdf(tmp_path / name, "Words.")
    assert list(find_pdfs(str(file))) == [name]


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        ("nutritoin.pdf", "nutrition.pdf"),
        ("missing/a.pdf", "missing does not exist"),
        ("*.pdfx", "No PDF matches"),
        ("empty", "it is empty"),
        ("tables", "it holds notes.csv"),
    ],
)
def test_what_is_not_found_is_named_with_what_is_there_instead(tmp_path, ask, answer):
    make_pdf(tmp_path / "nutrition.pdf", "Words.")
    (tmp_path / "empty").mkdir()
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "notes.csv").write_text("no", encoding="utf-8")
    with pytest.raises(PDFNotFound, match=answer):
        find_pdfs(tmp_path / ask)


def test_an_empty_list_and_an_empty_folder_beside_a_missing_name(tmp_path):
    with pytest.raises(PDFNotFound, match="list of paths is empty"):
        find_pdfs([])
    with pytest.raises(PDFNotFound, match="holds no PDF"):
        find_pdfs(tmp_path / "a.pdf")


# --- pictures of text ---


@pytest.fixture
def no_tesseract(monkeypatch):
    def fail(tessdata=None):
        raise RuntimeError("No tessdata specified and Tesseract is not installed")

    monkeypatch.setattr(pymupdf, "get_tessdata", fail)


@pytest.fixture
def any_tesseract(monkeypatch):
    monkeypatch.setattr(pdf, "ocr_trouble", lambda languages: "")


def test_scanned_pages_are_named_and_an_all_scanned_file_has_no_text(tmp_path, capsys, no_tesseract):
    pages, report = read_one(make_pdf(tmp_path / "some.pdf", "Words.", picture, "", picture), ocr="auto")
    assert report["scanned_pages"] == [1, 3]
    assert report["empty_pages"] == [1, 2, 3]
    assert not pages["ocr"].any()
    said = capsys.readouterr().err
    assert "a picture, and little or no text, on pages 2, 4 of the file. Tesseract is not installed" in said
    every = make_pdf(tmp_path / "every.pdf", picture, picture)
    with pytest.raises(NoText, match=r'2 of its 2 pages are scanned.*set ocr="auto"'):
        read_pdf(every)
    with pytest.raises(NoText, match="Tesseract is not installed"):
        read_pdf(every, ocr="auto")
    with pytest.raises(NoText, match="every page is blank"):
        read_pdf(make_pdf(tmp_path / "blank.pdf", "", ""))


def stamped(page):
    picture(page)
    page.insert_text((50, 580), "Scanned by the library of the navy on 12 May 1994, page 7", fontsize=8)


def stamped_photo(page):
    pixels = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 40, 60))
    page.insert_image((50, 90, 250, 300), pixmap=pixels)
    page.insert_text((50, 80), "A photograph of the harbour.", fontsize=8)


def outlines(page):
    for i in range(150):
        page.draw_line((50 + i, 80), (51 + i, 90))


def test_a_stamp_does_not_hide_a_scan_nor_do_letters_drawn_as_outlines(tmp_path):
    content = ["Words.", stamped, stamped_photo, outlines]
    _, report = read_one(make_pdf(tmp_path / "a.pdf", *content))
    assert report["scanned_pages"] == [1, 3]


def test_a_scan_with_recognised_text_under_it_is_read_as_text(tmp_path):
    def recognised(page):
        picture(page)
        for i, (line, size) in enumerate(
            [("The cure was tried in a fair comparison", 11.0), ("in 1747.", 9.8)]
        ):
            page.insert_text((50, 80 + 14 * i), line, fontsize=size, render_mode=3)

    pages, report = read_one(make_pdf(tmp_path / "a.pdf", recognised))
    assert list(pages["text"]) == ["The cure was tried in a fair comparison in 1747."]
    assert report["scanned_pages"] == []


def test_ocr_reads_scanned_pages_and_marks_them(tmp_path, monkeypatch, any_tesseract, capsys):
    file = make_pdf(tmp_path / "some.pdf", "Words.", picture)

    def recognise(self, flags, language, dpi, full):
        self.insert_text((50, 80), f"Recognised words of {language}.")
        return self.get_textpage(flags)

    monkeypatch.setattr(pymupdf.Page, "get_textpage_ocr", recognise)
    pages, report = read_one(file, ocr="auto")
    assert list(pages["text"]) == ["Words.", "Recognised words of eng."]
    assert list(pages["ocr"]) == [False, True]
    assert (report["scanned_pages"], report["ocr_pages"]) == ([], [1])
    assert 'some.pdf: Tesseract read page 2 of the file, in language eng (another one: ocr="deu")' in (
        capsys.readouterr().err
    )
    assert read_pdf(file, ocr="eng+deu")["text"][1] == "Recognised words of eng+deu."


def recognised(page, words):
    """What PyMuPDF gives for a page in which Tesseract saw these words."""
    paper = pymupdf.open().new_page()
    paper.insert_text((50, 80), words)
    textpage = paper.get_textpage()
    textpage.parent = page
    return textpage


def test_a_picture_without_words_stays_one_and_keeps_its_stamp(tmp_path, monkeypatch, any_tesseract, capsys):
    monkeypatch.setattr(pymupdf.Page, "get_textpage_ocr", lambda self, **how: recognised(self, " "))
    pages, report = read_one(make_pdf(tmp_path / "a.pdf", stamped, "Words."), ocr="auto")
    assert pages["text"][0].startswith("Scanned by the library")
    assert (report["scanned_pages"], list(pages["ocr"])) == ([0], [False, False])
    assert "on page 1 of the file. Tesseract found no words there." in capsys.readouterr().err
    with pytest.raises(NoText, match="Tesseract found no words there"):
        read_pdf(make_pdf(tmp_path / "every.pdf", picture), ocr="auto")


def test_a_large_page_is_recognised_at_a_resolution_that_fits_in_memory(tmp_path, monkeypatch, any_tesseract):
    asked = []

    def recognise(self, dpi, **how):
        asked.append(dpi)
        return recognised(self, " ")

    monkeypatch.setattr(pymupdf.Page, "get_textpage_ocr", recognise)
    for size in ((420, 595), (2480, 3508), (14400, 14400)):
        with pytest.raises(NoText):
            read_pdf(make_pdf(tmp_path / "a.pdf", picture, size=size), ocr="auto")
    assert asked == [300, 122, 25]


def test_a_tesseract_that_fails_is_said_with_its_reason(tmp_path, monkeypatch, capsys, any_tesseract):
    def fail(self, **how):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(pymupdf.Page, "get_textpage_ocr", fail)
    _, report = read_one(make_pdf(tmp_path / "some.pdf", "Words.", picture), ocr="auto")
    assert report["scanned_pages"] == [1]
    assert not report["repaired"]
    assert "Tesseract failed (out of memory)" in capsys.readouterr().err
    with pytest.raises(NoText, match="out of memory"):
        read_pdf(make_pdf(tmp_path / "every.pdf", picture), ocr="auto")


def test_missing_language_data_is_named_with_what_is_there(tmp_path, monkeypatch):
    (tmp_path / "eng.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert pdf.ocr_trouble("eng") == ""
    assert f"no data for chi_sim in {tmp_path}, which holds eng; " in pdf.ocr_trouble("eng+chi_sim")
    assert "as tesseract-ocr-chi-sim, or as chi_sim.traineddata" in pdf.ocr_trouble("eng+chi_sim")
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path / "nowhere"))
    assert "which holds none" in pdf.ocr_trouble("eng")


def test_the_variable_asks_for_recognition_too(tmp_path, monkeypatch, any_tesseract, fake_models):
    monkeypatch.setattr(
        pymupdf.Page, "get_textpage_ocr", lambda self, **how: recognised(self, "Words of it.")
    )
    file = make_pdf(tmp_path / "a.pdf", "Words.", picture)
    assert read_pdf(file)["ocr"].tolist() == [False, False]
    monkeypatch.setenv("RAGKIT_OCR", "auto")
    assert read_pdf(file)["ocr"].tolist() == [False, True]
    assert read_pdf(file, ocr="never")["ocr"].tolist() == [False, False]
    assert load_pages(open_workspace(file, root=tmp_path / "r"))["ocr"].tolist() == [False, True]
    monkeypatch.delenv("RAGKIT_OCR")
    assert load_pages(open_workspace(file, root=tmp_path / "r"))["ocr"].tolist() == [False, False]


def test_ocr_takes_two_words_and_languages(tmp_path):
    make_pdf(tmp_path / "a.pdf", "Words.")
    for ocr in ("always", "german", "eng+", "eng deu"):
        with pytest.raises(BadParameter, match=r'"deu" or "eng\+deu"'):
            read_pdf(tmp_path, ocr=ocr)


needs_tesseract = pytest.mark.skipif(
    bool(pdf.ocr_trouble("eng")), reason="needs Tesseract with its English data"
)


def scan(source, file, turn=0):
    """Pictures of the pages of a PDF, as from a scanner; put in turned, and turned back by the page's own flag."""
    scanned = pymupdf.open()
    for page in pymupdf.open(source):
        paper = scanned.new_page(width=page.rect.width, height=page.rect.height)
        paper.insert_image(paper.rect, pixmap=page.get_pixmap(dpi=150), rotate=turn)
        paper.set_rotation(turn)
    scanned.save(file, deflate=True)
    return file


@needs_tesseract
@pytest.mark.parametrize("turn", [0, 180])
def test_tesseract_reads_a_scan_and_its_boxes_stand_over_the_words(tmp_path, turn):
    pages = [book_page(f"The navy   {12 + i}", body=f"Page {i}. {PROSE}") for i in range(3)]
    original = make_pdf(tmp_path / "original.pdf", *pages)
    frame, report = read_one(scan(original, tmp_path / "scan.pdf", turn), ocr="auto")
    assert list(frame["label"]) == ["12", "13", "14"]
    assert frame["ocr"].all()
    assert (report["ocr_pages"], report["scanned_pages"]) == ([0, 1, 2], [])
    expected = read_pdf(original)
    for text, known in zip(frame["text"], expected["text"], strict=True):
        words = known.split()
        assert len(set(words) & set(text.split())) > 0.9 * len(set(words))
        assert "\n" not in text  # one paragraph, as it is one on paper
    for blocks, known in zip(frame["blocks"], expected["blocks"], strict=True):
        turned = pymupdf.Matrix(-1, 0, 0, -1, 420, 595) if turn else pymupdf.Matrix(1, 1)
        ((_, _, *box),), ((_, _, *original_box),) = blocks, known
        assert max(map(abs, pymupdf.Rect(box) * turned - pymupdf.Rect(original_box))) < 6


@needs_tesseract
def test_tesseract_says_nothing_of_its_own(tmp_path, capfd):
    make_pdf(tmp_path / "original.pdf", book_page(), outlines)
    file = scan(tmp_path / "original.pdf", tmp_path / "scan.pdf")
    read_pdf(file, ocr="auto")
    printed, said = capfd.readouterr()
    assert printed == ""
    assert all(line.startswith("ragkit: ") for line in said.splitlines())


def test_a_text_layer_of_nonsense_is_flagged(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        page_module, "clean_characters", lambda text: (text.replace("e", "\ufffd").replace("o", "\ue001"), 0)
    )
    _, report = read_one(make_pdf(tmp_path / "a.pdf", "one oboe tone", "this part is all right"))
    assert report["nonsense_pages"] == [0]
    assert "a.pdf: signs without a meaning on page 1 of the file" in capsys.readouterr().err


def test_among_several_files_a_bad_one_is_said_and_left_out(tmp_path, capsys, locked):
    good = make_pdf(tmp_path / "good.pdf", "Words.")
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"<html></html>")
    pages = read_pdf([good, bad, tmp_path / "missing.pdf"])
    assert list(pages["source"]) == ["good.pdf"]
    assert list(pages.attrs["report"]) == ["good.pdf"]
    assert list(pages.attrs["left_out"]) == ["bad.pdf"]
    said = capsys.readouterr().err
    assert "bad.pdf is not a PDF but an HTML page" in said
    assert "no file" in said
    with pytest.raises(NotAPDF) as error:
        read_pdf([bad, locked])
    assert "locked.pdf is encrypted" in str(error.value)


def test_what_was_found_is_said_again_when_saved_pages_are_loaded(
    tmp_path, capsys, fake_models, six_pages, locked
):
    folder = tmp_path / "papers"
    folder.mkdir()
    make_pdf(folder / "some.pdf", "Words.", picture)
    (folder / "cut.pdf").write_bytes(six_pages.read_bytes()[:-2000])
    (folder / "locked.pdf").write_bytes(locked.read_bytes())
    workspace = open_workspace(folder, root=tmp_path / "artifacts")
    first = load_pages(workspace)
    building, *said = capsys.readouterr().err.splitlines()
    assert "building pages" in building
    found = ["cut.pdf is damaged", "locked.pdf is encrypted", "some.pdf: a picture"]
    assert all(words in line for words, line in zip(found, said, strict=True))
    notice._said.clear()  # as in another process
    again = load_pages(workspace)
    assert again.attrs == first.attrs
    assert sorted(capsys.readouterr().err.splitlines()) == sorted(said)
    load_pages(workspace)
    assert capsys.readouterr().err == ""


def test_pages_that_another_version_of_the_reader_saved_are_read_again(
    pdf, tmp_path, capsys, fake_models, monkeypatch
):
    workspace = open_workspace(pdf, root=tmp_path / "artifacts")
    for version in (1, 2, 2):
        monkeypatch.setattr("ragkit.pdf.READER", version)
        load_pages(workspace)
    assert capsys.readouterr().err.count("building pages of paper") == 2


# --- the frame ---


def test_the_frame_has_one_row_a_page_with_its_counts(tmp_path):
    pages, report = read_one(
        make_pdf(tmp_path / "a.pdf", "One word. Dr. Two took 1.5 grams.\nIt helped.", "", "End")
    )
    assert list(pages.columns) == PAGE_COLUMNS
    assert pages["page"].dtype == "int64"
    assert list(pages["label"]) == ["1", "2", "3"]
    assert report["label_rule"] == "index + 1"
    assert list(pages["n_chars"]) == [len(text) for text in pages["text"]]
    assert list(pages["n_words"]) == [9, 0, 1]
    assert list(pages["n_sentences"]) == [3, 0, 1]
    assert report["empty_pages"] == [1]
    assert pickle.loads(pickle.dumps(pages)).attrs == pages.attrs


def test_a_line_break_ends_a_sentence():
    assert count_sentences(["One.\n\nTwo\nThree. Four.", "", "\n"]) == [4, 0, 0]


def test_blocks_say_where_each_part_of_the_text_stands(tmp_path):
    def draw(page):
        write_lines(page, ["First paragraph here,", "with a second line."], y=80)
        write_lines(page, ["Another paragraph."], y=160)

    row = read_pdf(make_pdf(tmp_path / "a.pdf", draw)).iloc[0]
    parts = [row["text"][int(start) : int(end)] for start, end, *_ in row["blocks"]]
    assert parts == ["First paragraph here, with a second line.", "Another paragraph."]
    (_, _, x0, y0, x1, y1), below = row["blocks"]
    assert (x0, x1 > 130, 65 < y0 < 75, 95 < y1 < 100) == (50, True, True, True)
    assert below[3] > y1


def test_a_progress_bar_is_shown_for_long_documents_only(tmp_path, capsys, monkeypatch):
    file = make_pdf(tmp_path / "a.pdf", "One.", "Two.", "Three.")
    read_pdf(file)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(pdf, "BAR_PAGES", 2)
    read_pdf(file)
    assert "3/3" in capsys.readouterr().err


def test_a_progress_bar_is_shown_for_fewer_pages_that_are_to_be_recognised(tmp_path, capsys, any_tesseract):
    file = make_pdf(tmp_path / "a.pdf", *["Words."] * 6)
    read_pdf(file, ocr="auto")
    assert "6/6" in capsys.readouterr().err


# --- what PDFs are made of ---


def test_one_page_of_very_many_words(tmp_path, monkeypatch):
    monkeypatch.setattr(
        models, "count_tokens", lambda tokenizer, texts: [len(text.split()) for text in texts]
    )

    def draw(page):
        page.insert_text((10, 20), [" ".join(["word"] * 100)] * 2000, fontsize=8)

    pages = read_pdf(make_pdf(tmp_path / "big.pdf", draw, size=(6000, 24100)))
    assert pages["n_words"][0] == 200_000


def test_a_thousand_pages(tmp_path):
    document = pymupdf.open()
    for i in range(1001):
        page = document.new_page(width=200, height=200)
        page.insert_text((20, 80), f"Text {i}", fontsize=8)
        page.insert_text((100, 190), str(i + 1), fontsize=8)
    document.save(tmp_path / "long.pdf")
    pages = read_pdf(tmp_path / "long.pdf")
    assert list(pages["label"][[0, 1000]]) == ["1", "1001"]
    assert list(pages["text"][[0, 1000]]) == ["Text 0", "Text 1000"]


def test_rotated_pages_read_like_upright_ones_and_their_boxes_stay_on_the_page(tmp_path):
    def turned(page):
        page.insert_textbox((50, 50, 300, 500), PROSE, fontsize=10, rotate=90)

    def flagged(page):
        write_prose(page)
        page.set_rotation(270)

    pages = read_pdf(make_pdf(tmp_path / "a.pdf", turned, flagged))
    assert list(pages["text"]) == [PROSE.strip()] * 2
    for blocks in pages["blocks"]:
        for _, _, x0, y0, x1, y1 in blocks:
            assert 49 < x0 < x1 < 371
            assert 49 < y0 < y1 < 521


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_the_box_of_turned_text_is_where_the_text_stands(tmp_path, rotate):
    def turned(page):
        page.insert_textbox((50, 50, 300, 500), PROSE, fontsize=10, rotate=rotate)

    file = make_pdf(tmp_path / "a.pdf", turned)
    (_, _, *box), *others = read_pdf(file)["blocks"][0]
    assert not others
    seen = pymupdf.EMPTY_RECT()
    for block in pymupdf.open(file)[0].get_text("blocks"):
        seen |= block[:4]
    assert abs(pymupdf.Rect(box) - seen) < 1


def test_scripts_signs_and_control_characters(tmp_path):
    chinese = "中文文本没有空格，" + "它很长" * 20 + "。"

    def draw(page):
        page.insert_htmlbox(
            (50, 50, 380, 500),
            f"<p>שלום עולם</p><p>{chinese}</p><p>e\u0301tude 10\u00b5g x\u00b2 so\u00adft</p>",
        )

    text = read_pdf(make_pdf(tmp_path / "a.pdf", draw))["text"][0]
    assert "שלום עולם" in text
    assert chinese in text
    assert "étude 10\u00b5g x² soft" in text


def test_what_a_reader_sees_on_the_page_is_read_and_nothing_else(tmp_path):
    file = tmp_path / "a.pdf"
    document = pymupdf.open(make_pdf(file, "Name of the sailor:"))
    page = document[0]
    field = pymupdf.Widget()
    field.field_type, field.field_name, field.field_value = pymupdf.PDF_WIDGET_TYPE_TEXT, "f", "James Lind"
    field.rect = pymupdf.Rect(50, 120, 300, 140)
    page.add_widget(field)
    page.add_freetext_annot((50, 200, 300, 240), "A note on the page.")
    page.add_text_annot((50, 300), "A closed comment.")
    page.insert_text((50, 550), "Cut off.")
    page.insert_text((50, 350), "Hidden layer.", oc=document.add_ocg("draft", on=False))
    page.set_cropbox((0, 50, 420, 500))
    document.saveIncr()
    text = read_pdf(file)["text"][0]
    assert all(seen in text for seen in ("Name of the sailor:", "James Lind", "A note on the page."))
    assert "[Note: A closed comment.]" in text
    assert not any(hidden in text for hidden in ("Cut off", "Hidden"))


def test_scripts_attachments_links_and_forms_are_left_alone(tmp_path):
    def draw(page):
        write_lines(page, ["Only text."])
        page.insert_link(
            {"kind": pymupdf.LINK_LAUNCH, "file": "/bin/true", "from": pymupdf.Rect(0, 0, 99, 99)}
        )
        field = pymupdf.Widget()
        field.field_type, field.field_name, field.rect = (
            pymupdf.PDF_WIDGET_TYPE_TEXT,
            "f",
            pymupdf.Rect(50, 200, 99, 220),
        )
        page.add_widget(field)

    file = make_pdf(tmp_path / "a.pdf", draw)
    document = pymupdf.open(file)
    document.embfile_add("payload.exe", b"MZ")
    action = document.get_new_xref()
    document.update_object(action, "<< /S /JavaScript /JS (app.alert\\(1\\)) >>")
    document.xref_set_key(document.pdf_catalog(), "OpenAction", f"{action} 0 R")
    document.saveIncr()
    assert read_pdf(file)["text"][0] == "Only text."
    assert [item.name for item in tmp_path.iterdir()] == ["a.pdf"]


def test_a_line_has_the_size_of_its_text_and_not_of_its_indices(tmp_path):
    def draw(page):
        page.insert_htmlbox(
            (50, 50, 380, 200), "<p>For the base model, we use a rate of</p><p>P<sub>drop</sub> = 0.1.</p>"
        )

    (rate, drop) = pdf.read_page(pymupdf.open(make_pdf(tmp_path / "a.pdf", draw)), 0).lines
    assert (drop.text, round(drop.size, 1)) == ("Pdrop = 0.1.", round(rate.size, 1))


# --- labels ---


def labelled(path, labels, own=None):
    make_pdf(path, *[book_page(footer=label, body=distinct(i)) for i, label in enumerate(labels)])
    if own:
        document = pymupdf.open(path)
        document.set_page_labels(own)
        document.saveIncr()
    return read_one(path)


ROMAN_THEN_ARABIC = ["", "ii", "iii", "", "v", "1", "", "3", "4", "5", ""]


@pytest.mark.parametrize(
    ("printed", "labels"),
    [
        (ROMAN_THEN_ARABIC, "i ii iii iv v 1 2 3 4 5 [11]"),
        ([f"A-{i}" for i in (3, 4, 5, 6)], "A-3 A-4 A-5 A-6"),
        (["1", "2", "3", "4", "1", "2", "3", "1", "2", "3"], "1 2 3 4 1 2 3 1 2 3"),
        ([f"Page {i} of 9" for i in (4, 5, 6, 7)], "4 5 6 7"),
        ([f"{i} | Chapter 7" for i in (40, 41, 42)], "40 41 42"),
        (["", "", "", "1", "2", "3", "4"], "[1] [2] [3] 1 2 3 4"),
        (["7", "", ""], "1 2 3"),
    ],
)
def test_labels_are_found_in_the_footers(tmp_path, printed, labels):
    pages, report = labelled(tmp_path / "a.pdf", printed)
    assert list(pages["label"]) == labels.split()
    assert report["label_rule"] == ("footer" if labels != "1 2 3" else "index + 1")
    assert (
        not any(label and label in text.split() for label, text in zip(printed, pages["text"], strict=True))
        or labels == "1 2 3"
    )


def test_labels_are_found_in_the_headers_of_left_and_right_pages(tmp_path):
    pages = [
        book_page(header=f"{i}   Food" if i % 2 == 0 else f"Vitamins   {i}", body=distinct(i))
        for i in range(12, 20)
    ]
    pages, report = read_one(make_pdf(tmp_path / "a.pdf", *pages))
    assert list(pages["label"]) == [str(i) for i in range(12, 20)]
    assert report["label_rule"] == "header"
    counts = {line: len(pages) for line, pages in report["taken_out"].items()}
    assert counts == {"# Food": 3, "Vitamins #": 3}
    assert list(pages["text"])[2:] == [distinct(i) for i in range(14, 20)]


def test_the_files_own_labels_are_taken_unless_the_pages_contradict_them(tmp_path):
    own = [{"startpage": 0, "style": "r"}, {"startpage": 2, "style": "D", "prefix": "B-", "firstpagenum": 5}]
    pages, report = labelled(tmp_path / "a.pdf", [""] * 5, own)
    assert (list(pages["label"]), report["label_rule"]) == (["i", "ii", "B-5", "B-6", "B-7"], "pdf labels")
    pages, report = labelled(tmp_path / "b.pdf", ["10", "11", "12", "13"], [{"startpage": 0, "style": "D"}])
    assert (list(pages["label"]), report["label_rule"]) == (["10", "11", "12", "13"], "footer")
    assert "contradict" in report["label_reason"]
    assert "is '1' there, printed '10'" in report["label_reason"]
    pages, report = labelled(tmp_path / "c.pdf", ["1", "2", "3"], [{"startpage": 0, "style": "D"}])
    assert report["label_reason"].endswith("the printed numbers agree.")


@pytest.mark.parametrize(
    ("rules", "labels"),
    [
        ("[0<</S/D/P(A/Start-)>>]", ["A/Start-1", "A/Start-2", "A/Start-3"]),
        ("[0<</S/D/P<416E6E65786520E920>>>]", ["Annexe é 1", "Annexe é 2", "Annexe é 3"]),
        ("[0<</S/D/P(\\200 \\(x\\))>>]", ["• (x)1", "• (x)2", "• (x)3"]),
        ("[0<</P<FEFF00410042>>>1<</S/r/St 9>>2<</S/A/St 27>>]", ["AB", "ix", "AA"]),
        ("[1<</S/R>>]", ["", "I", "II"]),
        ("[2<</S/D>>0<</S/a>>]", ["a", "b", "1"]),
        ("[0<</S/D/St -3>>9<</S/r>>]", ["1", "2", "3"]),
        ("(no list)", ["", "", ""]),
    ],
)
def test_the_files_labels_with_any_prefix_and_style(tmp_path, rules, labels):
    document = pymupdf.open(make_pdf(tmp_path / "a.pdf", "One.", "Two.", "Three."))
    document.xref_set_key(document.pdf_catalog(), "PageLabels", f"<</Nums{rules}>>")
    assert file_labels(document) == labels


def test_a_tree_of_label_rules_that_is_a_circle_ends(tmp_path):
    document = pymupdf.open(make_pdf(tmp_path / "a.pdf", "One.", "Two."))
    tree = document.get_new_xref()
    document.update_object(tree, f"<</Kids[{tree} 0 R]>>")
    document.xref_set_key(document.pdf_catalog(), "PageLabels", f"{tree} 0 R")
    assert file_labels(document) == ["", ""]


def test_every_rule_of_the_labels_is_read_once(monkeypatch):
    document, asked = pymupdf.open(), []
    for _ in range(200):
        document.new_page()
    rules = " ".join(f"{page}<</S/D/P(A{page}-)>>" for page in range(200))
    document.xref_set_key(document.pdf_catalog(), "PageLabels", f"<</Nums[{rules}]>>")
    get = pymupdf.mupdf.pdf_dict_gets
    monkeypatch.setattr(pymupdf.mupdf, "pdf_dict_gets", lambda *key: asked.append(key) or get(*key))
    assert file_labels(document)[::199] == ["A0-1", "A199-1"]
    assert len(asked) < 5 * 200


def test_numbers_in_the_text_are_not_taken_for_page_numbers(tmp_path):
    bodies = [f"Footnote {i} of the text.\nWords." for i in (3, 4, 5)]
    pages, _ = read_one(make_pdf(tmp_path / "a.pdf", *bodies))
    assert [text.split()[1] for text in pages["text"]] == ["3", "4", "5"]
    assert pages["n_words"].min() >= 5


# --- real documents ---


@pytest.mark.parametrize("name", ["transformer.pdf", "RAG_Paper.pdf"])
def test_research_papers(shared, name):
    pages, report = read_one(shared / name)
    assert list(pages["label"]) == [str(i + 1) for i in range(len(pages))]
    assert report["label_rule"] == "footer"
    text = " ".join(pages["text"])
    assert not any(ligature in text for ligature in "ﬀﬁﬂﬃﬄ")
    assert report["ligatures"] == (114 if name == "RAG_Paper.pdf" else 0)


def test_sentences_of_a_paper_are_whole(shared):
    text = "\n".join(read_pdf(shared / "transformer.pdf")["text"])
    for sentence in [
        "We propose a new simple network architecture, the Transformer, based solely on attention "
        "mechanisms, dispensing with recurrence and convolutions entirely.",
        "The two most commonly used attention functions are additive attention [2], and dot-product "
        "(multiplicative) attention.",
        "base 6 512 2048 8 64 64 0.1 0.1 100K 4.92 25.8 65\n",
        "\n\n3.2.1 Scaled Dot-Product Attention\n\nWe call our particular attention",
    ]:
        assert sentence in text


def test_a_textbook_of_1206_pages(shared):
    pages, report = read_one(shared / "human_nutrition_rebuilt.pdf")
    assert len(pages) == 1206
    assert list(pages["label"][[0, 39, 40, 43, 300, 1205]]) == ["iii", "xlii", "1", "4", "261", "1166"]
    assert report["tails_cut"] > 950
    assert pages["text"][43].endswith("such as antioxidants).")
    assert isinstance(pages, pd.DataFrame)


def letters(text):
    return Counter(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


@pytest.mark.parametrize(
    "name",
    ["domains/pump-manual", "domains/us-lease", "guides/install.en", "mmlong/documents/BESTBUY_2023_10K"],
)
def test_every_letter_of_a_strangers_page_is_in_its_text_or_listed(shared, name):
    file = shared.parent / "public" / f"{name}.pdf"
    if not file.exists():
        pytest.skip("no public documents beside the project")
    pages, report = read_one(file)
    with pymupdf.open(file) as document:
        for i, text, label in pages[["page", "text", "label"]].itertuples(index=False):
            listed = "".join(line for line, where in report["taken_out"].items() if i in where)
            lost = letters(document[i].get_text()) - letters(text + listed + label)
            assert lost.total() <= 1, f"page {i}: {lost}"
