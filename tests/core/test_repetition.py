from __future__ import annotations

import base64
import pickle
import sysconfig
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.repetition import Loop, LoopDetector
from strategies import pieces_of, streams, texts

either = pytest.mark.parametrize("thought", [True, False], ids=["thought", "answer"])

_RANDOM: Final = Random(1)  # noqa: S311 (texts need no secret randomness)
# What may be said between a loop's second period and its being noticed: some 400 tokens.
_BYTES: Final = 1700
_INTRODUCTION: Final = "Okay, so the user wants a function that adds two numbers. "


def loop_in(text: str, known: str = "", *, thought: bool) -> Loop | None:
    return LoopDetector(known, thought=thought).feed(text)


def noticed_at(text: str, known: str = "", *, thought: bool) -> int | None:
    detector = LoopDetector(known, thought=thought)
    return next((end for end, piece in enumerate(text, 1) if detector.feed(piece)), None)


# Laws

_units = st.sampled_from(
    ["0", "the ", "a, b, ", "等等，", "Wait 1. ", "\n", "(0, 0),\n", "x = 1\n"]
)
_loops = st.lists(
    st.tuples(st.one_of(_units, st.text(max_size=40)), st.integers(0, 200)), max_size=6
).map(lambda parts: "".join(unit * times for unit, times in parts))


@given(streams(st.one_of(_loops, texts)), st.sampled_from(["", "0, 0, 0, 0"]), st.booleans())
def test_the_verdict_does_not_depend_on_how_the_stream_is_cut(
    stream: tuple[str, list[str]], known: str, thought: bool
) -> None:
    whole, pieces = stream
    detector = LoopDetector(known, thought=thought)
    verdicts = [detector.feed(piece) for piece in pieces]
    assert (verdicts or [None])[-1] == loop_in(whole, known, thought=thought)


@given(st.data(), st.booleans())
def test_a_loop_is_the_same_however_the_stream_is_cut(data: st.DataObject, thought: bool) -> None:
    unit = data.draw(st.text(min_size=1, max_size=30))
    whole = _INTRODUCTION + unit * (20_000 // len(unit.encode("utf-8", "surrogatepass")))
    loop = loop_in(whole, thought=thought)
    assert loop is not None
    detector = LoopDetector(thought=thought)
    assert [detector.feed(piece) for piece in data.draw(pieces_of(whole))][-1] == loop


@given(_loops, _loops, st.booleans())
def test_a_loop_once_noticed_stays_the_same(text: str, more: str, thought: bool) -> None:
    detector = LoopDetector(thought=thought)
    loop = detector.feed(text)
    later = detector.feed(more)
    assert loop in {None, later}


@given(st.text(min_size=1, max_size=200), st.booleans())
def test_any_period_becomes_a_loop_at_last(unit: str, thought: bool) -> None:
    text = unit * (20_000 // len(unit) + 1)
    loop = loop_in(text, thought=thought)
    assert loop is not None
    assert loop.start <= 2 * len(unit)
    assert text.startswith(text[loop.start : loop.start + 40], loop.start - loop.period)


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=300), st.text())
def test_nothing_shorter_than_a_few_hundred_characters_is_a_loop(text: str, known: str) -> None:
    assert loop_in(text[:300], known, thought=True) is None


# What must be noticed

_PARAGRAPH: Final = (
    "Wait, but maybe the function should return the list. Then the caller would have to check"
    " the length. But that is not what was asked.\n\n"
)
_LONG: Final = "".join(
    f"The {word} is something that the user may want to have checked, so let me look at it. "
    for word in ("length", "type", "name", "order", "index", "list", "key", "value", "file")
)
_EXACT: Final = {
    "digits": "0",
    "thirds": "3",
    "a word": "the ",
    "a syllable": "ha",
    "dots": ". ",
    "blank lines": "\n",
    "a line": "    return None\n",
    "a short statement": "x = x + 1\n",
    "a function": "def f(x):\n    if x:\n        return f(x - 1)\n    return 0\n\n",
    "a line of sixty-four": f"# {'=' * 50} the end\n",
    "a paragraph": _PARAGRAPH,
    "a long paragraph": _LONG,
    "a list item": "- check the input\n",
    "a special token's text": "<|im_end|>",
    "an emoji": "😀",
    "a Chinese character": "的",
    "a Chinese sentence": "等等，也许用户想要的是另外一种实现。那么我需要重新考虑这个问题。",
    "a Chinese line": "让我再检查一遍代码\n",
    "Chinese and English": "等等, maybe 我应该 return 一个 list。",
}


@either
@pytest.mark.parametrize("name", _EXACT)
def test_a_loop_is_noticed_soon_and_where_it_began(name: str, thought: bool) -> None:
    unit = _EXACT[name]
    size = len(unit.encode())
    text = _INTRODUCTION + unit * (3 + _BYTES // size)
    end = noticed_at(text, thought=thought)
    assert end is not None
    assert len(text[:end].encode()) < len(_INTRODUCTION) + 2 * size + _BYTES
    loop = loop_in(text, thought=thought)
    assert loop is not None
    assert loop.start - loop.period <= len(_INTRODUCTION)
    assert loop.start >= len(_INTRODUCTION)
    assert loop.period % len(unit) == 0 or unit == "ha"


_VARIED: Final[dict[str, Callable[[int], str]]] = {
    "a counter": lambda n: f"Step {n}: check whether the number is even and add it to the sum. ",
    "a counter without an end": lambda n: f"then I go to step {n} and look at it again and ",
    "a counter in Chinese": lambda n: f"等等，第{n}步也许是错的。让我再检查一遍。",
    "a shuffle": lambda _: _RANDOM.choice(
        ["Wait, no. ", "Hmm. ", "But maybe it is a list. ", "Then again, perhaps not. "]
    ),
    "a shuffle in Chinese": lambda _: _RANDOM.choice(
        ["等等，不对。", "嗯。", "也许这是一个列表。", "让我再想一想。", "但是用户要的是函数。\n"]
    ),
    "a new word now and then": lambda n: (
        f"Wait, maybe I should {['sort', 'copy', 'join'][n % 3] if n % 4 == 0 else 'read'} it.\n\n"
    ),
}


@either
@pytest.mark.parametrize("name", _VARIED)
def test_a_loop_with_small_variations_is_noticed_soon(name: str, thought: bool) -> None:
    text = _INTRODUCTION + "".join(map(_VARIED[name], range(1, 200)))
    end = noticed_at(text, thought=thought)
    assert end is not None
    assert len(text[:end].encode()) < len(_INTRODUCTION) + 2 * 120 + _BYTES
    loop = loop_in(text, thought=thought)
    assert loop is not None
    assert len(_INTRODUCTION) < loop.start < end
    assert 0 < loop.period < end


def test_a_counter_in_a_thoughts_quoted_calls_is_noticed() -> None:
    text = "".join(
        f"Wait, but maybe the index {n} is wrong. Then f({n}) would fail. Let me check.\n\n"
        for n in range(1, 60)
    )
    end = noticed_at(text, thought=True)
    assert end is not None
    assert end < 2 * 90 + _BYTES


# What is no loop


_FUNCTION: Final = (
    "def merge(left, right):\n    result = []\n    while left and right:\n"
    "        if left[0] <= right[0]:\n            result.append(left.pop(0))\n"
    "        else:\n            result.append(right.pop(0))\n"
    "    return result + left + right\n"
)
_WORDS: Final = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho"),
)
_GETTERS: Final = "".join(
    f"    /**\n     * Returns the value of this property.\n     */\n"
    f"    public String get{name.title()}() {{\n        return {name};\n    }}\n\n"
    for name in [*_WORDS, *(f"{word}Name" for word in _WORDS)]
)
_LEGITIMATE: Final = {
    "zeros": f"ZEROS = [{', '.join(['0'] * 2000)}]\n",
    "zeros in lines": "int zeros[] = {\n" + f"    {'0, ' * 12}\n" * 170 + "};\n",
    "bytes": "unsigned char data[2000] = {\n" + f"    {'0x00, ' * 8}\n" * 220 + "};\n",
    "a string of zeros": 'BITS = "' + "0" * 2000 + '"\n',
    "a string of escapes": "EMPTY = b'" + r"\x00" * 1000 + "'\n",
    "numbers": f"TABLE = [{', '.join(str(_RANDOM.randrange(1000)) for _ in range(3000))}]\n",
    "names": "static const int table[] = {\n"
    + "    BT_NONXML, BT_NONXML, BT_NONXML,\n" * 120
    + "};\n",
    "equal tuples": "TREE = [\n" + "    (None, 0, ''),\n" * 300 + "]\n",
    "equal objects": "const rows = [\n" + '  { name: "", value: 0 },\n' * 60 + "];\n",
    "a matrix": "0 0 0 0 0 0 0 0 0 0\n" * 100,
    "a CSV": "".join(f"2024-01-{n % 28 + 1:02},{n},0,0,0\n" for n in range(500)),
    "a CSV of zeros": "0,0,0,0,0\n" * 300,
    "a drawing": "+----------------+\n" + "|                |\n" * 60 + "+----------------+\n",
    "a chequered board": ("# " * 20 + "\n" + " #" * 20 + "\n") * 30,
    "an empty table": "|  |  |  |\n| --- | --- | --- |\n" + "|  |  |  |\n" * 100,
    "rows of markup": "<table>\n" + "<tr><td></td><td></td></tr>\n" * 60 + "</table>\n",
    "rules": "".join(f"{'-' * 100}\n-- {word}\n{'-' * 100}\n" for word in _WORDS),
    "a wide rule": "-" * 400 + "\n",
    "getters": _GETTERS,
    "a switch": "switch (c) {\n"
    + "".join(f"    case {n}:\n        return {n * n};\n" for n in range(300))
    + "}\n",
    "enumerated constants": "".join(f"FLAG_{n} = {n}\n" for n in range(500)),
    "imports": "".join(f"from package.{a} import {b}\n" for a in _WORDS for b in _WORDS),
    "test cases": "@pytest.mark.parametrize(('a', 'b'), [\n"
    + "".join(f"    ({n}, {n + 1}),\n" for n in range(400))
    + "])\n",
    "assertions": "".join(f"    self.assertEqual(f({n}), {n * 2})\n" for n in range(300)),
    "numbered items": "".join(f"{n}. Item {n}\n" for n in range(1, 400)),
    "calls": "".join(f"add({n}, 'row {n}');\n" for n in range(200)),
    "base64": base64.encodebytes(_RANDOM.randbytes(6000)).decode(),
    "code quoted again and again": "".join(
        f"Let me look at it with {word} in mind.\n```python\n{_FUNCTION}```\nSo with {word} we"
        f" find that it runs {len(word)} times, and {word} stays as it is.\n\n"
        for word in _WORDS
    ),
}


@either
@pytest.mark.parametrize("name", _LEGITIMATE)
def test_what_may_repeat_itself_is_no_loop(name: str, thought: bool) -> None:
    assert loop_in(_LEGITIMATE[name], thought=thought) is None


_STDLIB: Final = Path(sysconfig.get_path("stdlib"))
_NAMED: Final = ("this.py", "html/entities.py", "stringprep.py", "opcode.py", "keyword.py")


def _sources() -> list[Path]:
    modules = sorted(_STDLIB.glob("*.py"))
    encodings = sorted((_STDLIB / "encodings").glob("*.py"))
    named = [_STDLIB / name for name in _NAMED]
    return [*named, *encodings[::2], *modules[::2]]


@either
def test_no_source_of_the_standard_library_is_a_loop(thought: bool) -> None:
    sources = _sources()
    assert len(sources) > 100
    for path in sources:
        text = path.read_text("utf-8", errors="replace")
        assert (path.name, loop_in(text, thought=thought)) == (path.name, None)


# What the document repeats


@either
def test_what_stands_in_the_document_may_be_repeated_as_long(thought: bool) -> None:
    known = "start\n" + "    nop();\n" * 400 + "end\n"
    assert loop_in(known, thought=thought)
    assert loop_in(known, known, thought=thought) is None
    assert loop_in("\t" + known.replace("    ", "\t\t"), known, thought=thought) is None
    longer = "start\n" + "    nop();\n" * 1000
    assert loop_in(longer, known, thought=thought)


@either
def test_sentences_that_the_document_repeats_are_no_sign(thought: bool) -> None:
    said = ["Wait for the light. ", "Go on to the door. ", "Look around the corner. "]
    known = "".join(_RANDOM.choice(said) for _ in range(200))
    assert loop_in(known, thought=thought)
    assert loop_in(known, known, thought=thought) is None


@either
def test_a_document_about_something_else_changes_nothing(thought: bool) -> None:
    text = _PARAGRAPH * 20
    assert loop_in(text, _FUNCTION * 20, thought=thought) == loop_in(text, thought=thought)


# What is cut


def test_what_stands_before_the_loops_start_holds_the_period_once() -> None:
    head = "def f():\n    return 1\n\n\n"
    unit = "def g():\n    return f() + 1\n\n\n"
    loop = loop_in(head + unit * 100, thought=False)
    assert loop is not None
    assert loop.period == len(unit)
    assert (head + unit * 100)[: loop.start].count("def g") == 1


def test_a_stream_of_any_length_keeps_little() -> None:
    detector = LoopDetector(thought=True)
    for number in islice(count(), 20_000):
        assert detector.feed(f"{number * number} squares, {number:x}\n") is None
    assert len(pickle.dumps(detector)) < 100_000
