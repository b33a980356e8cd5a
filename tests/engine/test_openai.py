"""OpenAI's API for real: llama.cpp's own server over HTTP, with the stand-in model."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from spyhop import resources
from spyhop.assist.edit import Outcome, edit
from spyhop.assist.pump import pump
from spyhop.assist.reading import Thinking
from spyhop.assist.task import prepare
from spyhop.core.stream import Text, Thought
from spyhop.errors import ModelError
from spyhop.models.openai import OpenAi
from spyhop.models.port import Abilities, Done, Request
from spyhop.prompting.edit import Material
from spyhop.prompting.library import load
from spyhop.prompting.r1 import NO_THOUGHT, Turn
from spyhop.settings import Settings

xllamacpp = pytest.importorskip("xllamacpp")

pytestmark = pytest.mark.anyio

KEY = "a-key-of-this-test"
R1 = "deepseek-r1-standin"
ASK = Request((Turn("user", "你好"),), temperature=0)
LONG = Request((Turn("user", "def f(): pass\n" * 2000),), temperature=0)
IMPLEMENTED = (
    "def gcd(a: int, b: int) -> int:\n",
    "    while b:\n",
    "        a, b = b, a % b\n",
    "    return abs(a)\n",
)
NAMES = pytest.mark.parametrize(("name", "form"), [(R1, "r1"), ("standin", "chat")])


@asynccontextmanager
async def served(name: str, context_tokens: int = 1024) -> AsyncIterator[str]:
    """Give the address of a server that calls the stand-in ``name``."""
    path = resources.standin()
    if not path.exists() or path.stat().st_size == 0:
        unbuilt = f"{path} is not built: run tests/standin/build.py"
        if "CI" in os.environ:
            pytest.fail(unbuilt)
        pytest.skip(unbuilt)
    params = xllamacpp.CommonParams()
    params.model.path, params.model_alias = str(path), {name}
    params.n_ctx, params.n_parallel, params.port = context_tokens, 1, 0
    params.api_keys, params.verbosity = [KEY], 0
    server = await asyncio.to_thread(xllamacpp.Server, params)
    yield server.listening_address
    del server


@asynccontextmanager
async def openai(url: str, key: str | None = KEY) -> AsyncIterator[OpenAi]:
    it = OpenAi(url, None, context_tokens=8192, key=None if key is None else SecretStr(key))
    try:
        yield it
    finally:
        await it.aclose()


async def heard(model: OpenAi, request: Request = ASK) -> tuple[str, str, Done]:
    """Return the thought, the answer and the end of one question."""
    thought = text = ""
    async with aclosing(pump(model, request)) as outputs:
        async for output in outputs:
            match output:
                case Thought(piece):
                    thought += piece
                case Text(piece):
                    text += piece
                case Done():
                    return thought.strip(), text.strip(), output
    raise AssertionError


async def failure(model: OpenAi, request: Request = ASK) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await heard(model, request)
    return caught.value


async def test_chat_and_raw_give_the_same_answer() -> None:
    found = []
    for name, form in ((R1, "r1"), ("standin", "chat")):
        async with served(name) as url, openai(url) as model:
            info = await model.info()
            assert (info.name, info.format, info.context_tokens) == (name, form, 1024)
            thought, answer, done = await heard(model)
            assert thought
            assert answer
            assert done.reason == "stop"
            assert done.usage.prompt_tokens == 8
            assert done.usage.answer_tokens
            found.append((thought, answer))
    assert found[0] == found[1]


@NAMES
async def test_a_stream_that_is_closed_frees_the_slot(
    name: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left alone, this generation ends when the context is full and at no other time."""
    payload: Any = OpenAi._payload  # noqa: SLF001 - one option more

    def endless(*arguments: Any) -> tuple[str, dict[str, Any]]:
        path, body = payload(*arguments)
        return path, body | {"ignore_eos": True, "max_tokens": -1}

    async with served(name, 8192) as url, openai(url) as model:
        with monkeypatch.context() as patched:
            patched.setattr(OpenAi, "_payload", endless)
            stream = model.stream(ASK)
            await anext(stream)
            await stream.aclose()
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            while (slot := json.loads((await client.get(f"{url}/slots")).content)[0])[
                "is_processing"
            ]:
                pass
        assert slot["next_token"][0]["n_decoded"] < slot["n_ctx"] / 2
        assert (await model.info()).format == form
        assert (await heard(model))[2].reason == "stop"


@NAMES
async def test_a_prompt_beyond_the_context_says_what_the_context_is(name: str, form: str) -> None:
    async with served(name) as url, openai(url) as model:
        error = await failure(model, LONG)
        assert error.key == "context-exceeded"
        assert "1024 tokens" in str(error)
        assert (await model.info()).format == form
        assert (await heard(model))[2].reason == "stop"


@pytest.mark.parametrize(("name", "way"), [(R1, "closed"), ("standin", "budget")])
async def test_a_thought_is_left_out_where_none_is_wanted(name: str, way: str) -> None:
    request = replace(ASK, beginning=NO_THOUGHT, thinks=False)
    async with served(name) as url, openai(url) as model:
        assert (await model.info()).abilities.thought_off == way
        assert (await heard(model))[0]
        thought, answer, done = await heard(model, request)
    assert (thought, done.reason) == ("", "stop")
    assert answer


async def test_the_server_tells_what_it_is_and_can_do() -> None:
    async with served(R1) as url, openai(url) as model:
        info = await model.info()
    assert info.server.name == "llama.cpp"
    assert info.server.version
    assert info.abilities == Abilities(
        raw=True,
        prefill=True,
        thought_off="closed",
        infill=True,
        counts_tokens=True,
        tells_cached=True,
    )
    assert (info.context_tokens, info.model_context_tokens) == (1024, 8192)
    assert (info.quantisation, info.template_opens) == ("Q8_0", True)
    assert info.size_bytes
    assert info.parameters == "457152"


async def test_a_wrong_key_and_no_key_are_told_apart() -> None:
    async with served(R1) as url:
        for key, told in (("a-wrong-key", "key-refused"), (None, "key-missing")):
            async with openai(url, key) as model:
                error = await failure(model)
            assert error.key == told
            assert "Invalid API Key" in str(error)


async def test_an_address_below_which_nothing_answers_is_told() -> None:
    async with served(R1) as url, openai(url + "/none") as model:
        error = await failure(model)
    assert error.key == "openai-no-path"
    assert "Is /v1 missing in url?" in str(error)


async def test_answer_now_works_over_http() -> None:
    lines = (resources.examples() / "fractions.py").read_text(encoding="utf-8").splitlines(True)  # noqa: FBT003
    material = Material(
        "fractions.py", "python", lines[:3], lines[3:5], lines[5:], "实现计算一个最大公约数的代码"
    )
    settings = Settings(temperature=0)
    async with served(R1, 8192) as url, openai(url) as model:
        task = await prepare(model, load(resources.prompts()), "edit", material, settings, "en")
        outcome: Outcome | None = None
        async with aclosing(edit(model, task)) as steps:
            async for step in steps:
                if isinstance(step, Thinking) and step.tokens == 8:
                    task.steering.answer_now()
                if isinstance(step, Outcome):
                    outcome = step
    assert task.can_end_early
    assert outcome is not None
    assert outcome.lines == IMPLEMENTED
    assert outcome.warnings[0].key == "warn-ended-asked"
    prompt, cached = outcome.usage.prompt_tokens, outcome.usage.cached_tokens
    assert prompt is not None
    assert cached is not None
    assert prompt - cached < prompt / 20
