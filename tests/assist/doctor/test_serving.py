"""What the server tells of itself and its model, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.doctor.serving import OLLAMA, context, reachable, template, there, version
from spyhop.models.port import ModelInfo, Server
from spyhop.settings import EndpointSettings

INFO = ModelInfo("deepseek-r1:7b", 8192, "r1", model_context_tokens=131_072)
ENDPOINT = EndpointSettings()
numbers = st.tuples(*[st.integers(0, 99)] * 3)


@given(numbers, st.sampled_from(["", "-rc1", "-0-g5a28a99", "+local"]), st.sampled_from(["", "v"]))
def test_an_ollama_is_too_old_just_where_its_numbers_are_less(
    found: tuple[int, ...], suffix: str, prefix: str
) -> None:
    check = version(Server("Ollama", prefix + ".".join(map(str, found)) + suffix), ENDPOINT)
    old = found < OLLAMA and found != (0, 0, 0)
    assert check.state == ("failed" if old else "ok")
    assert (check.mend is not None) == old


@pytest.mark.parametrize("told", ["0.0.0", "main", "1"])
def test_a_build_of_ones_own_is_not_too_old(told: str) -> None:
    assert version(Server("Ollama", told), ENDPOINT).state == "ok"


@pytest.mark.parametrize(("name", "told"), [("llama.cpp", "b1"), ("vLLM", "0.1.0")])
def test_others_are_shown_only(name: str, told: str) -> None:
    assert version(Server(name, told), ENDPOINT).state == "ok"


@pytest.mark.parametrize("server", [Server("LM Studio"), Server("", "0.1"), Server()])
def test_a_version_that_is_not_told_is_said_so(server: Server) -> None:
    assert version(server, ENDPOINT).state == "skipped"


def test_ollama_behind_openais_api_is_better_asked_by_its_own() -> None:
    check = version(Server("Ollama", "0.30.0"), EndpointSettings(backend="openai"))
    assert check.state == "warning"
    assert check.mend


@pytest.mark.parametrize(("name", "said"), [("Ollama", "Ollama answers"), ("", "A model server")])
def test_what_answers_is_named_where_it_is_known(name: str, said: str) -> None:
    check = reachable(Server(name), ENDPOINT, 0.0031)
    assert check.message.say("en").startswith(said)
    assert "(3 ms)" in check.message.say("en")
    assert "http://localhost:11434" in check.message.say("en")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "is there."),
        ({"parameters": "7.6B"}, "is there: 7.6B."),
        (
            {"parameters": "7.6B", "quantisation": "Q4_K_M", "size_bytes": 4_683_073_952},
            "is there: 7.6B, Q4_K_M, 4.7 GB.",
        ),
        ({"size_bytes": 420_000}, "is there: 0.4 MB."),
    ],
)
def test_what_is_told_of_the_model(told: dict[str, Any], said: str) -> None:
    check = there(replace(INFO, **told), ENDPOINT, 0.1)
    assert check.message.say("en").endswith(said)


@pytest.mark.parametrize(
    ("info", "loaded", "key", "mend"),
    [
        ({}, None, "doctor-context-of", None),
        ({"model_context_tokens": None}, None, "doctor-context-is", None),
        ({}, 8192, "doctor-context-of", None),
        ({}, 4096, "doctor-context-reload", "OLLAMA_CONTEXT_LENGTH=8192"),
        (
            {"context_tokens": 4096, "model_context_tokens": 4096},
            None,
            "doctor-context-small",
            "context_tokens = 4096",
        ),
        (
            {"context_tokens": 4096, "server": Server("llama.cpp")},
            None,
            "doctor-context-small",
            "llama-server -c 8192",
        ),
        (
            {"context_tokens": 2048, "model_context_tokens": 4096, "server": Server("vLLM")},
            None,
            "doctor-context-small",
            "--max-model-len 4096",
        ),
        (
            {"context_tokens": 4096, "server": Server("LM Studio")},
            None,
            "doctor-context-small",
            "context_tokens = 4096",
        ),
    ],
)
def test_the_context(info: dict[str, Any], loaded: int | None, key: str, mend: str | None) -> None:
    check = context(ENDPOINT, replace(INFO, **info), loaded)
    assert check.message.key == key
    assert check.state == ("ok" if mend is None else "warning")
    assert mend is None or (check.mend and mend in check.mend.say("en"))


@given(
    asked=st.integers(1024, 1 << 20),
    limit=st.none() | st.integers(1, 1 << 20),
    loaded=st.none() | st.integers(1, 1 << 20),
)
def test_all_is_well_just_where_the_asked_context_is_the_one_in_use(
    asked: int, limit: int | None, loaded: int | None
) -> None:
    endpoint = EndpointSettings(context_tokens=asked)
    info = replace(INFO, context_tokens=min(asked, limit or asked), model_context_tokens=limit)
    check = context(endpoint, info, loaded)
    well = info.context_tokens == asked and loaded in {None, asked}
    assert (check.state == "ok") == well


@pytest.mark.parametrize("form", ["r1", "chat"])
@pytest.mark.parametrize("opens", [True, False, None])
def test_who_opens_the_thought(form: Any, opens: bool | None) -> None:
    check = template(replace(INFO, format=form, template_opens=opens))
    assert check.state == "ok"
    said = check.message.say("en")
    assert said.startswith("Spyhop writes" if form == "r1" else "The server's template writes")
