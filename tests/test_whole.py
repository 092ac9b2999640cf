"""Questions about a document as a whole: which they are, and what is answered from headings, numbers and the file."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pymupdf
import pytest
from conftest import embed, index_of_pages

from ragkit.chunk import chunk_pages
from ragkit.found import find
from ragkit.generate import ask, quoted
from ragkit.grounding.quotes import quote
from ragkit.index import Index
from ragkit.pdf import read_pdf
from ragkit.reading.headings import BELOW
from ragkit.show import card
from ragkit.words.asking import kind_of
from ragkit.words.naming import days_in, without_days

MINUTES = "".join(
    f"<h2>Minutes of the meeting of {day}</h2><p>Present: {names}.</p><h3>{item}</h3><p>{said}</p>"
    for day, names, item, said in (
        (
            "12 May 2024",
            "Anna, Peter and Gita",
            "Roof",
            "The roof leaks again, and the first offer was taken.",
        ),
        (
            "17 June 2024",
            "Gita, Tomasz and Helen",
            "Swing",
            "Three designs were shown, and one was chosen at once.",
        ),
        ("8 July 2024", "Anna, Helen and Omar", "Fair", "The fair brought in more money than ever before."),
    )
)
CLAUSES = {
    "Rent": [
        "The rent is 940 pounds a month, payable in advance.",
        "It may rise once a year, with notice in writing.",
    ],
    "Pets": ["No dogs are kept in the flat.", "One cat may be kept with consent."],
    "Access": ["The landlord may enter with a day of notice.", "In an emergency no notice is needed at all."],
}
LEASE = "<h1>TENANCY AGREEMENT</h1><p>between Ruth and Daniel, made on 20 August 2024</p>" + "".join(
    f"<p><b>{i}. {title}</b></p>" + "".join(f"<p>{i}.{j} {text}</p>" for j, text in enumerate(texts, 1))
    for i, (title, texts) in enumerate(CLAUSES.items(), 1)
)


def set_pdf(path, html, outline=(), **properties):
    """A PDF that is set from HTML."""
    story, writer, paper, more = (
        pymupdf.Story(html),
        pymupdf.DocumentWriter(path),
        pymupdf.Rect(0, 0, 400, 700),
        1,
    )
    while more:
        device = writer.begin_page(paper)
        more, _ = story.place((40, 40, 360, 660))
        story.draw(device)
        writer.end_page()
    writer.close()
    with pymupdf.open(path) as document:
        document.set_metadata(properties)
        document.set_toc([list(entry) for entry in outline])
        document.saveIncr()
    return path


def index_of(tokenizer, embedder, *paths):
    chunks = chunk_pages(read_pdf([str(path) for path in paths]), tokenizer)
    made = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    return replace(made, files={path.name: path for path in paths})


@pytest.fixture
def minutes(tmp_path, tokenizer, embedder):
    return index_of(tokenizer, embedder, set_pdf(tmp_path / "minutes.pdf", MINUTES))


@pytest.fixture
def lease(tmp_path, tokenizer, embedder):
    return index_of(
        tokenizer, embedder, set_pdf(tmp_path / "lease.pdf", LEASE, title="Lease", author="Ruth C.")
    )


def headings_in(index):
    boxes = chain.from_iterable(index.chunks["boxes"])
    return list(dict.fromkeys(box["heading"] for box in boxes if box["heading"]))


@pytest.mark.parametrize(
    ("kind", "questions"),
    {
        "overview": "Summarize this document|summary of the claim|give me the key points in 3 bullets"
        "|resume le bail|Resumeme el contrato|"
        "What is it about?|tl;dr|What are the main points of it?|Worum geht es?"
        "|Fasse das Dokument kurz zusammen|What does this document say?|De quoi parle cette lettre ?"
        "|Résume-moi ce rapport|¿De qué trata este libro?|Haz un resumen del documento|Di cosa parla?"
        "|Riassumi il documento",
        "author": "Who is the author?|Who wrote this paper?|Wer hat das geschrieben?|Qui est l'auteur ?"
        "|Who are the speakers?|Who signed it?|Wer hat den Vertrag unterschrieben?|Qui a signé le bail ?"
        "|Qui a écrit ce rapport ?|¿Quién es el autor?|quien lo escribió|Chi è l’autore?"
        "|Chi ha scritto questo articolo?",
        "date": "When was it published?|When was it made?|What is the date of this document?"
        "|De quand date ce document ?"
        "|Von wann ist der Vertrag?|¿Cuándo se publicó?|¿Qué fecha tiene el contrato?|Quando è stato pubblicato?",
        "title": "What is the title?|Wie heißt das Dokument?|Quel est le titre ?|¿Cuál es el título?"
        "|Come si intitola?",
        "pages": "How many pages does it have?|How long is this document?|Combien de pages a-t-il ?"
        "|¿Cuántas páginas tiene?|Quante pagine ha?",
        "outline": "How many sections are there?|how many parts does the form have|List the chapters"
        "|Table of contents|Wie viele Kapitel hat das Buch?"
        "|Table des matières|¿Cuántos capítulos tiene?|Quanti capitoli ci sono?|elenca i capitoli"
        "|welche anlagen gibt es",
        "place": "What does clause 9.4 say?|clausula cuarta|cláusula vigésima|the fifteenth clause"
        "|que dit l'article premier|What happened on 17 June?|"
        "9.4|Was steht in § 5?|Summarize chapter 2|What is in Article IV?"
        "|Que dit l'article 3 ?|¿Qué dice la cláusula número 9.4?|Cosa prevede l'articolo 5?|Resume el anexo A"
        "|was ist in § 7 geregelt|was wurde unter top 7 beschlossen|what was agreed under agenda item 7|TOP 2"
        "|que dit le point 3 de l'ordre du jour|worum ging es am 28. märz|cosa c'è scritto nell'ultima pagina"
        "|what happened at the last meeting"
        "|What is on page 3?|What does slide 12 say?|Summarize page xii|Was steht auf Seite 4?|Que dit la page 7 ?",
        "all": "How many times does the word rent appear?|List every vitamin|Wie oft kommt Miete vor?"
        "|Combien de fois le mot loyer apparaît-il ?|¿Cuántas veces aparece la palabra renta?"
        "|Quante volte compare la parola canone?",
        "chair": "Who chaired the meeting?|Wer hat die Sitzung geleitet?|Qui a présidé la séance ?"
        "|¿Quién presidió la reunión?"
        "|Chi ha presieduto la seduta?",
        "minutes": "Who took the minutes?|Wer hat das Protokoll geführt?|Qui a rédigé le compte rendu ?",
        "present": "Who was present?|How many people attended?|Wer war anwesend?|Qui était présent ?"
        "|Liste des présents"
        "|¿Quién asistió a la reunión?|chi era presente",
        "absent": "Who was absent?|Wer fehlte?|Qui était excusé ?|membres absents",
        "held": "When was the meeting?|When did the meeting take place?|Wann war die Sitzung?"
        "|Quand a eu lieu la séance ?",
        "decisions": "What was decided?|List the resolutions|Was wurde beschlossen?"
        "|Quelles décisions ont été prises ?",
        "signing": "When was it signed?|When did he sign?|Wann wurde der Vertrag unterschrieben?",
        "table": "What is in table 5?|What does table 1 show?|Was steht in Tabelle 2?|que contient le tableau 3",
        "opening": "Who are the parties?|Who is this letter to?|Wer sind die Vertragsparteien?|Qui sont les parties ?"
        "|¿Quiénes son las partes?|chi sono le parti",
        "language": "in German?|What language is it in?|translate it please|en français ?",
        "nothing": "thx|ok|Hi!|Danke!|merci beaucoup|muchas gracias|ciao",
        "": "Who is the author of Hamlet?|Is it signed?"
        "|When is the next meeting?|Who chaired the finance committee?|Which value in table 5 is the highest?"
        "|How many parts does it have?|What is missing?|Who took the photographs?|Why was it decided?"
        "|Which parties won the election?|When is it?|from English into German"
        "|What is the pump about?|How long is the lease?|When does it end?|Who is it?"
        "|What does section 8 say about late fees?|What is the title of the slide?"
        "|What are the top 5 points?|thesis topic|Which pages show humans?"
        "|In what year was the first pacemaker published on?|How often is the filter cleaned?"
        "|Qui est l'auteur de la lettre anonyme ?|¿De qué trata la cláusula de la fianza?|Di cosa parla il preside?"
        "|¿Cuánto dura el contrato?|Quelle est la date de remise des clés ?|Chi ha scritto la lettera al sindaco?"
        "|¿Qué parte y costes paga el inquilino?|Quale parte a carico del conduttore?",
    }.items(),
)  # fmt: skip
def test_a_kind_is_told_only_if_nothing_else_is_asked(kind, questions):
    assert {question: kind_of(question) for question in questions.split("|")} == dict.fromkeys(
        questions.split("|"), kind
    )


def test_no_ordinary_question_is_taken_for_one_of_the_whole(shared):
    import json
    from pathlib import Path

    files = [
        shared / "questions_dev.jsonl",
        shared / "questions_papers_dev.jsonl",
        shared / "unanswerable_dev.jsonl",
    ]
    files.append(Path(__file__).parents[1] / "notebooks" / "data" / "questions.jsonl")
    asked = [json.loads(line)["question"] for file in files for line in file.read_text("utf-8").splitlines()]
    assert len(asked) > 118
    assert [question for question in asked if kind_of(question)] == []


def test_headings_are_found_by_how_they_look_and_stand_below_one_another(minutes):
    june = "Minutes of the meeting of 17 June 2024"
    assert headings_in(minutes)[2:4] == [june, f"{june}{BELOW}Swing"]
    assert len(headings_in(minutes)) == 6


def test_the_outline_of_the_file_counts_more_than_looks(tmp_path, tokenizer, embedder):
    outline = [(1, "Roof", 1), (1, "Swing", 1), (2, "Fair", 1)]
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "a.pdf", MINUTES, outline))
    assert headings_in(index) == ["Roof", "Swing", f"Swing{BELOW}Fair"]


def test_what_was_said_on_a_day_is_quoted_from_below_the_heading_with_that_day(minutes):
    quotes = quote(find("Who was present on 17 June?", minutes))
    assert "Present: Gita, Tomasz and Helen." in set(quotes["text"])
    assert all("17 June 2024" in before for before in quotes["before"])
    assert not any("June" in before for before in quote(find("Who was present?", minutes))["before"])


@pytest.mark.parametrize("question", ["what happened on 17 june", "Who attended the meeting in June?"])
def test_a_day_or_a_month_names_its_section(minutes, question):
    answer = quoted(find(question, minutes))
    assert answer.key_sentences["text"].tolist()[:2] == [
        "Minutes of the meeting of 17 June 2024",
        "Present: Gita, Tomasz and Helen.",
    ]
    assert len(answer.key_sentences) == 4
    assert not answer.doubt + answer.refusal


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("who was at the june meeting", "17 June"),
        ("Who came to the last meeting?", "8 July"),
        ("chi c'era alla prima riunione", "12 May"),
    ],
)
def test_a_meeting_is_named_by_its_month_or_its_place_among_them(minutes, question, day):
    before = quote(find(question, minutes))["before"]
    assert all(f"meeting of {day}" in each for each in before)


@pytest.mark.parametrize(
    ("question", "measure"), [("How tall is the landlord?", "tall"), ("wie hoch ist die Miete", "hoch")]
)
def test_what_asks_for_a_measure_is_no_word_that_the_document_lacks(lease, question, measure):
    assert measure not in find(question, lease).words.index
    assert measure in find(f"Is the landlord {measure} now?", lease).words.index


def test_a_contract_is_dated_where_it_is_signed(tmp_path, tokenizer, embedder):
    html = (
        LEASE.replace(", made on 20 August 2024", "")
        + "<p>More.</p>" * 40
        + "<p>Bremen, 12 February 2025</p>"
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "lease.pdf", html, title="lease.html"))
    answer = quoted(find("When was it written?", index))
    assert "In a line of its own stands:" in answer.text
    assert answer.key_sentences["text"].tolist() == ["Bremen, 12 February 2025"]
    assert "have no title" in quoted(find("What is the title?", index)).text


def test_a_day_is_no_word_that_its_section_lacks(minutes):
    assert "17" not in find("Who was present on 17 June?", minutes).words.index


def test_a_heading_is_said_before_what_stands_below_it_and_is_not_quoted_alone(minutes):
    quotes = quote(find("swing", minutes), n=9)
    assert (quotes["before"][0], quotes["text"][0][:13]) == ("Swing:", "Three designs")
    assert not {"Roof", "Swing", "Fair"}.intersection(quotes["text"])


def test_a_section_that_says_nothing_of_what_is_asked_is_not_quoted_alone(minutes):
    found = find("Which money came on 17 June?", minutes)
    assert found.in_section.any()
    assert not found.named.any()


def test_one_dated_heading_tells_no_sections_apart(tmp_path, tokenizer, embedder):
    html = "<h2>Subsidiaries at 28 January 2023</h2><p>There are three of them in two countries.</p>" + LEASE
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "report.pdf", html))
    assert any("28 January" in heading for heading in headings_in(index))
    assert not find("What is the rent on 28 January 2023?", index).named.any()


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("What does clause 1.2 say?", ["1.2 It may rise once a year, with notice in writing."]),
        (
            "clause 2",
            ["2. Pets", "2.1 No dogs are kept in the flat.", "2.2 One cat may be kept with consent."],
        ),
    ],
)
def test_a_clause_is_quoted_by_its_number(lease, question, texts):
    answer = quoted(find(question, lease))
    assert answer.key_sentences["text"].tolist() == texts
    assert not answer.doubt + answer.refusal


SPANISH = "<h1>Contrato</h1><p>Entre Ana y Luis.</p>" + "".join(
    f"<h2>{head} {title}</h2><p>{text}{' Lo dicho vale para las dos partes del contrato.' * 5}</p>"
    for head, title, text in (
        ("Cláusula 1.", "Objeto", "Se arrienda la vivienda de la calle Feria."),
        ("Cláusula 2.", "Fianza", "El arrendatario entrega 850 euros."),
        ("TERCERA.-", "Duración", "El contrato dura un año."),
    )
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("que dice la clausula 2", "850 euros"),
        ("¿Qué dice la cláusula segunda?", "850 euros"),
        ("que dice la clausula de fianza", "850 euros"),
        ("clausula tercera", "un año"),
    ],
)
def test_a_clause_is_found_without_accents_and_by_a_number_in_words(
    tmp_path, tokenizer, embedder, question, said
):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "contrato.pdf", SPANISH))
    answer = quoted(find(question, index))
    assert not answer.doubt + answer.refusal
    text = " ".join(answer.key_sentences["text"])
    assert said in text
    assert "vivienda" not in text


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (
            "was steht in anlage 2",
            ["Anlage 2: Hausordnung", "Der Waschraum ist jeden Tag bis acht Uhr abends offen."],
        ),
        ("§ 2", ["§ 2 Mietzeit", "(1) Es beginnt im Mai.", "(2) Es endet im Juni des folgenden Jahres."]),
        ("§ 2 abs. 2", ["(2) Es endet im Juni des folgenden Jahres."]),
        ("§ 1 Absatz 2", ["§ 1 Mietsache", "Vermietet wird das Haus."]),
        ("Art. 2", ["§ 2 Mietzeit", "(1) Es beginnt im Mai.", "(2) Es endet im Juni des folgenden Jahres."]),
    ],
)
def test_a_clause_and_an_annex_with_one_number_are_told_apart(tmp_path, tokenizer, embedder, question, texts):
    html = (
        "<h2>§ 1 Mietsache</h2><p>Vermietet wird das Haus.</p><h2>§ 2 Mietzeit</h2><p>(1) Es beginnt im Mai.</p>"
        "<p>(2) Es endet im Juni des folgenden Jahres.</p>"
        "<h2>Anlage 1: Kosten</h2><p>Umgelegt werden Wasser, Strom und die Pflege des Gartens.</p>"
        "<h2>Anlage 2: Hausordnung</h2><p>Der Waschraum ist jeden Tag bis acht Uhr abends offen.</p>"
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "vertrag.pdf", html))
    assert quoted(find(question, index)).key_sentences["text"].tolist() == texts


AGENDA = "".join(
    f"<h2>Sitzung vom {day}</h2>"
    + "".join(
        f"<h3>TOP {n} {title}</h3><p>{title}{', so wie es der Vorstand wollte' * 4}.</p>"
        for n, title in items
    )
    for day, items in (
        ("14. Mai 2024", [(1, "Kasse"), (2, "Wasser")]),
        ("16. Juni 2024", [(1, "Hecke"), (2, "Rasen")]),
        ("8. Juli 2024", [(1, "Fest"), (3, "Wahlen")]),
    )
)


@pytest.mark.parametrize(
    ("question", "heads"),
    [
        (
            "was steht unter TOP 2",
            {"TOP 2 Wasser": "Sitzung vom 14. Mai 2024:", "TOP 2 Rasen": "Sitzung vom 16. Juni 2024:"},
        ),
        ("tagesordnungspunkt 3", {"TOP 3 Wahlen": ""}),
        ("was wurde am 16. juni unter top 2 beschlossen", {"TOP 2 Rasen": ""}),
    ],
)
def test_an_item_of_an_agenda_is_quoted_from_each_meeting_or_the_one_that_is_named(
    tmp_path, tokenizer, embedder, question, heads
):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "protokoll.pdf", AGENDA))
    quotes = quoted(find(question, index)).key_sentences
    said = dict(zip(quotes["text"], quotes["before"], strict=True))
    assert {text: before for text, before in said.items() if text.startswith("TOP")} == heads


@pytest.mark.parametrize(
    ("question", "said", "heads"),
    [
        (
            "welche sitzungen gab es?",
            "3 headings in",
            ["Sitzung vom 14. Mai 2024", "Sitzung vom 16. Juni 2024"],
        ),
        (
            "wie viele Tagesordnungspunkte gab es",
            "6 main sections (“Top …”)",
            ["TOP 1 Kasse", "TOP 2 Wasser"],
        ),
        ("How many sections are there?", "3 main sections", ["Sitzung vom 14. Mai 2024", "TOP 1 Kasse"]),
    ],
)
def test_the_meetings_are_the_headings_with_a_day(tmp_path, tokenizer, embedder, question, said, heads):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "protokoll.pdf", AGENDA))
    answer = quoted(find(question, index))
    assert said in answer.text
    assert answer.key_sentences["text"].tolist()[:2] == heads


@pytest.mark.parametrize(
    ("numbered", "said"),
    [
        (["1. Rent", "2. Pets"], "4 main sections"),
        (["1. Rent", "2. Pets", "3. Law"], "3 numbered main sections"),
    ],
)
def test_three_numbered_headings_are_counted_alone(tmp_path, tokenizer, embedder, numbered, said):
    text = f"<p>{'This is how it is done, and why. ' * 6}</p>"
    html = "<h1>LEASE</h1>" + "".join(f"<h2>{title}</h2>{text}" for title in ["Parties", *numbered, "Keys"])
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "lease.pdf", html))
    assert said in quoted(find("How many sections are there?", index)).text


def test_without_days_in_headings_meetings_are_searched_for(lease):
    assert "a day" not in quoted(find("How many meetings are there?", lease)).text


@pytest.mark.parametrize(
    ("question", "said", "n"),
    [
        ("How many clauses are there?", "4 numbered main sections", 7),
        ("how many schedules", "2 main sections (“Schedule …”)", 2),
        ("how many annexes", "7 main sections", 7),
    ],
)
def test_sections_of_the_kind_that_is_asked_for_are_counted_by_their_numbers(
    tmp_path, tokenizer, embedder, question, said, n
):
    titles = ("Parties", "1. Rent", "2. Pets", "3. Access", "4. Law", "Schedule A: Keys", "Schedule B: Rates")
    text = f"<p>{'This is how it is done, and why. ' * 6}</p>"
    html = "<h1>LEASE</h1>" + "".join(
        f"<h2>{title}</h2>{text}" for title in (*titles[:5], "Signed by Ruth …", *titles[5:])
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "contract.pdf", html))
    answer = quoted(find(question, index))
    assert said in answer.text
    assert len(answer.key_sentences) == n
    assert not answer.key_sentences["text"].str.contains("Signed").any()


def test_a_heading_with_nothing_below_it_is_an_entry_of_contents(tmp_path, tokenizer, embedder):
    text = f"<p>(1) {'Zuerst wird das so gemacht, wie es hier steht. ' * 5}</p>"
    html = f"<h2>§ 1 Miete</h2><h2>Anhang</h2>{text}<p>§ 1 Miete</p><p>(1) Sie ist fällig.</p>"
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "vertrag.pdf", html))
    assert headings_in(index) == ["§ 1 Miete", "Anhang"]
    assert quoted(find("§ 1", index)).key_sentences["text"].tolist() == ["§ 1 Miete", "(1) Sie ist fällig."]


def test_a_part_of_a_clause_is_quoted_alone(tmp_path, tokenizer, embedder):
    html = "".join(
        f"<h2>§ {n} {title}</h2><p>(1) {'Zuerst wird das so gemacht, wie es hier steht. ' * 5}</p>"
        f"<p>(2) Danach {title}.</p>"
        for n, title in enumerate(("Miete", "Kaution", "Haus"), 1)
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "vertrag.pdf", html))
    quotes = quoted(find("Was steht in § 2 Absatz 2?", index)).key_sentences
    assert quotes["text"].tolist() == ["(2) Danach Kaution."]


LETTER = (
    "<p>Ada Brown<br/>1 Elm Court</p><p>Mr Carl Dunn<br/>3 Northgate</p><p>21 February 2025</p><p>Dear Mr Dunn,</p>"
    "<p>The invoice lists a crown that was never made. Please send another one.</p>"
    "<p>Yours sincerely,</p><p>Ada Brown</p>"
)


def test_a_letter_has_who_signed_it_and_whom_it_is_to(tmp_path, tokenizer, embedder):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "letter.pdf", LETTER))
    wrote, to = (quoted(find(each, index)) for each in ("Who wrote this?", "Who is this letter to?"))
    assert wrote.text.endswith("It is signed:")
    assert wrote.key_sentences["text"].tolist() == ["Yours sincerely,", "Ada Brown"]
    assert to.key_sentences["text"].str.contains("Carl Dunn").any()


def test_the_parties_stand_above_the_first_clause_with_a_number(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "Between Ruth and Daniel. 1. It is due. 2. It may rise. 3. It never falls."
    )
    index = replace(index, files={})
    assert quoted(find("Who are the parties?", index)).key_sentences["text"].tolist() == [
        "Between Ruth and Daniel."
    ]


PARTIES = (
    "<h1>Contract</h1><p>dated 12 May 2025</p><h2>PARTIES</h2><p>1. Finch Ltd of Ludlow (the “Employer”).</p>"
    "<p>2. Miriam Okafor (the Employee).</p>"
    + "".join(
        f"<h2>{n}. {title}</h2><p>{'The Employee works. ' * 12}</p>" for n, title in enumerate(CLAUSES, 1)
    )
    + "<h2>4. Law</h2><p>It is the law of Wales.</p>"
    + "".join(
        f"<p>{line}</p>" for line in ("Signed by Edward Finch.", "Finch Ltd.", "Signed by Miriam Okafor.")
    )
)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("Who are the parties?", "dated 12 May 2025", "2. Miriam Okafor (the Employee)."),
        ("who is the employer?", "1. Finch Ltd of Ludlow (the “Employer”).", ""),
        ("whats the name of the employee", "2. Miriam Okafor (the Employee).", ""),
        ("Who signed it?", "Signed by Edward Finch.", "Signed by Miriam Okafor."),
    ],
)
def test_the_parties_of_a_contract_and_what_it_calls_them(
    tmp_path, tokenizer, embedder, question, first, last
):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "contract.pdf", PARTIES))
    texts = quoted(find(question, index)).key_sentences["text"].tolist()
    assert texts[0 if texts[0] != "Contract" else 1] == first
    assert texts[-1] == (last or first)


@pytest.mark.parametrize("question", ["Wer ist der Vermieter?", "wer ist die vermieterin"])
def test_a_party_is_found_whatever_the_gender_of_its_name(tmp_path, tokenizer, embedder, question):
    html = "<h1>Mietvertrag</h1><p>zwischen Frau Hanne Weiß (Vermieterin)</p><p>und Herrn Jonas Groß (Mieter)</p>"
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "miete.pdf", html))
    said = quoted(find(question, index)).key_sentences["text"].tolist()
    assert len(said) == 1
    assert said[0].startswith("zwischen Frau Hanne Weiß (Vermieterin)")


def test_a_line_that_is_a_date_dates_a_document_and_no_birthday_does(tmp_path, tokenizer, embedder):
    html = "<p>Jonas Groß, born on 12 April 1991 at Dover, rents the flat</p><p>Dover, 14 December 2024</p>"
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "lease.pdf", html))
    said = quoted(find("When was it written?", index)).key_sentences["text"].tolist()
    assert said == ["Dover, 14 December 2024"]


def test_a_name_that_many_have_is_searched_for(tmp_path, tokenizer, embedder):
    html = "<p>More is said.</p>".join(
        f"<p>{name} (the guest) was there.</p>" for name in ("Ann", "Bo", "Cy")
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "list.pdf", html))
    assert (quoted(find("who is the guest", index)).key_sentences["score"] != 1).any()


def test_the_parties_stand_above_the_first_clause(lease):
    assert quoted(find("Who are the parties?", lease)).key_sentences["text"].tolist() == [
        "between Ruth and Daniel, made on 20 August 2024"
    ]


@pytest.mark.parametrize(
    ("said", "answer"),
    [("thx", "Nothing is asked"), ("in German?", "is in English, and is quoted as it stands")],
)
def test_thanks_and_a_language_are_not_searched_for(lease, said, answer):
    found = quoted(find(said, lease, before=["How much is the rent?"]))
    assert answer in found.text
    assert found.stop_reason == "not asked"


def test_what_is_asked_stays_what_was_typed_where_a_clause_is_quoted(lease):
    answer = quoted(find("and clause 3?", lease, before=["What does clause 2 say?"]))
    assert (answer.question, answer.searched_for) == ("and clause 3?", "What does clause 3 say?")


@pytest.mark.parametrize("question", ["list all pets", "How many pets are there?", "what are the pets"])
def test_a_list_is_quoted_whole_where_a_heading_names_it(lease, question):
    answer = quoted(find(question, lease))
    assert answer.key_sentences["text"].tolist()[0] == "2. Pets"
    assert len(answer.key_sentences) == 3
    assert not answer.doubt


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("schedule of pay", "SCHEDULE 1"),
        ("what does the schedule of rates say", "SCHEDULE 2: Fees and rates"),
        ("what does it say about pay", "Clause 1: Pay"),
    ],
)
def test_a_section_is_named_by_its_kind_and_a_part_of_its_title(
    tmp_path, tokenizer, embedder, question, head
):
    text = f"<p>{'This is how it is done, and why. ' * 6}</p>"
    html = (
        f"<h1>Clause 1: Pay</h1>{text}<h1>Clause 2: Rates</h1>{text}<h1>SCHEDULE 1</h1>"
        f"<h3>Pay and overtime</h3>{text}<h1>SCHEDULE 2: Fees and rates</h1>{text}"
    )
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "contract.pdf", html))
    assert quoted(find(question, index)).key_sentences["text"].tolist()[0] == head


def test_a_clause_inside_a_block_is_found_and_ends_with_the_next(tokenizer, embedder):
    index = index_of_pages(
        tokenizer, embedder, "4.1 The rent is due. 4.2 It may rise once a year. 4.3 It never falls."
    )
    assert quoted(find("What does clause 4.2 say?", index)).key_sentences["text"].tolist() == [
        "4.2 It may rise once a year."
    ]


def test_a_clause_that_is_not_there_is_said_and_what_is_near_is_shown(lease):
    answer = quoted(find("What does clause 7.3 say?", lease))
    assert "7.3" in answer.doubt
    assert len(answer.key_sentences)


PAGES = ["Apples are red and round.", "Pears are green.", "Plums are blue.", "Figs are brown."]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What is on page 4?", PAGES[1]),  # by what is printed on it
        ("¿Qué dice la página 2?", PAGES[1]),  # else by its place in the file
        ("What is on the last page?", PAGES[3]),
        ("Que dit la première page ?", PAGES[0]),
        ("Summarize slide 9", ""),
    ],
)
def test_a_page_is_quoted_by_its_printed_number_else_by_its_place(tokenizer, embedder, question, said):
    answer = quoted(find(question, index_of_pages(tokenizer, embedder, *PAGES, first_label=3), 3))
    if said:
        assert answer.key_sentences["text"].tolist() == [said]
    else:
        assert (
            answer.text
            == "No text was found on slide 9 of a.pdf: its text begins on page 3 and ends on page 6."
        )
        assert answer.stop_reason == "not asked"


def test_a_question_that_names_a_page_finds_it_first(tokenizer, embedder):
    index = index_of_pages(tokenizer, embedder, *[f"{page} " * 12 for page in PAGES])
    for question, there in (("Which apples are red?", False), ("Which apples are red on page 3?", True)):
        boxes = find(question, index, 1).hits["boxes"][0]
        assert any(box["page"] == 2 for box in boxes) == there


def test_a_question_that_names_a_clause_is_answered_from_it(lease):
    quotes = quote(find("What does clause 3 say about notice?", lease))
    assert quotes["text"].str.startswith("3.").all()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who is the author?", ["Ruth C.", "between Ruth and Daniel"]),
        ("What is the title?", ["“Lease”", "TENANCY AGREEMENT (lease.pdf, p. 1)"]),
        ("When was it written?", ["made on 20 August 2024"]),
        ("How many pages are there?", ["words on 1 page."]),
        ("How many sections?", ["3 numbered main sections", "2. Pets"]),
    ],
)
def test_what_the_file_and_its_headings_say_needs_no_model(lease, question, said):
    answer = quoted(find(question, lease))
    assert answer.stop_reason == "not asked"
    shown = card.answer(answer)
    assert all(words in shown.text for words in said)
    assert card.MODEL not in shown.text + shown.html


def test_documents_that_an_overview_leaves_out_are_said(tmp_path, tokenizer, embedder, monkeypatch):
    files = [set_pdf(tmp_path / name, LEASE) for name in ("a.pdf", "b.pdf")]
    monkeypatch.setattr("ragkit.whole.MOST_DOCUMENTS", 1)
    answer = quoted(find("Summarize these documents", index_of(tokenizer, embedder, *files)))
    assert set(answer.key_sentences["source"]) == {"a.pdf"}
    assert answer.note == "And 1 more document: ask for one with source=."


def test_an_overview_has_a_sentence_of_each_section_with_its_page(lease):
    quotes = quoted(find("Summarize this document", lease)).key_sentences
    assert quotes["text"][0] == "TENANCY AGREEMENT"
    assert [before for before in dict.fromkeys(quotes["before"]) if before[:1].isdigit()] == [
        "1. Rent:",
        "2. Pets:",
        "3. Access:",
    ]
    assert set(quotes["label"]) == {"1"}


def test_sections_that_an_overview_leaves_out_are_counted(lease, monkeypatch):
    assert not quoted(find("Summarize this document", lease)).note
    monkeypatch.setattr("ragkit.whole.MOST_SENTENCES", 2)
    answer = quoted(find("Summarize this document", lease))
    assert answer.note == "Of 4 parts, the 2 longest are told of; ask for another by its heading."
    assert answer.note in card.answer(answer).text


def test_of_a_long_section_it_is_said_where_all_of_it_stands(lease, llm, monkeypatch):
    assert not quoted(find("What does clause 1 say?", lease)).note
    monkeypatch.setattr("ragkit.whole.MOST_LETTERS", 50)
    answer = ask("What does clause 1 say?", lease, llm, max_new_tokens=3)
    assert answer.note == "The sentences most like the rest of it; all of it stands on page 1."
    assert answer.note in card.answer(answer).text
    assert answer.note in card.answer(answer).html


def test_where_chapters_are_called_so_a_line_that_begins_with_a_number_is_none(tokenizer, embedder, tmp_path):
    html = (
        "".join(f"<h2>Chapter {n}</h2><p>Of pears it says {n}.</p>" for n in (1, 2, 3))
        + "<p>12 to 48 hours</p>"
    )
    index = index_of(
        tokenizer, embedder, set_pdf(tmp_path / "book.pdf", html, [(1, f"Chapter {n}", 1) for n in (1, 2, 3)])
    )
    assert (
        quoted(find("What does chapter 2 say?", index)).key_sentences["text"].tolist()[-1]
        == "Of pears it says 2."
    )
    assert quoted(find("What does chapter 12 say?", index)).doubt == (
        "no heading and no clause in it is numbered chapter 12"
    )


CAPTIONED = [
    "Table 1. Prices of pears\n\nKind | Euros\nWilliams | 3\nConference | 4",
    "Table 2 shows more of them.\n\nTable 2: Prices of plums\n\nKind | Euros\nMirabelle | 5",
    "Fig. 1. A pear that was cut in two\n\nFig. 2. A plum\n\nAll of them are ripe.",
]


@pytest.mark.parametrize(
    ("question", "said", "captions"),
    [
        ("Show me all the tables", "2 tables", ["Table 1. Prices of pears", "Table 2: Prices of plums"]),
        ("Wie viele Tabellen gibt es?", "2 tables", ["Table 1. Prices of pears", "Table 2: Prices of plums"]),
        ("¿Qué figuras hay?", "2 figures", ["Fig. 1. A pear that was cut in two", "Fig. 2. A plum"]),
    ],
)
def test_tables_and_figures_are_listed_by_their_captions(tokenizer, embedder, question, said, captions):
    answer = quoted(find(question, index_of_pages(tokenizer, embedder, *CAPTIONED)))
    assert answer.text == f"{said} with a number and a caption in a.pdf:"
    assert answer.key_sentences["text"].tolist() == captions


def test_a_table_that_is_not_there_is_said_with_those_that_are(tokenizer, embedder):
    index = index_of_pages(tokenizer, embedder, *CAPTIONED)
    assert quoted(find("What is in table 5?", index)).doubt == (
        "no table in it is numbered 5 (captions were found of 1, 2)"
    )
    assert quoted(find("What is in table 2?", index)).key_sentences["text"].tolist()[0].startswith("Table 2:")


def test_what_is_written_in_a_drawing_is_one_quotation(tokenizer, embedder):
    index = index_of_pages(tokenizer, embedder, "0\n\n2\n\nFat\n\nEnergy in a gram of each\n\n7\n\nSalt")
    quotes = quoted(find("What is on page 1?", index)).key_sentences
    assert quotes["text"].tolist() == ["0 · 2 · Fat", "Energy in a gram of each", "7", "Salt"]


def test_a_page_of_contents_is_quoted_if_it_is_asked_for(sample_index):
    quotes = quoted(find("What is on page iv?", sample_index)).key_sentences
    assert "8 Minerals 35" in quotes["text"].tolist()
    assert set(quotes["label"]) == {"iv"}
    assert set(quoted(find("page v", sample_index)).key_sentences["label"]) == {"v"}


def test_all_chapters_are_its_headings(lease):
    assert "main sections" in quoted(find("List all clauses", lease)).text


def test_a_heading_that_asks_is_not_the_sentence_of_its_section(tmp_path, tokenizer, embedder):
    parts = {
        "1. How is the pump that came with it started up?": "Press the green button beside the hose.",
        "2. Why does the red lamp beside it blink at night?": "The lamp blinks while the battery is empty.",
        "3. What else is in the box that came with it?": "In the box is a spare hose of two metres.",
    }
    html = "".join(f"<h2>{head}</h2><p>{said}</p>" for head, said in parts.items())
    pdf = set_pdf(tmp_path / "faq.pdf", html, outline=[(1, head, 1) for head in parts])
    quotes = quoted(find("Summarize this document", index_of(tokenizer, embedder, pdf))).key_sentences
    assert quotes["text"].tolist() == list(parts.values())


def test_counting_is_said_to_be_impossible_beside_what_was_found(lease):
    answer = quoted(find("How many times does the word rent appear?", lease))
    assert "not all of them" in answer.doubt
    assert len(answer.key_sentences)


def test_a_part_of_a_library_is_not_told_of_as_the_whole(lease, monkeypatch):
    monkeypatch.setattr(type(lease), "is_whole", False)
    assert quoted(find("How many sections?", lease)).stop_reason != "not asked"


def test_text_without_a_file_has_no_properties_and_says_so(tokenizer, embedder):
    chunks = chunk_pages("Iron carries oxygen in the blood of all of us.", tokenizer)
    index = Index.from_arrays(chunks, embed(embedder, chunks["text"]), embedder, sample=0)
    assert "name no author" in quoted(find("Who is the author?", index)).text


@pytest.mark.parametrize(
    "text", ["회의 2024-06-17 누가", "Who … was there on 2024-06-17?", "½ 2024-06-17 of it"]
)
def test_a_day_is_cut_where_it_stands(text):
    assert without_days(text) == text.replace("2024-06-17", "")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How do I slide 3 rails together?", "Two rails are put together with bolts."),
        ("How is the title page set?", "The title page is set in capitals."),
    ],
)
def test_what_is_asked_of_pages_in_general_is_not_asked_of_one(tokenizer, embedder, question, said):
    pages = ["Rails are of steel.", "Two rails are put together with bolts.", "A rail is cut with a saw."]
    index = index_of_pages(tokenizer, embedder, *pages, "The title page is set in capitals.")
    assert said in quote(find(question, index, 3))["text"].tolist()


def test_the_number_of_a_section_is_no_day():
    assert days_in("What does section 5.3.1 say?") == []
    assert days_in("It was built with gcc 10.2. After that") == days_in("5.3. Results") == []
    assert [day.day for day in days_in("am 5.3. und am 7.3.2024")] == [5, 7]


def test_of_a_text_that_names_no_author_the_copyright_is_shown(tmp_path, tokenizer, embedder):
    steps = "".join(
        f"<p>The guide tells how step {n} is done, from begin to end, and why.</p>" for n in range(9)
    )
    html = f"<h1>Guide</h1><p>9 July 2023</p><p>{'This manual says how it is done. ' * 4}</p>{steps}"
    guide = set_pdf(tmp_path / "guide.pdf", f"{html}<p>Copyright © 2004 Ada</p>")
    answer = quoted(find("Who is the author?", index_of(tokenizer, embedder, guide)))
    assert answer.text.endswith("name no author. Its copyright:")
    assert answer.key_sentences["text"].tolist() == ["Copyright © 2004 Ada"]


@pytest.mark.parametrize(
    "question", ["What does the lease say about pets?", "Summarize the section on pets", "pet section"]
)
def test_a_section_may_be_named_by_its_title(lease, question):
    answer = quoted(find(question, lease))
    assert answer.stop_reason == "not asked"
    assert answer.key_sentences["text"].str.contains("Pets|2\\.").all()


@pytest.mark.parametrize(
    "question",
    [
        "What are pets?",
        "What does it say about dogs?",
        "What does it say about pets in 2026?",
        "Summarize what a tenant pays",
    ],
)
def test_what_is_no_title_is_searched_for(lease, question):
    assert quoted(find(question, lease)).stop_reason != "not asked"


@pytest.mark.parametrize("noun", ["Chapter", "Capítulo"])
def test_a_number_alone_above_a_title_belongs_to_it(tmp_path, noun):
    titles = ["Reading", "Cutting", "Asking"]
    html = "".join(
        f"<h1>{noun} {n}</h1><p> </p><h2>{t}</h2><p>So it is done.</p>" for n, t in enumerate(titles, 1)
    )
    book = set_pdf(tmp_path / "book.pdf", html, [(1, title, 1) for title in titles])
    assert f"{noun} 2 Cutting" in read_pdf(book)["headings"][0]


def test_a_number_above_a_title_belongs_to_it_by_its_looks_too(tmp_path):
    html = "".join(
        f"<h1>Chapter {n}</h1><h1>{title}</h1>" + f"<p>{'This is how it is done, and why. ' * 6}</p>" * 3
        for n, title in enumerate(("Reading", "Cutting", "Asking"), 1)
    )
    assert "Chapter 2 Cutting" in chain.from_iterable(
        read_pdf(set_pdf(tmp_path / "book.pdf", html))["headings"]
    )


MEETING = (
    "<h1>Minutes of the board</h1><p>Date: 17 September 2025</p><p>Chair: Ada Brown</p>"
    + "".join(
        f"<h2>{n}. {title}</h2><p>{'It was said as it stands here, and noted. ' * 4}</p>"
        for n, title in enumerate(("Opening", "What happened", "Money"), 1)
    )
    + "<h2>4. Next meeting</h2><p>The next meeting is on 10 December 2025. The chair closed the meeting.</p>"
)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When was the meeting?", "Date: 17 September 2025"),
        ("Who chaired the meeting?", "Chair: Ada Brown"),
        ("what happened", "2. What happened"),
    ],
)
def test_a_field_and_a_heading_answer_before_a_search(tmp_path, tokenizer, embedder, question, said):
    index = index_of(tokenizer, embedder, set_pdf(tmp_path / "minutes.pdf", MEETING))
    assert quoted(find(question, index)).key_sentences["text"].iloc[0] == said


@pytest.mark.parametrize("question", ["Who was present?", "When was it signed?", "Who signed it?", "table 5"])
def test_what_no_field_says_is_searched_for(lease, question):
    assert not quoted(find(question, lease)).stop_reason
