"""The embedded engine for real: llama.cpp with the stand-in model, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gguf_files import header, put_in_ollama
from spyhop import resources
from spyhop.core.stream import Text, merge
from spyhop.core.wire import SseDecoder
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.embedded import Embedded
from spyhop.models.embedded.process import EngineProcess
from spyhop.models.errors import Broken, ModelFailed, ModelUnavailable
from spyhop.models.llamacpp import LlamaCpp
from spyhop.models.port import Delta, Done, Request
from spyhop.prompting.r1 import Turn

pytestmark = pytest.mark.anyio

CONTEXT = 1024
ASK = Request((Turn("user", "你好"),), temperature=0)
# Left alone, this generation ends when the context is full and at no other time.
ENDLESS = {"prompt": "x", "stream": True, "ignore_eos": True, "n_predict": -1}


@pytest.fixture
def standin() -> Path:
    path = resources.standin()
    if not path.exists() or path.stat().st_size == 0:
        unbuilt = f"{path} is not built: run tests/standin/build.py"
        if "CI" in os.environ:
            pytest.fail(unbuilt)
        pytest.skip(unbuilt)
    return path


@pytest.fixture
def model_bytes(standin: Path) -> bytes:
    return standin.read_bytes()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths of the models that processes are started for from now on."""
    paths: list[Path] = []
    start = EngineProcess.start

    async def count(file: Any, context_tokens: int) -> EngineProcess:
        paths.append(file.path)
        return await start(file, context_tokens)

    monkeypatch.setattr(EngineProcess, "start", count)
    return paths


@asynccontextmanager
async def engine(
    model: Path | str | None, context_tokens: int = CONTEXT, **options: Any
) -> AsyncIterator[Embedded]:
    it = Embedded(model, context_tokens=context_tokens, **options)
    try:
        yield it
    finally:
        await it.aclose()


async def deltas(model: Embedded, request: Request = ASK) -> list[Delta]:
    async with aclosing(model.stream(request)) as stream:
        return [delta async for delta in stream]


async def pid_of(model: Embedded) -> int:
    async with model.running() as it:
        return it.process.pid


async def endless(model: Embedded, came: Callable[[], None] = lambda: None) -> None:
    """Generate until something ends it; ``came`` is called with each record."""
    async with model.running() as it:
        endpoint = it.server._endpoint  # noqa: SLF001 - no request of Spyhop's own is endless
        async with aclosing(endpoint.stream("/completion", ENDLESS, SseDecoder())) as records:
            async for _ in records:
                came()


def once(function: Callable[..., object], *arguments: object) -> Callable[[], None]:
    """Return what calls ``function`` the first time it is called."""
    left = [function]

    def call() -> None:
        if left:
            left.pop()(*arguments)

    return call


# Asked and answering


async def test_a_raw_prompt_streams_an_answer(standin: Path) -> None:
    async with engine(standin) as model:
        found = await deltas(model)
    *texts, done = found
    assert len(texts) > 3
    assert all(isinstance(it, Text) for it in texts)
    assert isinstance(done, Done)
    assert done.reason == "stop"
    assert done.usage.prompt_tokens
    assert done.usage.answer_tokens
    (text, _) = merge(found)
    assert isinstance(text, Text)
    # The prompt has opened the thought, so that the output only closes it.
    assert "<think>" not in text.text
    assert "</think>" in text.text


async def test_the_same_prompt_at_temperature_0_gives_the_same_answer(standin: Path) -> None:
    async with engine(standin) as model:
        first, second = merge(await deltas(model)), merge(await deltas(model))
    assert first[0] == second[0]


async def test_the_facts_are_the_models(standin: Path) -> None:
    async with engine(standin) as model:
        info = await model.info()
        shown = await model.wire_prompt(ASK)
    assert (info.name, info.context_tokens, info.format) == (standin.stem, CONTEXT, "r1")
    assert shown == "<｜User｜>你好<｜Assistant｜><think>\n"


async def test_the_engine_runs_in_a_process_of_its_own(standin: Path) -> None:
    async with engine(standin) as model:
        assert await pid_of(model) != os.getpid()
        assert await pid_of(model) == await pid_of(model)


async def test_two_first_requests_load_the_model_once(standin: Path, started: list[Path]) -> None:
    async with engine(standin) as model:
        first, second = await asyncio.gather(deltas(model), deltas(model))
        assert merge(first)[0] == merge(second)[0]
    assert started == [standin]


async def test_cancelling_one_first_request_leaves_the_other_its_model(
    standin: Path, started: list[Path]
) -> None:
    async with engine(standin) as model:
        first = asyncio.create_task(model.info())
        second = asyncio.create_task(model.info())
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).context_tokens == CONTEXT
        assert first.cancelled()
    assert started == [standin]


async def test_two_models_run_side_by_side(
    standin: Path, model_bytes: bytes, tmp_path: Path
) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(model_bytes)
    async with engine(standin) as one, engine(other, 2048) as two:
        assert await pid_of(one) != await pid_of(two)
        infos = await asyncio.gather(one.info(), two.info())
        answers = [await deltas(one), await deltas(two)]
    assert [it.name for it in infos] == ["standin", "other"]
    assert [it.context_tokens for it in infos] == [CONTEXT, 2048]
    assert merge(answers[0])[0] == merge(answers[1])[0]


async def test_a_model_of_ollamas_is_loaded_by_its_name(
    model_bytes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path))
    put_in_ollama(tmp_path, "registry.ollama.ai/library/deepseek-r1/7b", model_bytes)
    async with engine("deepseek-r1:7b") as named, engine(None) as unnamed:
        assert (await named.info()).name == "deepseek-r1:7b"
        assert (await unnamed.info()).name == "deepseek-r1:7b"
        assert isinstance((await deltas(named))[-1], Done)


async def test_a_stream_that_is_closed_frees_the_slot(standin: Path) -> None:
    async with engine(standin, 8192) as model, model.running() as it:
        endpoint = it.server._endpoint  # noqa: SLF001 - as above
        stream = endpoint.stream("/completion", ENDLESS, SseDecoder())
        await anext(stream)
        await stream.aclose()
        while (slot := json.loads(await endpoint.get("/slots"))[0])["is_processing"]:
            pass
        assert slot["next_token"][0]["n_decoded"] < slot["n_ctx"] / 2
        assert isinstance((await deltas(model))[-1], Done)


async def test_a_request_that_is_cancelled_frees_the_slot_for_the_next(standin: Path) -> None:
    async with engine(standin, 8192) as model:
        begun = asyncio.Event()
        task = asyncio.create_task(endless(model, begun.set))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance((await deltas(model))[-1], Done)


async def test_other_processes_of_this_machine_may_not_ask(standin: Path) -> None:
    async with (
        engine(standin) as model,
        model.running() as it,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        url = it.process.address
        assert url.startswith("http://127.0.0.1:")
        for headers in ({}, {"Authorization": "Bearer guess"}, {"X-Api-Key": "guess"}):
            for path in ("/completion", "/v1/chat/completions", "/tokenize"):
                answer = await client.post(url + path, headers=headers, json={"prompt": "x"})
                assert answer.status_code == 401
            for path in ("/props", "/slots"):
                assert (await client.get(url + path, headers=headers)).status_code == 401


async def test_each_engine_has_a_key_of_its_own(standin: Path) -> None:
    async with engine(standin) as one, engine(standin) as other:
        await other.info()
        async with one.running() as it, other.running() as another:
            assert it.process.key != another.process.key
            stranger = LlamaCpp(it.process.address, "x")
        with pytest.raises(ModelUnavailable) as caught:
            await stranger.info()
        await stranger.aclose()
    assert caught.value.key == "llamacpp-odd"
    assert "Invalid API Key" in str(caught.value)


async def test_the_key_stands_in_no_place_where_others_could_read_it(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    start = asyncio.create_subprocess_exec

    async def record(*arguments: str, **options: Any) -> asyncio.subprocess.Process:
        given.extend((arguments, options))
        return await start(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", record)
    async with engine(standin) as model, model.running() as it:
        assert len(it.process.key) > 30
        assert it.process.key not in repr(given)
        assert it.process.key not in repr(os.environ)


async def test_a_prompt_beyond_the_context_says_what_the_context_is(standin: Path) -> None:
    async with engine(standin) as model:
        with pytest.raises(ModelFailed) as caught:
            await deltas(model, Request((Turn("user", "def f(): pass\n" * 2000),)))
        assert caught.value.key == "context-exceeded"
        assert f"{CONTEXT} tokens" in str(caught.value)
        assert isinstance((await deltas(model))[-1], Done)


async def test_no_module_of_the_folder_that_is_open_is_run(
    standin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "xllamacpp", "signal"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    async with engine(standin) as model:
        await model.info()
    assert not (tmp_path / "run").exists()


# Its end


async def test_closing_ends_the_process_and_the_next_request_starts_it_again(
    standin: Path, started: list[Path]
) -> None:
    async with engine(standin) as model:
        async with model.running() as it:
            first = it.process
        await model.aclose()
        assert first.ended
        with pytest.raises(ProcessLookupError):
            os.kill(first.pid, 0)
        await model.aclose()
        await model.info()
    assert started == [standin, standin]


async def test_an_engine_that_was_never_asked_can_be_closed(tmp_path: Path) -> None:
    await Embedded(tmp_path / "none.gguf", context_tokens=CONTEXT).aclose()


async def test_without_keep_alive_the_process_ends_with_the_request(
    standin: Path, started: list[Path]
) -> None:
    async with engine(standin, keep_alive="0") as model:
        assert isinstance((await deltas(model))[-1], Done)
        assert isinstance((await deltas(model))[-1], Done)
    assert started == [standin, standin]


async def test_a_crash_in_mid_stream_is_an_error_and_the_next_request_starts_anew(
    standin: Path, started: list[Path]
) -> None:
    async with engine(standin, 8192) as model:
        pid = await pid_of(model)
        with pytest.raises(Broken) as caught:
            await endless(model, once(os.kill, pid, signal.SIGKILL))
        assert isinstance((await deltas(model))[-1], Done)
        assert await pid_of(model) != pid
    assert caught.value.key == "embedded-crashed"
    assert "died (SIGKILL)" in str(caught.value)
    assert "530 kB" in str(caught.value)
    assert started == [standin, standin]


async def test_an_engine_that_lives_and_no_longer_answers_is_given_up(
    standin: Path, started: list[Path]
) -> None:
    async with engine(standin) as model:
        pid = await pid_of(model)
        with pytest.raises(Broken, match="sent nothing"):
            async with model.running():
                raise Broken("stream-stalled", url="-", seconds=1)
        assert await pid_of(model) != pid
    assert started == [standin, standin]


async def test_how_long_the_engine_may_send_nothing_is_a_setting(standin: Path) -> None:
    async with engine(standin, stall_seconds=7) as model, model.running() as it:
        assert it.server._endpoint._stall_seconds == 7  # noqa: SLF001 - a wait would take as long


async def test_a_crash_between_requests_is_not_noticed(standin: Path, started: list[Path]) -> None:
    async with engine(standin) as model:
        async with model.running() as it:
            process = it.process
        os.kill(process.pid, signal.SIGKILL)
        assert await process.how_it_ended(patience=60) == "SIGKILL"
        assert isinstance((await deltas(model))[-1], Done)
    assert started == [standin, standin]


async def test_the_last_words_of_a_crash_are_told(standin: Path) -> None:
    async with engine(standin) as model:
        async with model.running() as it:
            process = it.process
        os.kill(process.pid, signal.SIGSEGV)
        assert await process.how_it_ended(patience=60) == "SIGSEGV"
        assert await process.last_words() == "-"


# An engine that tells the test by a connection that it lives, and holds the interpreter for ever
# when it is told to hang, as llama.cpp does for as long as it loads.
LINKED = """
import ctypes, os, socket
link = socket.create_connection(("127.0.0.1", int(os.environ["LINK"])))
class CommonParams:
    class model: pass
class Server:
    listening_address = "http://127.0.0.1:9"
    def __init__(self, params):
        link.sendall(b"loading\\n")
        if "HANG" in os.environ:
            ctypes.PyDLL(None).sleep(1000)
"""
PARENT = """
import asyncio, sys
from spyhop.models.embedded import Embedded
async def main():
    async with Embedded(sys.argv[1], context_tokens=1024).running():
        print("running", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@asynccontextmanager
async def linked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, hang: bool
) -> AsyncIterator[asyncio.Queue[asyncio.StreamReader]]:
    """Give the connections of the engines that are started within, which end with them."""
    instead_of_the_engine(LINKED, folder, monkeypatch)
    links: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()
    writers: list[asyncio.StreamWriter] = []

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        links.put_nowait(reader)
        writers.append(writer)

    async with await asyncio.start_server(accept, "127.0.0.1") as server:
        monkeypatch.setenv("LINK", str(server.sockets[0].getsockname()[1]))
        if hang:
            monkeypatch.setenv("HANG", "1")
        yield links
        for writer in writers:
            writer.close()


@pytest.mark.parametrize("loading", [False, True])
async def test_the_process_leaves_with_its_parent_even_when_that_is_killed(
    standin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, loading: bool
) -> None:
    async with linked(tmp_path, monkeypatch, hang=loading) as links:
        parent = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PARENT, str(standin)), stdout=subprocess.PIPE
        )
        link = await links.get()
        assert await link.readline() == b"loading\n"
        assert parent.stdout
        if not loading:
            assert await parent.stdout.readline() == b"running\n"
        parent.send_signal(signal.SIGKILL)
        assert await asyncio.wait_for(link.read(), 60) == b""
        await parent.communicate()


async def test_closing_while_it_loads_ends_the_process(
    standin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with linked(tmp_path, monkeypatch, hang=True) as links, engine(standin) as model:
        request = asyncio.create_task(model.info())
        link = await links.get()
        assert await link.readline() == b"loading\n"
        await model.aclose()
        assert await link.read() == b""
        with pytest.raises(asyncio.CancelledError):
            await request


def instead_of_the_engine(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process that is started next find ``code`` as the engine."""
    (folder / "xllamacpp.py").write_text(code, encoding="utf-8")
    path = os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))
    monkeypatch.setenv("PYTHONPATH", path)


# Files that are no model


async def failure(path: Path) -> SpyhopError:
    async with engine(path) as model:
        with pytest.raises(ModelUnavailable) as caught:
            await model.info()
        # A failure is not remembered: the file may be there the next time.
        with pytest.raises(ModelUnavailable):
            await model.info()
    for language in LANGUAGES:
        assert str(path) in caught.value.say(language)
        assert "\n" not in caught.value.say(language)
    return caught.value


async def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert (await failure(tmp_path / "none.gguf")).key == "embedded-no-file"


async def test_a_folder_is_no_model_file(tmp_path: Path) -> None:
    assert (await failure(tmp_path)).key == "embedded-no-file"


@pytest.mark.parametrize("data", [b"", b"GGU", b"print('hello')\n", b"\x00" * 100])
async def test_a_file_of_another_kind_is_said_to_be_one(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    assert (await failure(path)).key == "embedded-not-gguf"


@pytest.mark.parametrize("share", [0.0001, 0.02, 0.5, 0.99])
async def test_a_model_file_that_was_cut_off_is_said_to_be_cut_off(
    model_bytes: bytes, tmp_path: Path, share: float
) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(model_bytes[: max(4, int(share * len(model_bytes)))])
    error = await failure(path)
    assert error.key == "gguf-cut"
    assert "spyhop pull" in str(error)


async def test_what_only_the_engine_can_tell_is_told_with_its_words(
    model_bytes: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "strange.gguf"
    path.write_bytes(model_bytes.replace(b"output_norm.weight", b"output_nerm.weight"))
    error = await failure(path)
    assert error.key == "embedded-failed"
    assert "output_norm.weight" in str(error)


async def test_an_architecture_that_the_engine_does_not_know_is_named(tmp_path: Path) -> None:
    path = tmp_path / "unknown.gguf"
    path.write_bytes(header({"general.architecture": "perceptron"}, tensors={"x": (32,)}))
    error = await failure(path)
    assert error.key == "embedded-failed"
    assert "perceptron" in str(error)


async def test_a_crash_while_it_loads_is_an_error(
    standin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "GGML_ASSERT(n > 0) failed"
    code = f"import os\nos.write(2, b'{words}\\n')\nos.abort()\n"
    instead_of_the_engine(code, tmp_path, monkeypatch)
    error = await failure(standin)
    assert error.key == "embedded-died"
    assert "(SIGABRT)" in str(error)
    assert words in str(error)


async def test_an_engine_that_does_not_run_here_is_said_not_to(
    standin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "raise ImportError('libgomp.so.1 is missing')\n"
    instead_of_the_engine(code, tmp_path, monkeypatch)
    async with engine(standin) as model:
        with pytest.raises(ModelUnavailable, match=r"libgomp.so.1 is missing") as caught:
            await model.info()
    assert caught.value.key == "embedded-unusable"


async def test_a_file_that_was_mended_loads(model_bytes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "模型 1.gguf"
    async with engine(path) as model:
        with pytest.raises(ModelUnavailable):
            await model.info()
        path.write_bytes(model_bytes)
        assert (await model.info()).name == "模型 1"


async def test_a_missing_engine_says_how_to_get_it(
    standin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    async with engine(standin) as model:
        with pytest.raises(ModelUnavailable, match=r"pip install '.\[embedded\]'"):
            await model.info()
