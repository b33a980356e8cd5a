"""The HTTP to a model: which addresses, through which proxies, and what an error body says."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from spyhop.core.wire import NdjsonDecoder
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.address import is_loopback
from spyhop.models.connect import connect
from spyhop.models.embedded import Embedded
from spyhop.models.endpoint import Endpoint
from spyhop.models.errors import ModelUnavailable, Refused, Unreachable
from spyhop.models.ollama import Ollama
from spyhop.models.openai import OpenAi
from spyhop.models.scripted import ScriptedOllama, ScriptedOpenAi, dialogue, reply
from spyhop.models.words import error_text, excerpt, names_text
from spyhop.settings import EndpointSettings

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434",
        "http://LOCALHOST",
        "https://127.0.0.1",
        "http://127.8.9.10:1/path",
        "http://[::1]:11434",
        "http://0.0.0.0:11434",
        "http://user@127.0.0.1",
    ],
)
def test_this_machine_is_known(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.2:11434",
        "http://example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://[::2]",
        "http://",
        "http://[",
        "http://xn--",
    ],
)
def test_another_machine_is_not_taken_for_this_one(url: str) -> None:
    assert not is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://",
        "localhost:11434",
        "ftp://localhost",
        "http://[::1",
        "http://localhost:port",
        "http://localhost:99999",
        "http://256.256.256.256",
        "http://xn--",
        "http://\x7f",
        "http://localhost:１１４３４x",
    ],
)
def test_an_address_that_is_none_says_how_to_write_one(url: str) -> None:
    with pytest.raises(Unreachable) as caught:
        Endpoint(url, "ollama-unreachable")
    assert caught.value.key == "bad-url"
    assert "Write it like http://localhost:11434" in str(caught.value)


@given(url=st.text() | st.text().map("http://{}".format) | st.from_regex(r"https?://[^/\s]+"))
def test_any_text_is_an_address_or_a_bad_one(url: str) -> None:
    try:
        endpoint = Endpoint(url, "ollama-unreachable")
    except Unreachable as error:
        assert error.key == "bad-url"  # noqa: PT017 - most texts raise, some do not
    else:
        assert httpx.URL(endpoint.url).host


@pytest.mark.parametrize("url", ["http://u:qz1/qz2@h", "http://u:qz1#qz2@h", "http://u:qz1?qz2@h"])
def test_a_password_that_makes_an_address_a_bad_one_is_not_told(url: str) -> None:
    with pytest.raises(Unreachable) as caught:
        Endpoint(url, "ollama-unreachable")
    for language in LANGUAGES:
        message = caught.value.say(language)
        assert "http://h" in message
        assert "qz" not in message


@pytest.mark.anyio
async def test_slashes_at_the_end_of_an_address_do_not_matter() -> None:
    with ScriptedOllama([]) as server:
        for url in (server.url, server.url + "/", server.url + "//"):
            endpoint = Endpoint(url, "ollama-unreachable")
            assert await endpoint.get("/api/version")
            await endpoint.aclose()


# Proxies


@pytest.mark.anyio
@pytest.mark.parametrize("variable", PROXIES)
async def test_a_proxy_does_not_catch_what_is_meant_for_this_machine(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedOllama([]) as proxy, ScriptedOllama([]) as server:
        monkeypatch.setenv(variable, proxy.url)
        endpoint = Endpoint(server.url, "ollama-unreachable")
        await endpoint.get("/api/version")
        await endpoint.aclose()
        assert len(server.requests) == 1
        assert not proxy.requests


@pytest.mark.anyio
async def test_a_proxy_is_used_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOllama([]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        endpoint = Endpoint("http://gpu.invalid:6399", "ollama-unreachable")
        with pytest.raises(Refused):
            await endpoint.get("/api/version")
        await endpoint.aclose()
        assert [it.path for it in proxy.requests] == ["http://gpu.invalid:6399/api/version"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "ftp://127.0.0.1:1", "127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_named_as_the_cause(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ModelUnavailable) as caught:
        Endpoint("http://gpu.invalid:6399", "ollama-unreachable")
    assert caught.value.key == "bad-proxy"
    for language in LANGUAGES:
        assert "ALL_PROXY" in caught.value.say(language)
    Endpoint("http://localhost:11434", "ollama-unreachable")


def test_a_password_that_makes_a_proxy_a_bad_one_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://u:qz1#qz2@proxy:3128")
    with pytest.raises(Unreachable) as caught:
        Endpoint("http://gpu.invalid:6399", "ollama-unreachable")
    assert "qz" not in str(caught.value)


@pytest.mark.anyio
async def test_a_proxy_that_does_not_answer_is_named_as_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "near.invalid")
    keys = {}
    for url in ("http://far.invalid", "http://near.invalid", "https://far.invalid"):
        endpoint = Endpoint(url, "ollama-unreachable")
        with pytest.raises(Unreachable) as caught:
            await endpoint.get("/api/version")
        await endpoint.aclose()
        keys[url] = caught.value.key
    assert keys == {
        "http://far.invalid": "bad-proxy",
        "http://near.invalid": "ollama-unreachable",
        "https://far.invalid": "ollama-unreachable",
    }


@pytest.mark.anyio
async def test_a_server_that_takes_a_connection_and_says_nothing_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        endpoint = Endpoint(url, "ollama-unreachable", answer_seconds=0.05)
        with pytest.raises(Unreachable) as caught:
            await endpoint.get("/api/version")
        await endpoint.aclose()
    assert caught.value.key == "endpoint-silent"
    assert "(0.05 s)" in str(caught.value)


# What an error body says


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error": "model not found"}', "model not found"),
        (b'{"error": {"message": "too long", "code": 400}}', "too long"),
        (b'{"error": {"error": {"message": "deep"}}}', "deep"),
        (b'{"message": "no"}', "no"),
        (b'{"error": null, "message": "no"}', "no"),
        (b'{"error": "", "message": "no"}', "no"),
        (b'{"detail": "no"}', "no"),
        (b'{"detail": [{"msg": "no"}]}', '{"detail": [{"msg": "no"}]}'),
        (b'{"error": {}}', '{"error": {}}'),
        (b'{"error": 5}', '{"error": 5}'),
        (b'["a"]', '["a"]'),
        (b"null", "null"),
        (b"404 page not found\n", "404 page not found"),
        (b"<html>\n  <h1>Bad</h1>\n</html>", "<html> <h1>Bad</h1> </html>"),
        ("模型不存在".encode(), "模型不存在"),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_the_words_of_an_error_body_are_found(body: bytes, text: str) -> None:
    assert error_text(body) == text


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"error":' * 100_000])
def test_an_error_body_nested_without_end_is_quoted(body: bytes) -> None:
    assert error_text(body).startswith(body[:5].decode())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "x"]), inner)
    ),
)


@given(body=st.binary() | _JSON.map(lambda value: json.dumps(value).encode()))
def test_any_error_body_gives_one_short_line(body: bytes) -> None:
    text = error_text(body)
    assert len(text) <= 201
    assert len(text.splitlines()) <= 1


@given(text=st.text())
def test_an_excerpt_is_the_beginning(text: str) -> None:
    line = " ".join(text.split())
    shown = excerpt(text)
    assert line.startswith(shown.removesuffix("…"))
    assert shown == line or len(shown) == 201


# The exceptions


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (httpx.ConnectError("refused"), "ollama-unreachable"),
        (httpx.ConnectTimeout("late"), "ollama-unreachable"),
        (httpx.ProxyError("no"), "ollama-unreachable"),
        (httpx.ReadError(""), "connection-dropped"),
        (httpx.WriteError("x"), "connection-dropped"),
        (httpx.RemoteProtocolError("x"), "connection-dropped"),
        (httpx.DecodingError("x"), "connection-dropped"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_each_fault_of_the_connection_becomes_one_of_ours(
    fault: Exception, key: str, streamed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> httpx.Response:
        raise fault

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail)
    endpoint = Endpoint("http://localhost:1", "ollama-unreachable")
    stream = endpoint.stream("/x", {}, NdjsonDecoder())
    with pytest.raises(SpyhopError) as caught:
        await (anext(stream) if streamed else endpoint.post("/x", {}))
    await stream.aclose()
    await endpoint.aclose()
    assert caught.value.key == key
    # A fault without words is named at least.
    assert (str(fault) or type(fault).__name__) in str(caught.value)


# From settings


@pytest.mark.anyio
async def test_settings_name_the_model() -> None:
    with ScriptedOllama([reply("x")]) as server:
        key = SecretStr("sk-1")
        model = connect(EndpointSettings(url=server.url, context_tokens=2048, key=key))
        assert isinstance(model, Ollama)
        assert (await model.info()).context_tokens == 2048
        await model.aclose()
        assert server.requests[0].headers["authorization"] == "Bearer sk-1"
    with ScriptedOpenAi([dialogue("x")]) as other:
        endpoint = EndpointSettings(backend="openai", url=other.url, key=SecretStr("sk-1"))
        served = connect(endpoint)
        assert isinstance(served, OpenAi)
        assert (await served.info()).format == "r1"
        await served.aclose()
        assert other.requests[0].headers["authorization"] == "Bearer sk-1"
    embedded = connect(EndpointSettings(backend="embedded", model="~/x.gguf"))
    assert isinstance(embedded, Embedded)
    await embedded.aclose()


@pytest.mark.anyio
async def test_without_a_model_the_embedded_engine_looks_for_an_r1() -> None:
    model = connect(EndpointSettings(backend="embedded"))
    with pytest.raises(ModelUnavailable, match=r"no DeepSeek-R1.*--model PATH\.gguf"):
        await model.info()
    await model.aclose()


# Names


@given(names=st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=60))
def test_a_message_holds_few_names_and_the_one_that_is_meant(names: list[str]) -> None:
    told = names_text([*names, "deepseek-r1:7b"], "DeepSeek-R1-7B").split(", ")
    assert "deepseek-r1:7b" in told
    assert len(told) == min(len(names) + 1, 21)
    assert set(told) <= {*names, "deepseek-r1:7b", "…"}


def test_no_names_are_told_as_none() -> None:
    assert names_text([], "x") == "-"
