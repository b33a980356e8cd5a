"""Random files to edit: Python's own library, made-up code in several languages, and the demo's."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from texts import GCD

from spyhop import resources

TRAINING_MODULES: Final = (
    "textwrap heapq bisect shlex fnmatch string statistics calendar difflib colorsys csv queue "
    "sched gettext tempfile glob copy pprint random contextlib operator html.parser "
    "json.decoder urllib.parse wave zipfile ftplib imaplib getopt cmd code"
).split()
UNSEEN_MODULES: Final = (
    "fractions functools configparser argparse dataclasses graphlib ipaddress logging netrc "
    "numbers optparse plistlib shutil"
).split()

_WORDS: Final = (
    "account address area array base block board buffer cache card cell chain change channel "
    "char child clock code color column count cursor data date day depth digit edge entry error "
    "event factor field file flag font frame fraction game graph group half handle head height "
    "home hour image index input item job key label layer left length level limit line link list "
    "lock log map mark match matrix mean member menu merge mode month mouse name node note number "
    "object offset order owner page pair part path person pixel player point pool prime price "
    "product queue range rate ratio reader record result right root row rule sample scale scene "
    "score screen seed shape share side sign size slot source space speed stack start state step "
    "stock store stream string style sum table tail target task team term text time title token "
    "total track tree trial type unit user value vector version view weight width window word "
    "worker world year zone"
).split()
_VERBS: Final = (
    "add apply build check clear close compute copy count create divide draw drop fetch fill find "
    "format get give grow hide invert join keep load make merge move multiply normalize open pack "
    "parse pick play print push read reduce remove reset run save scale send set shift show skip "
    "solve sort split start stop store swap take test update wait walk write"
).split()
_TYPES: Final = "int str float bool bytes list[int] dict[str, int] tuple[int, int] None".split()
_CHINESE: Final = (
    "用户 数据 文件 列表 数字 结果 返回 计算 处理 读取 写入 检查 错误 配置 时间 日期 名称 长度 "
    "大小 分数 约分 分子 分母 向量 矩阵 节点 颜色 价格 总和 平均 最大 最小 两个 整数 "
    "字符 参数 缓存 循环"
).split()
_OTHER_FILES: Final = {
    "javascript": "js",
    "typescript": "ts",
    "go": "go",
    "rust": "rs",
    "c": "c",
    "cpp": "cpp",
    "java": "java",
    "markdown": "md",
    "lua": "lua",
    "ruby": "rb",
    "html": "html",
    "": "txt",
}


_LINES: Final = (range(1), range(1, 8), range(5, 25), range(25, 70))
_LINES_WEIGHTS: Final = (25, 53, 19, 3)


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and where in it something is selected. Lines keep their terminators."""

    path: str
    language: str
    before: Sequence[str]
    after: Sequence[str]


def python_place(random: Random, modules: Sequence[str], *, implemented: bool = False) -> Place:
    """Return a place in a Python file; in the demo's file `gcd` stands as a stub or complete."""
    chance = random.random()
    if chance < 0.2:
        lines = example()
        before, after = lines[:3], lines[5:]
        if random.random() < 0.5:
            before, after = _shaken(random, before), _shaken(random, after)
    else:
        before = lines_of_python(random, modules, most_lines(random))
        after = lines_of_python(random, modules, most_lines(random))
        if random.random() < 0.25:
            before = [f'"""{sentence(random)}."""\n', "\n", "\n"]
    if random.random() < 0.12:
        where = random.randrange(len(after) + 1)
        after = [*after[:where], "# ```\n", *after[where:]]
    if implemented and random.random() < 0.1:
        after = [*after, "\n", *GCD.splitlines(keepends=True)]
    return Place(path(random, "py"), "python", before, after)


def example() -> list[str]:
    """Return the lines of the file that the demo edits."""
    text = (resources.examples() / "fractions.py").read_text(encoding="utf-8")
    return text.splitlines(keepends=True)


def foreign_place(random: Random) -> Place:
    """Return a place in a file of another language."""
    language, extension = random.choice(list(_OTHER_FILES.items()))
    before, after = (foreign_lines(random, random.choice((0, 2, 5, 10, 20))) for _ in range(2))
    return Place(path(random, extension), language, before, after)


def most_lines(random: Random) -> int:
    """Return how many lines to take: mostly few, sometimes a screenful or two."""
    return random.choice(random.choices(_LINES, _LINES_WEIGHTS)[0])


def path(random: Random, extension: str) -> str:
    """Return a random path."""
    roots = ("", "", "", "src/", "examples/", "lib/", "app/", "./", "/home/user/", "C:/Users/me/")
    if random.random() < 0.1:
        # What the demo's copies are called.
        return f"/tmp/spyhop-demo-{random.getrandbits(32):08x}/fractions.{extension}"  # noqa: S108 - never opened
    folders = "".join(f"{random.choice(_WORDS)}/" for _ in range(random.choice((0, 0, 0, 1, 2))))
    stem = random.choice((random.choice(_WORDS), _name(random), "fractions", "main", "test"))
    return f"{random.choice(roots)}{folders}{stem}.{extension}"


def lines_of_python(random: Random, modules: Sequence[str], most: int) -> list[str]:
    """Return at most ``most`` lines of Python, real or made up."""
    if random.random() < 0.55:
        source = _library(random.choice(modules))
        first = random.randrange(max(1, len(source) - most))
        return list(source[first : first + most])
    lines: list[str] = []
    while len(lines) < most:
        lines += _python_function(random)
    return lines[:most]


def foreign_lines(random: Random, most: int) -> list[str]:
    """Return lines that look like another language, or like prose."""
    lines: list[str] = []
    prose = random.random() < 0.25
    while len(lines) < most:
        if prose:
            lines += [f"{sentence(random)}.\n", "\n"][: random.choice((1, 1, 2))]
            continue
        keyword = random.choice(("function", "func", "fn", "int", "void", "public static int"))
        end = random.choice((";", ";", ""))
        name, one, two = _name(random), random.choice(_WORDS), random.choice(_WORDS)
        lines += [
            f"{keyword} {name}({one}, {two}) {{\n",
            f"  // {sentence(random)}\n",
            f"  {random.choice(('let', 'var', 'int', 'const'))} {one[0]} = {two} + 1{end}\n",
            f"  if ({one} < {random.randrange(99)}) {{ return {two}{end} }}\n",
            f"  return {_name(random)}({one}){end}\n",
            "}\n",
            "\n",
        ]
    return lines[:most]


def sentence(random: Random) -> str:
    """Return a few random words, English or Chinese."""
    if random.random() < 0.25:
        return "".join(random.choice(_CHINESE) for _ in range(random.randrange(2, 8)))
    words = [random.choice(random.choice((_WORDS, _VERBS))) for _ in range(random.randrange(2, 9))]
    return " ".join([random.choice(("the", "a", "each", "")), *words]).strip().capitalize()


def gibberish(random: Random) -> str:
    """Return random characters."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 _-.,;:!?(){}[]<>=+*/%&|'\"\n你我他是的在"
    return "".join(random.choice(alphabet) for _ in range(random.randrange(3, 60)))


def _python_function(random: Random) -> list[str]:
    names = random.sample(_WORDS, 3)
    one, two, three = names
    if random.random() < 0.5:
        kinds = [random.choice(_TYPES) for _ in range(3)]
        head = f"def {_name(random)}({one}: {kinds[0]}, {two}: {kinds[1]}) -> {kinds[2]}:\n"
    else:
        head = f"def {_name(random)}({one}, {two}):\n"
    body = [
        f'"""{sentence(random)}."""\n',
        f"# {sentence(random)}\n",
        f"{three} = {one} {random.choice('+-*/%')} {two}\n",
        f"{three} = {_name(random)}({two}, {random.randrange(100)})\n",
        f"if {one} {random.choice(('<', '>', '==', '!=', 'in', 'is not'))} {two}:\n",
        f"    return {random.choice((three, one, 'None', '0', '-1'))}\n",
        f"for {three} in {two}:\n",
        f"    {one}.{random.choice(_VERBS)}({three})\n",
        f"while {two}:\n",
        f"    {one}, {two} = {two}, {one}\n",
        f"return {random.choice(names)}\n",
        f"return {_name(random)}({one}, {two})\n",
        f"raise ValueError({one})\n",
    ]
    kept = [line for line in body if random.random() < 0.4] or ["pass\n"]
    return [head, *("    " + line for line in kept), "\n", "\n"]


def _name(random: Random) -> str:
    verb, noun = random.choice(_VERBS), random.choice(_WORDS)
    return random.choice((verb, noun, f"{verb}_{noun}", f"{verb}{noun.title()}"))


def _shaken(random: Random, lines: Sequence[str]) -> list[str]:
    """Return ``lines`` with one dropped or a new one put in between."""
    where = random.randrange(len(lines) + 1)
    new = f"# {sentence(random)}\n" if random.random() < 0.6 else "\n"
    rest = lines[where + (random.random() < 0.5) :]
    return [*lines[:where], new, *rest]


@cache
def _library(module: str) -> tuple[str, ...]:
    """Return the source lines of a module of Python's own library."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(module)
    text = Path(spec.origin).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines(keepends=True) if len(line) < 110)
