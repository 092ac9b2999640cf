"""Language models behind a server: a small one in a thread that does right, and one that does each thing wrong."""

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ragkit import models, notice
from ragkit.generate import generate
from ragkit.models import asking, server
from ragkit.models.fetch import fetch_model
from ragkit.models.open_llm import load_llm
from ragkit.models.server import ServerLLM, find_servers, open_server, stream_chat
from ragkit.notice import BadParameter, RagkitError, ServerError

MESSAGES = [{"role": "user", "content": "What cures scurvy?"}]


class FakeServer:
    """Answers by path: bytes of JSON, or a function of the handler; keeps what it was asked."""

    def __init__(self):
        self.answers, self.asked, self.done = {}, [], threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                fake.asked.append((self.command, self.path, body, dict(self.headers)))
                answer = fake.answers.get(
                    self.path, lambda handler: send(handler, {"error": "no such page"}, 404)
                )
                with contextlib.suppress(OSError):
                    answer(self) if callable(answer) else send(self, answer)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def has(self, *names, **facts):
        self.answers["/v1/models"] = {
            "object": "list",
            "data": [{"id": name, **facts} for name in names] or None,
        }

    def says(self, answer):
        self.answers["/v1/chat/completions"] = answer

    def paths(self):
        return [path for _, path, _, _ in self.asked]

    def close(self):
        self.done.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def send(handler, answer, status=200, **headers):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    handler.send_response(status)
    for name, value in (
        {"Content_Type": "application/json", "Content_Length": str(len(body))} | headers
    ).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def event(text=None, stop=None, **delta):
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": stop}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def stream(*events, content_type="text/event-stream", wait=None):
    """Send events in one go, or each with a pause; then hang up."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.end_headers()
        for each in events:
            handler.wfile.write(each)
            handler.wfile.flush()
            if wait:
                wait()

    return answer


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    for variable in ("RAGKIT_LLM", "RAGKIT_REMOTE_LLM"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://192.0.2.1:9")  # one that would never answer
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OLLAMA_API_KEY", "sk-secret")


@pytest.fixture
def fake():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def llm(fake):
    return ServerLLM("tiny", fake.url)


def heard(llm, **how):
    """What came, and the error that came after it."""
    pieces, error = [], None
    try:
        for piece in stream_chat(llm, MESSAGES, how.pop("max_new_tokens", 20), **how):
            pieces.append(piece)
    except RagkitError as caught:
        error = caught
    return pieces, error


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


# Opening


def test_a_server_says_what_it_has(fake):
    fake.has("tiny")
    found = open_server(fake.url)
    assert (found.name, found.url, found.context) == ("tiny", fake.url, 4096)
    assert (found.device, found.dtype) == ("server", "")


@pytest.mark.parametrize(
    "form", ["{url}#tiny", "{url}/#tiny", "{root}#tiny", "{root}/#tiny", "{url}#other:8b"]
)
def test_an_address_with_a_model(fake, form):
    fake.has("tiny:latest", "other:8b")
    found = open_server(form.format(url=fake.url, root=fake.url.removesuffix("/v1")))
    assert (found.name, found.url) == (form.partition("#")[2], fake.url)


@pytest.mark.parametrize(
    ("names", "model", "words"),
    [
        (["a", "b"], "", "several models: a, b"),
        (["a", "b"], "#c", "no model 'c'. It has: a, b"),
        ([], "", "no language model yet"),
        (["nomic-embed-text"], "", "no language model yet"),
    ],
)
def test_models_that_there_are_not_or_too_many(fake, names, model, words):
    fake.has(*names)
    with pytest.raises(BadParameter, match=words):
        open_server(fake.url + model)


def test_models_that_embed_are_not_offered(fake):
    fake.has("nomic-embed-text", "tiny")
    assert open_server(fake.url).name == "tiny"


def test_a_server_without_a_list_is_taken_at_its_word(fake):
    assert open_server(f"{fake.url}#tiny").name == "tiny"
    with pytest.raises(ServerError, match="404 Not Found: no such page"):
        open_server(fake.url)


@pytest.mark.parametrize(
    ("path", "answer", "context"),
    [
        ("/props", {"default_generation_settings": {"n_ctx": 8192}}, 8192),
        ("/props", {"default_generation_settings": {"n_ctx": 0}}, 4096),
        (
            "/api/show",
            {"parameters": "stop  x\nnum_ctx    16384", "model_info": {"q.context_length": 40960}},
            16384,
        ),
        ("/api/show", {"model_info": {"qwen3.context_length": 40960}}, 4096),
        ("/api/show", {"model_info": {"llama.context_length": 2048}}, 2048),
        ("/api/v0/models/a/b%3A1", {"loaded_context_length": 6000, "max_context_length": 32768}, 6000),
        ("/api/v0/models/a/b%3A1", {"max_context_length": 1024}, 1024),
        ("/props", {"error": "Unexpected endpoint"}, 4096),
        ("/props", ["odd"], 4096),
    ],
)
def test_the_context_is_what_the_server_gives(fake, path, answer, context):
    fake.has("a/b:1", meta={"n_ctx_train": 131072})
    fake.answers[path] = answer
    assert open_server(fake.url).context == context
    assert ("POST", "/api/show", {"model": "a/b:1"}) in [asked[:3] for asked in fake.asked]


def test_llama_cpp_answers_ollamas_question_too(fake):
    fake.has("a/b:1")
    fake.answers["/props"] = {"default_generation_settings": {"n_ctx": 2000}}
    fake.answers["/api/show"] = {"model_info": {"llama.context_length": 131072}}
    assert open_server(fake.url).context == 2000


def test_the_context_in_the_list_of_models(fake):
    fake.has("tiny", max_model_len=12000)
    assert open_server(fake.url).context == 12000


# Answers


def test_pieces_come_while_the_server_still_writes(fake, llm):
    more = threading.Event()
    fake.says(
        stream(event(role="assistant"), event("Lem"), event("ons."), event(stop="stop"), DONE, wait=None)
    )
    assert heard(llm) == ([("Lem", None), ("ons.", None), ("", "end")], None)

    def pause():
        assert more.wait(10)

    fake.says(stream(event("Lem"), event("ons.", stop="length"), DONE, wait=pause))
    pieces = stream_chat(llm, MESSAGES, 20)
    assert next(pieces) == ("Lem", None)  # before the server went on
    more.set()
    assert list(pieces) == [("ons.", None), ("", "length")]


def test_what_is_asked(fake, llm):
    fake.says(stream(DONE))
    assert heard(llm, max_new_tokens=7, temperature=0.5, seed=3) == ([("", "end")], None)
    ((method, path, body, _),) = fake.asked
    assert (method, path) == ("POST", "/v1/chat/completions")
    asked = {
        "model": "tiny",
        "messages": MESSAGES,
        "stream": True,
        "max_tokens": 7,
        "temperature": 0.5,
        "seed": 3,
    }
    assert asked.items() <= body.items()
    assert body["reasoning_effort"] == "none"
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_a_server_that_takes_no_word_it_does_not_know(fake, llm):
    def answer(handler):
        strict = "reasoning_effort" in fake.asked[-1][2]
        send(handler, {"error": "unknown field"}, 400) if strict else stream(event("Yes."), DONE)(handler)

    fake.says(answer)
    assert heard(llm) == ([("Yes.", None), ("", "end")], None)
    fake.says(lambda handler: send(handler, {"error": {"message": "too long a prompt"}}, 400))
    pieces, error = heard(llm)
    assert pieces == []
    assert "400 Bad Request: too long a prompt" in str(error)


def test_signs_between_the_events(fake, llm):
    noise = [b": ping\n", b"event: message\r\n", b"\n", b"id: 7\n", b"data:\n"]
    usage = b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n'
    fake.says(stream(*noise, event("Ja — ").replace(b"\n", b"\r\n"), usage, event("nein"), DONE))
    assert heard(llm) == ([("Ja — ", None), ("nein", None), ("", "end")], None)


def test_a_stream_in_chunks(fake, llm):
    def chunked(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        text = event("one ") + event("two") + DONE
        for part in (text[:30], text[30:], b""):
            handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    fake.says(chunked)
    assert heard(llm) == ([("one ", None), ("two", None), ("", "end")], None)


def test_a_server_that_does_not_stream(fake, llm):
    fake.says(
        {"choices": [{"message": {"role": "assistant", "content": "Lemons."}, "finish_reason": "length"}]}
    )
    assert heard(llm) == ([("Lemons.", None), ("", "length")], None)


def test_thoughts_in_the_text_are_not_shown(fake, llm):
    fake.says(
        stream(event("<thi"), event("nk>Hm."), event("</think>"), event("\nLem"), event("ons.", stop="stop"))
    )
    shown = []
    answer = generate(llm, MESSAGES, stream=shown.append)
    assert (answer.text, "".join(shown)) == ("Lemons.", "Lemons.")
    fake.says(stream(event("<think>Hm."), event(stop="length")))
    with pytest.raises(ServerError, match="tiny only thought, for 256 tokens"):
        generate(llm, MESSAGES)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_a_model_that_only_thinks(fake, llm, field):
    fake.says(stream(event(**{field: "Hm"}), event(stop="length"), DONE))
    pieces, error = heard(llm)
    assert pieces == [("", None)]
    assert "tiny only thought, for 20 tokens" in str(error)
    fake.says(stream(event(**{field: "Hm"}), event("So."), event(stop="length")))
    assert heard(llm) == ([("", None), ("So.", None), ("", "length")], None)


@pytest.mark.parametrize("said", [{"text": "la "}, {"reasoning": "hm "}, {"text": "<think>"}])
def test_who_stops_listening_hangs_up(fake, llm, said):
    gone = threading.Event()

    def endless(handler):
        with contextlib.suppress(OSError):
            for _ in range(10_000):
                handler.wfile.write(event(**said))
                time.sleep(0.005)
            return
        gone.set()

    fake.says(lambda handler: (stream()(handler), endless(handler)))
    with pytest.raises(InterruptedError):
        generate(llm, MESSAGES, look=leave)
    assert gone.wait(10)


def leave():
    raise InterruptedError


# Faults


def test_nobody_there_says_how_to_start():
    port = free_port()
    with pytest.raises(ServerError, match="ollama serve") as caught:
        open_server(f"http://127.0.0.1:{port}/v1#tiny")
    assert isinstance(caught.value, ConnectionError)
    pieces, error = heard(ServerLLM("tiny", f"http://127.0.0.1:{port}/v1"))
    assert pieces == []
    assert f"Nothing answers at http://127.0.0.1:{port}" in str(error)


def test_a_slow_server(fake, llm, monkeypatch):
    fake.answers["/v1/models"] = lambda handler: fake.done.wait(20)
    started = time.perf_counter()
    with pytest.raises(ServerError, match=r"sent nothing for 0\.1 s"):
        open_server(fake.url, timeout=0.1)
    monkeypatch.setattr(server, "TOKEN_SECONDS", 0.2)
    fake.says(stream(event("Lem"), event("ons"), DONE, wait=lambda: fake.done.wait(20)))
    pieces, error = heard(llm)
    assert pieces == [("Lem", None)]
    assert "sent nothing for 0.2 s" in str(error)
    assert time.perf_counter() - started < 5


def test_a_server_that_lets_nobody_in(monkeypatch):
    def never(self):
        raise TimeoutError("timed out")

    monkeypatch.setattr("http.client.HTTPConnection.connect", never)
    with pytest.raises(ServerError, match="did not answer within 3 s"):
        open_server("http://127.0.0.1:9/v1", timeout=3)


@pytest.mark.parametrize("rest", [b"", event("ons.")[:20], event("ons.")[:-2]])
def test_cut_off_in_the_middle_keeps_what_came(fake, llm, rest):
    fake.says(stream(event("Lem"), rest))
    pieces, error = heard(llm)
    assert pieces == [("Lem", None)]
    assert "broke off in the middle" in str(error)


def test_cut_off_before_or_within_a_plain_answer(fake, llm):
    fake.says(lambda handler: None)
    assert "broke off: RemoteDisconnected" in str(heard(llm)[1])
    fake.says(lambda handler: send(handler, b'{"choices": ', Content_Length="999"))
    assert "broke off in the middle" in str(heard(llm)[1])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (stream(b"data: {oops" + b"x" * 500 + b"\n\n"), "{oops" + "x" * 95 + " ..."),
        (stream(b'data: "hello"\n\n'), '"hello"'),
        (
            stream(b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'),
            '{"choices": [{"delta": {"content": 7}}]}',
        ),
        (stream(b'data: {"choices": {"a": 1}}\n\n'), '{"choices": {"a": 1}}'),
        (stream(b"data: " + b"[" * 100_000 + b"\n\n"), "[" * 100 + " ..."),
        (stream(b"<html>\x1b[31mIt works</html>", content_type="text/html"), "<html> [31mIt works</html>"),
        (stream(content_type="application/json"), "(nothing)"),
        ({"data": []}, '{"data": []}'),
    ],
)
def test_odd_answers_are_shown(fake, llm, answer, words):
    fake.says(answer)
    pieces, error = heard(llm)
    assert pieces == []
    assert f"does not answer as this API does: {words}" in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize("answer", [{"data": [{"name": "a"}]}, {"data": 7}, [], {"models": []}])
def test_odd_lists_of_models(fake, answer):
    fake.answers["/v1/models"] = answer
    with pytest.raises(ServerError, match="does not answer as this API does"):
        open_server(fake.url)


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
def test_an_endless_line(fake, llm, content_type):
    sent = []

    def answer(handler):
        stream(content_type=content_type)(handler)
        while len(sent) < 400:  # 40 MB
            handler.wfile.write(b"x" * 100_000)
            sent.append(1)

    fake.says(answer)
    assert "more than 1,000,000 bytes" in str(heard(llm)[1])
    assert len(sent) < 400


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"error": {"message": "out of memory"}}, "500 Internal Server Error: out of memory"),
        ({"error": "model not\nfound"}, "500 Internal Server Error: model not found"),
        (b"plain words", "500 Internal Server Error: plain words"),
        ({"error": "y" * 500}, ": " + "y" * 200 + " ..."),
    ],
)
def test_a_status_comes_with_the_servers_own_words(fake, llm, answer, words):
    fake.says(lambda handler: send(handler, answer, 500))
    pieces, error = heard(llm)
    assert (pieces, error.status) == ([], 500)
    assert str(error).endswith(words)


@pytest.mark.parametrize(
    "failure",
    [
        b'data: {"error": {"message": "GPU lost"}}\n\n',
        b'error: {"code": 500, "error": "GPU lost"}\n\n',
        b'{"error": "GPU lost"}\n',
    ],
)
def test_an_error_within_the_stream(fake, llm, failure):
    fake.says(stream(event("Lem"), failure))
    pieces, error = heard(llm)
    assert pieces == [("Lem", None)]
    assert "gave up: GPU lost" in str(error)


# What must not leave


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(fake, llm, status):
    other = FakeServer()
    other.has("tiny")
    other.says(stream(event("caught"), DONE))
    try:
        for path in ("/v1/models", "/v1/chat/completions"):
            place = f"http://127.0.0.1:{other.port}{path}"
            fake.answers[path] = lambda handler, place=place: send(handler, b"", status, Location=place)
        with pytest.raises(ServerError, match=f"sends on to http://127.0.0.1:{other.port}/v1/models"):
            open_server(fake.url)
        pieces, error = heard(llm)
        assert pieces == []
        assert "not followed" in str(error)
        assert other.asked == []
    finally:
        other.close()


@pytest.fixture
def no_network(monkeypatch):
    """Whoever is connected to is noted, and never reached."""
    reached = []

    def connect(address, *_, **__):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return reached


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.7:11434/v1#m", "https://api.openai.com/v1#m", "http://0.0.0.0:11434/v1", "http://[::2]/v1",
        "http://127.0.0.1.evil.org/v1", "http://localhost.evil.org/v1", "http://127.0.0.1@evil.org/v1",
        "http://user:key@127.0.0.1/v1", "http://127.0.0.1/v1?key=1", "http:///v1", "http://127.0.0.1:port/v1",
        "http://[::1/v1", "http://evil.org\\@127.0.0.1/v1",
    ],
)  # fmt: skip
def test_other_hosts_and_odd_addresses_are_refused(no_network, address):
    with pytest.raises(BadParameter):
        open_server(address)
    with pytest.raises(BadParameter):
        list(stream_chat(ServerLLM("m", address.partition("#")[0]), MESSAGES, 5))
    assert no_network == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_has_several_names(no_network, host, capsys):
    with pytest.raises(ServerError, match="Nothing answers"):
        open_server(f"http://{host}:1234/v1#m")
    assert no_network == [(host.lower().strip("[]"), 1234)]
    assert capsys.readouterr().err == ""


def test_a_host_that_is_allowed_by_name_is_announced(no_network, monkeypatch, capsys):
    with pytest.raises(BadParameter, match=r"set RAGKIT_REMOTE_LLM=big\.example\.org"):
        open_server("http://big.example.org:1234/v1#m")
    monkeypatch.setenv("RAGKIT_REMOTE_LLM", "big.example.org")
    for _ in range(2):
        with pytest.raises(ServerError):
            open_server("http://Big.Example.org:1234/v1#m")
    assert no_network == [("big.example.org", 1234)] * 2
    line = "ragkit: question and passages leave this machine for big.example.org (RAGKIT_REMOTE_LLM)"
    assert capsys.readouterr().err.splitlines() == [line] * 2
    with pytest.raises(BadParameter):
        open_server("http://other.example.org:1234/v1#m")


def test_no_key_and_no_account_are_sent(fake, llm):
    fake.has("tiny")
    fake.says(stream(event("Yes."), DONE))
    open_server(fake.url)
    heard(llm)
    assert len(fake.paths()) == 5
    for _, _, body, headers in fake.asked:
        assert {name.lower() for name in headers} <= {
            "host",
            "accept-encoding",
            "content-type",
            "content-length",
        }
        assert "sk-secret" not in json.dumps([body, headers])


# Finding


@pytest.fixture
def ports(monkeypatch):
    """The usual ports, all of them free ones here."""
    made = {name: free_port() for name in server.PORTS}
    monkeypatch.setattr(server, "PORTS", made)
    return made


def test_the_usual_ports():
    assert server.PORTS == {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080}


def test_servers_that_run_are_found_with_their_models(fake, ports):
    assert find_servers() == []
    ports["LM Studio"] = fake.port
    fake.has("qwen3:4b", "nomic-embed-text", "b\x1b[31m", "gemma")
    assert find_servers() == [f"{fake.url}#qwen3:4b", f"{fake.url}#gemma"]
    fake.has()
    assert find_servers() == [fake.url]


@pytest.mark.parametrize(
    "answer", [b"<html>It works</html>", lambda handler: send(handler, b"", 404), [1, 2]]
)
def test_something_else_on_a_usual_port_is_left_out(fake, ports, answer):
    ports["llama.cpp"] = fake.port
    fake.answers["/v1/models"] = answer
    assert find_servers() == []
    assert fake.paths() == ["/v1/models"]


def test_a_silent_port_does_not_hold_up_the_others(fake, ports):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ports.update(Ollama=silent.getsockname()[1], **{"LM Studio": fake.port})
        fake.has("tiny")
        started = time.perf_counter()
        assert find_servers() == [f"{fake.url}#tiny"]
        assert time.perf_counter() - started < 2


# The rest of ragkit


def test_an_address_is_a_language_models_name(fake, monkeypatch):
    fake.has("tiny")
    monkeypatch.setenv("RAGKIT_LLM", f"{fake.url}#tiny")
    assert models.model_name("llm") == f"{fake.url}#tiny"
    assert models.find_card(f"{fake.url}#gpt2") is None
    assert load_llm() == load_llm(fake.url) == ServerLLM("tiny", fake.url)
    assert load_llm(fake.url.replace("http", "HTTP")).name == "tiny"


def test_a_server_has_neither_embedder_nor_files(fake, no_network):
    with pytest.raises(BadParameter, match="only the language model"):
        models.model_name("embedder", fake.url)
    with pytest.raises(BadParameter, match="no files of that model"):
        fetch_model(fake.url, "llm")
    assert no_network == []


def test_the_error_is_public():
    import ragkit

    assert ragkit.ServerError is notice.ServerError
    assert ServerError("x").status is None
    assert asking.CONNECT_SECONDS == 5
    assert server.TOKEN_SECONDS == 120
