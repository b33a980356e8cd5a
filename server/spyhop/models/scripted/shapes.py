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
    fingerprint: str | None = None
    model: str = "DeepSeek-R1-Distill-Qwen-7B"


LLAMA_CPP: Final = Shape(
    "llama.cpp",
    "reasoning_content",
    {"content": None},
    "\n",
    "\n\n",
    usage="timings",
    comment=b": ping\n\n",
    raw=True,
    listed={"owned_by": "llamacpp", "meta": {"n_ctx": 4096, "n_ctx_train": 131_072}},
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
    model="deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
)
VLLM_BOTH: Final = Shape("vLLM, both names", "both", before_text="\n\n", raw=True)
VLLM_PLAIN: Final = Shape("vLLM without a parser", "close", raw=True)
LM_STUDIO: Final = Shape(
    "LM Studio", "reasoning_content", None, error="string", raw=True, usage="last"
)
LM_STUDIO_TAGS: Final = Shape("LM Studio, tags", "tags", None, error="string", raw=True)
OPEN_WEBUI: Final = Shape("Open WebUI", "close", error="detail", base="/api", usage="none")
OLLAMA_V1: Final = Shape(
    "Ollama /v1",
    "reasoning",
    None,
    fingerprint="fp_ollama",
    model="deepseek-r1:7b",
    listed={"owned_by": "library"},
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
LITELLM: Final = Shape("LiteLLM", "reasoning_content", {"content": ""}, model="ollama/deepseek-r1")

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
