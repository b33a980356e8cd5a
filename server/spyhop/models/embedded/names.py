"""Names of models: how they are written, and what a file's name says of its quantisation.

A name is ``[host/][namespace/]model[:tag]``, as Ollama has it (types/model/name.go of
ollama/ollama), and never becomes a path: what is on disk is listed and compared with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

OLLAMA: Final = "registry.ollama.ai"
LIBRARY: Final = "library"
LATEST: Final = "latest"
DEFAULT_QUANTISATION: Final = "Q4_K_M"
_DEFAULTS: Final = (OLLAMA, LIBRARY)
HUGGING_FACE: Final = "hf.co"
MODELSCOPE: Final = "modelscope.cn"

_HOSTS: Final = {
    "huggingface.co": HUGGING_FACE,
    "www.huggingface.co": HUGGING_FACE,
    "www.modelscope.cn": MODELSCOPE,
}
_WORD: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
# "UD-" marks Unsloth's dynamic kinds.
_QUANTISATION: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:UD-)?(?:(?:IQ|TQ|Q)\d+(?:_[A-Z0-9]+)*|BF16|F16|F32|MXFP4(?:_MOE)?|NVFP4)"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_R1: Final = re.compile(r"deepseek[-_.]?r1(?:[:-](?P<size>[\d.]+b))?", re.IGNORECASE)
# The sizes of deepseek-r1 in Ollama's library, and who has them as GGUF on both hubs.
_R1_REPOSITORIES: Final = {
    "1.5b": "unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF",
    "7b": "unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF",
    "8b": "unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF",
    "14b": "unsloth/DeepSeek-R1-Distill-Qwen-14B-GGUF",
    "32b": "unsloth/DeepSeek-R1-Distill-Qwen-32B-GGUF",
    "70b": "unsloth/DeepSeek-R1-Distill-Llama-70B-GGUF",
    "671b": "unsloth/DeepSeek-R1-0528-GGUF",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name in full; ``tag`` is empty where none is written."""

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a name; None where the text is none."""
        path, colon, tag = _SCHEME.sub("", text.strip(), count=1).partition(":")
        words = path.split("/")
        if not all(map(is_word, words)) or (colon and not is_word(tag)):
            return None
        if len(words) > len(_DEFAULTS) + 1:
            return None
        host, namespace, model = [*_DEFAULTS[: 3 - len(words)], *words]
        return cls(_HOSTS.get(host.lower(), host), namespace, model, tag)

    @property
    def written(self) -> str:
        """The name as people write it: without what goes without saying."""
        tag = f":{self.tag}" if self.tag and self.tag != LATEST else ""
        if self.host.lower() != OLLAMA:
            return f"{self.host}/{self.namespace}/{self.model}{tag}"
        if self.namespace.lower() != LIBRARY:
            return f"{self.namespace}/{self.model}{tag}"
        return self.model + tag

    @property
    def repository(self) -> tuple[str, str, str]:
        """Host, namespace and model, in lower case: case makes no difference."""
        return self.host.lower(), self.namespace.lower(), self.model.lower()


def is_word(text: str) -> bool:
    """Tell whether ``text`` may be a part of a name, and so the name of a file or a folder."""
    return bool(_WORD.fullmatch(text)) and ".." not in text


def quantisation_of(file_name: str) -> str:
    """Return the quantisation that the name of a file ends in, such as ``Q4_K_M``; or empty."""
    found = [match.group() for match in _QUANTISATION.finditer(file_name.removesuffix(".gguf"))]
    return found[-1].upper() if found else ""


def repositories_of(model: str) -> tuple[str, ...]:
    """Return the names of the GGUFs that are what Ollama calls ``deepseek-r1:7b``.

    Empty where the name is not of that kind; without a size, the one of 7b.
    """
    found = _R1.fullmatch(model.strip())
    repository = _R1_REPOSITORIES.get((found["size"] or "7b").lower()) if found else None
    if repository is None:
        return ()
    return f"{HUGGING_FACE}/{repository}", f"{MODELSCOPE}/{repository}"
