from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.settings.locate import locate

# Documents, written by hand as people write them

bare = st.text("abcxyz019_-", min_size=1, max_size=4)
quoted = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=4)
basic = quoted.map(lambda text: json.dumps(text, ensure_ascii=False))
literal = quoted.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'")
written_keys = st.one_of(bare, basic, literal)
strings = st.sampled_from(
    [
        '"x"',
        '"# ] } = \\" \\\\"',
        "'# [ { \"'",
        '"""\n[no]\nx = 1\n"""',
        '"""a""""',
        '"""\\"""\nb = 2"""',
        "'''\nc = 'd'\n'''",
        "''''q''''",
        '""',
        "''",
    ]
)
scalars = st.sampled_from(
    ["1", "-0x1F", "1e3", "true", "inf", "1979-05-27 07:32:00", "07:32:00.5", "1979-05-27"]
)
gaps = st.sampled_from(["", " ", "\t", "\n", " # ] } ,\n", "\n\n  "])


def arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = st.lists(st.tuples(gaps, values, gaps).map("".join), max_size=3)
    return st.tuples(items, gaps, st.sampled_from(["", ","])).map(
        lambda parts: f"[{','.join(parts[0])}{parts[2] if parts[0] else ''}{parts[1]}]"
    )


def inline_tables(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.dictionaries(written_keys, values, max_size=3)
    return pairs.map(lambda found: "{ " + ", ".join(f"{k} = {v}" for k, v in found.items()) + " }")


values = st.recursive(
    strings | scalars, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=5
)
dotted = st.lists(written_keys, min_size=1, max_size=3)
dots = st.sampled_from([".", " . ", "\t."])
pairs = st.tuples(dotted, dots, st.sampled_from(["=", " = "]), values).map(
    lambda it: it[1].join(it[0]) + it[2] + it[3]
)
headers = st.tuples(dotted, dots, st.sampled_from(["[{}]", "[ {} ]", "[[{}]]", "[[ {} ]]"])).map(
    lambda it: it[2].format(it[1].join(it[0]))
)
lines = st.one_of(pairs, pairs, headers, st.sampled_from(["", "# a = 1", "  # [b]"]))
ends = st.sampled_from(["\n", "\r\n", " # x = 1\n"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Whole documents: a line that TOML does not allow behind the others is left out."""
    text = ""
    for line in draw(st.lists(lines, max_size=8)):
        longer = text + line + draw(ends)
        try:
            tomllib.loads(longer)
        except tomllib.TOMLDecodeError:
            continue
        text = longer
    return text


def paths(value: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Return the paths of all keys."""
    found: set[tuple[str, ...]] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= {(*path, key)} | paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found |= paths(inner, (*path, str(index)))
    return found


def holds_key(line: str, key: str) -> bool:
    """Tell whether the key stands in the line in any of the ways to write one."""
    ways = (key, json.dumps(key, ensure_ascii=False), f"'{key}'")
    return any(way in line for way in ways if way)


@given(documents())
def test_every_key_is_found_in_a_line_that_holds_it(text: str) -> None:
    found = locate(text)
    assert set(found) == paths(tomllib.loads(text))
    for path, line in found.items():
        assert holds_key(text.split("\n")[line - 1], path[-1])


@given(documents(), st.integers(1, 5))
def test_lines_before_a_document_move_all_keys_alike(text: str, count: int) -> None:
    moved = {path: line + count for path, line in locate(text).items()}
    assert locate("# x\n" * count + text) == moved


@given(documents())
def test_a_key_added_at_the_end_stands_in_the_last_line(text: str) -> None:
    longer = f"{text}[new-table]\nkey = 1"
    assert locate(longer)["new-table", "key"] == longer.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ('a = """\nb = 1\n"""\nb = 2', ("b",), 4),
        ("[t]\n# x\nb = 2", ("t", "b"), 3),
        ("[t.u]\nb = 2", ("t",), 1),
        ("\nt.u.b = 2", ("t", "u", "b"), 2),
        ("[\"t\" . 'u']\r\n\r\nb = 2\r\n", ("t", "u", "b"), 3),
        ("a = [\n 1,\n {b = 2},\n]", ("a", "1", "b"), 3),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", "1", "b"), 4),
        ("[[a]]\n[[a.c]]\nb = 1\n[a.d]\nb = 2", ("a", "0", "d", "b"), 5),
        ('"\\u0041" = 1', ("A",), 1),
        ("t = {a = {b = 1}}\nu = 1979-05-27 07:32:00\nv = 1", ("v",), 3),
        ("a.b = 1\na.c = 2", ("a",), 1),
        ("a.b = 1\na.c = 2", ("a", "c"), 2),
    ],
)
def test_keys_are_found_where_people_write_them(
    text: str, path: tuple[str, ...], line: int
) -> None:
    assert locate(text)[path] == line
