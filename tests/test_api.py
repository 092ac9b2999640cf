"""The server for other programs: over a real connection, with the client that others will use."""

import contextlib
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import httpx
import openai
import pandas as pd
import pydantic
import pytest
import uvicorn
from conftest import FakeModel, index_of_pages, make_embedder, make_tokenizer

from ragkit import commands
from ragkit.generate import MAX_NEW_TOKENS, ask
from ragkit.grounding.citations import support
from ragkit.grounding.doubt import Outcome
from ragkit.grounding.quotes import QUOTE_COLUMNS
from ragkit.models.llm import LLM, Written
from ragkit.notice import BadParameter
from ragkit.show import card
from ragkit.web import answering, api, limits
from ragkit.web.errands import title_of

QUESTION = "What do lemons cure?"
TEXTS = ["Lemons cure scurvy in a week. Sailors ate them from 1747 on.", "Salt keeps fish and meat."]


@pytest.fixture(scope="module")
def index():
    embedder = make_embedder(
        make_tokenizer()
    )  # counts with one tokenizer and embeds with another, as real ones do
    vars(embedder).update(model=FakeModel(make_tokenizer()))
    return index_of_pages(embedder.tokenizer, embedder, *TEXTS)


@contextlib.contextmanager
def running(app):
    """The address of a server on a free port."""
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def app(index, llm):
    return api.make_api(index, llm, seconds=10, at_once=3)


@pytest.fixture(scope="module")
def url(app):
    with running(app) as url:
        yield url


@pytest.fixture(scope="module")
def http(url):
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def client(url):
    return openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=30)


@pytest.fixture
def turn():
    """The model's turn, taken: whoever asks waits until it is released."""
    answering.ONE_AT_A_TIME.acquire()
    yield answering.ONE_AT_A_TIME
    if answering.ONE_AT_A_TIME.locked():
        answering.ONE_AT_A_TIME.release()


def until(condition, seconds=10):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def at_work():
    """The threads that write an answer, or wait for their turn to."""
    return [each for each in threading.enumerate() if "(work)" in each.name]


def events(lines):
    """What a stream of server-sent events holds: (name, data) each, without comments."""
    blocks = "\n".join(lines).split("\n\n")
    fields = [dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":") for block in blocks]
    return [(each.get("event"), json.loads(each["data"])) for each in fields if each]


# Ask and search


def test_a_stream_has_what_is_found_then_words_then_the_whole(http, index, llm):
    with http.stream("POST", "/ask", json={"question": QUESTION, "max_new_tokens": 8}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        (first, found), *between, (last, whole) = events(response.iter_lines())
    assert (first, last, {name for name, _ in between}) == ("found", "answer", {"text"})
    assert "scurvy" in found["sentences"][0]["text"]
    assert (found["sentences"][0]["label"], found["text"], found["stop_reason"]) == ("1", "", "")
    asked = ask(QUESTION, index, llm, max_new_tokens=8)
    assert whole["text"] == asked.text
    assert "".join(piece["text"] for _, piece in between).strip() == asked.text
    assert [each["claim"] for each in whole["citations"]] == list(asked.citations["claim"])


@pytest.mark.parametrize("places", [1, 20])
def test_as_many_requests_are_worked_on_as_there_are_places(index, llm, places):
    desk = api.make_api(index, llm, at_once=places).state.desk
    together = threading.Barrier(places + 1)  # opens when all of them have begun
    begun = [desk.threads.submit(together.wait, 20) for _ in range(places)]
    together.wait(20)  # BrokenBarrierError where one of them waits for a thread
    assert len({each.result(20) for each in begun}) == places


def test_without_a_stream_the_whole_comes_at_once(http, index, llm):
    asked = {"question": QUESTION, "max_new_tokens": 8, "stream": False, "top_k": 1}
    whole = http.post("/ask", json=asked).json()
    assert whole["text"] == ask(QUESTION, index, llm, max_new_tokens=8, top_k=1).text
    assert whole["n_answer_tokens"] > 0
    assert [each["rank"] for each in whole["passages"]] == [1]


def test_search_gives_passages_with_their_pages(http, index):
    found = http.get("/search", params={"question": QUESTION, "top_k": 1, "method": "bm25"}).json()
    (passage,) = found["passages"]
    expected = index.search(QUESTION, 1, method="bm25").loc[0]
    assert (passage["text"], passage["score"]) == (expected["text"], pytest.approx(expected["score"]))
    assert (passage["source"], passage["page"], passage["label"]) == ("a.pdf", 0, "1")


def test_what_there_is_stands_in_openapi_and_no_page_loads_from_elsewhere(http):
    paths = http.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/ask", "/search", "/v1/models", "/v1/models/{name}", "/v1/chat/completions"}
    assert [http.get(path).status_code for path in ("/docs", "/redoc", "/")] == [404] * 3


def test_an_endpoint_of_ones_own_stands_in_openapi_beside_them(index, llm):
    app = api.make_api(index, llm)
    app.get("/page_image")(lambda source, page: httpx.codes.OK)
    with running(app) as url:
        paths = httpx.get(f"{url}/openapi.json").json()["paths"]
    assert {"/ask", "/page_image"} < set(paths)


def test_a_question_that_leans_on_the_one_before_says_what_was_searched_for(http, client):
    asked = {"question": "And when was it?", "before": [QUESTION], "stream": False, "max_new_tokens": 2}
    reply = http.post("/ask", json=asked).json()
    assert reply["question"] == "And when was it?"
    assert QUESTION in reply["searched_for"]
    text = chat(client, "And what else?").choices[0].message.content
    assert text.startswith("Searched for: What keeps fish?")


# Limits


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({}, 422, "question: Field required"),
        ({"question": ""}, 422, "question"),
        ({"question": " ?! "}, 400, "holds no word"),
        ({"question": ["x"]}, 422, "question"),
        ({"question": "\ud800"}, 422, "question"),
        ({"question": "x" * 2001}, 422, "at most 2000"),
        ({"question": QUESTION, "top_k": 51}, 422, "top_k"),
        ({"question": QUESTION, "method": "/etc/passwd"}, 422, "method"),
        ({"question": QUESTION, "max_new_tokens": 0}, 422, "max_new_tokens"),
        ({"question": QUESTION, "temperature": 3}, 422, "temperature"),
        ({"question": QUESTION, "tempreature": 0}, 422, "tempreature"),
        ({"question": QUESTION, "max_new_tokens": 1024, "stream": False}, 400, "leaves no room"),
        ([], 422, "body"),
    ],
)  # fmt: skip
def test_an_error_says_what_was_wrong(http, asked, status, says):
    answer = http.post("/ask", content=json.dumps(asked), headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert says in answer.json()["error"]


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 100_000, b'{"question": 1e999}', b"9" * 5000, b"null"]
)
def test_a_broken_body_is_turned_away(http, body):
    answer = http.post("/ask", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_a_large_body_is_turned_away_whether_its_size_is_said_or_not(http):
    large = b" " * (limits.MOST_BYTES + 1)
    for content in (large, iter([large[:500_000], large[500_000:]])):
        answer = http.post("/ask", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (413, "Content Too Large")


CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "says"),
    [
        ("POST", CHAT, b" " * (limits.MOST_BYTES + 1), {}, 413, "Content Too Large"),
        ("GET", "/v1", b"", {}, 404, "Not Found"),
        ("POST", "/v1/embeddings", b"{}", {}, 404, "Not Found"),
        ("GET", "/v1/models/gpt-9", b"", {}, 404, "There is one model"),
        ("GET", CHAT, b"", {}, 405, "Method Not Allowed"),
        ("POST", CHAT, b'{"messages": ', {}, 400, "no JSON from character 13"),
        ("POST", CHAT, b"\xff", {}, 400, "parsing the body"),
        ("POST", CHAT, b"[]", {}, 400, "body: Input should be"),
        ("POST", CHAT, b"{}", {"Content-Type": "text/plain"}, 415, "Content-Type"),
        ("GET", "/v1/models", b"", {"Host": "evil.example"}, 400, "Invalid host"),
    ],
)
def test_every_error_below_v1_has_the_shape_that_openais_clients_read(
    http, method, path, body, headers, status, says
):
    headers = {"Content-Type": "application/json"} | headers
    answer = http.request(method, path, content=body, headers=headers)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", None, None)
    assert says in error["message"]


def test_what_nobody_foresaw_is_a_fault_of_the_server_and_no_secret_is_told(http, client, monkeypatch):
    monkeypatch.setattr(limits.Desk, "answer", lambda *_, **__: {}["secret"])
    assert "secret" not in http.post("/ask", json={"question": QUESTION, "stream": False}).json()["error"]
    with pytest.raises(openai.InternalServerError) as raised:
        chat(client)
    assert raised.value.body["type"] == "server_error"


def test_pages_in_a_browser_cannot_ask(http):
    for form in ({"Content-Type": "text/plain"}, {}):  # what a page elsewhere may send without being asked
        asked = http.post("/ask", content=json.dumps({"question": QUESTION}), headers=form)
        assert (asked.status_code, "Content-Type" in asked.json()["error"]) == (415, True)
    named = http.get("/search", params={"question": QUESTION}, headers={"Host": "evil.example:8000"})
    assert named.status_code == 400
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert http.options("/ask", headers=asked).status_code == 405
    answer = http.get("/search", params={"question": QUESTION}, headers=asked)
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_server_with_another_address_has_that_name(index, llm):
    with running(api.make_api(index, llm, "192.0.2.7")) as url:
        for host, status in (("192.0.2.7:80", 200), ("localhost", 200), ("192.0.2.8", 400)):
            assert httpx.get(f"{url}/v1/models", headers={"Host": host}).status_code == status


def test_who_finds_no_place_is_told_when_to_come_back(http, app, turn):
    asked = {"question": QUESTION, "max_new_tokens": 4, "stream": False}
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(http.post, "/ask", json=asked) for _ in range(20)]
        until(lambda: sum(each.done() for each in waiting) == 17)
        turn.release()
        answers = [each.result() for each in waiting]
    assert sorted(each.status_code for each in answers) == [200] * 3 + [503] * 17
    assert {each.headers.get("Retry-After") for each in answers} == {None, "5"}
    until(lambda: app.state.desk.n_now == 0)
    assert http.post("/ask", json=asked).status_code == 200


def sent(url, asked, path="/ask"):
    """A connection on which a question was sent; nobody reads the answer."""
    body = json.dumps(asked).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    connection = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
    connection.sendall(head.encode() + b"\r\n\r\n" + body)
    return connection


@dataclass(frozen=True)
class Slow(LLM):
    """A model that takes its time: for each token of a long answer, or of a long prompt, of which it says nothing.

    That it goes in circles does not end it.
    """

    says: str
    said: list = field(default_factory=list)
    end_tokens = ()

    def write(self, prompt, most, take, *_):
        for _ in range(10_000):
            self.said.append(self.says)
            take(self.says)
            time.sleep(0.005)
        return Written(len(self.said), ended=True)


@pytest.mark.parametrize("said", ["lemons ", "<think>", ""], ids=["writes", "thinks", "reads"])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/ask", "/v1/chat/completions"])
def test_the_model_stops_for_who_has_gone_and_the_next_is_answered(index, tokenizer, path, stream, said):
    slow = Slow("slow", tokenizer, "cpu", "", 600, 10**9, said)
    app = api.make_api(index, slow, at_once=3)
    asked = {"question": QUESTION} if path == "/ask" else {"messages": [ASKED]}
    with running(app) as url:
        with sent(url, asked | {"stream": stream}, path), sent(url, asked | {"stream": False}, path):
            until(lambda: len(slow.said) > 1 and len(at_work()) == 2)  # one is answered, one waits
        until(lambda: app.state.desk.n_now == 0 and not at_work())
    assert len(slow.said) < 10_000


def test_who_waits_and_goes_gives_the_place_back(url, app, turn):
    with sent(url, {"question": QUESTION, "stream": False}):
        until(at_work)
    until(lambda: app.state.desk.n_now == 0)


def test_a_slow_model_is_cut_off_and_what_has_come_is_the_answer(index, llm, monkeypatch):
    def write(answer, llm, stream, **_):
        stream("Lemons cure scurvy in a week. ")
        while True:
            time.sleep(0.05)
            stream("")

    monkeypatch.setattr(answering, "write", write)
    with running(api.make_api(index, llm, seconds=1)) as url:
        whole = httpx.post(f"{url}/ask", json={"question": QUESTION, "stream": False}).json()
        said = chat(openai.OpenAI(base_url=f"{url}/v1", api_key="none"))
    assert (whole["stop_reason"], whole["text"]) == ("cut off", "Lemons cure scurvy in a week. ")
    assert 1 <= whole["n_answer_tokens"] <= 21
    assert whole["citations"][0]["claim"] == "Lemons cure scurvy in a week."
    assert said.choices[0].finish_reason == "length"
    assert "time was up" in said.choices[0].message.content


def test_a_body_that_comes_in_drops_is_not_waited_for(index, llm, monkeypatch):
    monkeypatch.setattr(limits, "MORE_SECONDS", 0.2)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    with running(api.make_api(index, llm, seconds=0.1)) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head)
            answer = connection.makefile("rb").read()  # until the server closes the connection
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert b'"message":"The request took more' in answer


def test_a_request_that_takes_too_long_is_ended_and_the_model_with_it(index, llm, monkeypatch, turn):
    monkeypatch.setattr(limits, "MORE_SECONDS", -8.5)  # as if the client did not fetch what is written
    app = api.make_api(index, llm, seconds=9)
    with running(app) as url:
        late = httpx.post(f"{url}/ask", json={"question": QUESTION, "stream": False})
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(f"{url}/ask", json={"question": QUESTION})
        until(lambda: app.state.desk.n_now == 0)
    assert late.status_code == 408
    turn.release()
    until(lambda: not at_work())


def test_a_fault_on_the_way_is_said(http, client, monkeypatch):
    def write(*_, **__):
        raise BadParameter("no more paper")

    monkeypatch.setattr(answering, "write", write)
    with http.stream("POST", "/ask", json={"question": QUESTION}) as response:
        assert events(response.iter_lines())[-1] == ("error", {"error": "no more paper"})
    with pytest.raises(openai.APIError, match="no more paper"):
        list(chat(client, stream=True))
    with pytest.raises(openai.BadRequestError, match="no more paper"):
        chat(client)


# OpenAI's API

ASKED = {"role": "user", "content": QUESTION}


def chat(client, content=QUESTION, **how):
    messages = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "What keeps fish?"},
        {"role": "assistant", "content": "Salt."},
        {"role": "user", "content": content},
    ]
    how = {"model": "any", "max_tokens": 8} | how
    return client.chat.completions.create(messages=messages, **how)


def expected(index, llm, **how):
    return card.answer(ask(QUESTION, index, llm, **how)).text.removeprefix(f"Question: {QUESTION}\n\n")


def test_openais_client_asks_with_the_questions_before(client, index, llm):
    answer = ask("And what about that?", index, llm, before=["What keeps fish?"], max_new_tokens=8)
    assert answer.searched_for == "What keeps fish?"
    said = chat(client, "And what about that?").choices[0].message.content
    assert said.startswith("Searched for: What keeps fish?\n\n")
    assert said == card.answer(answer).text.removeprefix("Question: And what about that?\n\n")
    pieces = chat(client, "And what about that?", stream=True)
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == said


def test_openais_client_asks_the_last_question(client, index, llm):
    assert [model.id for model in client.models.list()] == [client.models.retrieve("ragkit").id] == ["ragkit"]
    with pytest.raises(openai.NotFoundError, match="There is one model: ragkit"):
        client.models.retrieve("gpt-9")
    said = chat(client)
    assert said.choices[0].message.content == expected(index, llm, max_new_tokens=8)
    assert said.choices[0].message.content.startswith("In the document's words:\n1. Lemons cure scurvy")
    assert (said.choices[0].finish_reason, said.object, said.model) == ("length", "chat.completion", "ragkit")
    asked = ask(QUESTION, index, llm, max_new_tokens=8)
    assert (said.usage.prompt_tokens, said.usage.completion_tokens) == (
        asked.n_prompt_tokens, asked.n_answer_tokens,
    )  # fmt: skip


def test_a_stream_says_the_same_the_documents_words_first(client, index, llm):
    chunks = list(chat(client, stream=True, stream_options={"include_usage": True}))
    words = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(words) == expected(index, llm, max_new_tokens=8)
    assert "scurvy" in words[0]
    assert "model's words" not in words[0]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-2:] == [None, "length"]
    assert (chunks[-1].choices, chunks[-1].usage.completion_tokens) == ([], 8)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_waits_where_only_the_models_words_lead_to_a_sentence(client, monkeypatch):
    def write(answer, *_, **__):
        text = "Lemons cure scurvy in a week."
        return replace(answer, text=text, stop_reason="end", citations=support(text, answer.found))

    monkeypatch.setattr(answering, "write", write)
    monkeypatch.setattr("ragkit.generate.quote", lambda *_: pd.DataFrame(columns=QUOTE_COLUMNS))
    monkeypatch.setattr("ragkit.generate.outcome_of", lambda *_: Outcome("answered"))
    whole = chat(client).choices[0].message.content
    assert whole.startswith("In the document's words:\n1. Lemons")
    words = [chunk.choices[0].delta.content or "" for chunk in chat(client, stream=True)]
    assert "".join(words) == whole


@pytest.mark.parametrize("stream", [True, False])
def test_a_refusal_is_an_answer_like_another(client, monkeypatch, stream):
    monkeypatch.setattr("ragkit.generate.outcome_of", lambda *_: Outcome("refused", "it is about fruit"))
    said = chat(client, stream=stream)
    text = (
        "".join(chunk.choices[0].delta.content or "" for chunk in said)
        if stream
        else said.choices[0].message.content
    )
    assert text.startswith(
        "The document does not answer this: it is about fruit.\n\nNearest in the document:\n1."
    )


def test_limits_temperature_and_seed_are_kept(client, monkeypatch):
    given = []

    def write(answer, *_, stream, **how):
        given.append((how["max_new_tokens"], how["temperature"], how["seed"]))
        return answer

    monkeypatch.setattr(answering, "write", write)
    chat(client, max_tokens=100_000, temperature=0.7, seed=7)
    chat(client, max_completion_tokens=5, temperature=1e-40, seed=2**63 - 1)
    chat(client, max_tokens=-1)
    most = limits.MOST_NEW_TOKENS
    assert given == [(most, 0.7, 7), (5, 0, 2**31 - 1), (MAX_NEW_TOKENS, 0, 0)]


def test_a_seed_decides_what_chance_writes(index, llm):
    texts = {
        seed: [steps[-1].text for steps in runs]
        for seed in (1, 2)
        for runs in [
            [
                list(
                    answering.answer_in_steps(
                        QUESTION, index, llm, temperature=2.0, seed=seed, max_new_tokens=9
                    )
                )
                for _ in "ab"
            ]
        ]
    }
    assert texts[1][0] == texts[1][1] != texts[2][0] == texts[2][1]


def test_a_question_may_come_in_parts_and_what_has_no_effect_is_named(client):
    parts = [{"type": "text", "text": "What do lemons"}, {"type": "text", "text": "cure?"}]
    said = chat(client, parts, extra_body={"top_p": 1, "keep_alive": "5m"}, n=1, tools=[], logprobs=False)
    assert "scurvy" in said.choices[0].message.content
    assert said.ignored == ["keep_alive", "system", "top_p"]
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    before = [{"role": "developer", "content": "In French."}, {"role": "user", "content": [image]}]
    said = client.chat.completions.create(model="any", messages=[*before, ASKED], max_tokens=8)
    assert said.ignored == ["developer", "image_url"]
    assert not hasattr(client.chat.completions.create(model="any", messages=[ASKED], max_tokens=8), "ignored")


TOOL = {"type": "function", "function": {"name": "f"}}


def test_tools_that_are_not_to_be_called_are_taken(client):
    said = chat(client, tools=[TOOL], tool_choice="none")
    assert "scurvy" in said.choices[0].message.content


def test_the_sentences_come_as_citations_numbered_as_in_the_text(client):
    said = chat(client)
    for citation in said.citations:
        numbered = f"{citation['number']}. {citation['text']} ({citation['source']}, p. {citation['label']})"
        assert numbered in said.choices[0].message.content
    assert said.citations[0] == {
        "number": 1, "text": "Lemons cure scurvy in a week.", "source": "a.pdf", "page": 0, "label": "1",
    }  # fmt: skip
    assert [chunk.citations for chunk in chat(client, stream=True) if hasattr(chunk, "citations")] == [
        said.citations
    ]


def of_model(monkeypatch, *pieces, doubt=""):
    """Let the model write just this."""

    def write(answer, *_, stream, **__):
        for piece in pieces:
            stream(piece)
        text = "".join(pieces)
        return replace(
            answer, text=text, doubt=doubt, stop_reason="end", citations=support(text, answer.found)
        )

    monkeypatch.setattr(answering, "write", write)


@pytest.mark.parametrize("state", ["answered", "in doubt"])
@pytest.mark.parametrize("stop", [" Sailors", ["1747", " Sail", ""]])
def test_the_models_words_end_before_a_stop_and_the_documents_do_not(client, monkeypatch, stop, state):
    monkeypatch.setattr("ragkit.generate.outcome_of", lambda *_: Outcome(state, "it is far"))
    of_model(monkeypatch, "Lemons cure scurvy in a week. Sai", "lors ate them from 1747 on.")
    whole, cut = (chat(client, stop=each).choices[0] for each in (None, stop))
    words = [each.message.content.partition(f"{card.MODEL}:\n")[2] for each in (whole, cut)]
    assert "Sailors ate them" in words[0]
    assert words[1] == "Lemons cure scurvy in a week. [1]"
    assert "Sailors" in chat(client, "Who ate lemons?", stop=stop).choices[0].message.content
    assert cut.finish_reason == "stop"


@pytest.mark.parametrize("stream", [True, False])
def test_json_is_the_answer_as_from_ask(http, client, stream):
    asked = {"question": QUESTION, "max_new_tokens": 8, "stream": False}
    said = chat(client, response_format={"type": "json_object"}, stream=stream)
    chunks = [each.choices[0].delta.content or "" for each in said] if stream else []
    text = "".join(chunks) if stream else said.choices[0].message.content
    assert json.loads(text) == http.post("/ask", json=asked).json()


class Short(pydantic.BaseModel):
    text: str
    refusal: str


def test_a_schema_gets_those_fields_of_the_answer_that_it_names(client, url):
    messages = [{"role": "user", "content": QUESTION}]
    said = client.chat.completions.parse(
        model="ragkit", messages=messages, response_format=Short, max_tokens=8
    )
    assert said.choices[0].message.parsed == Short(text=said.choices[0].message.parsed.text, refusal="")
    assert set(json.loads(said.choices[0].message.content)) == {"text", "refusal"}


WEBUI = """### Task:
{}
### Output:
JSON format: {}
### Chat History:
<chat_history>
USER: What do lemons cure?
ASSISTANT: Scurvy.
</chat_history>"""


@pytest.mark.parametrize(
    ("errand", "answer"),
    [
        (WEBUI.format("Write a title of 3-5 words.", '{ "title": "the title" }'), '{"title": "What do lemons cure?"}'),
        (WEBUI.format("Write one to three tags.", '{ "tags": ["tag1", "tag2"] }'), '{"tags": []}'),
        (WEBUI.format("Go on with the text.", '{ "text": "the rest" }'), '{"text": ""}'),
        (WEBUI.format("Suggest what to ask next.", '{ "follow_ups": ["One?", "Two?"] }'), '{"follow_ups": []}'),
        ('### Task:\nMake it longer.\n### Output:\n{\n    "prompt": "it"\n}\n\n### Prompt:\nA fish.', '{"prompt": ""}'),
        ("### Task:\nSum up.\n### Messages Being Compacted:\nUSER: What do lemons cure?\nASSISTANT: Scurvy.", QUESTION),
        ('Available Tools: [{"name": "clock"}]\n\nIf none match, return {\n "tool_calls": []\n}', '{"tool_calls": []}'),
        ("Provide a concise, five-word title for the conversation.\nUser: What do lemons cure?\nAI: Scurvy", QUESTION),
        ("Please write a four to five word title that sums up our conversation.", "What keeps fish?"),
        ("Give this conversation a name, ten letters at most. Only the name.", "What keeps fish?"),
        ("Your task is to reflect the mood by a fitting emoji.\n\nMessage: ```Ahoy!```", "What keeps fish?"),
        ("Write a short title for this message.\nuser: " + "lemons " * 400, "lemons " * 7 + "…"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stream", [True, False])
def test_what_a_front_end_asks_about_the_chat_is_not_searched(client, monkeypatch, errand, answer, stream):
    monkeypatch.setattr(limits.Desk, "answer", None)
    said = chat(client, errand, stream=stream)
    text = (
        "".join(each.choices[0].delta.content or "" for each in said)
        if stream
        else said.choices[0].message.content
    )
    assert text == answer


@pytest.mark.parametrize(
    "asked", ["What do lemons cure?", "<user_query>\nWhat do lemons cure?\n</user_query>"]
)
def test_passages_that_a_front_end_adds_are_not_searched_and_that_is_said(client, http, asked):
    passages = "<source id='1'>" + "Apples cure nothing. " * 200 + "</source>"
    message = f"### Task:\nUse it.\n<context>\n{passages}\n</context>\n\n{asked}"
    body = {"messages": [{"role": "user", "content": message}], "stream_options": None, "max_tokens": None,
            "metadata": {"chat_id": "1"}, "files": [], "keep_alive": "5m"}  # fmt: skip
    said = http.post("/v1/chat/completions", json=body).json()
    assert said["ignored"] == ["context", "files", "keep_alive", "metadata"]
    texts = said["choices"][0]["message"]["content"], chat(client).choices[0].message.content
    # without a number of tokens, the model says more
    quoted = {text.partition(card.MODEL)[0] for text in texts}
    assert len(quoted) == 1
    assert "Lemons cure scurvy" in quoted.pop()


def test_a_chat_without_a_question_has_the_documents_name(client):
    messages = [
        {"role": "system", "content": "Generate a title for a conversation that starts so."},
        {"role": "user", "content": "Hello"},
    ]
    said = client.chat.completions.create(model="ragkit", messages=messages)
    assert said.choices[0].message.content == "About a.pdf"


@pytest.mark.parametrize(
    "question",
    [
        "What is a good title for a conversation about lemons?",
        "Who has a doctor's title in the messages?",
        "Give me the title of the chat protocol.",
        "List a person of each title in the conversation.",
        "Name a sailor whose title is in the message.",
        "What does the chapter on conversation say about a name?",
        "Write a title.",
    ],
)
def test_a_question_about_titles_is_searched(question):
    assert title_of([("user", question)], "a.pdf") is None


@pytest.mark.parametrize(
    ("content", "how", "says"),
    [
        (QUESTION, {"n": 2}, "leave out n"),
        (QUESTION, {"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        (QUESTION, {"functions": [{"name": "f"}]}, "functions"),
        (QUESTION, {"tools": [TOOL], "tool_choice": TOOL}, "response_format json_schema"),
        (QUESTION, {"tool_choice": "required"}, "No tool is ever called"),
        (QUESTION, {"function_call": {"name": "f"}}, "No tool is ever called"),
        (QUESTION, {"n": 0}, "leave out n"),
        (QUESTION, {"logprobs": True}, "logprobs"),
        (QUESTION, {"max_tokens": -2}, "max_tokens"),
        (QUESTION, {"response_format": {"type": "grammar"}}, "response_format"),
        (
            QUESTION,
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"schema": {"properties": {"x": {}}}},
                }
            },
            "no field 'x'. There is: question",
        ),
        (QUESTION, {"temperature": 9}, "temperature"),
        ([{"type": "image_url", "image_url": {"url": "data:,"}}], {}, "not image_url"),
        ("", {}, "holds no word"),
        ("x" * 2001, {}, "2,000 characters"),
    ],
)
def test_what_cannot_be_done_is_said_in_openais_shape(client, content, how, says):
    with pytest.raises(openai.BadRequestError, match=says) as raised:
        chat(client, content, **how)
    assert raised.value.body["type"] == "invalid_request_error"


HALF = "\\ud800"  # in JSON: an unpaired surrogate, which a string of Python holds, and no answer can


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": HALF}, ASKED],
        [{"role": "user", "content": [{"type": "text", "text": HALF}]}, ASKED],
        [{"role": "user", "content": [{"type": HALF}]}],
        [{"role": HALF, "content": ""}, ASKED],
        [{"role": "USER", "content": QUESTION}],
        [],
    ],
)
def test_messages_that_hold_no_question_or_no_text_are_turned_away(http, messages):
    body = json.dumps({"messages": messages}).replace("\\" + HALF, HALF)
    sent = http.post("/v1/chat/completions", content=body, headers={"Content-Type": "application/json"})
    assert (sent.status_code, sent.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("text", ["### Task:\n" * 20_000, "### Task:\n<chat_history>" + "\n" * 20_000])
def test_what_looks_like_an_errand_many_times_is_read_once(text):
    started = time.monotonic()
    title_of([("user", text)], "a.pdf")
    assert time.monotonic() - started < 2


def test_no_place_is_an_error_that_openais_client_tries_again(client, app, monkeypatch):
    monkeypatch.setattr(app.state.desk, "at_once", 0)
    with pytest.raises(openai.InternalServerError) as raised:
        chat(client)
    assert raised.value.status_code == 503
    assert raised.value.body["type"] == "server_error"


# The command


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(url, capsys):
    assert commands.main(["serve", "none.pdf", "--port", url.rpartition(":")[2]]) == 1
    assert "--port" in capsys.readouterr().err
    assert commands.main(["serve", "none.pdf", "--port", "70000"]) == 1


def test_the_command_says_where_it_listens_and_warns_of_other_addresses(monkeypatch, index, llm, capsys):
    monkeypatch.setattr(api, "open_index", lambda pdf: index)
    monkeypatch.setattr(api, "load_llm", lambda: llm)
    served = []
    monkeypatch.setattr(
        uvicorn.Server, "run", lambda self, sockets: served.append(sockets[0].getsockname()[0])
    )
    assert commands.main(["serve", "a.pdf", "--port", "0"]) == 0
    said = capsys.readouterr().err
    assert served == ["127.0.0.1"]
    assert "/v1" in said
    assert "no login" not in said
    assert commands.main(["serve", "a.pdf", "--port", "0", "--host", "0.0.0.0"]) == 0
    assert "no login" in capsys.readouterr().err
