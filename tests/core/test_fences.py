from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.fences import (
    Closed,
    Code,
    Event,
    Extraction,
    FenceScanner,
    Opened,
    Prose,
    blocks_of,
    extract,
    fence_for,
    without_special_tokens,
)
from spyhop.core.lines import is_blank, split_lines
from strategies import characters, documents, outputs, pieces_of, streams, texts

# Lines that fences, lists and their likes are made of.
_MARKS = (
    "```",
    "````",
    "~~~",
    "```python",
    "   ```",
    "    ```",
    "~~~ sh",
    "` ` `",
    "x```",
    "：```go",
)
_PROSE = ("Here is the code:", "代码如下。", "", "1. Use it:", "- so", "That is all!")
_CODE = ("x = 1", "    return x", "", "\tx", "# 注释", "```", "~~~", "```sh", "“é中𝄞”", "</think>")
_MARKDOWN = ("markdown", "md")

answers = st.lists(
    st.tuples(
        st.one_of(st.sampled_from((*_MARKS, *_PROSE, *_CODE)), st.text(characters, max_size=5)),
        st.sampled_from(("\n", "\n", "\r\n", "\r")),
    ).map("".join),
    max_size=12,
).map("".join)

code_lines = st.lists(
    st.one_of(st.sampled_from(_CODE), st.text(characters, max_size=8)), min_size=1
).filter(lambda lines: any(not is_blank(line) for line in lines))

prose = st.lists(st.sampled_from(_PROSE), max_size=3)


def _scan(pieces: list[str]) -> list[Event]:
    scanner = FenceScanner()
    return [*(event for piece in pieces for event in scanner.feed(piece)), *scanner.finish()]


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@given(streams(answers))
def test_events_are_the_same_however_the_answer_is_cut(stream: tuple[str, list[str]]) -> None:
    answer, pieces = stream
    assert _scan(pieces) == _scan([answer])


@given(answers)
def test_every_line_is_one_event_and_none_is_lost(answer: str) -> None:
    lines = split_lines(answer)
    events = _scan([answer])
    assert len(events) == len(lines)
    for line, event in zip(lines, events, strict=True):
        match event:
            case Prose(text):
                assert text == line
            case Code(text):
                assert line.removesuffix(text).strip(" ") == ""
            case Opened(info, fence):
                assert fence + info in line.replace(" ", "") or f"{fence} {info}" in line
            case Closed():
                assert set(line.strip()) <= set("`~")


@given(st.data(), code_lines, prose, prose, st.sampled_from(["", "python", "c++"]))
def test_fenced_code_comes_back_exactly(
    data: st.DataObject, code: list[str], before: list[str], after: list[str], info: str
) -> None:
    written = _text(code)
    longer = data.draw(st.integers(0, 2))
    fence = fence_for(written) + "`" * longer
    answer = f"{_text(before)}{fence}{info}\n{written}{fence}\n{_text(after)}"
    found = extract("".join(data.draw(pieces_of(answer))), languages=["python"])
    assert found == Extraction(tuple(split_lines(written)), "fenced", 1)


@given(code_lines, prose, prose)
def test_fenced_code_comes_back_exactly_where_the_original_has_fences(
    code: list[str], before: list[str], after: list[str]
) -> None:
    written = _text(code)
    fence = fence_for(written)
    answer = f"{_text(before)}{fence}markdown\n{written}{fence}\n\n{_text(after)}"
    found = extract(answer, original=["```\n", "old\n", "```\n", "end\n"], languages=_MARKDOWN)
    assert found == Extraction(tuple(split_lines(written)), "fenced", 1)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["Text.\n", "\n"]),
            st.sampled_from(["```\nrun\n```\n", "```sh\nrun\n\nmore\n```\n"]),
        ),
        min_size=1,
    ).map("".join),
    prose,
)
def test_markdown_keeps_its_own_blocks_inside_a_fence_of_the_same_length(
    content: str, after: list[str]
) -> None:
    content = f"# Title\n\n{content}The end.\n"
    answer = f"Here:\n\n```markdown\n{content}```\n\n{_text(after)}"
    found = extract(answer, languages=_MARKDOWN)
    assert found is not None
    assert "".join(found.lines) == content


@given(st.one_of(answers, texts, outputs), documents)
def test_any_answer_gives_lines_of_its_own_or_none(answer: str, original: list[str]) -> None:
    for languages in ((), _MARKDOWN):
        found = extract(answer, original=original, languages=languages)
        if found is not None:
            assert any(not is_blank(line) for line in found.lines)
            known = {line.strip() for line in [*split_lines(answer), *original]}
            for line in found.lines:
                text = line.strip()
                assert (
                    text in known
                    or any(one.endswith(text) for one in known)
                    or any(one.startswith(text) for one in known)
                )


@given(texts)
def test_fence_for_a_text_is_longer_than_any_in_it(text: str) -> None:
    fence = fence_for(text)
    assert len(fence) >= len("```")
    assert fence not in text


@given(st.text(characters))
def test_text_without_special_tokens_only_loses_white_space_at_its_end(text: str) -> None:
    assert without_special_tokens(text).rstrip() == text.rstrip()


def test_a_nested_block_is_closed_by_its_own_fence() -> None:
    blocks = blocks_of("```python\n'''\n```sh\nrun\n```\n'''\n```\n")
    assert [block.lines for block in blocks] == [["'''\n", "```sh\n", "run\n", "```\n", "'''\n"]]
    assert blocks[0].closed


def test_a_close_indented_by_four_is_code() -> None:
    assert _scan(["```\n    ```\n   ```\n"]) == [Opened(""), Code("    ```\n"), Closed()]


def test_an_opening_indented_by_four_is_one_only_in_a_list() -> None:
    assert _scan(["x\n    ```\n"]) == [Prose("x\n"), Prose("    ```\n")]
    assert _scan(["1.  x\n\n    ```\n"])[-1] == Opened("")
    assert _scan(["1.  x\n\ny\n    ```\n"])[-1] == Prose("    ```\n")


def test_a_shorter_fence_and_one_of_the_other_kind_close_nothing() -> None:
    events = _scan(["````\n```\n~~~~\n````\n"])
    assert events == [Opened("", "````"), Code("```\n"), Code("~~~~\n"), Closed()]


def test_backticks_in_an_info_string_open_nothing() -> None:
    assert _scan(["```a`b\n"]) == [Prose("```a`b\n")]


def test_a_block_in_the_documents_language_is_taken_before_a_longer_one() -> None:
    answer = "```sh\na\nb\nc\n```\n\n```js\nd\n```\n"
    assert extract(answer, languages=["javascript", "js"]) == Extraction(("d\n",), "fenced", 2)


def test_a_block_that_repeats_the_original_gives_way() -> None:
    answer = "```\na\nb\n```\n\n```\nc\n```\n"
    assert extract(answer, original=["  a\r\n", "  b\r\n"]) == Extraction(("c\n",), "fenced", 2)


def test_an_original_without_a_block_of_its_own_takes_no_fences() -> None:
    answer = "```sh\nrun\n```\n"
    assert extract(answer, original=["run\n"], languages=_MARKDOWN) == Extraction(
        ("run\n",), "fenced", 1
    )


def test_special_tokens_stay_inside_code() -> None:
    answer = '```python\nEND = "<｜end▁of▁sentence｜>"\nx\n```'
    assert without_special_tokens(answer + "<｜end▁of▁sentence｜>\n<｜User｜>more") == answer
    assert without_special_tokens(answer) == answer


def test_keywords_in_a_line_of_words_are_no_prose() -> None:
    answer = "if a is None and b is not None and c not in d:\n    return e(a)\n"
    assert extract(answer) == Extraction(tuple(split_lines(answer)), "unfenced", 0)
