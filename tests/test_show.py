"""What the notebooks draw: the plain texts exact, the HTML inert, the pixels and lines where they belong."""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_pdfs import make_pdf
from PIL import Image

from ragkit import notice, show
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
TAGS = {"div", "span", "br", "table", "tr", "td", "th", "img", "del", "ins"}


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
    row = {"rank": 1, "score": 0.7, "text": "Lemons cure scurvy.", "source": "book.pdf", "label": "i"}
    return pd.DataFrame([row, row | {"rank": 2, "text": EVIL, "label": "7"}])


@pytest.fixture
def answered(hits, key_sentences):
    return SimpleNamespace(
        question="What cures scurvy?", text="Lemons, they say.\n" + EVIL, stop_reason="end", n_read=2,
        hits=hits, key_sentences=key_sentences, n_prompt_tokens=1432, n_answer_tokens=9,
        seconds_to_first_token=2.31, tokens_per_second=14.26,
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
    assert show.cite(row) == "book.pdf, pp. i–1"
    assert show.cite(key_sentences.iloc[0]) == "book.pdf, p. i"


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


def test_an_answer_is_told_without_its_timings(answered):
    assert repr(show.answer(answered)).splitlines() == [
        "Question: What cures scurvy?",
        "",
        "The model's words: Lemons, they say.",
        EVIL,
        "",
        "Key sentences:",
        "1. Lemons cure scurvy. (book.pdf, p. i)",
        f"2. {EVIL} (book.pdf, p. 7)",
    ]


def test_an_answer_shows_what_it_was_given_and_what_it_cost(answered):
    html = show.answer(answered).html
    assert "In the prompt: the best 2." in html
    assert "book.pdf, pp. i–1 (0.693); book.pdf, p. 1 (0.500)" in html
    assert "1,432 prompt tokens, 9 answer tokens, 2.3 s to the first, then 14.3 tokens/s" in html
    assert "stopped by: end." in html


def test_an_answer_without_passages_is_shown(answered):
    answered.hits, answered.key_sentences = pd.DataFrame(), pd.DataFrame(columns=["text", "source", "label"])
    assert "Passages found (score): none." in show.answer(answered).html


def test_markup_in_a_text_is_inert_everywhere(answered, hits, book):
    answered.hits = hits.assign(source=EVIL)  # a file name
    displays = [
        show.table(pd.DataFrame({EVIL: [EVIL]}), width=200), show.side_by_side(EVIL, EVIL, [EVIL, EVIL]),
        show.before_after(EVIL, "", EVIL), show.chat_template(EVIL, ["<script>"]), show.answer(answered),
        show.page_beside_text(book, 0, EVIL), show.Picture(b"\x89PNG", EVIL), show.score_bars(hits),
        show.heat_map(np.eye(2), [EVIL, "b"]), show.batch_times({EVIL: 1.0}),
    ]  # fmt: skip
    for display in displays:
        outside = re.sub(r'"[^"]*"', "", display.html)
        assert not re.search(r"<(script|img src=x)|onerror=(?!&)", display.html), display.html[:300]
        assert set(re.findall(r"<(\w+)", outside)) <= TAGS


def test_only_styles_that_an_untrusted_notebook_keeps(answered, workspace, hits, book):
    displays = [
        show.table(hits, rows=1), show.before_after("a", "b"), show.chat_template("<s>", ["<s>"]),
        show.answer(answered), show.hit_pages(workspace, hits), show.page_beside_text(book, 0, "x"),
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
        "Map of 4 embeddings in 2 groups; on the axes 90% of the variance and 10% of the variance."
    )
    axis = picture.figure.axes[0]
    assert [text.get_text() for text in axis.texts] == ["question"]
    assert axis.get_xlabel() == "first component, 90% of the variance"
    assert [text.get_text() for text in picture.figure.legends[0].texts] == ["a", "2"]


def test_equal_embeddings_have_no_variance_to_share():
    assert "0% of the variance" in repr(show.map_2d(np.ones((3, 4)), ["a"] * 3))


def test_the_fastest_way_is_named_in_the_picture_and_no_time_in_its_text():
    picture = show.batch_times({"one at a time": 30.0, "batches": 12.0})
    axis = picture.figure.axes[0]
    assert axis.get_title(loc="left") == "2.5 times as fast: batches"
    assert [text.get_text() for text in axis.texts] == ["30.00 s", "12.00 s"]
    assert repr(picture) == "Bars of the seconds that each way took: one at a time, batches."


def test_the_speed_curve_goes_on_to_a_tenth_of_a_second():
    picture = show.speed_curve([1000, 10_000], [0.001, 0.01])
    axis = picture.figure.axes[0]
    assert axis.get_title(loc="left") == "Exact search feels instant up to 100,000 vectors"
    assert len(lines_at(axis, 0.1)) == 1
    assert list(axis.lines[1].get_xdata()) == pytest.approx([10_000, 100_000])
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert not re.search(r"0\.0", repr(picture)), "no timings in the text"


@pytest.mark.parametrize(
    ("seconds", "size"),
    [
        ([0.01, 0.1, 1.0], "up to 10,000 vectors"),
        ([0.2, 0.4, 0.8], "not even with the fewest vectors"),
        ([1e-5, 1e-4, 1e-3], "up to 10 million vectors"),
        ([0.05, 0.05, 0.06], "up to 460,000 vectors"),
    ],
)
def test_where_a_search_takes_a_tenth_of_a_second(seconds, size):
    title = show.speed_curve([1000, 10_000, 100_000], seconds).figure.axes[0].get_title(loc="left")
    assert title == f"Exact search feels instant {size}"


def test_score_bars_tell_scores_and_pages_and_take_dollars_for_text(hits):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = show.score_bars(hits)
    assert repr(picture) == "Bars of the scores of 2 hits: 0.693 book.pdf, pp. i–1; 0.500 book.pdf, p. 1."
    assert picture.figure.axes[0].get_yticklabels()[1].get_text() == "book.pdf, p. 1\nIron costs $5 or $10."


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
        (show.heat_map, (np.eye(3), ["a"])), (show.map_2d, (np.ones((1, 3)), ["a"])),
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
