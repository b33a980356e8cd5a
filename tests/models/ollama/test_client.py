"""Ollama, spoken to over its wire: what is asked, what is read, and how it goes wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyhop.core.stream import Text, Thought, merge
from spyhop.errors import SpyhopError
from spyhop.messages import LANGUAGES
from spyhop.models.errors import (
    Broken,
    ModelFailed,
    ModelMissing,
    ModelUnavailable,
    Unreachable,
)
from spyhop.models.ollama import Ollama
from spyhop.models.port import Abilities, Delta, Done, ModelInfo, Request, Server, Usage
from spyhop.models.scripted import (
    PLAIN_TEMPLATE,
    R1_TEMPLATE,
    InMemory,
    Recorded,
    Reply,
    Script,
    ScriptedOllama,
    record,
    reply,
)
from spyhop.prompting.fim import Infill
from spyhop.prompting.r1 import NO_THOUGHT, Turn

pytestmark = pytest.mark.anyio

ASK = Request((Turn("user", "Add one."),))
PROMPT = "<｜User｜>Add one.<｜Assistant｜><think>\n"
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
R1 = "deepseek-r1:7b"
GENERATE = "/api/generate"
COST = Usage(100, None, 20, 0.001, 0.001, 0.001)


@asynccontextmanager
async def ollama(
    url: str, model: str | None = None, context_tokens: int = 8192
) -> AsyncIterator[Ollama]:
    it = Ollama(url, model, context_tokens=context_tokens)
    try:
        yield it
    finally:
        await it.aclose()


async def deltas(model: Ollama, request: Request = ASK) -> list[Delta]:
    async with aclosing(model.stream(request)) as stream:
        return [delta async for delta in stream]


async def answer(
    scripts: Sequence[Script | Reply], request: Request = ASK, **options: Any
) -> list[Any]:
    """Return what one question to a server with ``scripts`` gives, merged."""
    with ScriptedOllama(scripts, **options) as server:
        async with ollama(server.url) as model:
            return merge(await deltas(model, request))


async def failure(scripts: Sequence[Script | Reply], **options: Any) -> SpyhopError:
    """Return the error that one question ends in."""
    with pytest.raises(SpyhopError) as caught:
        await answer(scripts, **options)
    return caught.value


# What is asked


async def test_r1_is_asked_raw_with_exactly_these_options() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            await deltas(model)
        (asked,) = server.generations
    assert asked == Recorded(
        GENERATE,
        {
            "model": R1,
            "prompt": PROMPT,
            "raw": True,
            "think": False,
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": "30m",
            "options": {"num_ctx": 8192, "temperature": 0.6, "top_p": 0.95},
        },
    )


async def test_a_prompt_of_ones_own_is_sent_as_it_is_whatever_the_model() -> None:
    request = Request((), prompt="<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>")
    with ScriptedOllama([reply("x")], models={"coder:7b": 1}, template=PLAIN_TEMPLATE) as server:
        async with ollama(server.url, "coder:7b") as model:
            assert await model.wire_prompt(request) == request.prompt
            await deltas(model, request)
        (asked,) = server.generations
    assert asked.path == GENERATE
    assert (asked.body["prompt"], asked.body["raw"]) == (request.prompt, True)
    assert asked.body["think"] is False


async def test_a_gap_is_filled_in_by_the_models_own_template() -> None:
    request = Request((), gap=Infill("a = ", "\nb", (), ""))
    with ScriptedOllama([reply("x")], models={"coder:7b": 1}, template=PLAIN_TEMPLATE) as server:
        async with ollama(server.url, "coder:7b") as model:
            assert await model.wire_prompt(request) == "[before]\na = \n\n[after]\n\nb"
            await deltas(model, request)
        (asked,) = server.generations
    assert asked.path == GENERATE
    assert (asked.body["prompt"], asked.body["suffix"]) == ("a = ", "\nb")
    assert "raw" not in asked.body


async def test_what_would_reload_the_model_is_the_same_in_every_request() -> None:
    requests = [
        ASK,
        Request((Turn("user", "x" * 9000),), temperature=0.0, stop=("\n",)),
        Request(ASK.turns, beginning="<think>\n\n</think>\n\n"),
    ]
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            for request in requests:
                await deltas(model, request)
        bodies = [asked.body for asked in server.generations]
    assert len(bodies) == 3
    for body in bodies:
        kept = (body["options"]["num_ctx"], body["shift"], body["truncate"], body["keep_alive"])
        assert kept == (8192, False, False, "30m")
    assert bodies[1]["options"]["stop"] == ["\n"]
    assert bodies[2]["prompt"].endswith("<｜Assistant｜><think>\n\n</think>\n\n")


async def test_the_wire_prompt_is_what_the_server_then_receives() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            shown = await model.wire_prompt(ASK)
            assert not server.generations
            await deltas(model)
        assert server.generations[0].body["prompt"] == shown == PROMPT


@pytest.mark.parametrize(
    ("capabilities", "think"),
    [(["completion", "thinking"], {"think": True}), (["completion"], {})],
)
async def test_another_model_is_asked_by_chat_and_to_think_only_if_it_can(
    capabilities: list[str], think: dict[str, bool]
) -> None:
    options: dict[str, Any] = {"template": PLAIN_TEMPLATE, "models": {"qwen3:4b": 1}}
    with ScriptedOllama([reply("x")], capabilities=capabilities, **options) as server:
        async with ollama(server.url, "qwen3:4b") as model:
            await deltas(model)
            assert await model.wire_prompt(ASK) == "[user]\nAdd one."
        (asked,) = server.generations
    assert asked == Recorded(
        "/api/chat",
        {
            "model": "qwen3:4b",
            "messages": [{"role": "user", "content": "Add one."}],
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": "30m",
            "options": {"num_ctx": 8192, "temperature": 0.6, "top_p": 0.95},
        }
        | think,
    )


async def test_text_that_is_no_unicode_is_asked_with_marks_in_its_place() -> None:
    """An argument or a path that is no UTF-8 reaches Python as lone surrogates."""
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            await deltas(model, Request((Turn("user", "caf\udce9 实现"),)))
        assert "caf? 实现" in server.generations[0].body["prompt"]


@pytest.mark.parametrize(
    ("wanted", "limit", "context"), [(8192, 4096, 4096), (8192, 131_072, 8192), (4096, 4096, 4096)]
)
async def test_the_context_is_the_smaller_of_the_settings_and_the_models(
    wanted: int, limit: int, context: int
) -> None:
    with ScriptedOllama([reply("x")], context_length=limit) as server:
        async with ollama(server.url, context_tokens=wanted) as model:
            assert (await model.info()).context_tokens == context
            await deltas(model)
        assert server.generations[0].body["options"]["num_ctx"] == context


@pytest.mark.parametrize("limit", [None, "4096", 0, [4096]])
async def test_a_context_length_that_is_no_number_is_ignored(limit: Any) -> None:
    with ScriptedOllama([], context_length=limit) as server:
        async with ollama(server.url) as model:
            assert (await model.info()).context_tokens == 8192


# Which model


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        ({"deepseek-r1:1.5b": 1, "deepseek-r1:14b": 9, "deepseek-r1:7b": 5}, "deepseek-r1:14b"),
        ({"llama3:70b": 40, "deepseek-r1:7b": 5}, "deepseek-r1:7b"),
        (
            {"modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:latest": 5, "qwen": 9},
            "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:latest",
        ),
        ({"hf.co/x/R1-Distill-Llama-8B:Q4_K_M": 5}, "hf.co/x/R1-Distill-Llama-8B:Q4_K_M"),
    ],
)
async def test_with_no_name_the_largest_r1_is_taken(models: dict[str, int], chosen: str) -> None:
    with ScriptedOllama([], models=models) as server:
        async with ollama(server.url) as model:
            info = await model.info()
    assert (info.name, info.context_tokens, info.format) == (chosen, 8192, "r1")


async def test_what_ollama_tells_of_a_model_is_known() -> None:
    with ScriptedOllama([]) as server:
        async with ollama(server.url) as model:
            info = await model.info()
    assert info == ModelInfo(
        R1,
        8192,
        "r1",
        Abilities(
            raw=True,
            prefill=True,
            thought_off="closed",
            infill=False,
            counts_tokens=False,
            tells_cached=False,
        ),
        Server("Ollama", "0.30.0"),
        model_context_tokens=131_072,
        size_bytes=4_700_000_000,
        parameters="7.6B",
        quantisation="Q4_K_M",
        template=R1_TEMPLATE,
        template_opens=True,
    )


@pytest.mark.parametrize(
    ("capabilities", "way", "think"),
    [
        (("completion", "thinking"), "think", False),
        (("completion", "insert"), "needless", None),
    ],
)
async def test_a_chat_leaves_out_the_thought_where_the_model_has_one(
    capabilities: Sequence[str], way: str, think: bool | None
) -> None:
    request = Request(ASK.turns, beginning=NO_THOUGHT, thinks=False)
    options: dict[str, Any] = {"template": PLAIN_TEMPLATE, "capabilities": capabilities}
    with ScriptedOllama([reply("x")], **options) as server:
        async with ollama(server.url) as model:
            abilities = (await model.info()).abilities
            await deltas(model, request)
        assert server.generations[0].body.get("think") is think
    assert abilities.thought_off == way
    assert abilities.infill == ("insert" in capabilities)


@pytest.mark.parametrize(
    ("name", "installed"),
    [
        ("deepseek-r1", "deepseek-r1:latest"),
        (
            "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF",
            "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:latest",
        ),
        ("deepseek-r1:7b", "deepseek-r1:7b"),
    ],
)
async def test_a_name_without_a_tag_means_latest(name: str, installed: str) -> None:
    models = {installed: 1, "deepseek-r1:70b": 40}
    with ScriptedOllama([reply("x")], models=models) as server:
        async with ollama(server.url, name) as model:
            await deltas(model)
        assert server.generations[0].body["model"] == installed


@pytest.mark.parametrize(
    ("name", "template", "form"),
    [
        ("deepseek-r1:7b", R1_TEMPLATE, "r1"),
        ("my-own-name", R1_TEMPLATE, "r1"),
        ("deepseek-r1:7b", "", "r1"),
        ("deepseek-r1:7b", PLAIN_TEMPLATE, "chat"),
        ("qwen3:4b", PLAIN_TEMPLATE, "chat"),
    ],
)
async def test_the_template_decides_who_writes_the_prompt(
    name: str, template: str, form: str
) -> None:
    with ScriptedOllama([], models={name: 1}, template=template) as server:
        async with ollama(server.url, name) as model:
            assert (await model.info()).format == form


async def test_the_facts_are_asked_for_once() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            await model.info()
            await deltas(model)
            await deltas(model)
        paths = [request.path for request in server.requests]
    assert paths == ["/api/tags", "/api/show", "/api/version", GENERATE, GENERATE]


async def test_the_facts_are_asked_for_once_by_concurrent_first_requests() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            answers = await asyncio.gather(*(deltas(model) for _ in range(4)))
        paths = [request.path for request in server.requests]
    assert paths == ["/api/tags", "/api/show", "/api/version"] + 4 * [GENERATE]
    assert all(it == answers[0] for it in answers)


async def test_a_first_request_that_is_cancelled_leaves_the_facts_to_the_next() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            first = asyncio.create_task(model.info())
            second = asyncio.create_task(model.info())
            await asyncio.sleep(0)
            first.cancel()
            assert (await second).name == R1
            assert first.cancelled()


async def test_facts_that_could_not_be_had_are_asked_for_again() -> None:
    models: dict[str, int] = {}
    with ScriptedOllama([], models=models) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable):
                await model.info()
            models[R1] = 1
            assert (await model.info()).name == R1


async def test_the_version_is_told() -> None:
    with ScriptedOllama([]) as server:
        async with ollama(server.url) as model:
            assert await model.library.version() == "0.30.0"


# What is read


async def test_thoughts_in_a_field_of_their_own_come_as_thoughts() -> None:
    for template in (PLAIN_TEMPLATE, R1_TEMPLATE):
        script = Script(["x ", "= 1"], ["h", "m"])
        assert (await answer([script], template=template))[:2] == [Thought("hm"), Text("x = 1")]


async def test_tags_are_left_in_the_text() -> None:
    output = "hm</think>\n\nx"
    assert (await answer([reply(output)]))[0] == Text(output)


async def test_thought_and_text_in_one_record_keep_their_order() -> None:
    line = record(message={"content": "x", "thinking": "hm"}, done=False)
    last = record(message={"content": "!"}, done=True, done_reason="stop")
    found = await answer([Reply((line, last))], template=PLAIN_TEMPLATE)
    assert found == [Thought("hm"), Text("x!"), Done("stop")]


@pytest.mark.parametrize(
    ("told", "reason"),
    [("stop", "stop"), ("length", "length"), ("load", "stop"), ("unload", "stop")],
)
async def test_done_says_why_and_what_it_cost(told: str, reason: Any) -> None:
    found = await answer([Script(["x"], done_reason=told)])
    assert found[-1] == Done(reason, COST)


@pytest.mark.parametrize("template", [R1_TEMPLATE, PLAIN_TEMPLATE])
async def test_an_answer_is_cut_off_where_the_request_says(template: str) -> None:
    request = replace(ASK, max_tokens=7)
    with ScriptedOllama([Script(["x"])], template=template) as server:
        async with ollama(server.url) as model:
            await deltas(model, request)
            await deltas(model)
    first, second = (it.body["options"] for it in server.generations)
    assert first["num_predict"] == 7
    assert "num_predict" not in second


async def test_done_without_a_reason_or_counts_is_a_stop() -> None:
    assert await answer([Reply((record(response="x", done=True),))]) == [Text("x"), Done("stop")]


async def test_nothing_is_read_behind_done() -> None:
    late = record(response="late", done=False)
    found = await answer([Reply((record(response="", done=True), late))])
    assert found == [Done("stop")]


async def test_a_last_record_without_a_newline_is_read() -> None:
    found = await answer([Reply((record(response="x", done=True).rstrip(),))])
    assert found == [Text("x"), Done("stop")]


@given(
    output=st.text(min_size=1).filter(lambda text: text.isprintable() or "\u2028" in text),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5),
    template=st.sampled_from([R1_TEMPLATE, PLAIN_TEMPLATE]),
)
@settings(max_examples=40)
def test_the_answer_is_the_same_however_the_bytes_arrive(
    output: str, cuts: list[int], template: str
) -> None:
    script = reply(output, thinking=["hm"], cuts=cuts)
    found = asyncio.run(answer([script], template=template))
    assert found == [Thought("hm"), Text(output), Done("stop", COST)]


# What serves it


async def test_the_server_tells_its_version_whether_it_has_a_model_or_not() -> None:
    with ScriptedOllama([], models={}, version="0.12.6") as server:
        async with ollama(server.url) as model:
            assert await model.server() == Server("Ollama", "0.12.6")
        assert [request.path for request in server.requests] == ["/api/version"]


async def test_a_model_in_memory_tells_the_context_it_was_loaded_with() -> None:
    models = {"deepseek-r1:7b": 1000, "llama3.2:3b": 500}
    running = {"llama3.2:3b": InMemory(), "deepseek-r1:7b": InMemory(0.25, 4096)}
    with ScriptedOllama([], models=models, running=running) as server:
        async with ollama(server.url) as model:
            assert await model.loaded_context_tokens() == 4096


async def test_a_model_that_is_not_in_memory_tells_none() -> None:
    models = {"deepseek-r1:7b": 1000, "llama3.2:3b": 500}
    with ScriptedOllama([], models=models, running={"llama3.2:3b": InMemory()}) as server:
        async with ollama(server.url) as model:
            assert await model.loaded_context_tokens() is None


# How it goes wrong


def reads_well(error: SpyhopError, *parts: str) -> bool:
    """Tell whether an error's message is one line with all ``parts``, in both languages too."""
    lines = [error.say(language) for language in LANGUAGES]
    return (
        all(part in lines[0] for part in parts)
        and all(line and "\n" not in line and len(line) < 600 for line in lines)
        and lines[0] != lines[1]
    )


async def test_nobody_answers() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with ollama(url) as model:
            with pytest.raises(Unreachable) as caught:
                await deltas(model)
    assert reads_well(caught.value, f"Ollama does not answer at {url}", "ollama serve", "--url")


async def test_no_r1_is_installed() -> None:
    error = await failure([], models={"qwen3:4b": 1, "llama3": 2})
    assert isinstance(error, ModelUnavailable)
    assert reads_well(
        error, "no DeepSeek-R1", "Installed: llama3, qwen3:4b.", "spyhop pull deepseek-r1:7b"
    )


@pytest.mark.parametrize("path", ["./r1.gguf", "~/r1", "/m/r1.gguf", "C:\\r1", "R1-Q4_K_M.GGUF"])
async def test_a_models_file_is_no_name_to_pull(path: str) -> None:
    with ScriptedOllama([]) as server:
        async with ollama(server.url, path) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert caught.value.key == "ollama-model-file"
    assert "--backend embedded" in str(caught.value)


async def test_nothing_is_installed() -> None:
    assert reads_well(await failure([], models={}), "no DeepSeek-R1", "Installed: -.")


@pytest.mark.parametrize(
    ("name", "installed", "parts"),
    [
        ("qwen3", [R1], ["Get it: spyhop pull qwen3"]),
        (
            R1,
            ["deepseek-r1:8b", "deepseek-r1:7b-qwen-distill-q4_K_M"],
            [
                "Did you mean deepseek-r1:7b-qwen-distill-q4_K_M, deepseek-r1:8b?",
                "or model in spyhop.toml",
                f"spyhop pull {R1}",
            ],
        ),
        (
            "deepseek:7b",
            ["llama3:8b"],
            [f"Did you mean {R1}? Get it: spyhop pull {R1}", "name it so"],
        ),
        ("deepseek-r1-7b", [R1], [f"Did you mean {R1}? Name it so"]),
    ],
)
async def test_the_named_model_is_not_installed(
    name: str, installed: list[str], parts: list[str]
) -> None:
    with ScriptedOllama([], models=dict.fromkeys(installed, 1)) as server:
        async with ollama(server.url, name) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    told = f"Installed: {', '.join(installed)}."
    assert reads_well(caught.value, f"has no model {name}.", told, *parts)


@pytest.mark.parametrize(
    ("name", "pulled"),
    [
        (None, R1),
        ("qwen3:4b", "qwen3:4b"),
        ("deepseek:7b", R1),
        ("DeepSeek-R1:14B", "deepseek-r1:14b"),
    ],
)
async def test_the_error_tells_what_to_pull_from_where(name: str | None, pulled: str) -> None:
    with ScriptedOllama([], models={"llama3:8b": 1}) as server:
        async with ollama(server.url, name) as model:
            with pytest.raises(ModelMissing) as caught:
                await model.info()
    assert (caught.value.url, caught.value.model) == (server.url, pulled)


async def test_a_name_that_is_only_misspelt_is_nothing_to_pull() -> None:
    with ScriptedOllama([], models={R1: 1}) as server:
        async with ollama(server.url, "deepseek-r1-7b") as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert not isinstance(caught.value, ModelMissing)


async def test_case_and_the_librarys_own_address_do_not_count() -> None:
    for name in ("DeepSeek-R1:7B", f"registry.ollama.ai/library/{R1}"):
        with ScriptedOllama([reply("x")]) as server:
            async with ollama(server.url, name) as model:
                await deltas(model)
            assert server.generations[0].body["model"] == R1


@pytest.mark.parametrize(
    "told",
    [
        f"model '{R1}' not found",
        f'model "{R1}" not found, try pulling it first',
    ],
)
async def test_a_model_that_was_removed_meanwhile_is_not_found(told: str) -> None:
    refusal = Reply((record(error=told),), 404, "application/json")
    models = {R1: 5}
    with ScriptedOllama([refusal, reply("x")], models=models) as server:
        async with ollama(server.url) as model:
            await model.info()
            del models[R1]
            models["deepseek-r1:1.5b"] = 1
            with pytest.raises(ModelUnavailable) as caught:
                await deltas(model)
            # What was known of the model is forgotten with it.
            await deltas(model)
        assert server.generations[-1].body["model"] == "deepseek-r1:1.5b"
    assert reads_well(caught.value, f"has no model {R1}.", "Installed: deepseek-r1:1.5b.")


@pytest.mark.parametrize(
    "told",
    [
        "the input length exceeds the context length",
        "input exceeds maximum context length",
        "prompt too long; exceeded max context length by 5 tokens",
    ],
)
async def test_a_prompt_that_is_too_long_says_what_the_context_is(told: str) -> None:
    error = await failure([Reply((record(error=told),), 400, "application/json")])
    assert isinstance(error, ModelFailed)
    assert error.key == "context-exceeded"
    assert reads_well(error, "8192 tokens", told, "Select fewer lines", "context_tokens")


async def test_a_busy_server_is_said_to_be_busy() -> None:
    told = "server busy, please try again.  maximum pending requests exceeded"
    error = await failure([Reply((record(error=told),), 503, "application/json")])
    assert isinstance(error, ModelUnavailable)
    assert reads_well(error, "is busy", "maximum pending requests", "OLLAMA_MAX_QUEUE")


@pytest.mark.parametrize("status", [200, 403, 500, 502, 503])
async def test_a_web_page_instead_of_an_answer_points_at_a_proxy(status: int) -> None:
    error = await failure([Reply((PAGE,), status, "text/html")])
    assert isinstance(error, ModelUnavailable)
    assert reads_well(error, "not as Ollama does", "<h1>502 Bad Gateway</h1>", "proxy")


@pytest.mark.parametrize("status", [400, 500])
async def test_any_other_refusal_gives_ollamas_own_words(status: int) -> None:
    told = "llama runner process has terminated: exit status 2"
    error = await failure([Reply((record(error=told),), status, "application/json")])
    assert isinstance(error, ModelFailed)
    assert reads_well(error, "refused the request", told)


async def test_a_fault_in_mid_stream_gives_ollamas_own_words() -> None:
    error = await failure([Script(["x"], error="an error was encountered while running")])
    assert isinstance(error, ModelFailed)
    assert error.key == "model-fault"
    assert reads_well(error, "in the middle of the answer", "while running", "Nothing was changed")


@pytest.mark.parametrize("ending", ["abort", "close"])
@pytest.mark.parametrize("count", [1, 2])
async def test_a_stream_that_breaks_off_says_so(ending: Any, count: int) -> None:
    lines = tuple(record(response="x", done=False) for _ in range(count))
    error = await failure([Reply(lines, ending=ending)])
    assert isinstance(error, Broken)
    assert error.key == "stream-broken"
    assert reads_well(error, "broke off", "Nothing was changed. Try again")


async def test_a_stream_that_breaks_off_inside_a_record_says_so() -> None:
    error = await failure([Reply((b'{"response": "x', b'y"'), ending="close")])
    assert error.key == "stream-broken"


@pytest.mark.parametrize("ending", ["abort", "close"])
async def test_a_connection_closed_before_any_answer_says_so(ending: Any) -> None:
    error = await failure([Reply((), ending=ending)])
    assert isinstance(error, Broken)
    assert reads_well(error, "ended the connection before it answered", "Nothing was changed")


@pytest.mark.parametrize("pieces", [["x"], []])
async def test_a_stream_that_ends_with_no_done_is_no_answer(pieces: list[str]) -> None:
    error = await failure([Script(pieces, done_reason=None)])
    assert isinstance(error, Broken)
    assert error.key == "stream-unfinished"
    assert reads_well(error, "without saying that it was done", "Nothing was changed")


@pytest.mark.parametrize("garbage", [b"garbage\n", b"[1]\n", b'{"response": 1}\n', b"\xff\xfe\n"])
async def test_garbage_in_mid_stream_is_no_answer(garbage: bytes) -> None:
    error = await failure([Reply((record(response="x", done=False), garbage))])
    assert isinstance(error, Broken)
    assert error.key == "stream-broken"
    assert reads_well(error, "Nothing was changed")


class _Odd(ScriptedOllama):
    """Answers what is no generation with the same reply, whatever is asked."""

    def __init__(self, odd: Reply, path: str = "/api/tags") -> None:
        super().__init__([reply("x")])
        self._odd = odd
        self._odd_path = path

    def _facts(self, request: Recorded) -> Reply:
        return self._odd if request.path == self._odd_path else super()._facts(request)


@pytest.mark.parametrize("path", ["/api/tags", "/api/show"])
@pytest.mark.parametrize(
    ("odd", "part"),
    [
        (Reply((PAGE,), 200, "text/html"), "502 Bad Gateway"),
        (Reply((PAGE,), 502, "text/html"), "HTTP 502"),
        (Reply((b"404 page not found",), 404, "text/plain"), "404 page not found"),
        (Reply((b"",), 200), "0 bytes"),
        (Reply((b"[]",)), "[]"),
        (Reply((b'{"models": "none", "template": 1}',)), '"none"'),
        (Reply((b'{"models": [{"id": "x"}], "template": []}',)), '"id"'),
        (Reply((b"\xff\xfe\x00",)), "not as Ollama does"),
        (Reply((b"",), 304), "HTTP 304"),
    ],
)
async def test_another_server_at_the_address_is_recognised(
    odd: Reply, part: str, path: str
) -> None:
    with _Odd(odd, path) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await deltas(model)
    assert caught.value.key == "ollama-not-ollama"
    assert reads_well(caught.value, "answers, but not as Ollama does", part, "Check url")


async def test_json_of_another_server_is_not_taken_for_an_empty_ollama() -> None:
    with _Odd(Reply((b'{"status": "ok"}',))) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert caught.value.key == "ollama-not-ollama"


async def test_an_ollama_with_null_for_its_models_is_an_empty_one() -> None:
    with _Odd(Reply((b'{"models": null}',))) as server:
        async with ollama(server.url) as model:
            with pytest.raises(ModelUnavailable) as caught:
                await model.info()
    assert caught.value.key == "ollama-no-r1"


# Cancelling

POINTS = pytest.mark.parametrize("hold_after", [0, 1, 2, 3])


@POINTS
async def test_cancelling_the_task_closes_the_connection(hold_after: int) -> None:
    with ScriptedOllama([Script(["a", "b"], hold_after=hold_after)]) as server:
        async with ollama(server.url) as model:
            seen: list[Delta] = []
            task = asyncio.create_task(_collect(model, seen))
            await asyncio.to_thread(server.wait_for, "holding", 1)
            # With the end in its hands the client has no more to wait for.
            if hold_after < 3:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert task.cancelled() == (hold_after < 3)
            await asyncio.to_thread(server.wait_for, "disconnects", 1)
            # And the model can be asked again.
            server.release()
            assert (await deltas(model))[-1] == Done("stop", COST)


async def _collect(model: Ollama, seen: list[Delta]) -> None:
    async with aclosing(model.stream(ASK)) as stream:
        async for delta in stream:
            seen.append(delta)  # noqa: PERF401 - what came before the cancelling is kept


@pytest.mark.parametrize("taken", [1, 2])
async def test_closing_the_stream_closes_the_connection(taken: int) -> None:
    with ScriptedOllama([Script(["a", "b"], hold_after=taken)]) as server:
        async with ollama(server.url) as model:
            stream = model.stream(ASK)
            for _ in range(taken):
                await anext(stream)
            await asyncio.to_thread(server.wait_for, "holding", 1)
            await stream.aclose()
            await asyncio.to_thread(server.wait_for, "disconnects", 1)


async def test_a_stream_that_was_never_begun_asks_nothing() -> None:
    with ScriptedOllama([reply("x")]) as server:
        async with ollama(server.url) as model:
            await model.stream(ASK).aclose()
            await model.info()
        assert not server.generations
