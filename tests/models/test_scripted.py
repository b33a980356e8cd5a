"""The scripted server stands for Ollama in most tests, so it is held to Ollama's own bytes."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyhop.models.scripted import (
    R1_TEMPLATE,
    InMemory,
    Pull,
    Recorded,
    Reply,
    Script,
    ScriptedOllama,
    cut,
    reply,
    tokens_of,
)

GENERATE = "/api/generate"
CHAT = "/api/chat"
PATHS = pytest.mark.parametrize("path", [GENERATE, CHAT])


@contextmanager
def client(server: ScriptedOllama) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, verify=False, timeout=30) as it:  # noqa: S501 - plain HTTP
        yield it


def read(server: ScriptedOllama, path: str = GENERATE) -> list[Any]:
    """Ask once and return the stream's records."""
    with client(server) as it:
        return [json.loads(line) for line in it.post(path, json={}).content.splitlines()]


@given(
    pieces=st.lists(st.text(min_size=1), max_size=5),
    thinking=st.lists(st.text(min_size=1), max_size=3),
    cuts=st.lists(st.integers(1, 50), min_size=1, max_size=4),
    path=st.sampled_from([GENERATE, CHAT]),
)
@settings(max_examples=40)
def test_a_stream_is_the_same_however_its_bytes_are_cut(
    pieces: list[str], thinking: list[str], cuts: list[int], path: str
) -> None:
    whole = Script(pieces, thinking)
    split = Script(pieces, thinking, cuts=cuts)
    with ScriptedOllama([whole, split]) as server:
        first = read(server, path)
        assert read(server, path) == first
    name = "response" if path == GENERATE else "content"
    told = [record if path == GENERATE else record["message"] for record in first]
    assert "".join(it[name] for it in told) == "".join(pieces)
    assert "".join(it.get("thinking", "") for it in told) == "".join(thinking)


@given(data=st.binary(), sizes=st.lists(st.integers(-1, 9), min_size=1))
def test_cutting_loses_nothing(data: bytes, sizes: list[int]) -> None:
    pieces = list(cut(data, sizes))
    assert b"".join(pieces) == data
    assert all(pieces)


@given(text=st.text(), size=st.integers(1, 9))
def test_tokens_make_up_the_text(text: str, size: int) -> None:
    assert "".join(tokens_of(text, size)) == text


def test_a_generation_is_what_ollama_writes() -> None:
    with ScriptedOllama([Script(["x = 1"], ["hm"])]) as server:
        thought, text, last = read(server)
    assert thought == thought | {"response": "", "thinking": "hm", "done": False}
    assert text == text | {"response": "x = 1", "done": False}
    assert "thinking" not in text
    assert last == last | {"response": "", "done": True, "done_reason": "stop"}
    assert all({"model", "created_at"} <= it.keys() for it in (thought, text, last))
    assert all(
        isinstance(last[key], int)
        for key in (
            "total_duration",
            "load_duration",
            "prompt_eval_count",
            "prompt_eval_duration",
            "eval_count",
            "eval_duration",
        )
    )


def test_a_chat_is_what_ollama_writes() -> None:
    with ScriptedOllama([Script(["x = 1"], ["hm"])]) as server:
        thought, text, last = read(server, CHAT)
    assert thought["message"] == {"role": "assistant", "content": "", "thinking": "hm"}
    assert text["message"] == {"role": "assistant", "content": "x = 1"}
    assert last["message"] == {"role": "assistant", "content": ""}
    assert [it["done"] for it in (thought, text, last)] == [False, False, True]


def test_a_fault_in_mid_stream_is_an_error_line_and_the_end() -> None:
    with ScriptedOllama([Script(["x"], error="out of memory")]) as server:
        assert read(server)[1:] == [{"error": "out of memory"}]


def test_a_stream_may_end_with_no_done() -> None:
    with ScriptedOllama([Script(["x", "y"], done_reason=None)]) as server:
        assert [record["done"] for record in read(server)] == [False, False]


def test_done_gives_its_reason() -> None:
    with ScriptedOllama([Script(["x"], done_reason="length")]) as server:
        assert read(server)[-1]["done_reason"] == "length"


def test_facts_are_in_ollamas_shapes() -> None:
    models = {"deepseek-r1:7b": 5, "qwen": 3}
    with ScriptedOllama([], models=models, context_length=4096) as server, client(server) as it:
        assert it.get("/api/version").json() == {"version": "0.30.0"}
        tags = it.get("/api/tags").json()
        shown = it.post("/api/show", json={"model": "deepseek-r1:7b"}).json()
        missing = it.get("/nothing")
    assert [(it["name"], it["model"], it["size"]) for it in tags["models"]] == [
        ("deepseek-r1:7b", "deepseek-r1:7b", 5),
        ("qwen", "qwen", 3),
    ]
    assert all(len(it["digest"]) == 64 for it in tags["models"])
    assert tags["models"][0]["details"]["quantization_level"] == "Q4_K_M"
    assert shown["template"] == R1_TEMPLATE
    architecture = shown["model_info"]["general.architecture"]
    assert shown["model_info"][f"{architecture}.context_length"] == 4096
    assert missing.status_code == 404


def test_what_is_in_memory_is_in_ollamas_shape() -> None:
    options: dict[str, Any] = {"models": {"a:7b": 400}, "running": {"a:7b": InMemory(0.75)}}
    with ScriptedOllama([], **options) as server, client(server) as it:
        (process,) = it.get("/api/ps").json()["models"]
    assert process == process | {"name": "a:7b", "size": 400, "size_vram": 300}
    assert process["context_length"] == 8192
    assert process["expires_at"].startswith("2026-01-01T12:30:00")


def test_a_model_that_is_not_there_cannot_be_shown() -> None:
    with ScriptedOllama([]) as server, client(server) as it:
        answer = it.post("/api/show", json={"model": "qwen3"})
    assert (answer.status_code, answer.json()) == (404, {"error": "model 'qwen3' not found"})


@PATHS
def test_an_empty_request_loads_and_is_no_generation(path: str) -> None:
    body: dict[str, Any] = {"model": "deepseek-r1:7b", "prompt": "", "options": {"num_ctx": 8192}}
    with ScriptedOllama([reply("x")]) as server:
        with client(server) as it:
            answer = it.post(path, json=body).json()
        assert answer == answer | {"done": True, "done_reason": "load", "model": "deepseek-r1:7b"}
        assert server.preloads == [Recorded(path, body)]
        assert server.generations == []


def test_a_pull_is_what_ollama_writes() -> None:
    pulls = [Pull(layers=(100, 7), start=50, steps=2), Pull(error="EOF")]
    with ScriptedOllama([], models={}, pulls=pulls) as server, client(server) as it:
        first = it.post("/api/pull", json={"model": "deepseek-r1:7b"})
        second = it.post("/api/pull", json={"model": "qwen3"})
        tags = it.get("/api/tags").json()
    records = [json.loads(line) for line in first.content.splitlines()]
    big, small = (it["digest"] for it in (records[1], records[4]))
    assert big.startswith("sha256:")
    assert records == [
        {"status": "pulling manifest"},
        {"status": f"pulling {big[7:19]}", "digest": big, "total": 100, "completed": 50},
        {"status": f"pulling {big[7:19]}", "digest": big, "total": 100, "completed": 75},
        {"status": f"pulling {big[7:19]}", "digest": big, "total": 100, "completed": 100},
        {"status": f"pulling {small[7:19]}", "digest": small, "total": 7},
        {"status": f"pulling {small[7:19]}", "digest": small, "total": 7, "completed": 3},
        {"status": f"pulling {small[7:19]}", "digest": small, "total": 7, "completed": 7},
        {"status": "verifying sha256 digest"},
        {"status": "writing manifest"},
        {"status": "success"},
    ]
    assert json.loads(second.content.splitlines()[-1]) == {"error": "EOF"}
    assert [it["name"] for it in tags["models"]] == ["deepseek-r1:7b"]


def test_requests_are_recorded_in_order_and_generations_apart() -> None:
    with ScriptedOllama([reply("x")]) as server, client(server) as it:
        it.get("/api/tags")
        it.post(CHAT, json={"a": 1})
        assert server.requests == [Recorded("/api/tags", {}), Recorded(CHAT, {"a": 1})]
        assert server.generations == [Recorded(CHAT, {"a": 1})]


def test_replies_are_given_in_order_and_the_last_again() -> None:
    with ScriptedOllama([reply("a"), reply("b")]) as server:
        assert [read(server)[0]["response"] for _ in range(3)] == ["a", "b", "b"]


def test_a_connection_is_kept_alive() -> None:
    """Both answers come over the one socket that is ever opened."""
    request = b"GET /api/version HTTP/1.1\r\nHost: x\r\n\r\n"
    with ScriptedOllama([]) as server, _connected(server) as link:
        for _ in range(2):
            link.sendall(request)
            assert _until(link, b"0\r\n\r\n").startswith(b"HTTP/1.1 200")


@PATHS
def test_a_hold_keeps_back_what_follows_until_the_release(path: str) -> None:
    script = Script(["first", "second"], hold_after=1)
    with (
        ScriptedOllama([script]) as server,
        client(server) as it,
        it.stream("POST", path, json={}) as answer,
    ):
        lines = answer.iter_lines()
        assert "first" in next(lines)
        server.wait_for("holding", 1)
        server.release()
        assert "second" in next(lines)
        assert json.loads(next(lines))["done"]


def test_a_hold_before_the_first_piece_keeps_back_the_head_too() -> None:
    with ScriptedOllama([reply("x", hold_after=0)]) as server, _connected(server) as link:
        link.sendall(b"POST /api/generate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        server.wait_for("holding", 1)
        link.settimeout(0)
        with pytest.raises(BlockingIOError):
            link.recv(1)
        link.settimeout(30)
        server.release()
        assert _until(link, b"0\r\n\r\n").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("hold_after", [0, 1, 2, 3])
def test_a_client_that_leaves_is_noticed(hold_after: int) -> None:
    script = Script(["x", "y"], hold_after=hold_after)
    with ScriptedOllama([script]) as server:
        with _connected(server) as link:
            link.sendall(b"POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            server.wait_for("holding", 1)
            assert server.disconnects == 0
        server.wait_for("disconnects", 1)
        assert server.disconnects == 1


def test_a_client_that_reads_all_counts_as_no_disconnect() -> None:
    with ScriptedOllama([reply("x")]) as server:
        read(server)
        # The next answer shows that the server is past the first one.
        read(server)
        assert server.disconnects == 0


@pytest.mark.parametrize("pieces", [(), (b'{"response": "x", "done": false}\n',)])
@pytest.mark.parametrize("ending", ["abort", "close"])
def test_an_unfinished_ending_is_an_error_to_the_client(pieces: Any, ending: Any) -> None:
    with (
        ScriptedOllama([Reply(pieces, ending=ending)]) as server,
        client(server) as it,
        pytest.raises(httpx.TransportError),
    ):
        it.post(GENERATE, json={})


def test_a_reply_has_its_own_status_type_and_bytes() -> None:
    page = Reply((b"<html>", b"</html>"), 502, "text/html")
    with ScriptedOllama([page]) as server, client(server) as it:
        answer = it.post(GENERATE, json={})
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert answer.content == b"<html></html>"


def test_an_empty_body_is_an_answer() -> None:
    with ScriptedOllama([Reply((), 204)]) as server, client(server) as it:
        assert it.post(GENERATE, json={}).status_code == 204


def test_what_does_not_come_is_an_error_that_says_so() -> None:
    with (
        ScriptedOllama([]) as server,
        pytest.raises(TimeoutError, match="generations is 0 after 0 s, not 1"),
    ):
        server.wait_for("generations", 1, seconds=0)


@contextmanager
def _connected(server: ScriptedOllama) -> Iterator[socket.socket]:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as link:
        yield link


def _until(link: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        chunk = link.recv(4096)
        assert chunk, data
        data += chunk
    return data
