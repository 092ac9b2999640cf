"""What the notebooks draw: the plain texts exact, the HTML inert, the pixels and lines where they belong."""

from __future__ import annotations

import base64
import io
import re
import warnings
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pymupdf
import pytest
from conftest import found_for
from made_pdfs import PROSE, make_pdf, write_prose
from PIL import Image

from ragkit import notice, show
from ragkit.found import sentences_of
from ragkit.generate import Answer
from ragkit.index import open_index
from ragkit.show import pages as pages_module
from ragkit.show import vectors
from ragkit.show.display import BLUE

IMAGES = Path(__file__).parents[1] / "notebooks" / "images"
EVIL = '<img src=x onerror="alert(1)"> & <script>alert(2)</script>'
# What JupyterLab's sanitizer lets through in a notebook that is not trusted; `color: inherit` is not in it.
KEPT = {
    "background-color", "border", "border-bottom", "border-collapse", "border-left", "border-radius", "color",
    "display", "flex", "flex-wrap", "font-family", "font-size", "font-weight", "gap", "height", "line-height",
    "margin", "max-height", "max-width", "min-width", "opacity", "overflow", "overflow-wrap", "padding",
    "text-align", "text-decoration", "vertical-align", "white-space",
}  # fmt: skip
TAGS = {"div", "span", "br", "table", "tr", "td", "th", "img", "del", "ins", "details", "summary"}


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture.image)).convert("RGB")).astype(int)


def yellow(rgb):
    """Which pixels look like a highlighter: much red and green, little blue."""
    return (rgb[..., 0] > 200) & (rgb[..., 1] > 200) & (rgb[..., 2] < 150)


def box(page=0, label="1", x0=50.0, y0=70.0, x1=150.0, y1=90.0):
    return {"page": page, "label": label, "start": 0, "end": 9, "x0": x0, "y0": y0, "x1": x1, "y1": y1}


@pytest.fixture
def book(tmp_path):
    return make_pdf(tmp_path / "book.pdf", "Lemons cure scurvy.", "Iron carries oxygen.", "Water cools.")


@pytest.fixture
def workspace(book):
    return SimpleNamespace(path_of={"book.pdf": book}.__getitem__, password=None)


@pytest.fixture
def hits():
    rows = [(1, 0.69264, 0, "i", "Lemons cure " + EVIL), (2, 0.5, 1, "1", "Iron costs $5 or $10.")]
    boxes = [[box(label="i"), box(1, "1")], [box(1, "1"), box(1, "1", y0=120.0, y1=140.0)]]
    frame = pd.DataFrame(rows, columns=["rank", "score", "page", "label", "text"])
    return frame.assign(source="book.pdf", boxes=boxes)


@pytest.fixture
def key_sentences():
    row = {
        "rank": 1, "score": 0.7, "text": "Lemons cure scurvy.", "source": "book.pdf", "page": 0, "label": "i",
        "chunk": 0, "boxes": [box(label="i", y0=60.0, y1=95.0)],
    }  # fmt: skip
    return pd.DataFrame([row, row | {"rank": 2, "text": EVIL, "page": -1, "label": "7", "boxes": []}])


def citation(claim, text="", reason="", **place):
    """A row as of `cite`: supported if there is no reason why not."""
    where = {"source": "book.pdf", "page": 0, "label": "i", "chunk": 0, "boxes": [box(label="i")]} | place
    verdict = "contradicted" if reason else "supported"
    return {
        "claim": claim,
        "verdict": verdict,
        "supported": not reason,
        "score": 0.0,
        "reason": reason,
        "text": text,
    } | where


@pytest.fixture
def answered(hits, key_sentences):
    citations = [
        citation(
            "Iron costs money.", "Iron costs $5 or $10.", page=1, label="1", chunk=1, boxes=[box(1, "1")]
        ),
        citation("Lemons cure it.", "Lemons cure scurvy."),
        citation("Iron is dear.", "Iron costs $5 or $10.", page=1, label="1", chunk=1, boxes=[box(1, "1")]),
        citation(EVIL, "Lemons cure scurvy.", "the number 2 is not in it"),
    ]
    return Answer(
        found=found_for("What cures scurvy?", hits), text=" ".join(row["claim"] for row in citations),
        stop_reason="end",        n_read=2, key_sentences=key_sentences, citations=pd.DataFrame(citations),
        n_prompt_tokens=1432, n_answer_tokens=9, seconds_to_first_token=2.31, tokens_per_second=14.26,
    )  # fmt: skip


@pytest.fixture
def unsupported(answered):
    rows = [citation("Lemons sink.", "Lemons cure scurvy.", "one of the two says not")]
    return replace(answered, text="Lemons sink.", citations=pd.DataFrame(rows))


@pytest.fixture
def refused(answered):
    return replace(
        answered, text="The document does not answer this.", citations=answered.citations[:0],
        refusal="“q10” is nowhere in it", stop_reason="refused", n_read=0,
    )  # fmt: skip


# ---------------------------------------------------------------- the pipeline


@pytest.mark.parametrize("step", range(1, 7))
def test_the_committed_pictures_are_what_the_function_draws(step):
    path, drawn = IMAGES / f"pipeline-0{step}.svg", show.pipeline_svg(step)
    assert path.read_text(encoding="utf-8") == drawn, f"write show.pipeline_svg({step}) to {path.name}"


@pytest.mark.parametrize("step", range(7))
def test_a_pipeline_lights_its_step_and_says_so(step):
    svg = show.pipeline_svg(step)
    root = ElementTree.fromstring(svg)
    title = root.find("{http://www.w3.org/2000/svg}title").text
    assert svg.count(f'fill="{BLUE}"') == (1 if step else 0)
    assert (f"step {step}, " in title) if step else ("no step" in title)
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None


def test_a_pipeline_has_six_steps():
    with pytest.raises(notice.BadParameter, match="step 7"):
        show.pipeline_svg(7)


# ---------------------------------------------------------------- pages


def test_a_page_is_drawn_at_its_zoom_and_named(book):
    picture = show.page(book, 1, zoom=2.0)
    assert pixels(picture).shape == (1190, 840, 3)
    assert repr(picture) == "page index 1 of book.pdf"
    assert 'alt="page index 1 of book.pdf"' in picture._repr_html_()
    assert "data:image/png;base64," in picture._repr_html_()


def test_highlights_are_yellow_inside_the_box_and_nowhere_else(book):
    picture = show.page(book, 0, [(50, 70, 150, 90)], zoom=1.5)
    marked = yellow(pixels(picture))
    rows, columns = np.where(marked)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (105, 134, 75, 224)
    assert marked[105:135, 75:225].mean() > 0.8, "all but the print"
    assert pixels(picture)[105:135, 75:225].min() < 90, "the print is still there"
    assert repr(picture) == "page index 0 of book.pdf, 1 passage highlighted"


def test_a_box_beyond_the_page_is_clipped(book):
    picture = show.page(book, 2, [(-50, 500, 60, 900), (500, 500, 600, 600)], zoom=1.0)
    marked = yellow(pixels(picture))
    assert marked[500:, :60].all()
    assert marked.sum() == 95 * 60
    assert repr(picture).endswith("2 passages highlighted")


def test_the_box_of_a_word_is_on_the_word_of_a_turned_and_cropped_page(tmp_path):
    import pymupdf

    def turn(page):
        page.insert_text((100, 200), "sideways")
        page.set_cropbox((40, 60, 400, 500))
        page.set_rotation(90)

    path = make_pdf(tmp_path / "turned.pdf", turn)
    with pymupdf.open(path) as document:
        word = document[0].get_text("words")[0][:4]
    rgb = pixels(show.page(path, 0, [word], zoom=2.0))
    assert rgb.shape == (720, 880, 3)
    white = (rgb > 240).all(axis=2)
    rows, columns = np.where(~white)
    assert np.ptp(rows) > np.ptp(columns), "the word runs down the page"
    assert not white[rows.min() : rows.max(), columns.min() : columns.max()].any(), "all print is in the box"
    assert yellow(rgb).any()


def test_a_photograph_becomes_a_smaller_jpeg(tmp_path):
    import pymupdf

    noise = np.random.default_rng(0).integers(0, 255, (600, 420, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    stream = buffer.getvalue()
    path = make_pdf(tmp_path / "photo.pdf", lambda page: page.insert_image(page.rect, stream=stream))
    assert show.page(path, 0).html.startswith('<img src="data:image/jpeg;base64,')
    assert pymupdf.Pixmap(show.page(path, 0).image).width == 630


@pytest.mark.parametrize("page", [3, -1])
def test_a_page_that_is_not_there_is_named(book, page):
    with pytest.raises(notice.BadParameter, match=f"pages 0 to 2, no page index {page}"):
        show.page(book, page)


def test_a_missing_file_and_a_locked_one_are_named(tmp_path):
    import pymupdf

    with pytest.raises(notice.PDFNotFound, match="moved"):
        show.page(tmp_path / "gone.pdf", 0)
    how = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "lemon", "owner_pw": "tree"}
    locked = make_pdf(tmp_path / "locked.pdf", "Secret.", **how)
    with pytest.raises(notice.EncryptedPDF):
        show.page(locked, 0)
    assert show.page(locked, 0, password="lemon").text == "page index 0 of locked.pdf"


def test_text_beside_its_page_scrolls_and_is_escaped(book):
    shown = show.page_beside_text(book, 0, EVIL)
    assert repr(shown) == f"page index 0 of book.pdf, beside its text of {len(EVIL)} characters"
    assert "&lt;script&gt;" in shown.html
    assert "overflow:auto" in shown.html


def test_a_hit_is_highlighted_on_its_first_page_only(workspace, hits):
    first, second = (show.hit_page(workspace, row) for _, row in hits.iterrows())
    assert repr(first) == "page i of book.pdf, 1 passage highlighted"
    assert repr(second) == "page 1 of book.pdf, 2 passages highlighted"
    assert yellow(pixels(second))[180:210, 75:225].all()


def test_the_pages_of_hits_stand_side_by_side(workspace, hits):
    shown = show.hit_pages(workspace, hits, n=2)
    assert repr(shown).splitlines() == [
        "1. book.pdf, pp. i–1: page i of book.pdf, 1 passage highlighted",
        "2. book.pdf, p. 1: page 1 of book.pdf, 2 passages highlighted",
    ]
    assert shown.html.count("<img ") == 2
    assert repr(show.hit_pages(workspace, hits, n=1)).count("\n") == 0


def test_a_citation_reads_boxes_that_come_back_from_parquet_as_an_array(hits, key_sentences):
    row = hits.iloc[0].copy()
    row["boxes"] = np.array(row["boxes"], dtype=object)
    assert show.place(row) == "book.pdf, pp. i–1"
    assert show.place(key_sentences.iloc[0]) == "book.pdf, p. i"


# ---------------------------------------------------------------- pages with cited sentences


TWELVE = "Twelve men with the same symptoms were given six remedies."
PRIMER = IMAGES.parent / "data" / "nutrition-primer.pdf"


def drawn(display):
    """The picture inside a display of one page."""
    (data,) = re.findall(r"base64,([^\"]+)", display.html)
    return pixels(SimpleNamespace(image=base64.b64decode(data)))


def marked_share(rgb, lines):
    """Share of yellow pixels inside these rectangles, of one pixel a point; and how many lie outside all."""
    inside = np.zeros(rgb.shape[:2], bool)
    for line in lines:
        x0, y0, x1, y1 = (round(edge) for edge in line)
        inside[y0 : y1 + 1, x0 : x1 + 1] = True
    marked = yellow(rgb)
    return marked[inside].mean(), (marked & ~inside).sum()


def cited(index, text):
    sentences, _ = sentences_of(index.chunks, index)
    return show.cited_pages(index, sentences[sentences["text"] == text])


def lines_of(path, text, page=0, clip=None):
    with pymupdf.open(path) as document:
        return document[page].search_for(text, clip=clip)


def two_columns(page):
    write_prose(page, PROSE, box=(40, 60, 200, 400))
    write_prose(page, PROSE.replace("Twelve", "Eleven") + "Iron stops it.", box=(220, 60, 380, 400))


@pytest.mark.parametrize("draw", [write_prose, two_columns], ids=["one column", "two columns"])
def test_a_cited_sentence_is_yellow_where_it_stands_and_nowhere_else(draw, tmp_path, fake_models, embedder):
    path = make_pdf(tmp_path / "trial.pdf", draw)
    index = open_index(path, embedder, root=tmp_path / "r")
    shown = cited(index, TWELVE)
    lines = lines_of(path, TWELVE)
    assert len(lines) > 1
    assert repr(shown) == f"page 1 of trial.pdf, {len(lines)} passages highlighted"
    share, outside = marked_share(drawn(shown), lines)
    assert share > 0.5, "all but the print"
    assert outside == 0


def test_a_sentence_with_ligatures_and_a_hyphen_at_the_line_end_is_found_on_its_page():
    fits = "The quality of the carbohydrates and fats, a theme of Chapters 3 and 4, appears to count for more"
    with pymupdf.open(PRIMER) as document:
        for text in ("Many traditional cuisines fit inside these limits.", fits):
            row = {"text": text, "boxes": [box(10, "3", x0=50.0, y0=50.0, x1=400.0, y1=600.0)]}
            lines = pages_module._sentence_boxes(document[10], row)
            assert max(y1 - y0 for _, y0, _, y1 in lines) < 25, "not the whole block"


def test_a_sentence_that_is_not_found_has_its_blocks_marked(workspace, key_sentences):
    unknown = key_sentences[:1].assign(text="Something that the page does not say.")
    share, outside = marked_share(drawn(show.cited_pages(workspace, unknown)), [(50, 60, 150, 95)])
    assert share > 0.7
    assert outside == 0


def test_the_same_sentence_in_another_block_is_not_marked(tmp_path, key_sentences):
    path = make_pdf(tmp_path / "book.pdf", "Lemons cure scurvy." + "\n" * 9 + "Lemons cure scurvy.")
    index = SimpleNamespace(path_of=lambda source: path, password=None)
    shown = show.cited_pages(index, key_sentences[:1])
    assert repr(shown) == "page i of book.pdf, 1 passage highlighted"
    assert yellow(drawn(shown))[:100].any()
    assert not yellow(drawn(shown))[100:].any()


def test_each_cited_page_is_drawn_once_and_at_most_so_many(answered, workspace):
    rows = pd.concat([answered.key_sentences, answered.citations, answered.key_sentences])
    lines = ["page i of book.pdf, 4 passages highlighted", "page 1 of book.pdf, 2 passages highlighted"]
    assert repr(show.cited_pages(workspace, rows)).splitlines() == lines
    assert repr(show.cited_pages(workspace, rows, n=1)).splitlines() == lines[:1]


def test_a_page_that_a_replaced_file_has_no_more_is_named(answered, workspace):
    rows = answered.key_sentences[:1].assign(page=9)
    with pytest.raises(notice.BadParameter, match="If the file was replaced, open it again"):
        show.cited_pages(workspace, rows)


def test_a_sentence_over_a_page_break_is_marked_on_the_page_that_it_begins_on(workspace, key_sentences):
    row = key_sentences[:1].assign(boxes=[[box(label="i"), box(1, "1")]])
    assert repr(show.cited_pages(workspace, row)) == "page i of book.pdf, 1 passage highlighted"


# ---------------------------------------------------------------- tables and text


def test_a_table_is_aligned_cut_and_counted():
    frame = pd.DataFrame(
        {"score": [0.69264, -0.0001, np.nan], "page": [1, 12, 3], "text": ["one\n two", "abcdefghijkl", "x"]},
        index=[7, 3, 5],
    )
    assert repr(show.table(frame, width=8, rows=2)).splitlines() == [
        "score  page  text",
        "0.693     1  one two",
        "0.000    12  abcdefg…",
        "… 1 more row",
    ]
    assert repr(show.table(frame, ["text", "score"])).splitlines()[-1] == "x                 –"


def test_an_index_of_names_is_shown_and_the_frame_left_alone():
    frame = pd.DataFrame({"n_chars": [3.0, 1.5]}, index=["count", "mean"])
    before = frame.copy()
    assert repr(show.table(frame)).splitlines() == ["       n_chars", "count    3.000", "mean     1.500"]
    pd.testing.assert_frame_equal(frame, before)


def test_rows_of_dicts_make_a_table_and_yes_is_no_number():
    assert repr(show.table([{"fits": True}, {"fits": False}])) == "fits\nTrue\nFalse"


def test_a_table_names_the_column_that_is_not_there():
    with pytest.raises(notice.BadParameter, match="'txt' here: there is score"):
        show.table(pd.DataFrame({"score": [1.0]}), ["txt"])


def test_an_empty_table_shows_its_header():
    assert repr(show.table(pd.DataFrame({"a": [], "b": []}))) == "a  b"


def test_answers_stand_side_by_side():
    assert repr(show.side_by_side("No idea.", "Lemons.", ["bare", "with passages"])) == (
        "bare\nNo idea.\n\nwith passages\nLemons."
    )


def test_what_cleaning_changed_is_marked():
    shown = show.before_after("The eﬀect of nutri-\ntion.", "The effect of nutrition.", "page 1")
    assert repr(shown).splitlines() == [
        "page 1",
        "before: The ⟦eﬀect⟧ of ⟦nutri-↵tion⟧.",
        "after:  The ⟦effect⟧ of ⟦nutrition⟧.",
    ]
    assert re.findall(r"<del[^>]*>([^<]*)</del>", shown.html) == ["eﬀect", "nutri-↵\ntion"]
    assert re.findall(r"<ins[^>]*>([^<]*)</ins>", shown.html) == ["effect", "nutrition"]


def test_nothing_is_marked_when_nothing_changed():
    shown = show.before_after("Same.", "Same.")
    assert repr(shown) == "before: Same.\nafter:  Same."
    assert "<del" not in shown.html


def test_control_tokens_are_chips_and_line_breaks_visible():
    shown = show.chat_template("<|im|>user\n2 < 3 <|im|><|im|>x|>\n", ["<|im|>", "<|im|>x|>", ""])
    assert repr(shown) == "⟦<|im|>⟧user↵\n2 < 3 ⟦<|im|>⟧⟦<|im|>x|>⟧↵"
    assert re.findall(r"<span style=\"background[^>]*>([^<]*)</span>", shown.html) == [
        "&lt;|im|&gt;", "&lt;|im|&gt;", "&lt;|im|&gt;x|&gt;",
    ]  # fmt: skip
    assert repr(show.chat_template("plain", [])) == "plain"


def test_an_answer_is_told_document_first_and_each_sentence_with_its_quotation(answered):
    assert repr(show.answer(answered)).splitlines() == [
        "Question: What cures scurvy?",
        "",
        "In the document's words:",
        "1. Lemons cure scurvy. (book.pdf, p. i)",
        f"2. {EVIL} (book.pdf, p. 7)",
        "3. Iron costs $5 or $10. (book.pdf, p. 1)",  # supports, and is no key sentence; there once
        "",
        "In the model's words:",
        "Iron costs money. [3]",
        "Lemons cure it. [1]",
        "Iron is dear. [3]",
        f"{EVIL} [contradicted: the number 2 is not in it]",
    ]


def test_the_same_sentence_of_another_chunk_is_another_quotation(answered):
    elsewhere = [citation("Lemons cure it.", "Lemons cure scurvy.", chunk=1, page=1, label="1", boxes=[])]
    shown = repr(show.answer(replace(answered, citations=pd.DataFrame(elsewhere))))
    assert "3. Lemons cure scurvy. (book.pdf, p. 1)" in shown
    assert shown.endswith("Lemons cure it. [3]")


def test_what_follows_a_quotation_is_no_other_one(answered):
    quotes = answered.key_sentences.assign(after=["• Limes do, too. • So does beer.", ""])
    cited = [citation("Limes do.", "• Limes do, too.", boxes=[])]
    shown = repr(show.answer(replace(answered, key_sentences=quotes, citations=pd.DataFrame(cited))))
    assert shown.endswith("Limes do. [1]")
    assert shown.count("Limes do, too.") == 1


def test_words_that_nothing_supports_are_shown_with_that_said_and_folded_in_html(unsupported):
    shown = show.answer(unsupported)
    assert repr(shown).endswith(
        "In the model's words, which no sentence was found to support:\n"
        "Lemons sink. [contradicted: one of the two says not]"
    )
    in_doubt = replace(unsupported, text="", citations=unsupported.citations[:0])
    assert repr(show.answer(in_doubt)).endswith("left out, as no sentence was found that supports them.")
    folded = re.search(r"<details><summary>(.*?)</summary>(.*?)</details>", shown.html, re.DOTALL)
    assert folded[1] == "In the model's words, which no sentence was found to support"
    assert "Lemons sink. <span" in folded[2]
    assert "[contradicted: one of the two says not]" in folded[2]
    assert shown.html.index("Lemons cure scurvy.") < folded.start()


def test_supported_words_are_not_folded(answered):
    html = unescape(show.answer(answered).html)
    assert "<details" not in html
    places = [
        html.index(text) for text in ("In the document's words", "3. Iron", "In the model's words", "[3]")
    ]
    assert places == sorted(places)


def test_in_doubt_the_reason_stands_first_then_what_is_nearest_then_the_supported_words(answered):
    doubted = replace(answered, doubt="“gout” is nowhere in it")
    for shown in (show.answer(doubted).text, show.answer(doubted).html):
        places = [
            shown.index(words)
            for words in ("In doubt: “gout” is nowhere in it.", "Nearest in the document", "In the model")
        ]
        assert places == sorted(places)
        assert "In the document's words" not in shown
    empty = replace(doubted, text="", citations=answered.citations[:0])
    assert "left out" in show.answer(empty).text
    assert "left out" in show.answer(empty).html


def test_a_quotation_is_shown_with_what_stands_before_it_and_with_all_its_places(answered):
    sentences = answered.key_sentences.assign(
        before="Against scurvy:", also=[["b.pdf, p. 9"]] * len(answered.key_sentences)
    )
    for shown in (
        show.answer(replace(answered, key_sentences=sentences)).text,
        show.answer(replace(answered, key_sentences=sentences)).html,
    ):
        assert f"Against scurvy: {sentences['text'].iloc[0]}" in shown
        assert "; b.pdf, p. 9" in shown


@pytest.mark.parametrize("text", ["1. The minutes were read.", "(a) rent;", "iv) rent", "12 men fell ill."])
def test_a_quotation_that_has_a_number_of_its_own_stands_in_quotation_marks(answered, text):
    first = answered.key_sentences.head(1).assign(text=text, before="")
    shown = show.answer(replace(answered, key_sentences=first))
    assert f"\n1. “{text}” (" in shown.text
    assert f">1. “{text}”<br>" in shown.html


def test_a_refused_question_has_its_reason_and_what_is_nearest(refused):
    shown = show.answer(refused)
    assert repr(shown).splitlines() == [
        "Question: What cures scurvy?",
        "",
        "The document does not answer this: “q10” is nowhere in it.",
        "",
        "Nearest in the document:",
        "1. Lemons cure scurvy. (book.pdf, p. i)",
        f"2. {EVIL} (book.pdf, p. 7)",
    ]
    assert "The document does not answer this: “q10” is nowhere in it." in shown.html
    assert "No model was asked." in shown.html
    assert "model's words" not in shown.html


def test_an_answer_shows_what_was_read_and_what_it_cost_and_its_text_no_times(answered):
    shown = show.answer(answered)
    assert "book.pdf, pp. i–1 (0.69); book.pdf, p. 1 (0.50)" in shown.html
    assert "The model read 2 passages, 1,432 tokens in all; it wrote 9, the first after 2.3 s" in shown.html
    assert "then 14.3 a second; stopped by: end." in shown.html
    other = replace(answered, seconds_to_first_token=7.7, tokens_per_second=0.5, n_answer_tokens=77)
    assert repr(show.answer(other)) == repr(shown)


def test_an_answer_without_passages_is_shown():
    shown = show.answer(Answer("Lemons.", 9, 2, 0.1, 1.0, "end", found=found_for("What?")))
    assert "In the document's words:\nnothing\n" in repr(shown)
    assert "Passages found (score): none." in shown.html


def test_with_its_index_an_answer_has_the_cited_pages_beside_it(answered, workspace):
    assert "<img" not in show.answer(answered).html
    html = show.answer(answered, workspace).html
    assert re.findall(r'alt="([^"]*)"', html) == [
        "page i of book.pdf, 1 passage highlighted", "page 1 of book.pdf, 1 passage highlighted",
    ]  # fmt: skip


def test_an_answer_from_a_table_of_ones_own_has_no_pages_and_no_room_for_them(unsupported, workspace):
    sentences = unsupported.key_sentences[1:]
    assert show.cited_pages(workspace, sentences).html == ""
    shown = show.answer(replace(unsupported, key_sentences=sentences), workspace)
    assert shown.html == show.answer(replace(unsupported, key_sentences=sentences)).html


def test_markup_in_a_text_is_inert_everywhere(answered, unsupported, refused, hits, book):
    evil = {"found": found_for(EVIL, hits.assign(source=EVIL))}  # a file name
    answered = replace(answered, **evil)
    unsupported = replace(
        unsupported, citations=unsupported.citations.assign(claim=EVIL, text=EVIL, reason=EVIL), **evil
    )
    refused = replace(refused, refusal=EVIL, **evil)
    displays = [
        show.table(pd.DataFrame({EVIL: [EVIL]}), width=200), show.side_by_side(EVIL, EVIL, [EVIL, EVIL]),
        show.before_after(EVIL, "", EVIL), show.cards(EVIL, {EVIL: EVIL}), show.chat_template(EVIL, ["<script>"]),
        show.answer(answered), show.answer(unsupported), show.answer(refused),
        show.page_beside_text(book, 0, EVIL), show.Picture(b"\x89PNG", EVIL), show.score_bars(hits),
        show.heat_map(np.eye(2), [EVIL, "b"]), show.batch_times({EVIL: 1.0}),
    ]  # fmt: skip
    for display in displays:
        outside = re.sub(r'"[^"]*"', "", display.html)
        assert not re.search(r"<(script|img src=x)|onerror=(?!&)", display.html), display.html[:300]
        assert set(re.findall(r"<(\w+)", outside)) <= TAGS


def test_only_styles_that_an_untrusted_notebook_keeps(answered, unsupported, refused, workspace, hits, book):
    displays = [
        show.table(hits, rows=1), show.before_after("a", "b"), show.chat_template("<s>", ["<s>"]),
        show.answer(answered, workspace), show.answer(unsupported), show.answer(refused),
        show.hit_pages(workspace, hits), show.page_beside_text(book, 0, "x"),
    ]  # fmt: skip
    for display in displays:
        declared = ";".join(re.findall(r'style="([^"]*)"', display.html))
        assert {part.split(":")[0] for part in declared.split(";")} <= KEPT
        assert "inherit" not in declared
        assert "anywhere" not in declared


# ---------------------------------------------------------------- figures


def lines_at(axis, where):
    return [line for line in axis.lines if {where} in (set(line.get_xdata()), set(line.get_ydata()))]


def test_token_histograms_share_the_axis_and_draw_the_limit():
    picture = show.token_histogram({"fixed": [100, 384, 385, 500], "packed": [380, 384]}, limit=384)
    first, second = picture.figure.axes
    assert first.get_xlim() == second.get_xlim()
    for axis in (first, second):
        assert [line.get_label() for line in lines_at(axis, 384)] == ["limit: 384 tokens"]
    fits = [bar for bar in first.patches if bar.get_height() and bar.get_x() + bar.get_width() <= 385]
    assert sum(bar.get_height() for bar in fits) == 2, "what fits and what does not are in different bars"
    assert repr(picture) == (
        "Histograms of tokens. fixed: 4 texts, median 384 tokens, 2 over the limit. "
        "packed: 2 texts, median 382 tokens, 0 over the limit."
    )


def test_a_histogram_needs_no_limit_and_takes_another_unit():
    picture = show.token_histogram({"pages": [10, 0]}, unit="words")
    assert repr(picture) == "Histograms of words. pages: 2 texts, median 5 words."
    assert picture.figure.axes[0].lines[:] == []


def test_pages_without_text_are_counted_and_coloured():
    picture = show.pages_histogram(pd.DataFrame({"n_chars": [0, 1000, 3000], "n_tokens": [0, 200, 600]}))
    assert repr(picture) == (
        "Histograms of 3 pages: median 1,000 characters a page, median 200 tokens a page; 1 without text."
    )
    legend = picture.figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.texts] == ["1 without text"]
    full = show.pages_histogram(pd.DataFrame({"n_chars": [1, 2], "n_tokens": [1, 1]}))
    assert full.figure.axes[0].get_legend() is None


def test_a_heat_map_writes_every_number_and_names_the_nearest_pair():
    matrix = np.array([[1.0, 0.714, -0.1], [0.714, 1.0, 0.3], [-0.1, 0.3, 1.0]])
    picture = show.heat_map(matrix, ["a lemon", "an orange $", "a car that has a very long name " * 5])
    axis = picture.figure.axes[0]
    assert [text.get_text() for text in axis.texts][:4] == ["1.00", "0.71", "-0.10", "0.71"]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["1", "2", "3"]
    assert axis.get_yticklabels()[2].get_text().count("\n") == 2
    assert repr(picture) == (
        "Heat map of the similarities of 3 texts: nearest are “a lemon” and “an orange $” with 0.71."
    )
    assert "only one" in repr(show.heat_map(np.eye(1), ["a"]))


def test_two_components_agree_with_scikit_learn_up_to_sign():
    from sklearn.decomposition import PCA

    embeddings = np.random.default_rng(0).normal(size=(40, 12)) * np.arange(1, 13)
    points, shares = vectors._two_components(embeddings)
    reference = PCA(n_components=2).fit(embeddings)
    expected = reference.transform(embeddings)
    signs = np.sign((points * expected).sum(axis=0))
    np.testing.assert_allclose(points, expected * signs, atol=1e-8)
    np.testing.assert_allclose(shares, reference.explained_variance_ratio_, atol=1e-12)


def test_the_sign_of_a_component_does_not_depend_on_the_machine():
    embeddings = np.random.default_rng(1).normal(size=(30, 5)) * [1, 9, 1, 4, 1]
    points, _ = vectors._two_components(embeddings)
    assert np.corrcoef(points[:, 0], embeddings[:, 1])[0, 1] > 0.8
    assert np.corrcoef(points[:, 1], embeddings[:, 3])[0, 1] > 0.8


def test_a_map_names_its_groups_its_shares_and_the_points_asked_for():
    embeddings = np.array([[3.0, 0, 0], [-3, 0, 0], [0, 1, 0], [0, -1, 0]])
    picture = show.map_2d(embeddings, ["a", "a", 2, 2], ["", "question", "", ""])
    assert repr(picture) == (
        "Map of 4 embeddings in 2 groups; on the axes 90% of the variance and 10% of the variance. "
        "Named: 1 question."
    )
    axis = picture.figure.axes[0]
    (number,) = axis.texts
    assert (number.get_text(), number.get_position()) == ("1", pytest.approx((-3, 0)))
    assert axis.get_xlabel() == "first component, 90% of the variance"
    assert [[text.get_text() for text in legend.texts] for legend in picture.figure.legends] == [
        ["a", "2"],
        ["1 question"],
    ]


@pytest.mark.parametrize("n", [1, 3])
def test_equal_embeddings_have_no_variance_to_share_nor_has_one_alone(n):
    assert "0% of the variance" in repr(show.map_2d(np.ones((n, 4)), ["a"] * n))


def test_the_fastest_way_is_named_in_the_picture_and_no_time_in_its_text():
    picture = show.batch_times({"one at a time": 30.0, "batches": 12.0})
    axis = picture.figure.axes[0]
    assert axis.get_title(loc="left") == "2.5 times as fast: batches"
    assert [text.get_text() for text in axis.texts] == ["30.00 s", "12.00 s"]
    assert repr(picture) == "Bars of the seconds that each way took: one at a time, batches."


def test_the_speed_curve_ends_with_what_was_measured():
    picture = show.speed_curve([1000, 10_000], [0.001, 0.01])
    axis = picture.figure.axes[0]
    assert axis.get_title(loc="left") == "Exact search feels instant up to 10,000 vectors at least"
    assert len(lines_at(axis, 0.1)) == 1
    assert [max(line.get_xdata()) for line in axis.lines] == [
        10_000,
        1,
    ]  # the curve; the line at 0.1 s, by its axis
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert not re.search(r"0\.0", repr(picture)), "no timings in the text"


@pytest.mark.parametrize(
    ("seconds", "title"),
    [
        ([0.01, 0.1, 1.0], "Exact search feels instant up to 10,000 vectors"),
        ([0.2, 0.4, 0.8], "Even with the fewest vectors, a search takes longer than 0.1 s"),
        ([1e-5, 1e-4, 1e-3], "Exact search feels instant up to 100,000 vectors at least"),
        ([0.09, 0.05, 0.05], "Exact search feels instant up to 100,000 vectors at least"),
    ],
)
def test_where_a_search_takes_a_tenth_of_a_second(seconds, title):
    axis = show.speed_curve([1000, 10_000, 100_000], seconds).figure.axes[0]
    assert axis.get_title(loc="left") == title


def test_score_bars_tell_scores_and_pages_and_take_dollars_for_text(hits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = show.score_bars(hits)
    assert repr(picture) == "Bars of the scores of 2 hits: 0.693 book.pdf, pp. i–1; 0.500 book.pdf, p. 1."
    assert picture.figure.axes[0].get_yticklabels()[1].get_text() == "book.pdf, p. 1\nIron costs $5 or $10."


def test_bars_of_right_pages_are_marked_in_colour_and_in_words(hits):
    picture = show.score_bars(hits, right=["i"])
    assert (
        repr(picture)
        == "Bars of the scores of 2 hits: 0.693 book.pdf, pp. i–1 (right page); 0.500 book.pdf, p. 1."
    )
    axis = picture.figure.axes[0]
    assert [text.get_text() for text in axis.texts] == ["0.693 (right page)", "0.500"]
    assert axis.patches[0].get_facecolor() != axis.patches[1].get_facecolor()


@pytest.mark.parametrize(("budget", "rest"), [(1000, "400 left"), (500, "100 too many")])
def test_the_token_budget_is_a_line_and_the_rest_is_told(budget, rest):
    picture = show.token_budget({"template": 50, "passages": 550}, budget)
    assert len(lines_at(picture.figure.axes[0], budget)) == 1
    assert repr(picture) == (
        f"Bar of a prompt's tokens: template 50, passages 550; 600 of {budget:,} tokens used, {rest}."
    )


def test_an_embedding_is_a_strip_and_a_histogram():
    picture = show.embedding_strip(np.array([0.6, -0.8, 0.0], dtype=np.float32))
    assert repr(picture) == (
        "An embedding of 3 values between -0.80 and 0.60, as a strip of colours and as a histogram."
    )
    assert picture.figure.axes[0].get_title(loc="left") == "3 values, length 1.00"


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (show.token_histogram, ({},)), (show.token_histogram, ({"a": []},)),
        (show.pages_histogram, (pd.DataFrame({"n_chars": [], "n_tokens": []}),)),
        (show.heat_map, (np.eye(3), ["a"])), (show.map_2d, (np.ones((0, 3)), [])),
        (show.map_2d, (np.ones((3, 3)), ["a"])), (show.batch_times, ({},)), (show.batch_times, ({"a": 0.0},)),
        (show.speed_curve, ([1], [1.0])), (show.speed_curve, ([1, 2], [1.0])),
        (show.score_bars, (pd.DataFrame(),)), (show.token_budget, ({}, 10)),
        (show.embedding_strip, (np.eye(2),)),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_a_named_error(function, arguments):
    with pytest.raises(notice.BadParameter):
        function(*arguments)


def test_figures_are_small_white_and_unknown_to_pyplot():
    picture = show.embedding_strip(np.random.default_rng(0).normal(size=768))
    assert len(picture.image) < 60_000
    rgb = pixels(picture)
    assert rgb.shape[1] == 800
    assert (rgb[0] == 255).all()
    from matplotlib import pyplot

    assert pyplot.get_fignums() == []


def test_a_display_shows_html_and_prints_text():
    from IPython.core.formatters import DisplayFormatter

    data, _ = DisplayFormatter().format(show.token_budget({"a": 1}, 2))
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"].startswith("Bar of a prompt's tokens: a 1;")


def test_cards_put_answers_side_by_side_each_with_its_place():
    hit = {"text": "Lemons\ncure   scurvy. " * 2, "source": "book.pdf", "label": "iv"}
    shown = show.cards("What cures it?", {"before": EVIL, "after": hit}, width=22)
    assert repr(shown).splitlines() == [
        "Question: What cures it?",
        "",
        "before:",
        '<img src=x onerror="a…',
        "",
        "after:",
        "Lemons cure scurvy. L… (book.pdf, p. iv)",
    ]
    assert "<img" not in shown.html
    assert shown.html.index("before") < shown.html.index("after") < shown.html.index("book.pdf, p. iv")
    assert shown.html.count("opacity") == 1  # a mere text has no place
