"""Whatever a model does to Python on the way, only its comments arrive; and nearly all of them do.

The oracle is Python's own: ``ast`` without docstrings, ``tokenize`` without comments.
"""

from __future__ import annotations

import ast
import importlib
import io
import tokenize
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pytest

import spyhop
from spyhop.core.lines import split_lines, without_end
from spyhop.syntax.comments.annotate import annotate
from syntax.comments.mutations import MUTATIONS, anchors, comment, is_string, numbers_in, statements

_OF_PYTHON: Final = (
    "asyncio.locks",
    "asyncio.queues",
    "bisect",
    "calendar",
    "colorsys",
    "contextlib",
    "copy",
    "fnmatch",
    "functools",
    "graphlib",
    "heapq",
    "json.encoder",
    "queue",
    "reprlib",
    "sched",
    "shlex",
    "textwrap",
)
_SELECTIONS_EACH: Final = 4
_LONGEST: Final = 120
_KEPT: Final = 0.9
_MISPLACED: Final = 0.02

Selection = tuple[list[str], list[str], list[str]]


@cache
def _selections() -> list[Selection]:
    """Return functions and classes of real modules, each with the lines around."""
    own = sorted(Path(spyhop.__file__).parent.rglob("*.py"))
    python = [Path(str(importlib.import_module(name).__file__)) for name in _OF_PYTHON]
    found: list[Selection] = []
    for path in [*own, *python]:
        lines = split_lines(path.read_text(encoding="utf-8"))
        found += [
            (lines[: it.first], lines[it.first : it.stop], lines[it.stop :])
            for it in (statements(lines) if lines else [])
            if isinstance(it.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and 4 < it.stop - it.first < _LONGEST
        ]
    return found


@cache
def _meaning(text: str) -> str:
    """Return what Python makes of ``text``, docstrings aside."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [*node.body[is_string(node.body[0]) :]] if node.body else []
    return ast.dump(tree)


@cache
def _code(text: str) -> list[tuple[int, str]]:
    """Return the tokens of ``text``, comments and strings that stand alone aside."""
    tokens = [
        (token.type, token.string)
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in {tokenize.COMMENT, tokenize.NL}
    ]
    opens = {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    kept: list[tuple[int, str]] = []
    skip = False
    for before, token, after in zip(
        [(4, ""), *tokens], tokens, [*tokens[1:], (0, "")], strict=False
    ):
        if skip:
            skip = False
        elif token[0] == tokenize.STRING and before[0] in opens and after[0] == tokenize.NEWLINE:
            skip = True
        else:
            kept.append(token)
    return kept


def _stand_in(original: list[str], lines: tuple[str, ...]) -> bool:
    """Tell whether the statements of ``original`` begin lines of ``lines`` byte for byte."""
    left = iter(lines)
    starts = sorted({it.first for it in statements(original) if not is_string(it.node)})
    return all(
        any(line.startswith(without_end(original[start])) for line in left) for start in starts
    )


@dataclass
class _Count:
    tried: int = 0
    wanted: int = 0
    kept: int = 0
    misplaced: int = 0

    def __str__(self) -> str:
        share = self.kept / max(1, self.wanted)
        return f"{self.tried:5}{self.wanted:7}{self.kept:7}{share:8.1%}{self.misplaced:5}"


@cache
def _table() -> dict[str, _Count]:
    """Return, by mutation, what became of the comments."""
    table: dict[str, _Count] = {}
    for name, mutation in MUTATIONS.items():
        random = Random(name)  # noqa: S311 - seeded, so that runs are the same
        count = table[name] = _Count()
        for before, original, after in random.sample(_selections(), len(_selections())):
            commented = comment(random, original)
            if not numbers_in(commented) or (mutated := mutation(random, commented)) is None:
                continue
            answer, lost = mutated if isinstance(mutated, tuple) else (mutated, set())
            found = annotate("python", before, original, after, answer)
            old, new = ("".join([*before, *it, *after]) for it in (original, found.lines))
            assert _meaning(old) == _meaning(new)
            assert _code(old) == _code(new)
            assert _stand_in(original, found.lines)
            there, right = anchors(found.lines), anchors(commented)
            asked = numbers_in(answer) - lost
            count.tried += 1
            count.wanted += len(asked)
            count.kept += len(asked & there.keys())
            count.misplaced += sum(there[number] != right[number] for number in there)
            if count.tried == _SELECTIONS_EACH:
                break
    return table


@pytest.mark.parametrize("name", MUTATIONS)
def test_no_change_of_code_gets_through(name: str) -> None:
    count = _table()[name]
    assert count.tried
    assert count.wanted


def test_nearly_all_comments_arrive_where_they_belong() -> None:
    table = _table().values()
    total = _Count(*(sum(it) for it in zip(*map(astuple, table), strict=True)))
    for name, count in [*_table().items(), ("all", total)]:
        print(f"{name:28}{count}")  # noqa: T201 - shown with -s
    assert total.kept >= _KEPT * total.wanted
    assert total.misplaced <= _MISPLACED * total.kept
