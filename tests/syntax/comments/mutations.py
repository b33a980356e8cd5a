"""A scripted model: it comments Python as asked, and changes the code as it was not asked to.

Comments hold a number each ("№12"), so that they can be counted afterwards. A mutation returns the
changed lines, with the numbers of the comments that are about what it took away; None where it has
nothing to change.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Final, NamedTuple

Lines = list[str]
Mutated = tuple[Lines, set[str]]
Mutation = Callable[[Random, Lines], "Lines | Mutated | None"]

_NUMBER: Final = re.compile(r"№\d+")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SIMPLE: Final = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Raise)


class Statement(NamedTuple):
    node: ast.stmt
    first: int
    """The 0-based line it begins in, decorators included."""
    stop: int
    siblings: int


def numbers_in(lines: Sequence[str]) -> set[str]:
    """Return the numbers of the scripted comments in ``lines``."""
    return set(_NUMBER.findall("".join(lines)))


def anchors(lines: Sequence[str]) -> dict[str, str]:
    """Return the line of code that each scripted comment in ``lines`` is about."""
    bare = [re.sub(r"\s+# №.*", "", line).strip() for line in lines]
    found: dict[str, str] = {}
    for at, line in enumerate(lines):
        for number in _NUMBER.findall(line):
            is_docstring = bare[at].startswith('"""')
            around = reversed(bare[:at]) if is_docstring else bare[at:]
            found[number] = next((it for it in around if it and not it.startswith("#")), "")
    return found


def statements(lines: Sequence[str]) -> list[Statement]:
    """Return the statements of ``lines``, a function or a class at any depth, in order."""
    indented = lines[0][:1].isspace()
    tree = ast.parse("".join(["if 1:\n", *lines] if indented else lines))
    offset = 2 if indented else 1
    found: list[Statement] = []
    top = tree.body[0].body if indented and isinstance(tree.body[0], ast.If) else tree.body

    def visit(body: list[ast.stmt]) -> None:
        for node in body:
            lead = [it.lineno for it in getattr(node, "decorator_list", [])]
            first = min([node.lineno, *lead]) - offset
            found.append(Statement(node, first, (node.end_lineno or 0) - offset + 1, len(body)))
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(node, name, [])
                elif_ = name == "orelse" and len(inner) == 1 and isinstance(inner[0], ast.If)
                if isinstance(inner, list) and not elif_:
                    visit(inner)
            for handler in getattr(node, "handlers", []):
                visit(handler.body)

    visit(top)
    return [
        it
        for it in found
        if lines[it.first][: it.node.col_offset].isspace() or not it.node.col_offset
    ]


def simple(lines: Sequence[str]) -> list[Statement]:
    """Return the statements of ``lines`` that hold no others and are alone on their lines."""
    found = [
        it for it in statements(lines) if isinstance(it.node, _SIMPLE) and not is_string(it.node)
    ]
    return [it for it in found if ";" not in "".join(lines[it.first : it.stop])]


def is_string(node: ast.stmt) -> bool:
    """Tell whether ``node`` is a string that stands alone."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def functions(lines: Sequence[str]) -> list[Statement]:
    """Return the functions in ``lines`` that have a body on lines of its own."""
    return [
        it
        for it in statements(lines)
        if isinstance(it.node, _Function) and it.node.body[0].lineno > it.node.lineno
    ]


def comment(random: Random, lines: Sequence[str]) -> Lines:
    """Return ``lines`` with comments above and behind statements, and with docstrings."""
    above: dict[int, Lines] = {}
    out = list(lines)
    count = iter(range(1, 10_000))
    for it in statements(lines):
        indent = lines[it.first][: len(lines[it.first]) - len(lines[it.first].lstrip())]
        if is_string(it.node):
            continue
        if random.random() < 0.4:
            words = random.choice(["Keep what was seen.", "See above: it's so.", "返回结果 ‘ok’"])
            above.setdefault(it.first, []).append(f"{indent}# №{next(count)} {words}\n")
        line = out[it.stop - 1]
        if (
            isinstance(it.node, _SIMPLE)
            and random.random() < 0.25
            and ";" not in line
            and "#" not in line
        ):
            out[it.stop - 1] = f"{line.rstrip()}  # №{next(count)} so\n"
        if isinstance(it.node, _Function | ast.ClassDef) and random.random() < 0.6:
            inner = it.node.body[0]
            start = _first_line(inner)
            if start > it.node.lineno and not is_string(inner):
                at = (
                    it.first
                    + start
                    - min([it.node.lineno, *(d.lineno for d in it.node.decorator_list)])
                )
                deep = " " * inner.col_offset
                above.setdefault(at, []).insert(
                    0, f'{deep}"""№{next(count)} Do it.\n\n{deep}Well.\n{deep}"""\n'
                )
    result: Lines = []
    for number, line in enumerate(out):
        result += "".join(above.get(number, [])).splitlines(keepends=True)
        result.append(line)
    return result


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(it.lineno for it in decorators)])


def _attached(lines: Lines, it: Statement) -> tuple[int, set[str]]:
    """Return where the comments above a statement begin, and the numbers of its own."""
    first = it.first
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first, numbers_in(lines[first : it.stop])


def _tokens(lines: Sequence[str]) -> Iterator[tokenize.TokenInfo]:
    yield from tokenize.generate_tokens(io.StringIO("".join(lines)).readline)


def _replaced(lines: Lines, change: Callable[[tokenize.TokenInfo], str | None]) -> Lines | None:
    """Return ``lines`` with tokens of one line changed; None when none was."""
    out = list(lines)
    edits: list[tuple[int, int, int, str]] = []
    for token in _tokens(lines):
        new = change(token)
        if new is not None and new != token.string and token.start[0] == token.end[0]:
            edits.append((token.start[0] - 1, token.start[1], token.end[1], new))
    for line, start, end, new in reversed(edits):
        out[line] = out[line][:start] + new + out[line][end:]
    return out if edits else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _docless(it: Statement) -> ast.stmt | None:
    """Return the first statement of a function that is no docstring."""
    assert isinstance(it.node, _Function)
    return next((node for node in it.node.body if not is_string(node)), None)


def _at_the_start(random: Random, lines: Lines, new: Sequence[str]) -> Lines | None:
    """Put statements at the beginning of a function's body."""
    inner = [(it, node) for it in functions(lines) if (node := _docless(it))]
    if not inner:
        return None
    it, node = random.choice(inner)
    at = it.first + _first_line(node) - _first_line(it.node)
    indent = _indent(lines[at])
    while lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return [*lines[:at], *(f"{indent}{line}\n" for line in new), *lines[at:]]


# The mutations, by name.


def rename_a_variable(random: Random, lines: Lines) -> Lines | None:
    names = sorted(
        {
            node.id
            for it in statements(lines)
            for node in ast.walk(it.node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
    )
    if not names:
        return None
    name = random.choice(names)
    return _replaced(lines, lambda token: "renamed" if token.string == name else None)


def rename_a_function(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*(?:async )?def )(\w+)", r"\1other_\2", 1)


def rename_attributes(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"self\.(?!_)", "self._")


def delete_a_statement(random: Random, lines: Lines) -> Mutated | None:
    found = [it for it in simple(lines) if it.siblings > 2]
    if not found:
        return None
    it = random.choice(found)
    _, lost = _attached(lines, it)
    return [*lines[: it.first], *lines[it.stop :]], lost


def duplicate_a_statement(random: Random, lines: Lines) -> Lines | None:
    found = simple(lines)
    if not found:
        return None
    it = random.choice(found)
    again = [re.sub(r"\s*# №.*", "", line) for line in lines[it.first : it.stop]]
    return [*lines[: it.stop], *again, *lines[it.stop :]]


def reorder_two_statements(random: Random, lines: Lines) -> Lines | None:
    found = simple(lines)
    pairs = [
        (a, b)
        for a, b in pairwise(found)
        if a.node.col_offset == b.node.col_offset and a.stop == _attached(lines, b)[0]
    ]
    if not pairs:
        return None
    a, b = random.choice(pairs)
    start = _attached(lines, a)[0]
    return [*lines[:start], *lines[a.stop : b.stop], *lines[start : a.stop], *lines[b.stop :]]


def change_a_number(random: Random, lines: Lines) -> Lines | None:
    del random
    return _replaced(lines, lambda it: "42" if it.type == tokenize.NUMBER else None)


def change_a_string(random: Random, lines: Lines) -> Lines | None:
    del random
    texts = {"'": "'other'", '"': '"other"'}
    return _replaced(
        lines,
        lambda it: (
            texts.get(it.string[0]) if it.type == tokenize.STRING and "№" not in it.string else None
        ),
    )


def change_an_operator(random: Random, lines: Lines) -> Lines | None:
    del random
    other = {"+": "-", "==": "!=", "<": "<=", ">": ">=", "and": "or", "+=": "-=", "in": "is"}
    return _replaced(lines, lambda token: other.get(token.string))


def swap_quotes(random: Random, lines: Lines) -> Lines | None:
    del random

    def swapped(token: tokenize.TokenInfo) -> str | None:
        text = token.string
        if token.type != tokenize.STRING or "\\" in text or text.endswith(('"""', "'''")):
            return None
        other = '"' if text[-1] == "'" else "'"
        return None if other in text else text.replace(text[-1], other)

    return _replaced(lines, swapped)


def drop_annotations(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(
        lines, r"^(\s*(?:async )?def .*)(?: -> [^:]+)(:\s*)$|: (?:int|str|bool)\b", r"\1\2"
    )


def add_annotations(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*def \w+\(.*)\):$", r"\1) -> None:")


def add_a_parameter(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*(?:async )?def \w+\()", r"\1extra, ")


def reflow_a_call(random: Random, lines: Lines) -> Lines | None:
    found = [
        k
        for k, line in enumerate(lines)
        if re.match(r"\s*[\w. =]+\([^()'\"#]+\)\s*(?:#.*)?$", line)
    ]
    if not found:
        return None
    at = random.choice(found)
    head, inner, tail = re.split(r"(?<=\()(.*)(?=\))", lines[at], maxsplit=1)
    deep = _indent(head) + "    "
    rows = [
        f"{head}\n",
        *(f"{deep}{part.strip()},\n" for part in inner.split(",")),
        f"{_indent(head)}{tail}",
    ]
    return [*lines[:at], *rows, *lines[at + 1 :]]


def join_lines(random: Random, lines: Lines) -> Lines | None:
    found = [
        it
        for it in simple(lines)
        if it.stop - it.first > 1
        and not re.search(r"#|\"\"\"|'''|\\$", "".join(lines[it.first : it.stop - 1]))
    ]
    if not found:
        return None
    it = random.choice(found)
    first, *rest = lines[it.first : it.stop]
    joined = " ".join([first.rstrip(), *(line.strip() for line in rest)])
    return [*lines[: it.first], f"{joined}\n", *lines[it.stop :]]


def add_a_guard_clause(random: Random, lines: Lines) -> Lines | None:
    return _at_the_start(random, lines, ["if not self:", "    return None"])


def add_an_import(random: Random, lines: Lines) -> Lines | None:
    return _at_the_start(random, lines, ["import logging"])


def add_a_log_call(random: Random, lines: Lines) -> Lines | None:
    return _at_the_start(random, lines, ['print("here", locals())'])


def wrap_in_try(random: Random, lines: Lines) -> Lines | None:
    found = [
        it
        for it in simple(lines)
        if "'''" not in (code := "".join(lines[it.first : it.stop])) and '"""' not in code
    ]
    if not found:
        return None
    it = random.choice(found)
    start = _attached(lines, it)[0]
    indent = _indent(lines[it.first])
    inner = [f"    {line}" for line in lines[start : it.stop]]
    behind = [f"{indent}except Exception:\n", f"{indent}    pass\n"]
    return [*lines[:start], f"{indent}try:\n", *inner, *behind, *lines[it.stop :]]


def halve_the_indentation(random: Random, lines: Lines) -> Lines | None:
    del random
    return [re.sub(r"^ +", lambda it: " " * (len(it.group()) // 2), line) for line in lines]


def indent_with_tabs(random: Random, lines: Lines) -> Lines | None:
    del random
    return [re.sub(r"^(?: {4})+", lambda it: "\t" * (len(it.group()) // 4), line) for line in lines]


def remove_blank_lines(random: Random, lines: Lines) -> Lines | None:
    del random
    return [line for line in lines if line.strip()]


def add_blank_lines(random: Random, lines: Lines) -> Lines | None:
    out: Lines = []
    for line in lines:
        out += ["\n", line] if random.random() < 0.3 else [line]
    return out


def format_with_f_strings(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"(\"[^\"]*%[sdr][^\"]*\"|'[^']*%[sdr][^']*') % (\w+)", r"f\1")


def negate_a_condition(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*(?:if|while)) (?!not )", r"\1 not ")


def make_it_async(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(
        lines,
        r"^(\s*)(?:(async )def|def) ",
        lambda it: it[1] + ("" if it[2] else "async ") + "def ",
    )


def drop_await(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"\bawait |\basync (?=with|for)|\byield from ", "")


def add_a_decorator(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*)((?:async )?def )", r"\1@cached" + "\n" + r"\1\2", 1)


def change_a_decorator(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*@).*$", r"\1cached")


def drop_existing_comments(random: Random, lines: Lines) -> Lines | None:
    del random
    tokens = [it for it in _tokens(lines) if it.type == tokenize.COMMENT and "№" not in it.string]
    out = list(lines)
    for it in tokens:
        out[it.start[0] - 1] = out[it.start[0] - 1][: it.start[1]].rstrip() + "\n"
    alone = {it.start[0] - 1 for it in tokens if not lines[it.start[0] - 1][: it.start[1]].strip()}
    return [line for k, line in enumerate(out) if k not in alone] if tokens else None


def add_trailing_commas(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"(\w+\([^()'\"#]*[^(),'\"#*])\)(\s*)$", r"\1,)\2")


def add_semicolons(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*(?:return|raise|self\.)[^#'\"(]*[\w)])(\s*(?:#.*)?)$", r"\1;\2")


def replace_the_body(random: Random, lines: Lines) -> Mutated | None:
    found = [(it, node) for it in functions(lines) if (node := _docless(it))]
    if not found:
        return None
    it, node = random.choice(found)
    at = it.first + _first_line(node) - _first_line(it.node)
    start = at
    while lines[start - 1].lstrip().startswith("#"):
        start -= 1
    changed = [*lines[:start], f"{_indent(lines[at])}pass\n", *lines[it.stop :]]
    return changed, numbers_in(lines[start : it.stop])


def compare_by_value(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r" is (not )?None", " == None")


def bracket_what_is_returned(random: Random, lines: Lines) -> Lines | None:
    del random
    return _in_lines(lines, r"^(\s*return) ([^#\n({\[]*[^\s#({\[,\\])(\s*(?:#.*)?)$", r"\1 (\2)\3")


def end_lines_otherwise(random: Random, lines: Lines) -> Lines | None:
    del random
    return [line.replace("\n", "\r\n") for line in lines]


def shorten(random: Random, lines: Lines) -> Mutated | None:
    if len(lines) < 8:
        return None
    at = random.randrange(len(lines) // 2, len(lines) - 2)
    return lines[:at], numbers_in(lines[at:])


def change_nothing(random: Random, lines: Lines) -> Lines | None:
    del random
    return lines


def _in_lines(
    lines: Lines, pattern: str, new: str | Callable[[re.Match[str]], str], count: int = 0
) -> Lines | None:
    """Return ``lines`` with a pattern replaced in the first ``count`` or all; None: in none."""
    out: Lines = []
    left = count or len(lines)
    for line in lines:
        body, end = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
        if left and not body.lstrip().startswith("#") and '"""' not in body:
            changed = re.sub(pattern, new, body, count=1)
            left -= changed != body
            body = changed
        out += f"{body}{end}".splitlines(keepends=True)
    return None if out == lines else out


MUTATIONS: Final[dict[str, Mutation]] = {
    mutation.__name__.replace("_", " "): mutation
    for mutation in (
        add_a_decorator,
        add_a_guard_clause,
        add_a_log_call,
        add_a_parameter,
        add_an_import,
        add_annotations,
        add_blank_lines,
        add_semicolons,
        add_trailing_commas,
        bracket_what_is_returned,
        change_a_decorator,
        change_a_number,
        change_a_string,
        change_an_operator,
        change_nothing,
        compare_by_value,
        delete_a_statement,
        drop_annotations,
        drop_await,
        drop_existing_comments,
        duplicate_a_statement,
        end_lines_otherwise,
        format_with_f_strings,
        halve_the_indentation,
        indent_with_tabs,
        join_lines,
        make_it_async,
        negate_a_condition,
        reflow_a_call,
        remove_blank_lines,
        rename_a_function,
        rename_a_variable,
        rename_attributes,
        reorder_two_statements,
        replace_the_body,
        shorten,
        swap_quotes,
        wrap_in_try,
    )
}
