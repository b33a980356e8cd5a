"""Prompts for models that were trained to fill in the middle.

R1's distills are not among them: they are asked by prefill (`complete`), though some tokenizers
still hold their base model's tokens.

Most templates put the text behind the caret after the text before it, so that each keystroke would
have all of the former read again. Here what was typed since the layout was fixed stands behind the
last token, as the beginning of the middle: a keystroke adds to the prompt's end. Codestral has the
text behind the caret first, and needs no such thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from spyhop.core.special_tokens import Disguise
from spyhop.core.tokens import estimate_tokens
from spyhop.prompting.budget import CountTokens
from spyhop.prompting.complete import answer_fence, disguise_for, hold_back, with_line_feeds
from spyhop.prompting.layout import Layout
from spyhop.prompting.related import Snippet


@dataclass(frozen=True, slots=True)
class FimTemplate:
    """How a family of models wants its prompts; the parts are filled by ``str.format``."""

    name: str
    alone: str
    """The document: ``before``, ``after``, and ``begun``, with which the middle begins."""
    tokens: tuple[str, ...]
    """The family's special tokens; each of them ends the output."""
    among: str = ""
    """The document named ``path``, behind other ``files``; empty where there can be none."""
    file: str = ""
    """One of these: its ``path`` and ``text``."""
    repository: str = ""
    """What tells the ``name`` of the repository that they are of."""


_QWEN_HOLE: Final = "<|fim_prefix|>{before}<|fim_suffix|>{after}<|fim_middle|>{begun}"
_QWEN: Final = FimTemplate(
    "qwen2.5-coder",
    _QWEN_HOLE,
    (
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        "<|fim_pad|>",
        "<|repo_name|>",
        "<|file_sep|>",
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
    ),
    among="{files}<|file_sep|>{path}\n" + _QWEN_HOLE,
    file="<|file_sep|>{path}\n{text}\n",
    repository="<|repo_name|>{name}\n",
)
"""Source: Qwen2.5-Coder Technical Report (arXiv:2409.12186), figure 4; Qwen3-Coder has the same."""

_DEEPSEEK: Final = FimTemplate(
    "deepseek-coder",
    "<｜fim▁begin｜>{before}<｜fim▁hole｜>{after}<｜fim▁end｜>{begun}",
    ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>"),
    among="<｜fim▁begin｜>{files}#{path}\n{before}<｜fim▁hole｜>{after}<｜fim▁end｜>{begun}",
    file="#{path}\n{text}\n",
)
"""Source: README of DeepSeek-Coder, "Code Insertion" and "Repository Level Code Completion"; V2
has the same tokens. Other files are part of the document that the hole is in."""

_STARCODER2: Final = FimTemplate(
    "starcoder2",
    "<fim_prefix>{before}<fim_suffix>{after}<fim_middle>{begun}",
    (
        "<fim_prefix>",
        "<fim_suffix>",
        "<fim_middle>",
        "<fim_pad>",
        "<repo_name>",
        "<file_sep>",
        "<|endoftext|>",
    ),
    among="{files}<file_sep><fim_prefix>{path}\n{before}<fim_suffix>{after}<fim_middle>{begun}",
    file="<file_sep>{path}\n{text}",
    repository="<repo_name>{name}",
)
"""Source: StarCoder 2 and The Stack v2 (arXiv:2402.19173), section 5.1."""

_STARCODER: Final = FimTemplate(
    "starcoder",
    "<fim_prefix>{before}<fim_suffix>{after}<fim_middle>{begun}",
    ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>", "<|endoftext|>"),
)
"""Source: model card of bigcode/starcoder, "Fill-in-the-middle"; Stable Code has the same."""

_CODELLAMA: Final = FimTemplate(
    "codellama",
    "<PRE> {before} <SUF>{after} <MID>{begun}",
    ("<PRE>", "<SUF>", "<MID>", "<EOT>"),
)
"""Source: Code Llama's ``llama/generation.py``, ``infilling_prompt_tokens``, with the spaces that
its tokens have as text."""

_CODEGEMMA: Final = FimTemplate(
    "codegemma",
    "<|fim_prefix|>{before}<|fim_suffix|>{after}<|fim_middle|>{begun}",
    (
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        "<|file_separator|>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<eos>",
    ),
    among="{files}<|fim_prefix|>{before}<|fim_suffix|>{after}<|fim_middle|>{begun}",
    file="{path}\n{text}<|file_separator|>",
)
"""Source: ai.google.dev/gemma/docs/codegemma/prompt-structure."""

_CODESTRAL: Final = FimTemplate(
    "codestral",
    "[SUFFIX]{after}[PREFIX]{before}{begun}",
    ("[SUFFIX]", "[PREFIX]", "[MIDDLE]", "[INST]", "[/INST]", "</s>"),
    among="[SUFFIX]{after}[PREFIX]{files}+++++ {path}\n{before}{begun}",
    file="+++++ {path}\n{text}\n\n",
)
"""Source: mistral-common's ``encode_fim``; other files are marked as Continue marks them."""

TEMPLATES: Final = (
    _QWEN,
    _DEEPSEEK,
    _STARCODER2,
    _STARCODER,
    _CODELLAMA,
    _CODEGEMMA,
    _CODESTRAL,
)

_R1: Final = re.compile(r"deepseek[-_.]?r1|r1[-_.]?distill")
# What a name holds; what it holds where the model was not trained on the template, or no longer.
_BY_NAME: Final = (
    (_QWEN, r"qwen[\d.]*[-_.]?coder", None),
    (_DEEPSEEK, r"deepseek[-_.]?coder", None),
    (_STARCODER2, r"starcoder[-_.]?2", r"instruct"),
    (_STARCODER, r"starcoder|stable[-_.]?code", r"instruct"),
    (_CODELLAMA, r"code[-_.]?llama", r"python|34b|70b"),
    (_CODEGEMMA, r"codegemma", r"[-_:]it\b|instruct"),
    (_CODESTRAL, r"codestral", r"mamba|embed"),
)


def template_for(name: str, chat_template: str = "") -> FimTemplate | None:
    """Return the template of the model ``name``; None where it was not trained to fill in.

    Where the name tells nothing, ``chat_template`` does, if it holds a template's tokens: those
    of Ollama do, for models that take a suffix.
    """
    lowered = name.lower()
    if _R1.search(lowered):
        return None
    for template, pattern, without in _BY_NAME:
        if re.search(pattern, lowered):
            return None if without and re.search(without, lowered) else template
    if "<start_of_turn>" in chat_template and _CODEGEMMA.tokens[0] in chat_template:
        return _CODEGEMMA
    own = (it for it in TEMPLATES if all(token in chat_template for token in it.tokens[:2]))
    return next(own, None)


@dataclass(frozen=True, slots=True)
class FimPrompt:
    """A prompt to be sent raw. Its output is what stands at the caret."""

    text: str
    """Without BOS, which runtimes add."""
    held_back: str
    """What the output begins with as a rule: see `CompletionPrompt.held_back`."""
    fence: str
    """What would stand around the output if the model put it in a fence, as it should not."""
    stop: tuple[str, ...]
    disguise: Disguise
    tokens: int


def build(
    template: FimTemplate,
    path: str,
    language: str,
    layout: Layout,
    *,
    repository: str = "",
    one_line: bool = False,
    count: CountTokens = estimate_tokens,
) -> FimPrompt:
    """Return the prompt that has a model of ``template`` fill in at the caret of ``layout``.

    ``repository`` is the name of the project's folder, where it is known.
    """
    before, begun, held_back = _parts(layout)
    after = with_line_feeds(layout.after)
    snippets = layout.related.snippets if template.among else ()
    texts = [before + begun, begun, after, path, repository]
    texts += [part for one in snippets for part in (one.path, one.text)]
    disguise = disguise_for(texts, template.tokens)
    put_on = disguise.put_on
    files = [template.file.format(path=put_on(one.path), text=put_on(one.text)) for one in snippets]
    if files and repository:
        files.insert(0, template.repository.format(name=put_on(repository)))
    text = (template.among if files else template.alone).format(
        files="".join(files),
        path=put_on(path),
        before=put_on(before),
        after=put_on(after),
        begun=put_on(begun),
    )
    stop = (*(("\n",) if one_line else ()), *template.tokens)
    fence = answer_fence(language, texts)
    return FimPrompt(text, held_back, fence, stop, disguise, count(text))


@dataclass(frozen=True, slots=True)
class Infill:
    """What llama.cpp's ``/infill`` takes, where it knows the model's tokens and we do not.

    It puts its own ``prompt`` before the text behind the caret, whatever its README says
    (``format_infill`` in ``tools/server``), so here a keystroke has that text read again.
    """

    before: str
    after: str
    extra: tuple[Snippet, ...]
    held_back: str

    @property
    def payload(self) -> dict[str, Any]:
        """The parts of a request's body that say what to fill in."""
        return {
            "input_prefix": self.before,
            "input_suffix": self.after,
            "input_extra": [{"filename": one.path, "text": one.text} for one in self.extra],
        }


def build_infill(layout: Layout) -> Infill:
    """Return what llama.cpp is asked to fill in at the caret of ``layout``."""
    before, begun, held_back = _parts(layout)
    after = with_line_feeds(layout.after)
    return Infill(before + begun, after, layout.related.snippets, held_back)


def _parts(layout: Layout) -> tuple[str, str, str]:
    """Return the fixed part of the text before the caret, what was typed since, what is held back.

    Imports and heads stand above it, as code.
    """
    around = layout.related
    above = [f"{part}\n" for part in (around.imports, around.heads) if part]
    before = "".join(above) + with_line_feeds(layout.before[: layout.fixed])
    begun, held_back = hold_back(with_line_feeds(layout.before[layout.fixed :]))
    return before, begun, held_back
