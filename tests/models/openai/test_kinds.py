"""What answers behind OpenAI's API is recognised by what it shows unasked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.models.openai.kinds import Kind, kind_of, name_of


@pytest.mark.parametrize(
    ("url", "owner", "headers", "name"),
    [
        ("http://localhost:8080/v1", "llamacpp", {}, "llama.cpp"),
        ("http://localhost:8080/v1", None, {"server": "llama.cpp"}, "llama.cpp"),
        ("http://gpu:8000/v1", "vllm", {"server": "uvicorn"}, "vLLM"),
        ("http://localhost:1234/v1", "organization_owner", {}, "LM Studio"),
        ("http://localhost:11434/v1", "library", {}, "Ollama"),
        ("http://localhost:3000/api", "ollama", {"server": "uvicorn"}, "Open WebUI"),
        ("https://ai.example/webui/api", "openai", {}, "Open WebUI"),
        ("https://openrouter.ai/api/v1", None, {}, ""),
        ("https://api.deepseek.com/v1", "deepseek", {}, "DeepSeek"),
        ("https://api.deepseek.com", None, {}, "DeepSeek"),
        ("https://api.lkeap.cloud.tencent.com/v1", None, {}, "Tencent Cloud"),
        ("https://api.lkeap.tencentcloud.com/v1", None, {}, "Tencent Cloud"),
        ("http://gpu:4000/v1", "vllm", {"x-litellm-version": "1.80.0"}, "LiteLLM"),
        ("https://deepseek.com.example/v1", None, {}, ""),
        ("https://notdeepseek.com/v1", None, {}, ""),
        ("http://localhost:8080/v1", ["llamacpp"], {}, ""),
        ("http://localhost:8080/v1", "", {}, ""),
    ],
)
def test_a_server_is_recognised(
    url: str, owner: object, headers: dict[str, str], name: str
) -> None:
    assert name_of(url, owner, headers) == name


ADDRESSES = r"https?://[a-z0-9.]{1,20}(:[0-9]{1,4})?(/[a-z0-9]{0,8}){0,2}"


@given(st.from_regex(ADDRESSES, fullmatch=True), st.text())
def test_any_address_and_owner_has_a_kind(url: str, owner: str) -> None:
    assert isinstance(kind_of(name_of(url, owner, {})), Kind)


def test_nothing_is_assumed_of_what_is_not_recognised() -> None:
    assert kind_of("") == kind_of("LiteLLM") == Kind()
