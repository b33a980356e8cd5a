"""Whatever a model does to Python on the way, only its comments arrive; and nearly all of them do.

The oracle is Python's own: ``ast`` without docstrings, ``tokenize`` without comments.
"""

from __future__ import annotations

import ast
import importlib
import io
import tokenize
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

import pytest

import spyhop
from spyhop.core.lines import split_lines, without_end
from spyhop.syntax.annotate import annotate
from syntax.mutations import MUTATIONS, comment, is_string, numbers_in, statements

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


@cache
def _table() -> dict[str, tuple[int, int, int]]:
    """Return, by mutation: how often it was tried, the comments to keep, those kept."""
    table: dict[str, tuple[int, int, int]] = {}
    for name, mutation in MUTATIONS.items():
        random = Random(name)  # noqa: S311 - seeded, so that runs are the same
        tried = wanted = kept = 0
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
            asked = numbers_in(answer) - lost
            tried, wanted = tried + 1, wanted + len(asked)
            kept += len(asked & numbers_in(found.lines))
            if tried == _SELECTIONS_EACH:
                break
        table[name] = (tried, wanted, kept)
    return table


@pytest.mark.parametrize("name", MUTATIONS)
def test_no_change_of_code_gets_through(name: str) -> None:
    tried, wanted, _ = _table()[name]
    assert tried
    assert wanted


def test_nearly_all_comments_arrive() -> None:
    table = _table()
    for name, (tried, wanted, kept) in [*table.items(), ("all", (0, 0, 0))]:
        if tried:
            print(f"{name:28}{tried:5}{wanted:7}{kept:7}{kept / max(1, wanted):8.1%}")  # noqa: T201
    wanted, kept = (sum(it[k] for it in table.values()) for k in (1, 2))
    print(f"{'all':28}{'':5}{wanted:7}{kept:7}{kept / wanted:8.1%}")  # noqa: T201
    assert kept >= _KEPT * wanted
