"""What goes wrong at a server, as the user is told; and a key is told to nobody."""

from __future__ import annotations

import asyncio
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import httpx
import pytest
from pydantic import SecretStr

from spyhop.core.stream import Text
from spyhop.errors import ModelError
from spyhop.messages import LANGUAGES
from spyhop.models.connect import connect
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable, Unreachable
from spyhop.models.port import Model, Request
from spyhop.models.scripted import (
    Dialogue,
    Recorded,
    Reply,
    Script,
    ScriptedOllama,
    ScriptedOpenAi,
    ScriptedServer,
    record,
    refusal,
)
from spyhop.models.scripted.openai import event
from spyhop.models.scripted.shapes import DEEPSEEK
from spyhop.models.words import seconds_of
from spyhop.prompting.r1 import Turn
from spyhop.settings import EndpointSettings

pytestmark = pytest.mark.anyio

ASK: Final = Request((Turn("user", "Add one."),))
PLANTED: Final = "sk-planted-0123456789"
PAGE: Final = b"<html><body><h1>Sign in</h1></body></html>"
ECHO: Final = f"no (you sent Authorization: Bearer {PLANTED}, X-Key: {PLANTED})"
SHOWN: Final = "no (you sent Authorization: ***, X-Key: ***)"
STREAM: Final = "text/event-stream"
CHUNK: Final = event({"choices": [{"delta": {"content": "x"}}]})
LINE: Final = record(response="x", done=False)
MIB: Final = b"x" * (1 << 20)
BACKENDS: Final = pytest.mark.parametrize("backend", ["openai", "ollama"])


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


def scripted(backend: str, *replies: Any) -> ScriptedServer:
    return ScriptedOpenAi(replies, DEEPSEEK) if backend == "openai" else ScriptedOllama(replies)


def begun(backend: str, *more: bytes, **options: Any) -> Reply:
    """Return an answer that has begun."""
    kind = STREAM if backend == "openai" else "application/x-ndjson"
    first = CHUNK if backend == "openai" else LINE
    return Reply((first, *more), content_type=kind, **options)


async def exhausted(model: Model) -> None:
    async with aclosing(model.stream(ASK)) as deltas:
        async for _ in deltas:
            pass


def connected(backend: Any, url: str, **settings: Any) -> Model:
    return connect(EndpointSettings(backend=backend, url=url, **settings))


async def failure(backend: Any, url: str, *, key: bool = True, **settings: Any) -> ModelError:
    """Return the error that a question ends in, after a look for the key in all that it says."""
    secrets: Any = {"key": SecretStr(PLANTED), "headers": {"X-Key": SecretStr(PLANTED)}}
    model = connected(backend, url, **(secrets if key else {}), **settings)
    try:
        with pytest.raises(ModelError) as caught:
            await exhausted(model)
    finally:
        await model.aclose()
    error = caught.value
    says = [error.say(language) for language in LANGUAGES]
    shown = [*says, repr(error), repr(error.values), repr(model), repr(vars(error))]
    shown += traceback.format_exception(error)
    assert not [it for it in shown if PLANTED in it]
    assert all("\n" not in it and len(it) < 700 for it in says)
    assert says[0] != says[1]
    return error


async def told(backend: str, *replies: Any, key: bool = True, **settings: Any) -> ModelError:
    with scripted(backend, *replies) as server:
        return await failure(backend, server.url, key=key, **settings)


# No connection


@BACKENDS
async def test_nobody_answers(backend: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = await failure(backend, url)
    assert isinstance(error, Unreachable)
    assert error.key == f"{backend}-unreachable"
    assert url in str(error)
    assert "SPYHOP_URL" in str(error)


@BACKENDS
async def test_a_host_that_does_not_exist(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = await failure(backend, f"http://me:{PLANTED}@gpu.invalid:6399")
    assert isinstance(error, Unreachable)
    assert error.key == "host-unknown"
    assert "no host of that name: http://gpu.invalid:6399" in str(error)


@BACKENDS
async def test_https_to_a_server_of_plain_http(backend: str) -> None:
    with scripted(backend) as server:
        error = await failure(backend, server.url.replace("http:", "https:"))
    assert error.key == "tls-failed"
    assert "write http:// in url" in str(error)


@BACKENDS
async def test_a_certificate_that_nobody_vouches_for(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> httpx.Response:
        words = "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"
        raise httpx.ConnectError(words) from ssl.SSLCertVerificationError(words)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", fail)
    error = await failure(backend, "https://gpu.example")
    assert error.key == "tls-failed"
    assert "self-signed certificate" in str(error)
    assert "SSL_CERT_FILE" in str(error)


# What a server refuses


@dataclass(frozen=True)
class Refusal:
    status: int
    key: str
    kind: type[ModelError] = ModelUnavailable
    words: Sequence[str] = (SHOWN,)
    said: str = ECHO
    headers: Mapping[str, str] = field(default_factory=dict)


REFUSALS: Final = [
    Refusal(401, "key-refused", words=["does not take the key", "SPYHOP_KEY", SHOWN]),
    Refusal(402, "credit-missing", words=["no credit left", SHOWN]),
    Refusal(403, "access-forbidden", words=["forbids", "firewall", SHOWN]),
    Refusal(429, "rate-limited", words=["too many requests", SHOWN]),
    Refusal(
        429, "rate-limited-for", headers={"Retry-After": "17"}, words=["again in 17 seconds", SHOWN]
    ),
    Refusal(
        400,
        "context-exceeded",
        ModelFailed,
        ["8192 tokens", "Select fewer lines"],
        f"This model's maximum context length is 8192 tokens {ECHO}",
    ),
]
OPENAI_REFUSALS: Final = [
    Refusal(404, "openai-no-path", words=["/chat/completions", "Is /v1 missing in url?"]),
    Refusal(405, "openai-no-path", words=["HTTP 405", "Open WebUI in /api"]),
    Refusal(
        404,
        "openai-no-model",
        words=["has no model deepseek-r1", "It has: deepseek-r1", "--model"],
        said=f"The model `x` does not exist. {ECHO}",
    ),
    Refusal(400, "openai-no-model", said=f"Model Not Exist {ECHO}"),
    Refusal(400, "openai-no-model", said=f"Invalid model name passed in model=x {ECHO}"),
    Refusal(400, "runtime-refused", ModelFailed),
    Refusal(500, "server-fault", ModelFailed, ["failed (HTTP 500", "short of memory", SHOWN]),
    Refusal(502, "server-fault", ModelFailed),
    Refusal(504, "server-fault", ModelFailed),
    Refusal(503, "model-loading", words=["still loading"], said=f"Loading model {ECHO}"),
    Refusal(503, "server-busy", words=["is busy", SHOWN]),
]
OLLAMA_REFUSALS: Final = [
    Refusal(404, "ollama-refused", ModelFailed, ["refused the request", SHOWN]),
    Refusal(
        404,
        "ollama-no-model",
        words=["has no model deepseek-r1:7b", "Installed: deepseek-r1:7b"],
        said=f"model 'x' not found {ECHO}",
    ),
    Refusal(500, "ollama-refused", ModelFailed, ["refused the request", SHOWN]),
    Refusal(502, "ollama-refused", ModelFailed),
    Refusal(503, "ollama-busy", words=["is busy", "OLLAMA_MAX_QUEUE", SHOWN]),
    Refusal(504, "ollama-refused", ModelFailed),
]
CASES: Final = [
    *[(backend, it) for backend in ("openai", "ollama") for it in REFUSALS],
    *[("openai", it) for it in OPENAI_REFUSALS],
    *[("ollama", it) for it in OLLAMA_REFUSALS],
]


@pytest.mark.parametrize(("backend", "case"), CASES, ids=lambda it: getattr(it, "key", it))
@pytest.mark.parametrize("body", ["openai", "detail", "text", "string"])
async def test_a_refusal_says_what_it_means(backend: str, case: Refusal, body: Any) -> None:
    error = await told(backend, refusal(case.status, case.said, body, case.headers))
    assert isinstance(error, case.kind)
    assert error.key == case.key
    assert all(words in str(error) for words in case.words)


@BACKENDS
async def test_a_key_that_was_not_given_is_asked_for(backend: str) -> None:
    error = await told(backend, refusal(401, "Unauthorized"), key=False)
    assert error.key == "key-missing"
    assert "Set SPYHOP_KEY" in str(error)


@BACKENDS
async def test_a_key_that_must_not_go_to_a_projects_address_is_not_asked_for(backend: str) -> None:
    """Setting one would not help: it is not sent to where a stranger's file points."""
    error = await told(backend, refusal(401, "Unauthorized"), key=False, of_project=True)
    assert error.key == "key-withheld"
    assert "your key is not sent there" in str(error)
    assert "trusted_folders" in str(error)
    assert "Set SPYHOP_KEY" not in str(error)


@BACKENDS
@pytest.mark.parametrize("status", [401, 429])
async def test_so_it_is_where_the_facts_are_asked_for(backend: str, status: int) -> None:
    with gated(backend, refusal(status, ECHO)) as server:
        error = await failure(backend, server.url)
    assert error.key == {401: "key-refused", 429: "rate-limited"}[status]


@contextmanager
def gated(backend: str, reply: Reply) -> Iterator[ScriptedServer]:
    """Give a server that answers everything with ``reply``."""

    def facts(_: Recorded) -> Reply:
        return reply

    server = scripted(backend, reply)
    server._facts = facts  # type: ignore[assignment, method-assign]  # noqa: SLF001
    with server:
        yield server


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 17 ", 17),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("９", None),
        ("9" * 5000, 999_999_999),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_a_retry_after_is_read_in_seconds(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


def test_a_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    seconds = seconds_of(format_datetime(later, usegmt=True))
    assert seconds is not None
    assert 3000 < seconds <= 3600


async def test_an_error_page_of_a_proxy_is_a_fault_of_the_server() -> None:
    error = await told("openai", Reply((PAGE,), 502, "text/html"))
    assert error.key == "server-fault"
    assert "<h1>Sign in</h1>" in str(error)


# Redirects


@BACKENDS
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("facts", [False, True])
async def test_a_redirect_is_told_and_not_followed(backend: str, status: int, facts: bool) -> None:
    with scripted(backend) as other:
        path = "/v1/chat/completions" if backend == "openai" else "/api/generate"
        path = ("/v1/models" if backend == "openai" else "/api/tags") if facts else path
        reply = Reply((), status, headers=(("Location", other.url + path),))
        with gated(backend, reply) if facts else scripted(backend, reply) as server:
            error = await failure(backend, server.url)
        assert not other.requests
    assert error.key == "endpoint-redirects"
    assert isinstance(error, ModelUnavailable)
    base = other.url + ("/v1" if backend == "openai" else "")
    assert f"redirects to {base}." in str(error)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/login", "/login"),
        (f"https://me:{PLANTED}@gpu.example/v1", "https://gpu.example/v1"),
        (f"https://gpu.example/?key={PLANTED}", "https://gpu.example/?key=***"),
        ("http://[", "http://%5b"),
        ("//gpu.example:99999/", "//gpu.example:99999/"),
    ],
)
async def test_any_new_address_can_be_told(location: str, shown: str) -> None:
    error = await told("openai", Reply((), 302, headers=(("Location", location),)))
    assert error.key == "endpoint-redirects"
    assert f"{shown}." in str(error)


# What comes is no answer


@pytest.mark.parametrize(
    "reply",
    [
        Reply((PAGE,), content_type="text/html"),
        Reply((PAGE,), content_type="Text/HTML; charset=utf-8"),
        refusal(200, f"Unexpected endpoint or method. {ECHO}", "string"),
    ],
)
async def test_another_type_than_a_streams_is_not_an_answer(reply: Reply) -> None:
    error = await told("openai", reply)
    assert isinstance(error, ModelUnavailable)
    assert error.key == "openai-odd"
    assert "ends in /v1" in str(error)


async def test_so_it_is_for_ollama() -> None:
    error = await told("ollama", Reply((PAGE,), content_type="text/html"))
    assert isinstance(error, ModelUnavailable)
    assert error.key == "ollama-not-ollama"
    assert "HTTP_PROXY" in str(error)


@pytest.mark.parametrize("body", [PAGE, b"", b'{"error": "Unexpected endpoint"}', b"{}", b"null"])
async def test_another_server_at_the_address_is_recognised(body: bytes) -> None:
    with gated("openai", Reply((body,))) as server:
        error = await failure("openai", server.url)
    assert error.key == "openai-odd"


@BACKENDS
@pytest.mark.parametrize("rest", [b'data: {"choices": [{"de', b'{"response": "', b"\xff"])
@pytest.mark.parametrize("ending", ["abort", "close"])
async def test_what_breaks_off_is_no_answer(backend: str, rest: bytes, ending: Any) -> None:
    error = await told(backend, begun(backend, rest, ending=ending))
    assert isinstance(error, Broken)
    assert error.key == "stream-broken"


@BACKENDS
async def test_a_record_that_is_cut_off_is_no_answer(backend: str) -> None:
    rest = b'data: {"choices": [{"de' if backend == "openai" else b'{"response": "'
    error = await told(backend, begun(backend, rest + PLANTED.encode()))
    assert error.key == "stream-broken"
    assert "***" in str(error)


@BACKENDS
async def test_a_connection_that_ends_before_any_answer_is_no_answer(backend: str) -> None:
    for ending in ("abort", "close"):
        error = await told(backend, Reply((), ending=ending))
        assert isinstance(error, Broken)
        assert error.key == "connection-dropped"
        assert "ended the connection before it answered" in str(error)
        assert "look at its log" in str(error)


@BACKENDS
async def test_a_fault_in_mid_stream_does_not_tell_the_key(backend: str) -> None:
    script = Dialogue(["x"], error=ECHO) if backend == "openai" else Script(["x"], error=ECHO)
    error = await told(backend, script)
    assert error.key == "model-fault"
    assert SHOWN in str(error)


@pytest.mark.parametrize(
    ("key", "echo"),
    [
        ("ab/cd/ef/gh", '{"error": "no: ab\\/cd\\/ef\\/gh"}'),
        ("ab+cd+ef+gh", '{"error": "no: ab\\u002bcd+ef+gh"}'),
        ("ab/cd/ef/gh", "no: ab/cd/ef/gh"),
        ("k" * 300, "no: " + "k" * 300),
        ("k" * 300, "x" * 190 + "k" * 300),
    ],
)
async def test_a_key_is_found_behind_escapes_and_at_the_end_of_an_excerpt(
    key: str, echo: str
) -> None:
    with scripted("openai", Reply((echo.encode(),), 400, "application/json")) as server:
        model = connect(EndpointSettings(backend="openai", url=server.url, key=SecretStr(key)))
        with pytest.raises(ModelError) as caught:
            await exhausted(model)
        await model.aclose()
    assert "***" in str(caught.value)
    assert key[:8] not in str(caught.value)


async def test_a_short_key_is_a_stand_in_and_no_secret() -> None:
    """Servers that want any key at all get "EMPTY" or "none"."""
    with scripted("openai", refusal(500, "none of it fits")) as server:
        model = connect(EndpointSettings(backend="openai", url=server.url, key=SecretStr("none")))
        with pytest.raises(ModelError, match="none of it fits"):
            await exhausted(model)
        await model.aclose()


# What comes is too much, or too slow


@BACKENDS
@pytest.mark.parametrize("opening", [b"", b"data: "])
async def test_a_gigantic_line_ends_before_it_fills_the_memory(
    backend: str, opening: bytes
) -> None:
    reply = begun(backend, opening, *[MIB] * 9, hold_after=11)
    error = await told(backend, reply)
    assert isinstance(error, Broken)
    assert error.key == "answer-too-large"
    assert "8 MiB" in str(error)


async def test_so_does_an_event_of_very_many_lines() -> None:
    lines = b"data: x\n" * (1 << 17)
    error = await told("openai", begun("openai", *[lines] * 9, hold_after=10))
    assert error.key == "answer-too-large"


@BACKENDS
async def test_a_long_answer_of_short_records_is_no_gigantic_line(backend: str) -> None:
    one = CHUNK if backend == "openai" else LINE
    error = await told(backend, begun(backend, *[one * (len(MIB) // len(one))] * 9))
    assert error.key == "stream-unfinished"


@BACKENDS
async def test_facts_are_bounded_too(backend: str) -> None:
    with gated(backend, Reply((MIB,) * 9, hold_after=9)) as server:
        error = await failure(backend, server.url)
    assert error.key == "answer-too-large"


@BACKENDS
async def test_so_is_the_body_of_a_refusal(backend: str) -> None:
    error = await told(backend, Reply((MIB,) * 2, 429, "text/plain", hold_after=2))
    assert error.key == "rate-limited"


@BACKENDS
async def test_a_server_that_stalls_is_left(backend: str) -> None:
    with scripted(backend, begun(backend, b"", hold_after=2)) as server:
        error = await failure(backend, server.url, stall_seconds=0.1)
        await asyncio.to_thread(server.wait_for, "disconnects", 1)
    assert isinstance(error, Broken)
    assert error.key == "stream-stalled"
    assert "raise stall_seconds" in str(error)


@BACKENDS
async def test_only_a_server_that_has_begun_can_stall(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first byte it may be loading the model or reading a long prompt."""
    asked: list[float | None] = []
    timeout: Callable[[float | None], Any] = asyncio.timeout_at

    def noted(when: float | None) -> Any:
        asked.append(when)
        return timeout(when)

    monkeypatch.setattr("spyhop.models.endpoint.asyncio.timeout_at", noted)
    now = asyncio.get_running_loop().time()
    await told(backend, begun(backend, ending="close"), stall_seconds=33)
    assert asked[-2] is None
    assert asked[-1] is not None
    assert asked[-1] >= now + 33


@BACKENDS
async def test_a_drip_that_never_makes_a_line_is_a_stall(backend: str) -> None:
    drip = begun(backend, *[b" "] * 10_000, delay=0.01)
    with scripted(backend, drip) as server:
        error = await failure(backend, server.url, stall_seconds=0.2)
        await asyncio.to_thread(server.wait_for, "disconnects", 1)
    assert error.key == "stream-stalled"


@BACKENDS
async def test_so_is_the_drip_of_a_refusals_body(backend: str) -> None:
    drip = Reply((b"x",) * 10_000, 429, "text/plain", delay=0.01)
    with scripted(backend, drip) as server:
        error = await failure(backend, server.url, stall_seconds=0.2)
    assert error.key == "stream-stalled"


@BACKENDS
async def test_a_drip_of_whole_lines_is_only_slow(backend: str) -> None:
    """Each byte on its own, with pings between."""
    whole: Any = (
        Dialogue(["x"] * 3, cuts=[1], delay=0.001)
        if backend == "openai"
        else Script(["x"] * 3, cuts=[1], delay=0.001)
    )
    with scripted(backend, whole) as server:
        model = connected(backend, server.url, stall_seconds=30)
        async with aclosing(model.stream(ASK)) as deltas:
            text = [it.text async for it in deltas if isinstance(it, Text)]
        await model.aclose()
    assert "".join(text) == "xxx"


@pytest.mark.parametrize("status", [500, 502])
async def test_an_ollama_that_fails_at_its_facts_is_no_other_server(status: int) -> None:
    with gated("ollama", refusal(status, "CUDA out of memory")) as server:
        error = await failure("ollama", server.url)
    assert error.key == "server-fault"
    assert f"HTTP {status}: CUDA out of memory" in str(error)


@BACKENDS
async def test_a_refusal_without_a_body_is_told_by_its_status(backend: str) -> None:
    error = await told(backend, Reply((), 403, "text/plain"))
    assert "HTTP 403: Forbidden" in str(error)
