"""What sets the runtimes that speak OpenAI's API apart, as small data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

ThoughtField: TypeAlias = Literal["reasoning_content", "reasoning", "both", "tags", "close"]
ErrorBody: TypeAlias = Literal["openai", "detail", "text", "string"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What sets a runtime's bytes apart."""

    name: str
    thought: ThoughtField
    """The field of thoughts; or in the text, with both tags or the closing one only."""
    first: Mapping[str, Any] | None = field(default_factory=lambda: {"content": ""})
    """What the first chunk's delta holds beside the role; None: there is no such chunk."""
    before_thought: str = ""
    before_text: str = ""
    usage: Literal["chunk", "last", "timings", "none"] = "chunk"
    """Whether counts come behind the reason, with it, as llama.cpp's timings, or not at all."""
    comment: bytes = b""
    """What keeps the connection alive."""
    error: ErrorBody = "openai"
    raw: bool = False
    """Whether ``/completions`` takes a prompt written by hand."""
    base: str = "/v1"
    listed: Mapping[str, Any] = field(default_factory=dict)
    """What ``/models`` tells of each model beside its id."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The JSON that other paths answer with, by path; a number is the status of a refusal."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What comes with the list of models."""
    fingerprint: str | None = None
    model: str = "DeepSeek-R1-Distill-Qwen-7B"


_META: Final = {
    "n_ctx": 4096,
    "n_ctx_train": 131_072,
    "n_params": 7_615_616_512,
    "size": 4_677_120_000,
}
LLAMA_CPP: Final = Shape(
    "llama.cpp",
    "reasoning_content",
    {"content": None},
    "\n",
    "\n\n",
    usage="timings",
    comment=b": ping\n\n",
    raw=True,
    listed={"owned_by": "llamacpp", "meta": _META},
    facts={
        "/props": {
            "default_generation_settings": {"n_ctx": 4096, "params": {}},
            "total_slots": 1,
            "model_alias": "DeepSeek-R1-Distill-Qwen-7B",
            "model_ftype": "Q4_K_M",
            "chat_template": "{% if '</think>' in content %}…{{'<｜Assistant｜><think>\\n'}}",
            "build_info": "b7100-4ae88d07d",
        },
        "/apply-template": {"prompt": "<｜User｜>1<｜Assistant｜><think>\n"},
        "/infill": 501,
    },
    fingerprint="b7100-4ae88d07d",
)
LLAMA_CPP_TAGS: Final = Shape(
    "llama.cpp, reasoning_format none", "close", {"content": None}, usage="timings", raw=True
)
VLLM: Final = Shape(
    "vLLM",
    "reasoning",
    before_text="\n\n",
    raw=True,
    listed={"owned_by": "vllm", "max_model_len": 16_384},
    facts={
        "/version": {"version": "0.11.0"},
        "/tokenize": {"count": 3, "max_model_len": 16_384, "tokens": [1, 2, 3]},
    },
    model="deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
)
VLLM_BOTH: Final = Shape("vLLM, both names", "both", before_text="\n\n", raw=True)
VLLM_PLAIN: Final = Shape("vLLM without a parser", "close", raw=True)
LM_STUDIO: Final = Shape(
    "LM Studio",
    "reasoning_content",
    None,
    error="string",
    raw=True,
    usage="last",
    listed={"owned_by": "organization_owner"},
    facts={
        "/api/v0/models": {
            "data": [
                {
                    "id": "DeepSeek-R1-Distill-Qwen-7B",
                    "type": "llm",
                    "state": "loaded",
                    "quantization": "Q4_K_M",
                    "max_context_length": 131_072,
                    "loaded_context_length": 4096,
                }
            ]
        }
    },
)
LM_STUDIO_TAGS: Final = Shape("LM Studio, tags", "tags", None, error="string", raw=True)
OPEN_WEBUI: Final = Shape(
    "Open WebUI",
    "close",
    error="detail",
    base="/api",
    usage="none",
    listed={"owned_by": "ollama"},
    facts={"/api/version": {"version": "0.6.5", "deployment_id": ""}},
)
OLLAMA_V1: Final = Shape(
    "Ollama /v1",
    "reasoning",
    None,
    fingerprint="fp_ollama",
    model="deepseek-r1:7b",
    listed={"owned_by": "library"},
    facts={"/api/version": {"version": "0.30.0"}},
)
DEEPSEEK: Final = Shape(
    "DeepSeek",
    "reasoning_content",
    {"content": None, "reasoning_content": ""},
    usage="last",
    comment=b": keep-alive\n\n",
    model="deepseek-r1",
)
TENCENT: Final = Shape(
    "Tencent Cloud", "reasoning_content", {"content": ""}, usage="last", model="deepseek-r1"
)
LITELLM: Final = Shape(
    "LiteLLM",
    "reasoning_content",
    {"content": ""},
    model="ollama/deepseek-r1",
    listed={"owned_by": "openai"},
    headers={"x-litellm-version": "1.80.0"},
)

SHAPES: Final = (
    LLAMA_CPP,
    LLAMA_CPP_TAGS,
    VLLM,
    VLLM_BOTH,
    VLLM_PLAIN,
    LM_STUDIO,
    LM_STUDIO_TAGS,
    OPEN_WEBUI,
    OLLAMA_V1,
    DEEPSEEK,
    TENCENT,
    LITELLM,
)
