from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop import resources
from spyhop.core.tokens import estimate_tokens
from spyhop.errors import UsageError
from spyhop.prompting.chat import (
    Said,
    Shown,
    build,
    first_kept,
    fitted,
    room_for_turns,
    wording,
)
from spyhop.prompting.library import load
from spyhop.prompting.r1 import render

TEMPLATE = load(resources.prompts()).get("chat")
ROOM = 600

words = st.text(st.sampled_from("a `\n是"), min_size=1, max_size=400)
shown = st.builds(
    Shown,
    st.sampled_from(("selection", "file", "diagnostics", "diff")),
    st.just("src/a.py"),
    st.sampled_from(("python", "")),
    st.none() | st.integers(0, 9),
    words,
)
said = st.builds(Said, words, st.sampled_from(("", "Simplified Chinese")), st.tuples(shown))
chats = st.lists(st.tuples(said, words), max_size=12)


@given(chats, said)
def test_a_prompt_never_exceeds_its_room_and_keeps_the_last_turns(
    exchanges: list[tuple[Said, str]], message: Said
) -> None:
    message = fitted(TEMPLATE, message, ROOM)
    prompt = build(TEMPLATE, exchanges, message, ROOM)
    assert prompt.tokens <= ROOM
    assert sum(estimate_tokens(turn.text) for turn in prompt.turns) <= prompt.tokens
    kept = exchanges[prompt.left_out :]
    assert [turn.text for turn in prompt.turns] == [
        *itertools.chain(*((wording(TEMPLATE, one), answer) for one, answer in kept)),
        wording(TEMPLATE, message),
    ]


@given(chats.filter(bool))
def test_a_prompt_is_the_beginning_of_the_next_one_unless_turns_are_left_out(
    exchanges: list[tuple[Said, str]],
) -> None:
    fitting = [(fitted(TEMPLATE, one, ROOM), answer) for one, answer in exchanges]
    prompts = [
        build(TEMPLATE, fitting[:number], message, ROOM)
        for number, (message, _) in enumerate(fitting)
    ]
    for earlier, later in itertools.pairwise(prompts):
        assert earlier.left_out <= later.left_out
        if earlier.left_out == later.left_out:
            assert render(later.turns, "").startswith(render(earlier.turns, ""))
        elif later.left_out < len(exchanges) - 1 and len(later.turns) > 1:
            # Where turns are left out, it is half of the room at once.
            assert later.tokens <= ROOM // 2


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100)), min_size=1))
def test_the_first_turn_kept_never_goes_back(costs: list[tuple[int, int]]) -> None:
    kept = [first_kept(costs[:number], 100) for number in range(1, len(costs) + 1)]
    assert kept == sorted(kept)
    for number, first in enumerate(kept):
        assert sum(map(sum, costs[first:number])) + costs[number][0] <= 100


def test_with_turns_of_one_length_they_are_left_out_once_in_many_messages() -> None:
    kept = [first_kept([(10, 10)] * number, 400) for number in range(1, 200)]
    assert len(set(kept)) < 200 // 8


@given(st.lists(shown, max_size=4).map(tuple), st.integers(0, 1200))
def test_what_is_shown_is_cut_to_the_room_at_its_end_and_counted(
    shown: tuple[Shown, ...], room: int
) -> None:
    message = Said("Why?", "", shown)
    try:
        cut = fitted(TEMPLATE, message, room)
    except UsageError:
        # Not even the words and a few lines of each fit.
        assert room < 400
        return
    assert estimate_tokens(wording(TEMPLATE, cut)) <= room
    for one, whole in zip(cut.shown, shown, strict=True):
        assert whole.text.startswith(one.text)
        assert (one.left_out == 0) == (one.text == whole.text)


def test_a_message_that_is_too_long_by_itself_is_refused() -> None:
    for make in (
        lambda message: fitted(TEMPLATE, message, ROOM),
        lambda message: build(TEMPLATE, (), message, ROOM),
    ):
        with pytest.raises(UsageError) as refused:
            make(Said("是" * 2 * ROOM, ""))
        assert refused.value.key == "chat-too-long"


def test_what_is_short_stays_whole_beside_what_is_long() -> None:
    short = Shown("file", "a.py", "python", None, "x = 1\n")
    long = Shown("file", "b.py", "python", None, "y = 22222\n" * 1000)
    cut = fitted(TEMPLATE, Said("Why?", "", (long, short)), ROOM)
    assert cut.shown[1] == short
    assert 0 < cut.shown[0].left_out < 1000
    assert f"({cut.shown[0].left_out} more lines are not shown.)" in wording(TEMPLATE, cut)


def test_a_message_with_everything_attached() -> None:
    message = Said(
        "Why?",
        "Simplified Chinese",
        (
            Shown("selection", "src/a.py", "python", 9, "x = 1\ny = 2\n"),
            Shown("selection", "src/a.py", "python", 1, "```"),
            Shown("file", "b.go", "go", None, "package b\n"),
            Shown("diagnostics", "src/a.py", "python", 9, "line 10: no x\nline 11: no y"),
            Shown("diff", "", "", None, "-a\n+b\n"),
        ),
    )
    assert wording(TEMPLATE, message) == (
        "Lines 10 to 11 of src/a.py:\n```python\nx = 1\ny = 2\n```\n\n"
        "Line 2 of src/a.py:\n````python\n```\n````\n\n"
        "The file b.go:\n```go\npackage b\n```\n\n"
        "These problems are reported in src/a.py:\n- line 10: no x\n- line 11: no y\n\n"
        "The working tree has these changes:\n```diff\n-a\n+b\n```\n\n"
        "Why?\n\n"
        "When you give new code for one of these files, give it in a fenced code block of its own "
        "that begins with the language and the file's path, as in ```python src/a.py\n\n"
        "Answer in Markdown. Write in Simplified Chinese."
    )
    assert wording(TEMPLATE, Said("Why?", "")) == (
        "Why?\n\nAnswer in Markdown. Write in the language of the message."
    )


@pytest.mark.parametrize("context", [1024, 4096, 8192, 131072])
def test_room_is_kept_for_a_thought_and_an_answer(context: int) -> None:
    room = room_for_turns(context)
    assert context // 2 <= room < context
