"""Every case of tests/cases/complete gives the expected ghost text, however the output is cut."""

from __future__ import annotations

import codecs
import random
import re
from collections.abc import Iterator, Sequence
from typing import Final

import pytest

from completioncases import Case, CaseError, load_cases, read_case
from spyhop.core.completion.fitting import GhostText
from spyhop.core.completion.ghost import Ghost
from spyhop.core.special_tokens import Disguise
from spyhop.languages import language_of_path
from spyhop.syntax.caret import place_at

CASES: Final = load_cases()
_REFUSED: Final = [case for case in CASES if case.refused]
_ANSWERED: Final = [case for case in CASES if not case.refused]


def _ghost(case: Case) -> Ghost:
    text = case.prefix + case.suffix
    place = place_at(language_of_path(case.file), text, len(case.prefix), case.trigger)
    assert not place.refusal
    disguise = Disguise.for_texts([text])
    return Ghost(
        place,
        case.prefix,
        case.suffix,
        fence=case.fence,
        prefilled=case.prefilled,
        disguise=disguise,
    )


def _cuts(case: Case) -> Iterator[Sequence[str]]:
    """Yield the output whole, by characters, as its bytes arrive, and cut at random."""
    output = case.output
    yield [output]
    yield list(output)
    decoder = codecs.getincrementaldecoder("utf-8")()
    yield [decoder.decode(bytes([byte])) for byte in output.encode()]
    chance = random.Random(case.name)  # noqa: S311 - the same cuts in every run
    ends = sorted({*chance.choices(range(len(output) + 1), k=len(output) // 5), len(output)})
    yield [output[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _shown(case: Case, pieces: Sequence[str]) -> GhostText | None:
    ghost = _ghost(case)
    for piece in pieces:
        ghost.feed(piece)
    return ghost.finish(case.finish)


@pytest.mark.parametrize("case", _ANSWERED, ids=str)
def test_ghost_text_is_as_expected_however_the_output_is_cut(case: Case) -> None:
    for pieces in _cuts(case):
        assert _shown(case, pieces) == case.expect


@pytest.mark.parametrize("case", [case for case in _ANSWERED if case.unread], ids=str)
def test_the_stream_can_be_closed_when_enough_has_come(case: Case) -> None:
    ghost = _ghost(case)
    read = case.output.removesuffix(case.unread)
    assert not any(ghost.feed(character) for character in read[:-1])
    assert ghost.feed(read[-1])
    assert ghost.finish() == case.expect


@pytest.mark.parametrize("case", _REFUSED, ids=str)
def test_nothing_is_asked_where_nothing_is_wanted(case: Case) -> None:
    text, offset = case.prefix + case.suffix, len(case.prefix)
    language = language_of_path(case.file)
    assert place_at(language, text, offset, case.trigger).refusal == case.refused
    assert not place_at(language, text, offset, "invoked").refusal


def test_there_are_cases_in_a_dozen_languages() -> None:
    assert len({language_of_path(case.file) for case in CASES}) >= 12
    assert len(CASES) >= 120


_MINIMAL: Final = 'about = "a"\nfile = "a.py"\nprefix = "x"\n'


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('output = "y"\nexpect = "y"\nexpected = "y"', "there is no key expected"),
        ('output = 1\nexpect = "y"', "output must be of type str"),
        ('output = "y"', "either refused or output and expect"),
        ('output = "y"\nexpect = "y"\nrefused = "blank"', "either refused or output"),
        ('refused = "tired"', "refused must be one of"),
        ('output = "y"\nexpect = "y"\nfinish = "load"', "finish must be one of"),
        ('output = "y"\nexpect = "y"\nrewrite = "z"', "rewrite and over go together"),
        ('output = "y"\nexpect = "y"\nunread = "z"', "unread is no end"),
        ('output = "y"\nexpect = "y"\nrewrite = "z"\nover = "z"', "over is no beginning"),
        ("output = ", "Invalid value"),
    ],
)
def test_a_case_file_with_a_mistake_is_refused(lines: str, complaint: str) -> None:
    with pytest.raises(CaseError, match=re.escape(complaint)):
        read_case("a", _MINIMAL + lines)
