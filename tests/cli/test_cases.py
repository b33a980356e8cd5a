"""`spyhop edit` and `spyhop comment` give the expected file, byte for byte, for every case."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from typer.main import get_command

from casefiles import Case, CaseError, load_cases, read_cases
from command import run
from spyhop.cli.app import NO_EDIT, app
from spyhop.core.anchors import Change, apply_all
from spyhop.core.positions import Position, Range, Source
from spyhop.messages import catalog
from spyhop.models.scripted import PLAIN_TEMPLATE, R1_TEMPLATE, Script, ScriptedOllama

CASES: Final = load_cases()
_COMMAND: Final = get_command(app)
_WHOLE: Final = (1 << 30,)
_ENDS: Final = ("start", "end")


def _whole(text: str, _: str) -> tuple[Sequence[str], Sequence[int]]:
    return [text] if text else [], _WHOLE


def _one_byte_at_a_time(text: str, _: str) -> tuple[Sequence[str], Sequence[int]]:
    return [text] if text else [], (1,)


def _one_character_a_record(text: str, _: str) -> tuple[Sequence[str], Sequence[int]]:
    return list(text), _WHOLE


def _cut_at_random(text: str, seed: str) -> tuple[Sequence[str], Sequence[int]]:
    chance = random.Random(seed)  # noqa: S311 - the same cuts in every run
    ends = sorted({*chance.choices(range(len(text) + 1), k=len(text) // 5), len(text)} - {0})
    tokens = [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return tokens, [chance.choice((1, 2, 3, 50, 400)) for _ in range(97)]


Feeding = Callable[[str, str], tuple[Sequence[str], Sequence[int]]]
FEEDINGS: Final[tuple[Feeding, ...]] = (
    _whole,
    _one_byte_at_a_time,
    _one_character_a_record,
    _cut_at_random,
)


def _scripts(case: Case, feeding: Feeding) -> Iterator[Script]:
    text, cuts = feeding(case.output, str(case))
    thinking, _ = feeding(case.thinking, f"{case} thinking")
    yield Script(text, thinking, done_reason=case.done_reason, cuts=cuts)
    if case.again is not None:
        text, cuts = feeding(case.again, f"{case} again")
        yield Script(text, cuts=cuts)


def _server(case: Case, feedings: Sequence[Feeding]) -> ScriptedOllama:
    template = R1_TEMPLATE if case.format == "r1" else PLAIN_TEMPLATE
    scripts = [script for feeding in feedings for script in _scripts(case, feeding)]
    return ScriptedOllama(scripts, template=template)


def _write(case: Case, folder: Path) -> Path:
    path = folder / case.file
    path.write_bytes(case.text.encode())
    return path


def _arguments(case: Case, path: Path, url: str) -> list[str]:
    target = f"{path}:{case.lines}" if case.lines else str(path)
    instruction = [case.instruction] if case.command == "edit" else []
    how = "--json" if case.partial else "--write"
    return [case.command, target, *instruction, "--url", url, how]


def _check(case: Case, path: Path, status: int, stdout: str, stderr: str) -> None:
    """The file, the exit status and what was told are all as the case says."""
    told = {key for key in catalog("en") if _says(stderr, key)}
    ending = {case.refused} if case.refused else set() if case.partial else {"written"}
    after = path.read_bytes().decode()
    if case.partial:
        assert after == case.text
        after = _taken(case.text, json.loads(stdout))
    assert after == case.expect
    assert status == (NO_EDIT if case.refused else 0), stderr
    assert told == case.warns | ending, stderr


def _taken(text: str, proposal: dict[str, Any]) -> str:
    """The text with every hunk of a proposal taken."""
    source = Source(text)
    changes: list[Change] = []
    for hunk in proposal["hunks"]:
        ends = [
            Position(hunk["range"][end]["line"], hunk["range"][end]["character"]) for end in _ENDS
        ]
        changes.append(Change(source.span_of(Range(*ends), "utf-16"), hunk["newText"]))
    return apply_all(text, changes)


def _says(output: str, key: str) -> bool:
    """Tell whether a line of ``output`` is the message ``key``, whatever its values are."""
    if not key.startswith(("warn-", "no-edit-", "written")):
        return False
    words = re.split(r"\{\w+\}", catalog("en")[key])
    return bool(re.search(f"^{'.*'.join(map(re.escape, words))}$", output, re.MULTILINE))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_file_is_as_expected_however_the_answer_is_cut(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _server(case, FEEDINGS) as server:
        for _ in FEEDINGS:
            path = _write(case, tmp_path)
            status = _COMMAND.main(_arguments(case, path, server.url), standalone_mode=False)
            shown = capsys.readouterr()
            _check(case, path, status or 0, shown.out, shown.err)
        endpoint = "/api/generate" if case.format == "r1" else "/api/chat"
        count = len(FEEDINGS) * (1 if case.again is None else 2)
        assert [request.path for request in server.generations] == [endpoint] * count


@pytest.mark.parametrize("case", CASES[:: max(1, len(CASES) // 6)], ids=str)
def test_the_installed_command_does_the_same(case: Case, tmp_path: Path) -> None:
    path = _write(case, tmp_path)
    with _server(case, [_cut_at_random]) as server:
        result = run(*_arguments(case, path, server.url), cwd=tmp_path)
    _check(case, path, result.status, result.out.decode(), result.err)


_MINIMAL: Final = 'about = "a"\nfile = "a.py"\ntext = "x\\n"\ninstruction = "i"\n'


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ('output = "y"\nexpect = "y\\n"\nexpected = "y"', "there is no key expected"),
        ('output = "y"\nexpect = "y\\n"\n[raw]\ntext = "z"', "there is no key text"),
        ('output = "y"\nexpect = "y\\n"\nwarns = "warn-unfenced"', "warns must be of type list"),
        ('output = "y"', "either expect or refused"),
        ('output = "y"\nexpect = "y\\n"\nrefused = "no-edit-same"', "either expect or refused"),
        ('expect = "y\\n"', "neither output nor thinking"),
        ('output = "y"\nexpect = "x\\n"', "a file that stays as it is"),
        ('output = "y"\nexpect = "y\\n"\ndone_reason = "load"', "done_reason"),
        ('output = "y"\nexpect = "y\\n"\nformats = ["raw"]\n[chat]\noutput = "z"', "formats"),
        ("output = ", "Invalid value"),
    ],
)
def test_a_case_file_with_a_mistake_is_refused(lines: str, complaint: str) -> None:
    with pytest.raises(CaseError, match=re.escape(complaint)):
        read_cases("a", "edit", _MINIMAL + lines)


def test_every_message_that_cases_name_exists() -> None:
    keys = {key for case in CASES for key in [*case.warns, case.refused] if key}
    assert keys <= catalog("en").keys()


def test_every_refusal_of_an_answer_and_every_warning_has_a_case() -> None:
    """All but those that need an editor, a user who acts meanwhile, or a broken connection."""
    elsewhere = {
        "no-edit-crashed",
        "no-edit-not-applied",
        "no-edit-target-gone",
        "warn-answer-cut",
        "warn-broken-behind",
        "warn-cut-broken",
        "warn-ended-asked",
        "warn-ended-seconds",
        "warn-ended-tokens",
        "warn-read-again",
    }
    named = {key for case in CASES for key in [*case.warns, case.refused] if key}
    known = {key for key in catalog("en") if key.startswith(("no-edit-", "warn-"))}
    assert known - elsewhere == named
