"""The HTML edition: every link leads somewhere, nothing comes from a network, no page is wider than the window."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browser import Browser, load, needs_browser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import __main__ as tools
from tools import html
from tools import notebooks as notebooks_module

LOADED = {"img": "src", "script": "src", "iframe": "src", "link": "href", "source": "src", "image": "href"}
LONG = "x" * 400
README = f"""# The book

About `it`. {LONG}

| notebook |
|---|
| [one](notebooks/01_one.ipynb) |

For all.

## Two commands

[LICENSE](LICENSE), [docs](docs), [nothing](nothing.md), [out](../outside.txt), [web](https://example.org/a?b=1&c=2).

| {" | ".join(["wide"] * 30)} |
|{"---|" * 30}
"""
ONE = f"""# 01 · One & `all`

First *sentence*.

![Six boxes in a row](images/a.svg)

Next: [two](02_two.ipynb), its [question](02_two.ipynb#What-is-it?),
[here](#Again), the [solution](solutions/01_one.ipynb),
[why](../docs/why.md#how-it-was-chosen), the [data](data/q%20a.jsonl).

## Again

## Again

<details><summary>Answer</summary>

Yes, **because**.

</details>

```python
{LONG} = 1
```
"""


class Elements(HTMLParser):
    """The start tags of a page, with their attributes, and its text outside of the head."""

    def __init__(self, path):
        super().__init__()
        self.path, self.tags, self.text = path, [], ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag, attribute):
        return [found[attribute] for name, found in self.tags if name == tag and attribute in found]

    def ids(self):
        return [found["id"] for _, found in self.tags if "id" in found]

    def target(self, relation):
        """The page to which the first link with this relation leads."""
        links = [found["href"] for _, found in self.tags if found.get("rel") == relation]
        return (self.path.parent / unquote(links[0])).resolve() if links else None


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The edition of a small made-up course in which whatever can be too wide is too wide."""
    root = tmp_path_factory.mktemp("book").resolve() / "course"
    (root / "notebooks" / "images").mkdir(parents=True)
    (root / "docs").mkdir()
    (root.parent / "outside.txt").write_text("secret", encoding="utf-8")
    (root / "LICENSE").write_text("free", encoding="utf-8")
    (root / "README.md").write_text(README, encoding="utf-8")
    (root / "docs" / "why.md").write_text(
        "# Why\n\n## How it was chosen\n\n[one](../notebooks/01_one.ipynb)\n"
    )
    (root / "notebooks" / "images" / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 90" width="900" height="90"><path d="M0 0h90"/></svg>'
    )
    (root / "notebooks" / "data").mkdir()
    (root / "notebooks" / "data" / "q a.jsonl").write_text("{}", encoding="utf-8")
    wide = f"<table><tr>{'<td>cell</td>' * 60}</tr></table><script>document.title='ran'</script>"
    outputs = [
        new_output("stream", text=LONG), new_output("display_data", {"text/html": wide, "text/plain": "wide"}),
    ]  # fmt: skip
    write(
        root / "notebooks" / "01_one.ipynb",
        new_markdown_cell(ONE),
        new_code_cell(f"{LONG} = 2", outputs=outputs),
    )
    write(root / "notebooks" / "02_two.ipynb", new_markdown_cell("# 02 · Two\n\nMore.\n\n## What is it?"))
    write(
        root / "notebooks" / "solutions" / "01_one.ipynb",
        new_markdown_cell("[01](../01_one.ipynb) has no title\n\n### 1. Try"),
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in (html, notebooks_module):
            patch.setattr(module, "ROOT", root)
            patch.setattr(module, "NOTEBOOKS", root / "notebooks")
        return html.write_edition().parent


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The edition of the course, in another place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "FOLDER", tmp_path_factory.mktemp("edition").resolve() / "html")
        return html.write_edition().parent


@pytest.fixture(scope="module", params=["small", "real"])
def pages(request):
    """The pages of an edition, by path."""
    folder = request.getfixturevalue(request.param)
    return {path: Elements(path) for path in sorted(folder.rglob("*.html"))}


def test_every_source_has_its_page(real):
    sources = [
        *notebooks_module.notebook_paths(),
        *html.ROOT.glob("docs/*.md"),
        *html.NOTEBOOKS.glob("solutions/*.ipynb"),
    ]
    expected = {html._address(path.with_suffix(".html")) for path in sources}
    assert expected | {"index.html"} <= {path.relative_to(real).as_posix() for path in real.rglob("*.html")}


def test_nothing_is_loaded_from_a_network_and_no_foreign_script_is_left(pages):
    for page in pages.values():
        for tag, attribute in LOADED.items():
            for address in page.all(tag, attribute):
                assert urlsplit(address).scheme in ("", "data"), (page.path.name, address[:80])
        text = page.path.read_text(encoding="utf-8")
        own = r'<script (defer src="(?:\.\./)*(?:guesses|search)\.js" [^>]*>|class="playable">.*?)</script>'
        text = re.sub(own, "", text, flags=re.DOTALL)
        assert not re.search(r"<script|<object|<embed|srcset=|@import|url\(", text), page.path.name
        (style,) = page.all("link", "href")
        assert not re.search(r"@import|url\(", (page.path.parent / style).read_text(encoding="utf-8"))


def test_every_link_and_anchor_leads_somewhere(pages):
    for page in pages.values():
        for address in [
            each for tag, name in [*LOADED.items(), ("a", "href")] for each in page.all(tag, name)
        ]:
            parts = urlsplit(address)
            if not parts.scheme:
                target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
                assert target.is_file(), (page.path.name, address)
                assert not parts.fragment or unquote(parts.fragment) in pages[target].ids(), (
                    page.path.name,
                    address,
                )
                assert target.suffix not in (".ipynb", ".md"), (page.path.name, address)


def test_ids_are_there_once_pages_have_a_language_and_titles_differ(pages):
    for page in pages.values():
        assert len(page.ids()) == len(set(page.ids())), page.path.name
        assert page.all("html", "lang") == ["en"]
        assert len(page.all("img", "alt")) == len(page.all("img", "src"))
        assert all(len(alt) > 10 for alt in page.all("img", "alt"))
    titles = [re.search("<title>(.+?)</title>", path.read_text(encoding="utf-8"))[1] for path in pages]
    assert len(set(titles)) == len(titles)


def test_next_leads_through_all_pages_and_previous_back(pages):
    first = next(path for path in pages if path.name == "index.html")
    way = [first]
    while following := pages[way[-1]].target("next"):
        assert pages[following].target("prev") == way[-1]
        assert following not in way
        way.append(following)
    assert sorted(way) == list(pages)
    assert pages[first].target("prev") is None


def test_the_order_is_that_of_reading(small):
    names = ["index.html", "01_one.html", "02_two.html", "solutions/01_one.html", "docs/why.html"]
    for here, following in zip(names, [*names[1:], None], strict=True):
        assert Elements(small / here).target("next") == (small / following if following else None)


def test_links_between_sources_become_links_between_pages(small):
    links = Elements(small / "01_one.html").all("a", "href")
    assert {
        "02_two.html", "02_two.html#what-is-it", "01_one.html#again", "solutions/01_one.html",
        "docs/why.html#how-it-was-chosen", "data/q%20a.jsonl",
    } <= set(links)  # fmt: skip
    assert "../01_one.html" in Elements(small / "docs" / "why.html").all("a", "href")
    assert (small / "data" / "q a.jsonl").read_text(encoding="utf-8") == "{}"


def test_a_link_to_what_is_not_there_or_not_in_the_repository_is_plain_text(small):
    page = Elements(small / "index.html")
    links = page.all("a", "href")
    assert "LICENSE" in links
    assert "https://example.org/a?b=1&c=2" in links
    assert "docs, nothing, out, web" in page.text
    assert not any(word in link for link in links for word in ("nothing", "outside"))
    assert list(small.rglob("outside.txt")) == []


def test_the_first_page_is_the_readme_with_a_table_of_contents(small):
    page = Elements(small / "index.html")
    start = page.text.index("About it.")  # behind the list of the sections
    order = ["For all.", "Contents", "The course", "01 · One & all", "First sentence.", "02 · Two", "Solutions",
             "Background", "Why", "Two commands", "LICENSE"]  # fmt: skip
    places = [page.text.index(words, start) for words in order]
    assert places == sorted(places)
    assert {"01_one.html#again", "01_one.html#again-1", "02_two.html#what-is-it"} <= set(
        page.all("a", "href")
    )


def test_the_first_page_links_to_every_other(pages):
    first = next(path for path in pages if path.name == "index.html")
    links = {(first.parent / link).resolve() for link in pages[first].all("a", "href")}
    assert set(pages) <= links


def test_sections_are_listed_and_answers_stay_folded(small):
    page = Elements(small / "01_one.html")
    assert [link for link in page.all("a", "href") if link.startswith("#")] == ["#again", "#again-1"] * 2
    assert {"again", "again-1"} <= set(page.ids())
    assert '<li><a href="#1-try">1. Try</a></li>' in (small / "solutions" / "01_one.html").read_text(
        encoding="utf-8"
    )
    assert page.all("details", "open") == []
    assert "<p>Yes, <strong>because</strong>.</p>" in page.path.read_text(encoding="utf-8")
    assert page.all("img", "alt") == ["Six boxes in a row"]


def test_every_picture_of_the_course_is_described(real):
    for path in real.rglob("*.html"):
        page = Elements(path)
        described = page.all("img", "alt")
        assert len(described) == len(page.all("img", "src")), path
        assert not any("No description" in words or not words.strip() for words in described), path


def test_the_command_says_where_the_edition_is(monkeypatch, capsys):
    monkeypatch.setattr(html, "write_edition", lambda: Path("/somewhere/html/index.html"))
    assert tools.main(["html"]) == 0
    assert "file:///somewhere/html/index.html" in capsys.readouterr().out


def test_an_edition_replaces_an_older_one(tmp_path, monkeypatch):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "08_gone.html").write_text("old", encoding="utf-8")
    monkeypatch.setattr(html, "FOLDER", tmp_path / "html")
    monkeypatch.setattr(html, "_parts", lambda: {})
    html.write_edition()
    assert "08_gone.html" not in [path.name for path in (tmp_path / "html").iterdir()]


MEASURE = """<script>
const found = [], frames = PAGES.flatMap(page => [1280, 400].map(width => [page, width]));
function next() {
  if (!frames.length) { document.title = "done"; document.body.textContent = JSON.stringify(found); return; }
  const [page, width] = frames.pop(), frame = document.createElement("iframe");
  frame.style.width = width + "px"; frame.style.height = "900px"; frame.style.border = 0; frame.src = page;
  frame.onload = () => {
    const inside = frame.contentDocument, root = inside.documentElement;
    const images = [...inside.images];
    inside.querySelectorAll("details").forEach(one => one.open = true);
    found.push({page: page.split("/").pop(), width, window: root.clientWidth, wide: root.scrollWidth,
      rules: inside.styleSheets[0].cssRules.length, broken: images.filter(one => !one.naturalWidth).length});
    frame.remove(); next();
  };
  document.body.append(frame);
}
onload = next;
</script>"""


@needs_browser
def test_without_a_network_pages_are_whole_and_not_wider_than_the_window(pages, tmp_path):
    addresses = json.dumps([path.as_uri() for path in pages])
    frame = tmp_path / "measure.html"
    frame.write_text(f"<title>measuring</title><body>{MEASURE.replace('PAGES', addresses)}", encoding="utf-8")
    switches = [
        "--allow-file-access-from-files",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--window-size=1400,1000",
    ]
    dom, console = load(frame, tmp_path / "profile", *switches, seconds=60)
    assert "<title>done</title>" in dom
    measured = json.loads(re.search(r"<body>(.*)</body>", dom, re.DOTALL)[1])
    assert len(measured) == 2 * len(pages)
    for one in measured:
        assert one["width"] - 20 <= one["window"] <= one["width"], one
        assert one["wide"] <= one["window"], one
        assert one["rules"] > 20, one
        assert one["broken"] == 0, one
    assert console == []


@needs_browser
def test_whatever_a_keyboard_reaches_has_a_name_and_changes_are_announced(real, tmp_path):
    browser = Browser(tmp_path / "profile")
    try:
        for name in ("02_chunk", "04_search"):
            tab = browser.open((real / f"{name}.html").as_uri(), width=400)
            tab.wait("document.querySelector('.tally') && document.querySelector('input[type=range]')")
            tree = [
                node for node in tab.send("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")
            ]
            named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree]
            kinds = {"button", "slider", "combobox", "searchbox", "link", "image", "DisclosureTriangle"}
            assert {kind for kind, _ in named} >= {"button", "slider", "searchbox", "link", "image", "status"}
            assert [kind for kind, words in named if kind in kinds and not words.strip()] == []
            assert ("group", tab.text("#guess-1")) in named, "the choices are read with their question"
            tab.run("document.querySelector('.choices button').focus()")
            tab.press("Enter")
            assert re.match(r"Right\.|No, [a-d]\)\.", tab.text(".said[role=status]"))
            assert tab.run("document.activeElement.ariaPressed") == "true"
    finally:
        browser.close()


@needs_browser
def test_on_a_phone_plots_stay_readable_and_what_is_printed_wraps(real, tmp_path):
    browser = Browser(tmp_path / "profile")
    try:
        tab = browser.open((real / "05_prompt.html").as_uri(), width=400)
        tab.wait("document.querySelector('.choices')")
        tab.run("document.querySelectorAll('.untaken').forEach(each => each.classList.remove('untaken'))")
        assert (
            tab.run("Math.min(...[...document.querySelectorAll('.output_area img')].map(e => e.width))") > 550
        )
        wide = "[...document.querySelectorAll('.output_area pre')].filter(e => e.scrollWidth > e.clientWidth).length"
        assert tab.run(wide) == 0
        assert tab.run("document.documentElement.scrollWidth") <= 400
    finally:
        browser.close()


@needs_browser
def test_what_scrolls_is_reached_by_tab_and_nothing_else(real, tmp_path):
    browser = Browser(tmp_path / "profile")
    parts = "[...document.querySelectorAll('pre, .wide, p:has(> img)')]"
    count = parts + ".filter(e => {}(e.scrollWidth > e.clientWidth) && {}e.hasAttribute('tabindex')).length"
    try:
        for width in (400, 4000):
            tab = browser.open((real / "04_search.html").as_uri(), width=width)
            tab.wait("document.querySelector('header input')")
            tab.wait(count.format("", "!") + " === 0")
            tab.wait(count.format("!", "") + " === 0")
            assert (tab.run(count.format("", "")) > 5) == (width == 400)
    finally:
        browser.close()


def test_the_boxes_of_a_list_of_tasks_have_a_name(real):
    boxes = re.findall(
        r'<input [^>]*type="checkbox"[^>]*>', (real / "instructors/README.html").read_text("utf-8")
    )
    assert boxes
    assert all('aria-label="done"' in box for box in boxes)


def searched(folder):
    """The texts that the search box looks through."""
    text = (folder / html.TEXTS).read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.COURSE = ").rstrip().removesuffix(";"))


def test_each_section_and_each_term_can_be_searched_for(real):
    entries = searched(real)
    assert [entry[2] for entry in entries if entry[1] == "BM25"] == ["docs/glossary.html#bm25"]
    for _, _, address, _ in entries:
        path, _, name = address.partition("#")
        assert f'id="{unquote(name)}"' in (real / unquote(path)).read_text(encoding="utf-8"), address


@needs_browser
def test_the_search_box_finds_a_term_and_a_section_without_a_network(real, tmp_path):
    browser = Browser(tmp_path / "profile")
    try:
        tab = browser.open((real / "solutions" / "04_search.html").as_uri(), width=400)
        tab.wait("document.querySelector('header input')")
        script = "box = document.querySelector('header input'); box.value = '{}'; box.dispatchEvent(new Event('input'))"
        tab.run(script.format("bm25"))
        tab.wait("document.querySelector('search li a')")
        found = tab.run("document.querySelector('search li a').getAttribute('href')")
        assert found == "../docs/glossary.html#bm25"
        tab.run(script.format("bm25 zzzz"))
        tab.wait("document.querySelector('search p').textContent === '0 sections'")
        assert tab.run("document.documentElement.scrollWidth") <= 400
    finally:
        browser.close()
