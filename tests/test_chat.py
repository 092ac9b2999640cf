"""The page of `ragkit chat` in a real browser: asked, attacked, by keyboard, by two people at once."""

import asyncio
import functools
import json
import logging
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from browser import Browser, needs_browser
from conftest import functions_without_models, make_embedder

pytest.importorskip("gradio", reason="needs the extra chat")

import uvicorn

from ragkit import commands, models
from ragkit.grounding.doubt import Outcome
from ragkit.index import open_index
from ragkit.web import chat, chat_page, chat_session, conversation
from ragkit.web.serving import Server

pytestmark = [needs_browser, pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:gradio")]
EVIL = [
    "<script>document.title='ran'</script>",
    "<img src=x onerror=document.title='ran'>",
    "${document.title='ran'} {{x}}",
    "![a](http://evil.test/p.png) [b](javascript:document.title='ran')",
    "$\\href{javascript:document.title='ran'}{c}$",
]
LEMONS = "Lemons cure scurvy in sailors. The trial was in 1747.", "Iron carries oxygen in blood."


def make_pdf(path, *texts):
    document = pymupdf.open()
    for text in texts:
        document.new_page(width=300, height=300).insert_textbox((30, 30, 270, 270), text, fontsize=9)
    document.save(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def connected():
    """Where this process connects to while the page is used."""
    places, connect = [], socket.socket.connect

    def connect_and_tell(one, address):
        places.append(address)
        return connect(one, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_and_tell)
        yield places


@pytest.fixture(scope="module")
def page(folder, tokenizer, llm, connected):
    """The address of a page with small models, and small limits."""
    embedder = make_embedder(tokenizer)
    with pytest.MonkeyPatch.context() as patch:
        for name, function in functions_without_models(tokenizer).items():
            patch.setattr(models, name, function)
        patch.setattr(chat_session, "load_embedder", lambda: embedder)
        patch.setattr(chat_session, "open_index", functools.partial(open_index, root=folder / "kept"))
        patch.setattr(chat_page, "choices_of_llm", lambda loaded: [("tiny", "tiny"), ("other", "other")])
        patch.setattr(chat_session, "load_llm", lambda name: replace(llm, name=name))
        patch.setattr(chat_page, "MAX_MEGABYTES", 1)
        patch.setattr(chat_session, "MAX_PAGES", 10)
        app = chat.make_app(str(folder / "uploads"), None, {"tiny": llm})
        with serving(app) as address:
            yield address


@contextmanager
def serving(app):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


@pytest.fixture(scope="module")
def browser(folder):
    browser = Browser(folder / "profile")
    yield browser
    browser.close()


@pytest.fixture
def tab(browser, page):
    tab = new_tab(browser, page)
    yield tab
    tab.close()


def new_tab(browser, page, **size):
    tab = browser.open(page, **size)
    for part in ("#question textarea", "#said p", "input[type=file]"):  # they come one by one, in any order
        tab.wait(f"document.querySelector({json.dumps(part)})")
    for label in ("Ask", "Stop", "Settings"):
        tab.wait(f"[...document.querySelectorAll('button')].find(each => each.innerText.includes('{label}'))")
    return tab


def open_in(tab, *files, then="). Ask.", at="input[type=file]"):
    tab.choose(*files, at=at)
    tab.wait(f"document.body.innerText.includes({json.dumps(then)})")


def ask_in(tab, question, wait="The answer is complete."):
    tab.wait("document.querySelector('#said p')")
    tab.run("document.querySelector('#said p').id = 'before'")  # what an earlier question left there
    tab.run("document.querySelector('#question textarea').focus()")
    tab.type(question)
    tab.press("Enter")
    if wait:
        tab.wait("!document.querySelector('#before')")
        tab.wait(f"document.querySelector('#said').innerText.includes({json.dumps(wait)})")


def test_an_answer_comes_in_the_order_of_trust_beside_its_pages(tab, folder):
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    tab.run(
        "window.seen = []; new MutationObserver(() => seen.push(document.querySelector('#said').innerText + "
        "document.querySelector('#turns').innerText)).observe(document.body, {subtree: true, childList: true, "
        "characterData: true})"
    )
    ask_in(tab, "What do lemons cure?")
    words, seen = tab.text("#turns"), tab.run("seen")
    assert words.index("What do lemons cure?") < words.index("Lemons cure scurvy in sailors.")
    assert words.index("lemons.pdf, p. 1") < words.index("In the model's words")
    under_way = {each for each in seen if "as they come" in each}
    assert len(under_way) > 3
    assert all("Lemons cure scurvy" in each for each in under_way)
    assert any("the model writes" in each for each in seen)
    tab.wait("document.querySelector('#pages img')?.alt.includes('highlighted')")
    tab.wait("document.querySelector('#pages img').naturalWidth == 300")
    assert tab.run("document.querySelector('#question textarea').value") == ""


def test_a_new_question_is_scrolled_to_with_the_beginning_of_its_answer(browser, page, folder):
    tab = new_tab(browser, page, height=620)
    told = (
        "In {} sailors had {} lemons, as the captain of that ship wrote down in his long diary of the voyage."
    )
    texts = [" ".join(told.format(1700 + n, n) for n in range(k, k + 6)) for k in range(10, 40, 6)]
    open_in(tab, make_pdf(folder / "voyages.pdf", *texts))
    last = "[...turns.querySelectorAll('.user.message')].at(-1)"
    for question in ("What had sailors in 1712?", "And what in 1717?", "What did the captain write?"):
        ask_in(tab, question)
        assert question in tab.run(f"{last}.innerText")
        below = f"{last}.getBoundingClientRect().top - turns.getBoundingClientRect().top"
        tab.wait(f"{below} > 0 && {below} < 60", seconds=3)
    tab.close()


def test_pages_that_are_pictures_are_named_to_each_who_opens_the_file(browser, page, folder):
    document = pymupdf.open(make_pdf(folder / "words.pdf", *LEMONS))
    document.new_page(width=300, height=300).insert_image(
        (0, 0, 300, 300), pixmap=pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 300, 300))
    )
    document.save(folder / "half.pdf")
    for _ in range(2):
        tab = new_tab(browser, page)
        open_in(tab, folder / "half.pdf")
        assert "half.pdf: a picture, and little or no text, on page 3 of the file." in tab.text("#document")
        tab.close()


def test_files_chosen_while_others_are_read_are_what_is_open_then(tab, folder, monkeypatch):
    go_on, opened, real = threading.Event(), [], chat_session.open_index

    def slow(files, embedder, **how):
        opened.append((Path(files[-1]).name, embedder))
        assert len(opened) > 1 or go_on.wait(timeout=30)
        return real(files, embedder, **how)

    monkeypatch.setattr(chat_session, "open_index", slow)
    tab.choose(make_pdf(folder / "slow.pdf", LEMONS[0]))
    tab.wait("document.body.innerText.includes('Reading slow.pdf')")
    tab.choose(make_pdf(folder / "next.pdf", LEMONS[1]))
    tab.wait("document.body.innerText.includes('Reading slow.pdf, next.pdf')")
    ask_in(tab, "What carries oxygen?", "No document is open yet")
    go_on.set()
    tab.wait("document.body.innerText.includes('Open: next.pdf, slow.pdf')")
    assert [name for name, _ in opened] == ["slow.pdf", "next.pdf"]
    assert opened[0][1] is opened[1][1], "weights are read once"


def test_files_that_were_taken_away_while_they_were_read_are_not_opened(monkeypatch, embedder):
    monkeypatch.setattr(chat_session, "load_embedder", lambda: embedder)
    monkeypatch.setattr(chat_session, "check_files", lambda *_: None)
    behind = chat_session.Behind(None, {})
    session, _ = behind.begin(None, ["a.pdf"])
    monkeypatch.setattr(chat_session, "open_index", lambda *_, **__: behind.begin(session, None))
    assert "No document is open" in behind.open(session, ["a.pdf"])
    assert session.index is None


def button(name):
    return f"[...document.querySelectorAll('button')].find(each => each.innerText == {json.dumps(name)})"


def test_turns_are_kept_and_a_question_without_an_answer_is_refused(tab, folder, monkeypatch):
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    ask_in(tab, "What do lemons cure?")
    folded = (
        "[...document.querySelectorAll('#turns details')].find(each => each.innerText.startsWith('Passages'))"
    )
    tab.click(f"{folded}.querySelector('summary')")
    assert "score" in tab.run(f"{folded}.innerText").splitlines()[1]
    monkeypatch.setattr("ragkit.generate.outcome_of", lambda *_: Outcome("refused", "nothing in it is near"))
    ask_in(tab, "How big is a zeppelin?", "The document does not answer this question.")
    before, _, after = tab.text("#turns").partition("How big is a zeppelin?")
    assert "Lemons cure scurvy" in before
    assert "nothing in it is near" in after
    assert "In the model's words" not in after


def test_a_question_is_searched_with_those_before_it_and_can_be_changed(tab, folder):
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    ask_in(tab, "What do lemons cure?")
    assert not tab.run(button("Change what was searched for"))
    ask_in(tab, "And when was it?")
    tab.wait("document.querySelector('#turns').innerText.includes('Searched for: What do lemons cure?')")
    tab.click(button("Change what was searched for"))
    tab.wait("document.querySelector('#question textarea').value.includes('lemons cure')")


def test_answers_are_copied_and_saved_with_their_citations_and_forgotten(tab, folder):
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    tab.run(
        "navigator.clipboard.writeText = async text => { window.copied = text }; "
        "URL.createObjectURL = blob => { blob.text().then(text => { window.saved = text }); return '#' }"
    )
    for question in ("What do <b> lemons cure?", "What carries oxygen?"):
        ask_in(tab, question)
    tab.click(button("Copy"))
    tab.wait("window.copied")
    assert tab.run("copied").startswith("## What carries oxygen?")
    assert "(lemons.pdf, p. 2)" in tab.run("copied")
    tab.click(button("Save all"))
    tab.wait("window.saved")
    assert tab.run("saved").startswith("## What do \\<b> lemons cure?")
    assert tab.run("copied") in tab.run("saved")
    tab.click("document.querySelector('#turns button[title=\"Clear\"]')")
    tab.wait("!document.querySelector('#turns').innerText.includes('oxygen')")
    ask_in(tab, "What do lemons cure?")
    assert "What carries oxygen?" not in tab.text("#turns")


def test_a_file_has_its_own_name_whatever_is_in_it(tab, folder):
    name = 'the "big" <b>lemon & co.pdf'
    open_in(tab, make_pdf(folder / name, *LEMONS))
    ask_in(tab, "What do lemons cure?")
    assert f"Open: {name} (" in tab.text("#document")
    assert f"{name}, p. 1" in tab.text("#turns")
    tab.wait(f"document.querySelector('#pages img').alt.includes({json.dumps(name)})")
    assert tab.run("document.querySelectorAll('#turns b, #pages b').length") == 0


def test_a_folder_is_a_document_set_and_what_is_no_document_is_counted(tab, folder):
    shelf = folder / "shelf"
    shelf.mkdir()
    for n in range(10):
        make_pdf(shelf / f"{n}.pdf", f"Ship {n} carried lemons.")
    for name in ("photo.jpg", ".hidden.pdf", "~$letter.docx"):
        (shelf / name).write_bytes(b"x")
    open_in(tab, shelf, at="input[webkitdirectory]")
    assert "Open: 0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf and 5 more (" in tab.text("#document")
    assert "3 of the 13 files in the folder are left out" in tab.text()


def test_chats_are_kept_only_if_asked_for_come_again_and_are_deleted_by_one_button(
    browser, page, folder, llm, embedder
):
    index = open_index(make_pdf(folder / "kept.pdf", *LEMONS), embedder, root=folder / "kept")
    chats = folder / "chats"

    @contextmanager
    def run(place):
        app = chat.make_app(str(folder / "uploads"), index, {"tiny": llm}, place)
        with serving(app) as address:
            tab = new_tab(browser, address)
            yield tab
            tab.close()

    with run(None) as tab:
        ask_in(tab, "What do <b> lemons cure?")
        assert "Delete all chats" not in tab.text()
    assert not chats.exists()
    with run(chats) as tab:
        ask_in(tab, "What do <b> lemons cure?")
    assert len(list(chats.iterdir())) == 1
    assert chats.stat().st_mode & 0o77 == 0, "for nobody else"
    (chats / "of-another.jsonl").write_text("{}")
    with run(chats) as tab:
        tab.wait("document.querySelector('#turns .kept')?.innerText.includes('Lemons cure scurvy')")
        assert "What do <b> lemons cure?" in tab.text("#turns")
        assert tab.run("document.querySelectorAll('#turns b').length") == 0
        ask_in(tab, "And when was it?")
        assert "Searched for: What do <b> lemons cure?" in tab.text("#turns")
        tab.click("document.querySelector('#turns button[title=\"Clear\"]')")
        tab.wait("document.querySelector('#said').innerText == 'The conversation is cleared.'")
        assert "lemons" not in tab.text("#turns")
        assert [each.name for each in chats.iterdir()] == ["of-another.jsonl"]
        assert "page 2 of kept.pdf" not in tab.text("#pages"), "the page that was cited is gone with the chat"
        tab.run("window.confirm = () => false")
        tab.click(button(f"Delete all chats kept in {chats}"))
        tab.run("window.confirm = () => true")
        tab.click(button(f"Delete all chats kept in {chats}"))
        tab.wait("document.body.innerText.includes('All kept chats are deleted.')")
        assert not list(chats.iterdir())


def test_the_latest_turns_come_again_whole_whatever_a_full_disk_cut_off(tmp_path):
    session, place = conversation.Session(), tmp_path / "chats" / "a.jsonl"
    for n in range(25):
        conversation.keep({"question": f"{n}?", "searched_for": f"{n}?", "text": f"{n}\u2028?"}, place)
        if n == 23:
            place.write_text(place.read_text("utf-8")[:-5], encoding="utf-8")
    conversation.recall(session, place)
    assert [turn["question"] for turn in session.turns] == [f"{n}?" for n in range(4, 25) if n != 23]
    assert len(session.shown) == 40


def test_a_text_is_read_as_a_pdf_is(tab, folder):
    path = folder / "notes.txt"
    path.write_text("\n".join(LEMONS), encoding="utf-8")
    open_in(tab, path)
    ask_in(tab, "What do lemons cure?")
    assert "notes.txt, line" in tab.text("#turns")


def test_before_the_first_question_one_click_asks_one_that_is_answered(tab, folder, monkeypatch):
    headings = ["1 Introduction", "2 Trials of lemons", "What is iron?", "Of <img src=x> salt"]

    def with_headings(files, embedder, **_):
        index = open_index(files, embedder, root=folder / "kept")
        for box, heading in zip(index.chunks["boxes"].explode(), headings, strict=False):
            box["heading"] = f"A book › {heading}"
        return index

    monkeypatch.setattr(chat_session, "open_index", with_headings)
    monkeypatch.setattr(conversation, "is_answered", lambda question, _: "iron" not in question)
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS, "Salt keeps fish.", "Rope holds sails."))
    tab.wait("document.querySelector('#pages img')?.alt == 'page index 0 of lemons.pdf'")
    tab.wait("document.querySelector('#turns .example')")
    offered = tab.run("[...document.querySelectorAll('#turns .example')].map(each => each.innerText)")
    assert offered == [
        "What is said about “Introduction”?",
        "What is said about “Trials of lemons”?",
        "What is said about “Of <img src=x> salt”?",
    ]
    tab.click("document.querySelectorAll('#turns .example')[1]")
    tab.wait("document.querySelector('#said').innerText.includes('complete')")
    tab.wait("document.querySelector('#turns .user')?.innerText.includes('Trials of lemons')")


def test_stop_ends_the_writing_and_the_next_question_is_answered(tab, folder, monkeypatch):
    ended = threading.Event()

    def write_for_ever(answer, llm, stream, **options):
        try:
            while True:
                stream("word ")
                time.sleep(0.05)
        finally:
            ended.set()

    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    with monkeypatch.context() as patch:
        patch.setattr("ragkit.web.answering.write", write_for_ever)
        ask_in(tab, "What do lemons cure?", "the model writes")
        tab.wait("document.querySelector('#turns').innerText.includes('word word')")
        tab.click("[...document.querySelectorAll('button')].find(each => each.innerText == 'Stop')")
        tab.wait("document.querySelector('#said').innerText.includes('Stopped.')")
        assert ended.wait(timeout=10)
    assert "Lemons cure scurvy" in tab.text("#turns")  # what has come stays
    assert "not compared with the document yet" not in tab.text("#turns")
    ask_in(tab, "What carries oxygen?")


def test_the_settings_are_those_of_the_next_answer(tab, folder, monkeypatch):
    asked, answer = [], chat_session.answer_in_steps

    def recorded(question, index, llm, **options):
        asked.append((llm.name, options))
        return answer(question, index, llm, **options)

    monkeypatch.setattr(chat_session, "answer_in_steps", recorded)
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    tab.click("[...document.querySelectorAll('button')].find(each => each.innerText.includes('Settings'))")
    tab.wait("document.querySelector('input[aria-label=\"Model that writes\"]')")
    tab.run("document.querySelector('input[aria-label=\"Model that writes\"]').focus()")
    tab.wait("document.querySelector('[role=option][data-index=\"1\"]')")
    tab.run(
        "document.querySelector('[role=option][data-index=\"1\"]')"
        ".dispatchEvent(new MouseEvent('mousedown', {bubbles: true}))"
    )
    tab.wait("document.querySelector('input[aria-label=\"Model that writes\"]').value == 'other'")
    tab.click("[...document.querySelectorAll('label')].find(each => each.innerText.trim() == 'words')")
    ask_in(tab, "What do lemons cure?")
    assert asked == [("other", {"before": [], "top_k": 5, "method": "bm25"})]


def test_nothing_is_asked_of_another_machine(tab, page, folder, connected):
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    ask_in(tab, "What do lemons cure?")
    asked = tab.requests()
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((page, "data:", "blob:"))] == []
    assert [place for place in connected if place[0] != "127.0.0.1"] == []
    elsewhere = json.dumps(page.replace("127.0.0.1", "localhost"))
    error = tab.run(f"fetch({elsewhere}, {{mode: 'no-cors'}}).then(() => 'came', String)")
    assert "Failed to fetch" in error  # not even this machine under another name


def test_nothing_of_a_hostile_document_or_question_runs(tab, folder):
    name = "a<img src=x onerror=document.title='ran'> ![x](http:evil.test) ${document.title='ran'}.pdf"
    sentences = [f"Sailors take {each} for scurvy." for each in EVIL]
    open_in(tab, make_pdf(folder / name, *sentences[:3]))
    ask_in(tab, "What do sailors take " + " ".join(EVIL))
    ask_in(tab, "What do sailors take for scurvy?")
    open_in(tab, make_pdf(folder / "b.pdf", *sentences[3:]), then="b.pdf (")
    ask_in(tab, "What do sailors take?", wait=None)
    tab.wait("document.querySelector('#turns').innerText.includes('href{')")
    time.sleep(0.5)
    shown = tab.run("document.querySelector('#turns').textContent")
    assert [each for each in EVIL if each not in shown] == []
    assert tab.run("document.title") == "ragkit chat"
    assert tab.run("document.querySelectorAll('img[src=x], [onerror], a[href^=javascript]').length") == 0
    assert tab.run("[...document.scripts].filter(each => each.text.startsWith('document.title')).length") == 0
    assert [url for url in tab.requests() if "evil" in url] == []


def test_markup_that_reached_the_page_unescaped_would_run(tab, folder, monkeypatch):
    monkeypatch.setattr(chat_session, "escape", str)
    open_in(tab, make_pdf(folder / "lemons.pdf", *LEMONS))
    monkeypatch.setattr(chat_session, "stage", lambda _: EVIL[1])
    ask_in(tab, "What do lemons cure?", wait=None)
    tab.wait("document.title == 'ran'")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text("<html><b onclick=x>404</b></html>"), "is not a PDF but an HTML page"),
        (lambda path: make_pdf(path, *["page"] * 11), "11 pages: this page takes 10 at most"),
        (
            lambda path: path.write_bytes(b"%PDF-1.7" + bytes(1_100_000)),
            "maximum allowed size of 1000000 bytes",
        ),
    ],
    ids=["no PDF", "too many pages", "too large"],
)
def test_a_file_that_cannot_be_taken_gets_a_clear_message(tab, folder, make, said):
    path = folder / "wrong<img src=x>.pdf"
    path.unlink(missing_ok=True)
    make(path)
    open_in(tab, path, then=said)
    assert "/" not in tab.text()  # no path
    assert not tab.run("document.querySelector('img[src=x]')")
    ask_in(tab, "What do lemons cure?", "No document is open yet")
    assert tab.run("document.querySelector('#question textarea').value") == "What do lemons cure?"


def test_an_encrypted_file_is_left_out_of_several_and_opened_with_its_password(browser, page, folder):
    good, locked = make_pdf(folder / "good.pdf", *LEMONS), folder / "locked.pdf"
    with pymupdf.open(make_pdf(folder / "plain.pdf", "Oranges are sweet.")) as document:
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="pips", owner_pw="own")
    tab = new_tab(browser, page)
    open_in(tab, good, locked)
    said = tab.text("#document")
    assert "Open: good.pdf" in said
    assert "left out: locked.pdf is encrypted. Give its password: Settings, Password of the PDFs." in said
    tab.click("[...document.querySelectorAll('button')].find(each => each.innerText.includes('Settings'))")
    tab.wait("document.querySelector('input[type=password]')")
    tab.run("document.querySelector('input[type=password]').focus()")
    tab.type("pips")
    tab.press("Enter")
    tab.wait("document.querySelector('#document').innerText.includes('Open: good.pdf, locked.pdf')")
    tab.close()


def test_two_people_at_once_each_get_their_own_document(browser, page, folder):
    tabs = [new_tab(browser, page) for _ in range(2)]
    for tab, name in zip(tabs, ["ann.pdf", "ben.pdf"], strict=True):
        tab.choose(make_pdf(folder / name, f"Lemons of {name} cure scurvy."))
    for tab in tabs:
        tab.wait("document.body.innerText.includes('). Ask.')")
    for tab in tabs:
        ask_in(tab, "What do lemons cure?", wait=None)
    for tab, own, other in zip(tabs, ["ann.pdf", "ben.pdf"], ["ben.pdf", "ann.pdf"], strict=True):
        tab.wait("document.querySelector('#said').innerText.includes('complete')")
        assert own in tab.text("#turns")
        assert other not in tab.text()
        tab.close()


def test_by_keyboard_alone_on_a_narrow_screen(browser, page, folder):
    tab = new_tab(browser, page, width=400, height=800)
    tab.send("Page.setInterceptFileChooserDialog", enabled=True)
    tab_to(
        tab, "document.activeElement.matches('button') && document.activeElement.innerText.includes('Upload')"
    )
    tab.press("Enter")
    chooser = tab.event("Page.fileChooserOpened")
    file = make_pdf(folder / "lemons.pdf", *LEMONS)
    tab.send("DOM.setFileInputFiles", backendNodeId=chooser["params"]["backendNodeId"], files=[str(file)])
    tab.wait("document.body.innerText.includes('). Ask.')")
    tab_to(tab, "document.activeElement.matches('#question textarea')")
    tab.type("What do lemons cure?")
    tab_to(tab, "document.activeElement.innerText == 'Ask'")
    tab.press("Enter")
    tab.wait("document.querySelector('#said [role=status]').innerText.includes('complete')")
    assert tab.run("document.documentElement.scrollWidth") <= 400
    assert tab.run("document.querySelector('#pages').getBoundingClientRect().top") >= tab.run(
        "document.querySelector('#turns').getBoundingClientRect().bottom"
    )


def tab_to(tab, condition, most=40):
    """Press Tab until the focus is where a condition holds; it has to be seen there."""
    for _ in range(most):
        tab.press("Tab")
        if tab.run(f"Boolean({condition})"):
            assert tab.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"Tab does not lead to {condition}")


def test_what_can_be_used_has_a_name(tab):
    tab.click("[...document.querySelectorAll('button')].find(each => each.innerText.includes('Settings'))")
    for each in ("input[type=range]", "input[type=radio]", "input[aria-label='Model that writes']"):
        tab.wait(f"document.querySelector({json.dumps(each)})")
    tree = tab.send("Accessibility.getFullAXTree")["nodes"]
    used = {"textbox", "button", "combobox", "slider", "radio", "spinbutton"}
    found = [(node["role"]["value"], node.get("name", {}).get("value")) for node in tree if "role" in node]
    assert {role for role, _ in found} >= used
    assert [role for role, name in found if role in used and not name] == []
    assert ("heading", "Ask your PDFs") in found


def status_of(url, data=None, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_no_other_site_reaches_the_page_and_it_fetches_nothing(page):
    assert status_of(page) == 200
    assert status_of(page, Origin="http://evil.test") == 403
    assert status_of(page, Host="evil.test") == 400
    assert status_of(f"{page}gradio_api/file=http://evil.test/") == 403
    assert status_of(f"{page}gradio_api/file={Path(__file__)}") in (403, 404)


@pytest.mark.parametrize("before", [[None], []], ids=["files", "a folder"])
def test_no_file_is_read_but_those_that_were_chosen(page, folder, before):
    secret = {"path": str(make_pdf(folder / "secret.pdf", "Lemons.")), "meta": {"_type": "gradio.FileData"}}
    body = json.dumps(
        {"data": [*before, [secret]], "fn_index": 1 - len(before), "session_hash": "thief"}
    ).encode()
    assert status_of(f"{page}gradio_api/queue/join", body, **{"Content-Type": "application/json"}) == 200
    with urllib.request.urlopen(f"{page}gradio_api/queue/data?session_hash=thief", timeout=20) as stream:
        said = stream.read().decode()
    assert '"success":false' in said
    assert "Reading secret.pdf" not in said


def test_the_command_opens_the_page(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(chat, "serve_page", lambda *how: asked.append(how))
    assert commands.main(["chat", "paper.pdf", "--keep-chats"]) == 0
    assert commands.main(["chat"]) == 0
    assert asked == [(["paper.pdf"], True), (None, False)]


def test_ctrl_c_ends_quietly_though_somebody_is_connected(caplog):
    logger = logging.getLogger("uvicorn.error")
    connected = threading.Event()

    async def app(scope, receive, send):
        connected.set()
        await asyncio.sleep(60)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        server = Server(config)
        logger.addHandler(caplog.handler)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        try:
            thread.start()
            with socket.create_connection(listening.getsockname()) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
                assert connected.wait(20)
                server.handle_exit(signal.SIGINT, None)
                thread.join(timeout=20)
            assert not thread.is_alive()
            assert caplog.records == []
        finally:
            logger.removeHandler(caplog.handler)
            logger.setLevel(logging.NOTSET)
