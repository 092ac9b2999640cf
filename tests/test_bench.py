"""The benchmark's own arithmetic, on made numbers: ratios, limits, comparison, table, figure."""

import sys
import textwrap

import pytest
from bench import figure, results, rounds, table
from bench.rows import ROWS, Row
from bench.side import Side, SideFailed

MACHINE = {
    "processor": "A processor", "cores": 2, "threads": 2, "memory_gb": 8, "system": "Linux", "python": "3.11",
    "torch": "2.13", "bandwidth": 20e9, "operations": {"float32": 200e9, "bfloat16": 800e9},
    "embedder_weights": 100_000_000, "llm_weights": 100_000_000, "dimension": 768,
}  # fmt: skip
VALUES = {
    "read": {"ragkit": [300, 200, 220], "tutorial": [100, 100, 100], "LangChain": [50, 50, 50]},
    "dropped": {"ragkit": [0.0], "tutorial": [12.5], "LangChain": [1.0]},
    "embed": {"ragkit": [900.0], "tutorial": [600.0], "LangChain": [600.0]},
    "import": {"ragkit": [0.1], "tutorial": [5.0], "LangChain": [10.0]},
}


def made_run(values=VALUES):
    return {
        "document": {"name": "made.pdf", "pages": 1200, "part": 120}, "date": "2026-01-01", "machine": MACHINE,
        "sides": ["ragkit", "tutorial", "LangChain"], "notes": ["A note."], "same_text": True,
        "rows": results.make_rows(values, results.limits_of_rows(MACHINE, n_tokens=40_000)),
    }  # fmt: skip


def row_of(run, key):
    return next(row for row in run["rows"] if row["key"] == key)


def changed(key, **medians):
    """The run with one row measured anew."""
    return made_run({**VALUES, key: {**VALUES[key], **{side: [value] for side, value in medians.items()}}})


# Ratios


def test_a_ratio_is_over_1_where_a_side_is_better_whichever_way_the_row_counts():
    run = made_run()
    assert row_of(run, "read")["ratios"] == {"ragkit": 2.2, "LangChain": 0.5}
    assert row_of(run, "import")["ratios"] == {"ragkit": pytest.approx(50), "LangChain": 0.5}


def test_the_median_is_of_the_ratios_of_the_rounds():
    """A round in which both sides were disturbed says as much as another; a ratio of medians would be 1.5."""
    values = {"a": [2, 30, 20], "b": [1, 10, 20]}
    assert results.times_better(Row("x", "x", "s", "higher"), values, "a", "b") == 2


def test_of_nothing_there_is_no_multiple():
    assert row_of(made_run(), "dropped")["ratios"] == {"ragkit": None, "LangChain": 12.5}
    assert results.times_better(Row("x", "x", "s", "lower"), {"a": [1]}, "a", "b") is None


def test_rows_stand_in_the_order_of_the_table():
    keys = [row["key"] for row in made_run()["rows"]]
    assert keys == [key for key in ROWS if key in VALUES]


# Limits


def test_limits_are_in_the_unit_of_their_row():
    limits = results.limits_of_rows(MACHINE, n_tokens=40_000)
    assert limits["embed"] == {"float32 products": 1000, "bfloat16 products": 4000}
    assert limits["whole"] == {"float32 products": 40, "bfloat16 products": 10}
    assert limits["writing"] == {"memory, bfloat16": 100}
    assert limits["search_1000000"]["memory"] == pytest.approx(1000 * (0.2e9 + 3.072e9) / 20e9)


def test_every_limit_belongs_to_a_row():
    assert results.limits_of_rows(MACHINE, 1).keys() <= ROWS.keys()


# Comparison


def test_a_run_is_not_worse_than_itself():
    assert results.worse_than(made_run(), made_run()) == []


def test_a_little_worse_is_chance_and_much_worse_is_said():
    assert results.worse_than(changed("import", ragkit=0.13), made_run()) == []
    (line,) = results.worse_than(changed("import", ragkit=0.15), made_run())
    assert line == "import: 33.33 times the tutorial's, and it was 50.00"


def test_a_slower_machine_is_not_worse():
    assert results.worse_than(changed("import", ragkit=0.3, tutorial=15.0), made_run()) == []


def test_tokens_dropped_where_none_were_is_worse():
    (line,) = results.worse_than(changed("dropped", ragkit=0.5), made_run())
    assert line == "tokens that the model never reads: 0.5 %, and it was 0"


def test_a_row_that_is_missing_is_worse():
    fewer = made_run({key: values for key, values in VALUES.items() if key != "read"})
    assert results.worse_than(fewer, made_run()) == ["read and clean: not measured, and it was"]
    assert results.worse_than(made_run(), fewer) == []


def test_another_text_from_the_same_prompt_is_worse():
    (line,) = results.worse_than({**made_run(), "same_text": False}, made_run())
    assert "another text" in line


# What is written


def test_what_is_saved_is_read_back_with_four_digits(tmp_path):
    assert results.load(tmp_path / "speed.json") == {}
    results.save({"made.pdf": changed("read", ragkit=123.456789)}, tmp_path / "speed.json")
    saved = results.load(tmp_path / "speed.json")["made.pdf"]
    assert row_of(saved, "read")["values"]["ragkit"] == [123.5]
    assert results.worse_than(made_run(), saved) == []


def test_the_table_has_a_line_a_row_and_a_column_a_side():
    head, rule, *lines = table.table(made_run()).splitlines()
    assert head == "|  | unit | ragkit | tutorial | LangChain | ragkit / tutorial | limit |"
    assert {line.count("|") for line in [head, rule, *lines]} == {8}
    assert "| read and clean | pages/s | 220 | 100 | 50 | 2.2 |  |" in lines
    limits = "1,000 (float32 products); 4,000 (bfloat16 products)"
    assert f"| embed 32 texts | tokens/s | 900 | 600 | 600 | 1.5 | {limits} |" in lines


def test_the_page_describes_document_and_machine():
    page = table.page({"made.pdf": made_run()})
    assert "## made.pdf\n" in page
    assert "1,200 pages" in page
    assert "A processor, 2 threads, 8 GB" in page
    assert "20 GB/s, 200 GFLOP/s in float32, 800 GFLOP/s in bfloat16" in page


def test_only_a_run_of_the_sample_shows_the_figure():
    run = made_run()
    assert ".svg" not in table.page({"made.pdf": run})
    run["document"] = {**run["document"], "name": "nutrition-primer.pdf"}
    assert "(speed-peers.svg)" in table.page({"sample": run})
    assert "(speed.svg)" in table.page({"sample": {**run, "sides": run["sides"][:2]}})


def test_the_figure_shows_each_ratio_and_limit(tmp_path):
    figure.draw(made_run(), tmp_path / "speed.svg")
    svg = (tmp_path / "speed.svg").read_text(encoding="utf-8")
    for text in [
        "read and clean",
        "(tutorial: 100 pages/s)",
        "220 pages/s",
        "limit: float32 products",
        "LangChain",
        ">0 %<",  # no bar, but a label
    ]:
        assert text in svg
    assert "limit: memory bandwidth" not in svg  # no row here has it
    figure.draw(made_run(), tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text(encoding="utf-8") == svg


def test_limits_are_drawn_relative_to_the_tutorial():
    run = made_run()
    assert figure.times_tutorial(row_of(run, "embed"), 1200) == 2
    assert figure.times_tutorial(row_of(run, "import"), 2.5) == 2


# The processes


def test_sides_that_embed_differently_are_not_compared():
    rounds.check_alike({"ragkit": [0.6, 0.8], "tutorial": [0.6, 0.8], "LangChain": [1.2, 1.6]})
    with pytest.raises(rounds.Disagreement, match="ragkit and tutorial"):
        rounds.check_alike({"ragkit": [0.6, 0.8], "tutorial": [0.8, 0.6]})


@pytest.fixture
def side(tmp_path, monkeypatch):
    """A side that prints where replies go, reads ten pages, and fails when it is to split them."""
    (tmp_path / "chatty.py").write_text(
        textwrap.dedent(
            """
            import os
            print("imported")
            class Way:
                def __init__(self, setup):
                    os.system("echo from a child")
                def embed(self, texts):
                    print("embedding")
                def read(self, pdf):
                    return ["page"] * 10
                def split(self, pages):
                    raise ValueError("no sentences")
            """
        ),
        encoding="utf-8",
    )
    monkeypatch.setattr("bench.side.ROOT", tmp_path)  # where the process runs, and looks for modules
    with Side("chatty", "chatty", sys.executable, {"folder": str(tmp_path)}) as opened:
        yield opened


def test_what_a_side_prints_does_not_get_between_its_replies(side):
    assert side.do("warm") == {}
    assert 0 <= side.do("import")["import"] < 5
    side.close()
    logged = {line.strip() for line in side.log.read_text(encoding="utf-8").splitlines()}
    assert {"imported", "from a child", "embedding"} <= logged


def test_a_side_that_fails_says_where(side):
    with pytest.raises(
        SideFailed, match=r"chatty, read_and_split: ValueError: no sentences \(see .*log.txt\)"
    ):
        side.do("read_and_split", pdf="made.pdf", n_pages=10)
    assert side.do("warm") == {}  # and goes on


def test_a_side_whose_process_ended_says_so(side):
    side.process.kill()
    side.process.wait()
    with pytest.raises((SideFailed, BrokenPipeError)):
        side.do("warm")
