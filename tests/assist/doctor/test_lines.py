"""Checks in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyhop.assist.doctor.checks import NAMES, STATES, Check, Name, State, Subject, title
from spyhop.assist.doctor.lines import SIGNS, Line, Lines, heading, system, word
from spyhop.messages import LANGUAGES, Language, Notice

EARLIER = Notice.of("doctor-skipped")
QUICK = Notice.of("doctor-left-out")
OK = Notice.of("doctor-settings-none")


def lines_of(checks: list[Check], language: Language = "en") -> list[Line]:
    lines = Lines(language)
    return [*(it for check in checks for it in lines.take(check)), *lines.finish()]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES), st.sampled_from(STATES), st.sampled_from([EARLIER, QUICK])
        )
    )
)
def test_each_check_is_in_one_line_and_in_order(
    found: list[tuple[Name, State, Notice]],
) -> None:
    checks = [Check(name, state, why) for name, state, why in found]
    lines = lines_of(checks)
    runs = [
        checks[at]
        for at in range(len(checks))
        if not (
            at
            and checks[at].state == checks[at - 1].state == "skipped"
            and checks[at].message == checks[at - 1].message
        )
    ]
    assert [line.state for line in lines] == [check.state for check in runs]


def test_what_was_skipped_for_one_reason_is_one_line() -> None:
    checks = [
        Check("model", "ok", OK),
        Check("answer", "skipped", QUICK),
        Check("prefill", "skipped", QUICK),
        Check("cache", "skipped", EARLIER),
    ]
    _, quick, earlier = lines_of(checks)
    assert quick.text.startswith("Answer, prefill: left out by --quick")
    assert earlier.text.startswith("Prompt cache: not checked")
    assert lines_of(checks, "zh-cn")[1].text.startswith("回答、续写：")


def test_foreign_words_keep_to_their_line() -> None:
    message = Notice.of("doctor-no-ollama", url="x", why="a\nb\r\n\tc")
    (line,) = lines_of([Check("reachable", "failed", message, OK)])
    assert "(a␊b␍␊ c)" in line.text
    assert line.mend == OK.say("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_sign_and_a_word_of_its_own(language: Language) -> None:
    assert len({SIGNS[state] for state in STATES}) == len(STATES)
    assert len({word(state, language) for state in STATES}) == len(STATES)
    assert len({title(name, language) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (None, "Settings"),
        (
            Subject("default", "ollama", "http://x", ("edit", "chat"), ()),
            "Ollama, http://x (for edit, chat)",
        ),
        (
            Subject("gpu", "openai", "http://x", ("edit",), ("chat",)),
            "gpu: OpenAI API, http://x (for edit; fallback for chat)",
        ),
        (
            Subject("default", "embedded", "~/r1.gguf", (), ("chat",)),
            "llama.cpp, ~/r1.gguf (fallback for chat)",
        ),
    ],
)
def test_a_heading_says_what_it_is_and_who_asks_it(subject: Subject | None, said: str) -> None:
    assert heading(subject, "en") == said


def test_the_system_is_named() -> None:
    assert system("en").startswith("Spyhop ")
    assert "Python" in system("zh-cn")
