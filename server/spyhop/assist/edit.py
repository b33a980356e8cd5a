"""An edit: from a selection and an instruction to the lines that shall take its place."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from spyhop.assist.pump import Output, pump
from spyhop.core.echo import trim_echo
from spyhop.core.fences import Code, FenceScanner, blocks_of, extract, without_special_tokens
from spyhop.core.indentation import set_indentation
from spyhop.core.lines import is_blank
from spyhop.core.placeholders import placeholders
from spyhop.core.quotes import straighten_quotes
from spyhop.core.restore import restore, trim_outer_echo
from spyhop.core.stream import Text, Thought
from spyhop.core.thinking import Reclassified, Unclosed
from spyhop.errors import NoEdit
from spyhop.languages import info_strings
from spyhop.messages import Language, Notice
from spyhop.models.port import Done, Model, Request, Usage
from spyhop.prompting.edit import EditPrompt, Material, build
from spyhop.prompting.library import Library
from spyhop.prompting.r1 import Turn
from spyhop.settings import Settings

_EXCERPT: Final = 160
# Typographic quotes are right here, and a colon at a line's end opens no block.
_PROSE: Final = frozenset(
    {"", "asciidoc", "html", "latex", "markdown", "plaintext", "restructuredtext", "tex"}
)


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model thinks: so many tokens and seconds so far, and what it thought last."""

    tokens: int
    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """The model writes: so many lines of code so far."""

    lines: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The lines, with terminators, that shall take the selection's place."""

    lines: tuple[str, ...]
    thinking: str
    warnings: tuple[Notice, ...]
    usage: Usage


Progress: TypeAlias = Thinking | Writing | Outcome


async def prepare(
    model: Model,
    library: Library,
    name: str,
    material: Material,
    settings: Settings,
    language: Language,
) -> tuple[EditPrompt, Request]:
    """Return the prompt ``name`` about ``material``, fitted to the model's context.

    Raises:
        SpyhopError: the prompt does not exist or does not fit, the model cannot be asked.
    """
    template, instruction = library.resolve(name, material.instruction)
    info = await model.info()
    prompt = build(template, instruction, material, info.context_tokens, language)
    turns = (Turn("user", prompt.text),)
    request = Request(turns, temperature=settings.temperature, top_p=settings.top_p)
    return prompt, request


async def edit(
    model: Model, request: Request, material: Material
) -> AsyncGenerator[Progress, None]:
    """Ask the model; yield how it gets on, and last the one `Outcome`.

    Raises:
        NoEdit: there is no usable answer; says why.
        ModelError: the model cannot be asked or broke off.
    """
    context = (await model.info()).context_tokens
    reading = _Reading()
    async with aclosing(pump(model, request)) as outputs:
        async for output in outputs:
            if progress := reading.take(output):
                yield progress
    yield reading.outcome(material, context)


@dataclass
class _Reading:
    """What has come of the output so far."""

    started: float = field(default_factory=time.monotonic)
    thoughts: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    scanner: FenceScanner = field(default_factory=FenceScanner)
    lines: int = 0
    unclosed: bool = False
    reclassified: bool = False
    done: Done = field(default_factory=lambda: Done("stop"))

    def take(self, output: Output) -> Progress | None:
        match output:
            case Thought(text):
                self.thoughts.append(text)
                seconds = time.monotonic() - self.started
                return Thinking(len(self.thoughts), seconds, text)
            case Text(text):
                self.answer.append(text)
                self.lines += sum(isinstance(it, Code) for it in self.scanner.feed(text))
                return Writing(self.lines)
            case Reclassified():
                self.thoughts += self.answer
                self.answer, self.scanner, self.lines = [], FenceScanner(), 0
                self.reclassified = True
            case Unclosed():
                self.unclosed = True
            case Done():
                self.done = output
        return None

    def outcome(self, material: Material, context: int) -> Outcome:
        thinking = "".join(self.thoughts).strip()
        if self.done.reason == "length":
            raise NoEdit("no-edit-length", context=context)
        if self.unclosed:
            raise NoEdit("no-edit-unclosed")
        answer = "".join(self.answer)
        if not without_special_tokens(answer).strip():
            in_thought = any(block.closed for block in blocks_of(thinking))
            raise NoEdit("no-edit-only-thought" if in_thought else "no-edit-empty")
        lines, warnings = lines_of(answer, material)
        if self.reclassified:
            warnings.append(Notice.of("warn-reclassified"))
        return Outcome(tuple(lines), thinking, tuple(warnings), self.done.usage)


def lines_of(answer: str, material: Material) -> tuple[list[str], list[Notice]]:
    """Return the lines that a whole answer offers for the selection, and what to tell about them.

    Raises:
        NoEdit: the answer holds no code, or only part of it and no telling which.
    """
    original, before, after = material.selection, material.before, material.after
    is_prose = material.language in _PROSE
    found = extract(answer, original=original, languages=info_strings(material.language))
    if found is None:
        blocks = blocks_of(answer)
        if blocks and all(is_blank(line) for block in blocks for line in block.lines):
            raise NoEdit("no-edit-empty")
        raise NoEdit("no-edit-prose", answer=_excerpt(answer))
    lines = list(found.lines) if is_prose else straighten_quotes(found.lines, original)
    lines = trim_echo(lines, original, before, after)
    lines = trim_outer_echo(lines, original, before, after)
    lines = _without_outer_blanks(lines, original)
    around = ((), ()) if is_prose and not any(map(str.strip, original)) else (before, after)
    lines = set_indentation(lines, original, *around)
    restored = restore(lines, original)
    if restored is None:
        missing = placeholders(lines, original)
        raise NoEdit("no-edit-placeholder", line=lines[missing[0]].strip())
    lines = list(restored.lines)
    warnings: list[Notice] = []
    if restored.restored:
        warnings.append(Notice.of("warn-restored", count=restored.restored))
    if restored.unresolved:
        numbers = ", ".join(str(len(before) + number + 1) for number in restored.unresolved)
        warnings.append(Notice.of("warn-unresolved", lines=numbers))
    if found.blocks > 1:
        warnings.append(Notice.of("warn-several-blocks", count=found.blocks))
    if found.source == "unfenced":
        warnings.append(Notice.of("warn-unfenced"))
    if found.source == "left open":
        warnings.append(Notice.of("warn-left-open"))
    return lines, warnings


def _without_outer_blanks(lines: list[str], original: Sequence[str]) -> list[str]:
    """Return ``lines`` with as many blank lines at either end as the original has there."""
    visible = [number for number, line in enumerate(lines) if not is_blank(line)]
    kept = [number for number, line in enumerate(original) if not is_blank(line)]
    if not visible:
        return lines
    inner = lines[visible[0] : visible[-1] + 1]
    if not kept:
        return inner
    return [*original[: kept[0]], *inner, *original[kept[-1] + 1 :]]


def _excerpt(answer: str) -> str:
    line = " ".join(answer.split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"
