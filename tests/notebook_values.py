"""What must hold of the values in a notebook whose outputs are not compared: generated text, times.

`notebooks/conftest.py` puts each check behind the cell that has its text, and has it run in the notebook's own kernel.
So a notebook is executed once, whatever is asked of it.
"""

CHECKS = [
    (
        "01_pdf",  # opens with a quotation that answers, and its page
        "ragkit.ask(",
        """
        assert answer.refusal == ""
        assert answer.key_sentences["label"].iloc[0] == "6"
        assert "mucus" in answer.key_sentences["text"].iloc[0]
        assert answer.text
        """,
    ),
    ("06_generate", "cached_seconds = ", "assert naive_seconds > cached_seconds"),
    (
        "06_generate",
        "for temperature, seed in",
        """
        assert rows[2]["text"] == rows[3]["text"]  # one seed, one text
        """,
    ),
    (
        "06_generate",
        "again = generate(",
        """
        assert again.text == answer.text  # one prompt, one answer
        assert answer.key_sentences["label"].iloc[0] == "6"
        """,
    ),
    (
        "06_generate",
        "answers.append(right)",
        'assert [each.key_sentences["label"].iloc[0] for each in answers] == ["6", "13", "33"]',
    ),
    ("06_generate", "off_topic = ", 'assert lost.stop_reason == "refused"'),
]
"""Name of a notebook, a text in one of its cells, and what holds after that cell whatever this processor writes."""
