from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.core.stream import Text, Thought, merge
from spyhop.core.thinking import Event, Reclassified, Start, ThoughtSplitter, Unclosed
from strategies import outputs, streams

OPENED: Final = Start.OPENED
CLOSED: Final = Start.CLOSED
UNKNOWN: Final = Start.UNKNOWN

# What may be missing from the events: tags, and white space that stands next to one.
_DROPPED: Final = r"(?:\s|<think(?:ing)?>|<\s{0,2}/\s{0,2}think(?:ing)?\s{0,2}>)*"

starts = st.sampled_from(Start)


def split(start: Start, *pieces: str) -> list[Event]:
    """All events of an output that comes in these pieces, unmerged."""
    splitter = ThoughtSplitter(start)
    events = [event for piece in pieces for event in splitter.feed(piece)]
    return events + splitter.finish()


def of(start: Start, output: str) -> list[Event]:
    """The events of an output; cut anyhow it must have the same."""
    whole = merge(split(start, output))
    assert merge(split(start, *output)) == whole
    return whole


def text_of(events: Sequence[Event]) -> str:
    """What reaches a document: the text behind the last `Reclassified`."""
    places = [place for place, event in enumerate(events) if isinstance(event, Reclassified)]
    behind = events[places[-1] + 1 :] if places else events
    return "".join(event.text for event in behind if isinstance(event, Text))


# Laws


@given(streams(outputs), starts)
def test_however_an_output_is_cut_its_events_merge_to_the_same(
    stream: tuple[str, list[str]], start: Start
) -> None:
    output, pieces = stream
    assert merge(split(start, *pieces)) == merge(split(start, output))


@given(outputs, starts)
def test_nothing_is_lost_but_tags_and_white_space_beside_them(output: str, start: Start) -> None:
    kept = [event.text for event in split(start, output) if isinstance(event, Thought | Text)]
    pattern = _DROPPED.join(["", *map(re.escape, kept), ""])
    assert re.fullmatch(pattern, output, re.IGNORECASE)


@given(st.text().filter(lambda text: "<" not in text), st.sampled_from((CLOSED, UNKNOWN)))
def test_an_output_without_tags_is_the_answer_to_the_letter(output: str, start: Start) -> None:
    assert of(start, output) == ([Text(output)] if output else [])


@given(st.one_of(outputs, st.text()))
def test_in_an_answer_that_has_begun_nothing_is_a_tag(output: str) -> None:
    assert of(Start.BEGUN, output) == ([Text(output)] if output else [])


@given(outputs)
def test_an_opened_thought_lets_no_text_out_before_a_close(output: str) -> None:
    events = split(OPENED, output)
    text = next((n for n, event in enumerate(events) if isinstance(event, Text)), None)
    if text is None:
        return
    thought = "".join(event.text for event in events[:text] if isinstance(event, Thought))
    answer = "".join(event.text for event in events[text:] if isinstance(event, Text))
    before = output[: len(output) - len(answer)]
    assert output.endswith(answer)
    assert re.search(r"<\s{0,2}/\s{0,2}think(ing)?\s{0,2}>", before, re.IGNORECASE)
    assert len(thought) < len(before)


@given(outputs, st.sampled_from((OPENED, CLOSED)))
def test_once_the_answer_has_begun_nothing_is_stripped(output: str, start: Start) -> None:
    events = merge(split(start, output))
    answers = [event for event in events if isinstance(event, Text)]
    assert len(answers) <= 1
    if answers:
        assert events[-1] == answers[0]
        assert output.endswith(answers[0].text)


@given(outputs, outputs, st.sampled_from((OPENED, CLOSED)))
def test_whatever_follows_a_visible_answer_is_answer(output: str, more: str, start: Start) -> None:
    begun = f"{output}\n</think>\nx"
    assert text_of(split(start, begun + more)) == text_of(split(start, begun)) + more


@given(outputs, starts)
def test_unclosed_is_told_once_and_last_and_leaves_no_text(output: str, start: Start) -> None:
    events = split(start, output)
    if Unclosed() in events:
        assert events.index(Unclosed()) == len(events) - 1
        assert text_of(events) == ""


@given(outputs, starts)
def test_an_unclosed_thought_is_one_that_a_close_would_end(output: str, start: Start) -> None:
    line = output + "\n"
    if Unclosed() in split(start, line):
        assert text_of(split(start, f"{line}</think>\nx")) == "x"


@given(outputs, st.sampled_from((OPENED, CLOSED)))
def test_an_output_is_not_unclosed_when_a_close_would_be_text(output: str, start: Start) -> None:
    line = output + "\n"
    answer = text_of(split(start, f"{line}</think>\nx"))
    if answer != "x":
        assert Unclosed() not in split(start, line)
        assert answer == text_of(split(start, line)) + "</think>\nx"


@given(outputs)
def test_from_an_unknown_start_at_most_one_close_reclassifies(output: str) -> None:
    assert split(UNKNOWN, output).count(Reclassified()) <= 1


@given(outputs.filter(lambda output: "think>" not in output.lower()), outputs)
def test_a_lone_late_close_turns_all_before_it_into_thought(before: str, after: str) -> None:
    visible = f"x{before}\n"
    events = split(UNKNOWN, f"{visible}</think>\n\ny{after}")
    place = events.index(Reclassified())
    assert "".join(event.text for event in events[:place] if isinstance(event, Text)) == visible
    assert text_of(events) == f"y{after}"


@given(outputs, starts)
def test_a_finished_splitter_has_nothing_left(output: str, start: Start) -> None:
    splitter = ThoughtSplitter(start)
    splitter.feed(output)
    splitter.finish()
    assert [event for event in splitter.finish() if event != Unclosed()] == []


# Where the thought begins


def test_a_thought_opened_by_the_template_has_no_opening_tag() -> None:
    assert of(OPENED, "\nLet me see.\n</think>\n\nDone.") == [
        Thought("\nLet me see.\n"),
        Text("Done."),
    ]


def test_a_thought_opened_by_the_template_may_open_once_more() -> None:
    assert of(OPENED, "<think>\nHm.\n</think>\n\nDone.") == [Thought("\nHm.\n"), Text("Done.")]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_the_model_opens_its_thought_itself(start: Start) -> None:
    assert of(start, "<think>\nHm.\n</think>\n\nDone.") == [Thought("\nHm.\n"), Text("Done.")]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_white_space_before_the_opening_tag_is_no_answer(start: Start) -> None:
    assert of(start, "\n \n<think>Hm.</think>Done.") == [Thought("Hm."), Text("Done.")]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_a_tag_written_twice_belongs_to_the_wrapping(start: Start) -> None:
    assert of(start, "<think>\n</think>\n<think>\nHm.\n</think>\n</think>\nDone.") == [
        Thought("\n\nHm.\n"),
        Text("Done."),
    ]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_an_opening_tag_inside_the_thought_is_thought(start: Start) -> None:
    assert of(start, "<think>\n<think>\nHm.\n</think>\nDone.") == [
        Thought("\n<think>\nHm.\n"),
        Text("Done."),
    ]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_an_empty_thought_is_none(start: Start) -> None:
    assert of(start, "<think></think>Done.") == [Text("Done.")]


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
def test_a_leading_close_is_stripped(start: Start) -> None:
    assert of(start, "</think>\n\nDone.") == [Text("Done.")]


@pytest.mark.parametrize("start", [CLOSED, UNKNOWN])
def test_an_answer_without_any_thought_is_kept_to_the_letter(start: Start) -> None:
    assert of(start, "\n\n    return a\n") == [Text("\n\n    return a\n")]


# Where the thought ends


@pytest.mark.parametrize(
    "close",
    ["</think>", "</thinking>", "< /think >", "</ think>", "</THINK>", "<  /  thinking  >"],
)
def test_a_thought_ends_at_every_spelling_of_the_close(close: str) -> None:
    assert of(OPENED, f"Hm.\n{close}\nDone.") == [Thought("Hm.\n"), Text("Done.")]


@pytest.mark.parametrize(
    "other", ["<think>", "</thinks>", "</thin>", "<//think>", "think>", "<   /think>", "</ thi nk>"]
)
def test_a_thought_does_not_end_at_anything_else(other: str) -> None:
    assert of(OPENED, f"Hm.\n{other}\nno") == ([Thought(f"Hm.\n{other}\nno"), Unclosed()])


@pytest.mark.parametrize(
    "quoted",
    [
        "the tag `</think>` ends it",
        "the tag `code </think> code` ends it",
        'print("</think>")',
        "print('</think>')",
        "split('a</think>b')",
        "“</think>”",
        "‘</think>’",
        "“a” and “</think>”",
        "标签「</think>」在这里",
        "标签『</think>』在这里",
        'say "don\'t </think>" now',
        "`a` and `</think>` and `b`",
        "标签'</think>'在这里",
        f"`{'long ' * 60}</think>`",
        f"`a`{' long' * 39} `b` and `</think>`",
        f"‘{'长' * 300}</think>’",
        f"'{'long ' * 60}</think>'",
    ],
)
def test_a_close_in_quotes_is_thought(quoted: str) -> None:
    assert of(OPENED, f"Hm: {quoted}.\n</think>\nDone.") == [
        Thought(f"Hm: {quoted}.\n"),
        Text("Done."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "I don't</think> it's",
        "I don't</think> the dogs' food",
        "“a” and “b” c</think> “d”",
        "the users' list</think> isn't",
        "don’t</think> it’s",
        "a `b` c</think> `d`",
        'a "b" c</think> "d"',
        "“a” b</think> “c”",
        "「a」</think>「b」",
        "never closed `</think> Done.",
        'never closed "</think> Done.',
        "never closed “</think> Done.",
        "'tis</think> it's",
        "м'я</think> п'ять",
        f"`a`{' long' * 39}</think> `b`",
    ],
)
def test_a_close_between_quotes_or_behind_a_lone_one_ends_the_thought(line: str) -> None:
    before, _, after = line.partition("</think>")
    assert of(OPENED, line) == [Thought(before), Text(after)]


def test_quotes_reach_no_further_than_their_line() -> None:
    assert of(OPENED, 'say "\n</think>"') == [Thought('say "\n'), Text('"')]
    assert of(OPENED, 'a\nsay "\n</think>"') == [Thought('a\nsay "\n'), Text('"')]
    assert of(OPENED, 'a\rsay "\r</think>"') == [Thought('a\rsay "\r'), Text('"')]
    assert of(OPENED, 'say "</think>\n"') == [Thought('say "'), Text('"')]


def test_a_closing_quote_far_down_the_line_is_not_waited_for() -> None:
    splitter = ThoughtSplitter(OPENED)
    far = "x" * 300
    assert merge(splitter.feed(f'say "</think>{far}')) == [Thought('say "'), Text(far)]
    assert of(OPENED, f'say "</think>{far}"') == [Thought('say "'), Text(f'{far}"')]


def test_a_fence_inside_the_thought_is_thought() -> None:
    thought = "\n```python\nx = 1\n```\n"
    assert of(OPENED, f"{thought}</think>\n```python\nx = 2\n```") == [
        Thought(thought),
        Text("```python\nx = 2\n```"),
    ]


# Between the thought and the answer


def test_blank_lines_after_the_close_go_and_indentation_stays() -> None:
    assert of(OPENED, "Hm.</think>\n \t\r\n\n    return a\n") == [
        Thought("Hm."),
        Text("    return a\n"),
    ]


def test_indentation_on_the_line_of_the_close_stays() -> None:
    assert of(OPENED, "Hm.</think>    return a") == [Thought("Hm."), Text("    return a")]


def test_nothing_but_white_space_after_the_close_is_no_answer() -> None:
    assert of(OPENED, "Hm.</think>\n \n  ") == [Thought("Hm.")]


# The answer


@pytest.mark.parametrize("start", [OPENED, CLOSED, UNKNOWN])
@pytest.mark.parametrize(
    "answer",
    [
        'END = "</think>"\n',
        "x\n</think>\n",
        "x\n<think>\ny\n</think>\nz",
        "x <think>",
        "```html\n<think>\n</think>\n</think>\n```",
    ],
)
def test_tags_in_the_answer_behind_a_thought_are_the_users_own(start: Start, answer: str) -> None:
    assert of(start, f"<think>Hm.</think>\n{answer}") == [Thought("Hm."), Text(answer)]


@pytest.mark.parametrize(
    "answer",
    [
        'END = "</think>"\n',
        "END = '</think>'\n",
        "the tag `</think>` ends it",
        "x\n<think>\ny\n</think>\nz",
        "x <think><think></think></think>",
        "x <think>",
        "x </thinking> < /think > </THINK>",
    ],
)
def test_from_an_unknown_start_quoted_and_balanced_tags_are_the_users_own(answer: str) -> None:
    assert of(UNKNOWN, answer) == [Text(answer)]


def test_from_an_unknown_start_a_late_close_reclassifies() -> None:
    assert of(UNKNOWN, "Okay, so.\n</think>\n\n    return a") == [
        Text("Okay, so.\n"),
        Reclassified(),
        Text("    return a"),
    ]


def test_a_close_behind_a_balanced_pair_reclassifies() -> None:
    events = of(UNKNOWN, "Tags: <think>a</think>\n</think>\nDone.")
    assert events == [Text("Tags: <think>a</think>\n"), Reclassified(), Text("Done.")]


def test_after_a_late_close_tags_are_the_users_own() -> None:
    events = of(UNKNOWN, "Okay.\n</think>\nx\n</think>\n<think>")
    assert events == [Text("Okay.\n"), Reclassified(), Text("x\n</think>\n<think>")]


def test_after_a_late_close_a_thought_may_still_be_opened() -> None:
    events = of(UNKNOWN, "Okay.\n</think>\n<think>Hm.</think>Done.")
    assert events == [Text("Okay.\n"), Reclassified(), Thought("Hm."), Text("Done.")]


# The end


@pytest.mark.parametrize(
    ("start", "output", "events"),
    [
        (OPENED, "", [Unclosed()]),
        (OPENED, " \n", [Unclosed()]),
        (OPENED, "Hm.", [Thought("Hm."), Unclosed()]),
        (OPENED, "Hm. </thi", [Thought("Hm. </thi"), Unclosed()]),
        (OPENED, "Hm. `</think>`", [Thought("Hm. `</think>`"), Unclosed()]),
        (OPENED, "<thi", [Thought("<thi"), Unclosed()]),
        (CLOSED, "<think>Hm.", [Thought("Hm."), Unclosed()]),
        (UNKNOWN, "<think>", [Unclosed()]),
        (UNKNOWN, "<think></think><think>Hm.", [Thought("Hm."), Unclosed()]),
        (UNKNOWN, "x</think><think>Hm.", [Text("x"), Reclassified(), Thought("Hm."), Unclosed()]),
        (OPENED, "</think>", []),
        (CLOSED, "", []),
        (CLOSED, " \n", [Text(" \n")]),
        (UNKNOWN, "<thi", [Text("<thi")]),
        (CLOSED, "</think><thi", [Text("<thi")]),
    ],
)
def test_an_open_thought_at_the_end_is_told(start: Start, output: str, events: list[Event]) -> None:
    assert of(start, output) == events


# What is held back


def test_only_what_may_become_a_tag_is_held_back() -> None:
    splitter = ThoughtSplitter(OPENED)
    assert splitter.feed("a < b </thi") == [Thought("a < b ")]
    assert splitter.feed("s") == []
    assert splitter.feed("> c") == [Thought("</this> c")]


def test_a_long_answer_is_held_back_nowhere() -> None:
    splitter = ThoughtSplitter(CLOSED)
    assert splitter.feed("<div class='wide'>") == [Text("<div class='wide'>")]
    assert splitter.feed("<") == [Text("<")]


@given(st.integers(1, 9), st.sampled_from(("a", "<", "`</think>`", "'</think> '", "a`\n")))
def test_what_is_held_back_stays_small(size: int, pattern: str) -> None:
    splitter = ThoughtSplitter(OPENED)
    output = pattern * 200
    held = 0
    for place in range(0, len(output), size):
        piece = output[place : place + size]
        events = splitter.feed(piece)
        held += len(piece) - sum(len(event.text) for event in events if isinstance(event, Thought))
        assert held <= 200 + len("< / think >") + size
