"""The doctor's round on scripted runtimes, from the settings to the prompt cache."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from doctoring import answers
from spyhop.assist.doctor import examine as examine_module
from spyhop.assist.doctor.checks import NAMES, Begun, Check, Event, Name, Subject
from spyhop.assist.doctor.examine import examine, of_settings
from spyhop.assist.doctor.report import Report
from spyhop.models.connect import connect
from spyhop.models.scripted import (
    SHAPES,
    InMemory,
    Reply,
    Script,
    ScriptedOllama,
    ScriptedOpenAi,
    dialogue,
    refusal,
    reply,
)
from spyhop.models.scripted.shapes import (
    DEEPSEEK,
    LLAMA_CPP,
    OLLAMA_V1,
    OPEN_WEBUI,
    VLLM,
    VLLM_BOTH,
    Shape,
)
from spyhop.settings import Layer, Resolved, command_layer, editor_layer, resolve

pytestmark = pytest.mark.anyio

GENERATING = NAMES[NAMES.index("answer") :]


def settings(**options: Any) -> Resolved:
    return resolve([Layer("test", options)])


async def events_of(resolved: Resolved, *, quick: bool = False) -> list[Event]:
    async with aclosing(examine(resolved, connect, quick=quick)) as events:
        return [event async for event in events]


async def report_of(resolved: Resolved, *, quick: bool = False) -> Report:
    report = Report()
    for event in await events_of(resolved, quick=quick):
        report.take(event)
    return report


def checks_of(report: Report, part: int = 1) -> dict[str, Check]:
    return {check.name: check for check in report.parts[part].checks}


def states_of(report: Report, part: int = 1) -> dict[str, str]:
    return {name: check.state for name, check in checks_of(report, part).items()}


def keys_of(report: Report, part: int = 1) -> dict[str, str]:
    return {name: check.message.key for name, check in checks_of(report, part).items()}


def nobody() -> str:
    """Return an address that nothing answers at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


# Ollama


async def test_a_healthy_one_passes_every_check() -> None:
    with ScriptedOllama(answers()) as server:
        report = await report_of(settings(url=server.url))
        assert len(server.generations) == 6
    assert report.outcome == "usable"
    assert report.state == "ok"
    assert report.summary.key == "doctor-well"
    assert states_of(report) == dict.fromkeys(NAMES[1:], "ok")
    assert keys_of(report) == {
        "reachable": "doctor-server-answers",
        "version": "doctor-ollama-new",
        "model": "doctor-model-told",
        "context": "doctor-context-of",
        "template": "doctor-template-own-opens",
        "answer": "doctor-answer-speed",
        "thinking": "doctor-thinking-ends",
        "prefill": "doctor-prefill-works",
        "cache": "doctor-cache-works",
    }


async def test_every_generation_uses_the_context_that_edits_use() -> None:
    with ScriptedOllama(answers()) as server:
        await report_of(settings(url=server.url, context_tokens=2048))
        options = [request.body["options"] for request in server.generations]
    assert {it["num_ctx"] for it in options} == {2048}
    assert all(it["num_predict"] <= 96 for it in options)


async def test_events_come_in_order_and_each_check_is_announced() -> None:
    with ScriptedOllama(answers()) as server:
        events = await events_of(settings(url=server.url))
    first, subject, *rest = events
    assert isinstance(first, Check)
    assert isinstance(subject, Subject)
    begun = [event.name for event in rest if isinstance(event, Begun)]
    checks = [event.name for event in rest if isinstance(event, Check)]
    assert begun == checks == list(NAMES[1:])
    assert all(isinstance(event, Begun) for event in rest[::2])


async def test_a_missing_model_is_told_with_the_command_that_gets_it() -> None:
    models = {"llama3.2:3b": 2_000_000_000}
    with ScriptedOllama(answers(), models=models) as server:
        report = await report_of(settings(url=server.url, model="deepseek-r1:7b"))
        assert server.generations == []
    check = checks_of(report)["model"]
    assert check.state == "failed"
    assert check.message.say("en").startswith("The model deepseek-r1:7b is not installed.")
    assert "llama3.2:3b" in check.message.say("en")
    assert check.mend
    assert "`spyhop pull deepseek-r1:7b`" in check.mend.say("en")
    assert states_of(report) | {"model": "failed"} == {
        "reachable": "ok",
        "version": "ok",
        "model": "failed",
        **dict.fromkeys(NAMES[NAMES.index("context") :], "skipped"),
    }
    assert report.outcome == "unusable"


async def test_an_unreachable_one_fails_first_and_the_rest_is_skipped() -> None:
    url = nobody()
    report = await report_of(settings(url=url))
    assert states_of(report) == {"reachable": "failed", **dict.fromkeys(NAMES[2:], "skipped")}
    check = checks_of(report)["reachable"]
    assert url in check.message.say("en")
    assert check.mend
    assert "`ollama serve`" in check.mend.say("en")
    assert check.facts["error"] == "ollama-unreachable"
    assert report.outcome == "unusable"


async def test_one_that_is_too_old_fails_but_is_examined_on() -> None:
    with ScriptedOllama(answers(), version="0.11.4") as server:
        report = await report_of(settings(url=server.url))
    assert states_of(report) == dict.fromkeys(NAMES[1:], "ok") | {"version": "failed"}
    assert "0.12.6" in checks_of(report)["version"].message.say("en")
    assert report.outcome == "unusable"


async def test_a_context_that_another_program_loaded_is_a_warning() -> None:
    running = {"deepseek-r1:7b": InMemory(context_tokens=4096)}
    with ScriptedOllama(answers(), running=running) as server:
        report = await report_of(settings(url=server.url))
    check = checks_of(report)["context"]
    assert (check.state, check.message.key) == ("warning", "doctor-context-reload")
    assert check.facts["loaded_with"] == 4096
    assert report.outcome == "usable"
    assert report.state == "warning"
    assert report.summary.values == (("count", 1),)


async def test_a_model_with_less_context_than_asked_for_is_a_warning() -> None:
    with ScriptedOllama(answers(), context_length=4096) as server:
        report = await report_of(settings(url=server.url))
    check = checks_of(report)["context"]
    assert (check.state, check.message.key) == ("warning", "doctor-context-small")
    assert check.mend
    assert "`context_tokens = 4096`" in check.mend.say("en")


@pytest.mark.parametrize(
    ("changed", "name", "key"),
    [
        ({"gone_on": Script(["one\ntwo"])}, "prefill", "doctor-prefill-anew"),
        (
            {
                "first": Script(["1"], prompt_tokens=260, prompt_seconds=1.0),
                "again": Script(["1"], prompt_tokens=260, prompt_seconds=1.0),
            },
            "cache",
            "doctor-cache-none",
        ),
        ({"ended": Script([])}, "thinking", "doctor-thinking-no-answer"),
    ],
)
async def test_what_does_not_work_is_a_warning_and_no_more(
    changed: dict[str, Script], name: str, key: str
) -> None:
    with ScriptedOllama(answers(**changed)) as server:
        report = await report_of(settings(url=server.url))
    assert keys_of(report)[name] == key
    assert states_of(report) == dict.fromkeys(NAMES[1:], "ok") | {name: "warning"}
    assert report.outcome == "usable"


async def test_a_fault_while_generating_fails_with_its_own_words() -> None:
    broken = Script(["1"], error="llama runner process has terminated")
    with ScriptedOllama(answers(answer=broken)) as server:
        report = await report_of(settings(url=server.url))
        assert len(server.generations) == 1
    check = checks_of(report)["answer"]
    assert check.state == "failed"
    assert "llama runner process has terminated" in check.message.say("en")
    assert states_of(report)["cache"] == "skipped"
    assert report.outcome == "unusable"


async def test_quick_generates_nothing() -> None:
    with ScriptedOllama(answers()) as server:
        report = await report_of(settings(url=server.url), quick=True)
        assert server.generations == []
    assert [it.name for it in report.parts[1].checks if it.state == "skipped"] == [*GENERATING]
    assert keys_of(report)["answer"] == "doctor-left-out"
    assert report.state == "ok"


async def test_closing_the_round_closes_the_models_stream() -> None:
    held = replace(reply("1 2 3 4 5 6"), hold_after=2)
    with ScriptedOllama(answers(answer=held)) as server:
        going = asyncio.create_task(events_of(settings(url=server.url)))
        await asyncio.to_thread(server.wait_for, "holding", 1)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
        await asyncio.to_thread(server.wait_for, "disconnects", 1)
        assert len(server.generations) == 1


# Servers of OpenAI's API


def openai(server: ScriptedOpenAi, **options: Any) -> Resolved:
    return settings(backend="openai", url=server.base, **options)


TALK = [
    dialogue("1 2 3 4 5 6 7 8 9 10"),
    dialogue("forty-two", "17 and 25, hm. " * 12),
    dialogue("forty-two"),
    dialogue("four\nfive"),
    dialogue("1"),
]
CHAT = [TALK[0], TALK[1], TALK[4]]


async def test_a_model_that_a_server_does_not_list_is_a_warning() -> None:
    with ScriptedOpenAi(TALK) as server:
        report = await report_of(openai(server, model="deepseek-r1-nonsense"), quick=True)
    (check,) = [it for part in report.parts for it in part.checks if it.name == "model"]
    assert check.state == "warning"
    assert check.message.say("en").startswith("The server lists no model deepseek-r1-nonsense;")
    assert check.mend


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_no_runtime_fails_where_it_is_healthy(shape: Shape) -> None:
    with ScriptedOpenAi(TALK if shape.raw else CHAT, shape) as server:
        report = await report_of(openai(server, context_tokens=4096))
    states = states_of(report)
    assert list(states) == list(NAMES[1:])
    assert "failed" not in states.values()
    assert (states["version"] == "warning") == (shape is OLLAMA_V1)
    assert states["thinking"] == "ok"
    assert states["prefill"] == ("ok" if shape.raw else "warning")
    assert states["cache"] == ("skipped" if shape.usage == "none" else "ok")
    assert report.outcome == "usable"


@pytest.mark.parametrize(("shape", "version"), [(LLAMA_CPP, "b7100"), (VLLM, "0.11.0")])
async def test_what_serves_is_named_with_its_version(shape: Shape, version: str) -> None:
    with ScriptedOpenAi(TALK, shape) as server:
        report = await report_of(openai(server), quick=True)
    assert version in checks_of(report)["version"].message.say("en")
    assert checks_of(report)["reachable"].facts["server"] == shape.name


async def test_a_server_without_prefill_says_what_has_it() -> None:
    with ScriptedOpenAi(CHAT, DEEPSEEK) as server:
        report = await report_of(openai(server))
    check = checks_of(report)["prefill"]
    assert (check.state, check.message.key) == ("warning", "doctor-prefill-none")
    assert check.mend


async def test_a_context_smaller_than_asked_says_how_to_start_the_server() -> None:
    with ScriptedOpenAi(TALK, LLAMA_CPP) as server:
        report = await report_of(openai(server, context_tokens=8192))
    check = checks_of(report)["context"]
    assert check.state == "warning"
    assert check.mend
    assert "`llama-server -c 8192 …`" in check.mend.say("en")


async def test_a_missing_model_names_those_there_are() -> None:
    with ScriptedOpenAi(TALK, OPEN_WEBUI, models=["llama3", "qwen3"]) as server:
        report = await report_of(openai(server))
    check = checks_of(report)["model"]
    assert check.state == "failed"
    assert "llama3, qwen3" in check.message.say("en")
    assert check.mend


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (refusal(401, "no key"), "doctor-no-key"),
        (refusal(403, "forbidden"), "access-forbidden"),
        (refusal(503, "Loading model"), "model-loading"),
        (refusal(429, "slow down", headers={"Retry-After": "20"}), "rate-limited-for"),
        (Reply((b"<html>",), content_type="text/html"), "openai-odd"),
    ],
)
async def test_what_stands_in_the_way_is_told(answer: Reply, key: str) -> None:
    with ScriptedOpenAi(TALK, VLLM, listing=answer) as server:
        report = await report_of(openai(server))
    assert keys_of(report)["reachable"] == key
    assert states_of(report) == {"reachable": "failed", **dict.fromkeys(NAMES[2:], "skipped")}
    assert report.outcome == "unusable"


@pytest.mark.parametrize("name", ["reachable", "model"])
async def test_a_server_that_takes_the_request_and_says_nothing_is_not_waited_for_in_vain(
    name: Name, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(examine_module._SECONDS, name, 0.0)  # noqa: SLF001 - not for long
    silent = Reply((b"{}",), hold_after=0, content_type="application/json")
    quick = Reply((b'{"data": [{"id": "deepseek-r1"}]}',), content_type="application/json")
    listing, probed = (silent, None) if name == "reachable" else (quick, silent)
    with ScriptedOpenAi(TALK, VLLM_BOTH, listing=listing, probed=probed) as server:
        report = await report_of(openai(server))
    assert keys_of(report)[name] == "doctor-silent"
    assert states_of(report)["answer"] == "skipped"


async def test_a_refused_key_is_told_from_a_missing_one() -> None:
    with ScriptedOpenAi(TALK, VLLM, listing=refusal(401, "bad key")) as server:
        report = await report_of(openai(server, key="sk-0123456789"))
    assert keys_of(report)["reachable"] == "doctor-wrong-key"


# The settings, and several endpoints


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], "Nothing is set, so the defaults hold."),
        (
            [command_layer({"url": "http://localhost:1", "model": None})],
            "What is set: url (--url).",
        ),
        ([editor_layer("spyhop", {"url": "http://localhost:1"})], "What is set: url (spyhop.url)."),
        (
            [Layer("/x/spyhop.toml", {"top_p": 0.5}), command_layer({"url": "http://localhost:1"})],
            "What is set: top_p, url (--url). `spyhop settings` shows where.",
        ),
    ],
)
def test_what_is_set_is_named_and_where_if_the_command_cannot_show_it(
    layers: list[Layer], words: str
) -> None:
    (check,) = of_settings(resolve(layers))
    assert check.state == "ok"
    assert check.message.say("en") == words


async def test_a_wrong_setting_is_told_and_the_rest_examined() -> None:
    with ScriptedOllama(answers()) as server:
        report = await report_of(settings(url=server.url, contxt_tokens=4096))
    (check,) = report.parts[0].checks
    assert check.state == "failed"
    assert "context_tokens" in check.message.say("en")
    assert states_of(report) == dict.fromkeys(NAMES[1:], "ok")
    assert report.outcome == "settings"


async def test_what_is_set_is_named_and_not_shown() -> None:
    with ScriptedOllama(answers()) as server:
        report = await report_of(settings(url=server.url, key="sk-planted-0123"), quick=True)
    (check,) = report.parts[0].checks
    assert set(check.facts) == {"url", "key"}
    assert "sk-planted" not in repr(check)


async def test_where_nothing_is_set_the_defaults_hold() -> None:
    (check,) = (await report_of(settings(), quick=True)).parts[0].checks
    assert (check.state, check.message.key) == ("ok", "doctor-settings-none")


def endpoints(**urls: str) -> Mapping[str, Any]:
    return {name: {"url": url} for name, url in urls.items()}


async def test_an_endpoint_that_is_down_has_the_next_one_stand_in() -> None:
    with ScriptedOllama(answers()) as server:
        report = await report_of(settings(endpoints=endpoints(gpu=nobody(), laptop=server.url)))
    _, gpu, laptop = report.parts
    assert gpu.subject
    assert laptop.subject
    assert (gpu.subject.name, gpu.subject.roles) == ("gpu", ("edit", "chat", "complete"))
    assert (laptop.subject.roles, laptop.subject.fallback_for) == ((), gpu.subject.roles)
    assert not gpu.works
    assert laptop.works
    assert report.outcome == "usable"
    assert report.summary.key == "doctor-usable-by-fallback"


async def test_a_role_with_a_model_of_its_own_is_examined_apart() -> None:
    models = {"deepseek-r1:7b": 1, "qwen2.5-coder:1.5b": 1}
    with ScriptedOllama(answers(), models=models) as server:
        report = await report_of(
            settings(
                url=server.url,
                model="deepseek-r1:7b",
                complete={"model": "qwen2.5-coder:3b"},
            ),
            quick=True,
        )
    assert [part.subject and part.subject.roles for part in report.parts[1:]] == [
        ("edit", "chat"),
        ("complete",),
    ]
    assert report.roles_without == ("complete",)
    assert report.outcome == "unusable"


async def test_an_address_that_is_none_is_a_failed_check() -> None:
    report = await report_of(settings(url="http://[::1"))
    assert states_of(report) == {"reachable": "failed", **dict.fromkeys(NAMES[2:], "skipped")}


async def test_a_password_in_the_address_is_not_shown() -> None:
    with ScriptedOllama(answers()) as server:
        url = server.url.replace("http://", "http://ann:planted-0123@")
        events = await events_of(settings(url=url), quick=True)
    assert "planted-0123" not in repr(events)
