"""What a document says of itself in fields: who chaired, who was there, who signed; and tables that are shown whole."""

from __future__ import annotations

import pytest

from ragkit.fields import fields_of, signature_of, table_listing, table_of, told_in_fields
from ragkit.outline import numbered_in, outline_of, tidied
from ragkit.reading.headings import BELOW
from ragkit.sections import Block, is_in_table
from ragkit.words.naming import Place


def blocks(text, heading=""):
    """Blocks of lines; a line with ">" is a heading, and one of "---" ends a page."""
    found, page = [], 0
    for n, line in enumerate(text.strip().splitlines()):
        line = line.strip()
        if line == "---":
            page += 1
            continue
        heading = line[1:].strip() if line.startswith(">") else heading
        found.append(Block(0, n, line.lstrip("> "), "a.pdf", page, str(page + 1), heading))
    return found


def texts(found):
    return [block.text for block in found]


MINUTES = """
    Board minutes
    Date: Wednesday, 17 September 2025
    Present | Role
    Ada Brown | Chair
    Carl Dunn | Vice-chair
    Eva Frey | Secretary (minutes)
    Apologies: Gil Holt
    Absent without apology: Ian Jones
    > 1. Opening
    The chair opened the meeting at 18:32.
    Resolved (83/1): The accounts are noted. Vote: unanimous.
    > 2. Next meeting
    The next meeting is on 10 December 2025.
    Signed: ________
    Ada Brown, Chair
"""


@pytest.mark.parametrize(
    ("kind", "said"),
    {
        "chair": ["Ada Brown | Chair"],
        "minutes": ["Eva Frey | Secretary (minutes)"],
        "present": [
            "Present | Role",
            "Ada Brown | Chair",
            "Carl Dunn | Vice-chair",
            "Eva Frey | Secretary (minutes)",
        ],
        "absent": ["Apologies: Gil Holt", "Absent without apology: Ian Jones"],
        "held": ["Date: Wednesday, 17 September 2025"],
        "decisions": ["Resolved (83/1): The accounts are noted. Vote: unanimous."],
        "signing": [],
    }.items(),
)
def test_minutes_say_in_fields_what_a_search_does_not_find(kind, said):
    assert texts(told_in_fields(kind, blocks(MINUTES))[1]) == said


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("chair", "Président de séance : Marc Delaunay", ["Président de séance : Marc Delaunay"]),
        ("chair", "Sitzungsleitung: Frau Kern", ["Sitzungsleitung: Frau Kern"]),
        ("chair", "See you on the water,\nPhilippa Marsh, Chair", ["Philippa Marsh, Chair"]),
        ("chair", "The chair: it has four legs.", []),
        ("chair", "Chair: A. B.\nChair: C. D.\nChair: E. F.\nChair: G. H.", []),
        ("minutes", "Rédigé par : Sandrine Leclerc", ["Rédigé par : Sandrine Leclerc"]),
        ("absent", "Présents | Absents\nMarc | Thierry", ["Présents | Absents", "Marc | Thierry"]),
        ("approver", "Approved by | Dr Sattler", ["Approved by | Dr Sattler"]),
        ("author", "Editor: Jane Roe", []),
        (
            "editor",
            "I stop after issue 66. Gareth Doyle, editor",
            ["I stop after issue 66. Gareth Doyle, editor"],
        ),
        ("author", "Author contributions: All did all.", []),
        ("author", "Prepared by Lena Marsh for the Trust", ["Prepared by Lena Marsh for the Trust"]),
        ("author", "Prepared by hand, the dough rests.", []),
        ("held", "Date of birth: 27 November 1974", []),
    ],
)
def test_a_label_stands_before_a_colon_or_alone_in_a_cell_or_behind_a_name(kind, text, said):
    assert texts(fields_of(kind, blocks(text))) == said


def test_the_fields_of_some_meetings_are_searched_for():
    text = "> Minutes of 12 May 2024\nPresent: A. B.\n> Minutes of 17 June 2024\nPresent: C. D."
    assert told_in_fields("present", blocks(text)) == ("", [])


def test_the_day_of_minutes_without_a_field_is_the_one_in_their_head():
    text = (
        "Compte rendu\nSéance du mardi 14 janvier 2025\n> 1. Approbation\nLa prochaine sera le 11 mars 2025."
    )
    assert texts(told_in_fields("held", blocks(text))[1]) == ["Séance du mardi 14 janvier 2025"]


LONG = "It is agreed as it stands here, and in no other way, whatever anyone may have said before it was written down."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"{LONG}\n> Signatures\nSigned on the date above.\n---\nFor Tallis Ltd\n____\nName: Gregor Tallis\n"
            "Date: 14 February 2025\n> Annex\nName: none",
            [
                "Signatures",
                "Signed on the date above.",
                "For Tallis Ltd",
                "Name: Gregor Tallis",
                "Date: 14 February 2025",
            ],
        ),
        (
            f"{LONG}\n{LONG}\n{LONG}\n{LONG}\nLeipzig, den 14. März 2025\n____\nHelga Winkelmann\n{LONG}",
            ["Leipzig, den 14. März 2025", "Helga Winkelmann"],
        ),
        (
            f"{LONG}\nWiesental, 31.03.2025 A. Demirci\n(Ort, Datum) (Unterschrift)\n¹ Eine Anmerkung.",
            ["Wiesental, 31.03.2025 A. Demirci", "(Ort, Datum) (Unterschrift)"],
        ),
        (
            f"{LONG}\nPlace: Oxmoor, 15 August 2025 Signature: Tobias Wren\nDistribution: all",
            ["Place: Oxmoor, 15 August 2025 Signature: Tobias Wren"],
        ),
        (f"Bergamo, 6 febbraio 2025\nMarta Ferraris\n{LONG}\n{LONG}\n{LONG}", []),
    ],
)
def test_a_signature_goes_on_over_the_page_and_ends_with_its_section_or_another_field(text, said):
    assert texts(signature_of(blocks(text))) == said


TABLES = """
    Table 5: Measures
    No. | Measure
    1 | Close the shower
    Form QM-31
    ---
    No. | Measure
    Later
    2 | Replace the sand
    Remarks follow.
    Fault or code | Remedy
    E1 | Call.
    E2 | Wait.
    CL | Hold Power.
"""


def test_a_table_is_shown_by_its_number_over_the_page_without_its_head_again():
    rows = ["Table 5: Measures", "No. | Measure", "1 | Close the shower", "Later", "2 | Replace the sand"]
    assert texts(table_of("5", blocks(TABLES))) == rows
    assert table_of("50", blocks(TABLES)) == table_of("1", blocks(TABLES)) == []


def test_what_heads_the_first_column_of_one_table_is_listed_from_it():
    assert texts(table_listing(["error", "codes"], blocks(TABLES)))[1:] == [
        "E1 | Call.",
        "E2 | Wait.",
        "CL | Hold Power.",
    ]
    assert table_listing(["remedies"], blocks(TABLES)) == []
    assert table_listing(["codes"], blocks(f"{TABLES}\nText.\nCode | Name\n1 | A\n2 | B\n3 | C")) == []


def test_titles_that_are_bare_are_counted_with_the_headings():
    bare = "\n".join(
        f"{n}. {title}\n{n}.1 {LONG}" for n, title in enumerate(("Hire", "Care", "Risk", "Law"), 1)
    )
    heads = outline_of(
        blocks(
            f"Agreement\n{bare}\n> Schedule 1: Rates\n1. Not\n{LONG}\n> Schedule 2: Keys\nKeys.\n> Schedule 3: C\nC."
        )
    )
    assert texts(heads)[:5] == ["1. Hire", "2. Care", "3. Risk", "4. Law", "Schedule 1: Rates"]
    assert len(numbered_in(heads, "how many clauses")[0]) == 4
    assert len(numbered_in(heads, "how many schedules")[0]) == 3


def test_steps_below_one_another_are_no_titles():
    steps = "1. Take the tank out\n2. Push the hose on\n3. Put the tank back\n4. Go on"
    heads = "".join(f"\n> {title}\nText." for title in ("Safety", "Use", "Care"))
    assert texts(outline_of(blocks(f"{steps}{heads}"))) == ["Safety", "Use", "Care"]


def test_parts_are_counted_wherever_they_stand():
    heads = [f"Part {letter} – Title" for letter in "ABCDE"]
    nested = [
        Block(0, n, head, "a.pdf", 0, "1", head if n < 3 else f"{heads[2]}{BELOW}{head}")
        for n, head in enumerate(heads)
    ]
    assert (
        len(numbered_in(nested, "how many parts")[0]) == len(numbered_in(nested, "how many sections")[0]) == 5
    )


def test_a_section_is_quoted_without_what_pages_put_between_its_lines_and_with_its_note():
    found = blocks(
        "> 4. Report\nThe reserve is £58,200.¹\n> 6. Hours\nThe hours are new.\nDay | Now\nMonday | closed\n"
        "¹ Of this, some is bound.\n---\nDay | Now\nSunday | open\nIt is agreed.\nInitials\n---\n7 Of them came."
    )
    report = [block for block in found if block.heading == "4. Report"]
    hours = [block for block in found if block.heading == "6. Hours"]
    assert texts(tidied(report, found)) == [*texts(report), "¹ Of this, some is bound."]
    assert texts(tidied(hours, found)) == [
        "6. Hours",
        "The hours are new.",
        "Day | Now",
        "Monday | closed",
        "Sunday | open",
        "It is agreed.",
        "Initials",
        "7 Of them came.",
    ]


def test_a_note_whose_mark_stands_nowhere_stays_in_its_place():
    found = blocks("> 4. Report\nThe reserve is £58,200.\n¹ Of this, some is bound.\nIt is agreed.")
    assert tidied(found, found) == found


def test_a_part_with_a_number_may_be_one_of_a_machine():
    rows = blocks("> 7 Data\nNr. | Teil\n7 | Filter")
    assert is_in_table(Place("7", "teil"), rows)
    assert not is_in_table(Place("7", "section"), rows) | is_in_table(Place("8", "teil"), rows)
