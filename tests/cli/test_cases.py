"""`spyhop edit` and `spyhop comment` give the expected file, byte for byte, for every case."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest
from typer.main import get_command

from casefiles import Case, CaseError, load_cases, read_cases
from command import run
from spyhop.cli.app import NO_EDIT, app
from spyhop.messages import catalog
from spyhop.models.scripted import PLAIN_TEMPLATE, R1_TEMPLATE, Script, ScriptedOllama

CASES: Final = load_cases()
_COMMAND: Final = get_command(app)
_WHOLE: Final = (1 << 30,)


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


def _script(case: Case, feeding: Feeding) -> Script:
    text, cuts = feeding(case.output, str(case))
    thinking, _ = feeding(case.thinking, f"{case} thinking")
    return Script(text, thinking, done_reason=case.done_reason, cuts=cuts)


def _server(case: Case, feedings: Sequence[Feeding]) -> ScriptedOllama:
    template = R1_TEMPLATE if case.format == "r1" else PLAIN_TEMPLATE
    return ScriptedOllama([_script(case, feeding) for feeding in feedings], template=template)


def _write(case: Case, folder: Path) -> Path:
    path = folder / case.file
    path.write_bytes(case.text.encode())
    return path


def _arguments(case: Case, path: Path, url: str) -> list[str]:
    target = f"{path}:{case.lines}" if case.lines else str(path)
    instruction = [case.instruction] if case.command == "edit" else []
    return [case.command, target, *instruction, "--url", url, "--write"]


def _check(case: Case, path: Path, status: int, stderr: str) -> None:
    """The file, the exit status and what was told are all as the case says."""
    told = {key for key in catalog("en") if _says(stderr, key)}
    assert path.read_bytes().decode() == case.expect
    assert status == (NO_EDIT if case.refused else 0), stderr
    assert told == case.warns | {case.refused or "written"}, stderr


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
            _check(case, path, status or 0, capsys.readouterr().err)
        endpoint = "/api/generate" if case.format == "r1" else "/api/chat"
        assert [request.path for request in server.generations] == [endpoint] * len(FEEDINGS)


@pytest.mark.parametrize("case", CASES[:: max(1, len(CASES) // 6)], ids=str)
def test_the_installed_command_does_the_same(case: Case, tmp_path: Path) -> None:
    path = _write(case, tmp_path)
    with _server(case, [_cut_at_random]) as server:
        result = run(*_arguments(case, path, server.url), cwd=tmp_path)
    _check(case, path, result.status, result.err)


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
    """All but those that need an editor or a user who types meanwhile."""
    elsewhere = {"no-edit-target-gone", "no-edit-not-applied"}
    named = {key for case in CASES for key in [*case.warns, case.refused] if key}
    known = {key for key in catalog("en") if key.startswith(("no-edit-", "warn-"))}
    assert known - elsewhere == named
