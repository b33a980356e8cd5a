"""Every position of real files, with scripted outputs: nothing fails, nothing stands there twice.

`SPYHOP_EXAMPLES` above 200 takes all files and all scripts at every position.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import casefiles
from spyhop.core.completion.fitting import GhostText
from spyhop.core.completion.ghost import Ghost
from spyhop.core.echo import TELLING
from spyhop.core.lines import is_blank, split_lines
from spyhop.languages import language_of_path
from spyhop.syntax.caret import place_at

_DEEP: Final = int(os.environ.get("SPYHOP_EXAMPLES", "200")) > 200
_FILES: Final = 3
_LONGEST: Final = 60_000 if _DEEP else 900
_REPOSITORY: Final = Path(__file__).parents[3]


class File(NamedTuple):
    name: str
    language: str
    text: str

    def __str__(self) -> str:
        return self.name


def _files() -> list[File]:
    """Return at most a few files a language, of those that the repository has."""
    texts = {case.text: case for case in casefiles.load_cases()}
    found = [File(it.name, language_of_path(it.file), text) for text, it in texts.items()]
    for folder, ending in (("prompts", "md"), ("examples", "py"), ("tests/core", "py")):
        for path in sorted((_REPOSITORY / folder).glob(f"*.{ending}")):
            text = path.read_text(encoding="utf-8")
            found.append(File(path.name, language_of_path(path.name), text))
    chosen: dict[str, list[File]] = {}
    for file in sorted(found, key=lambda it: -len(it.text)):
        if len(file.text) <= _LONGEST:
            chosen.setdefault(file.language, []).append(file)
    return [file for files in chosen.values() for file in (files if _DEEP else files[:_FILES])]


FILES: Final = _files()


def _scripts(file: File, at: int) -> Iterator[tuple[str, str]]:
    """Yield documents' ends behind the caret with what a model puts out there."""
    text = file.text
    before, after = text[:at], text[at:]
    end = text.find("\n", at)
    yield after, after
    yield text[end if end >= 0 else len(text) :], after
    yield after, "total = compute(first, 1)\n" + after[:200]
    yield after, "a, b" + after[:60]
    yield after, "{\n  first(1);\n  second(2);\n}\n" + after
    fenced = f"```\n{before[-80:]}brand_new(1)\n{after[:90]}\n```\n"
    yield after, f"Here is the code, as you asked for it:\n{fenced}This does what you asked for."
    yield after, f"<think>\nwhat now\n</think>\n{before[-60:]}{after[:90]}"


def _ghost_text(file: File, prefix: str, suffix: str, pieces: Sequence[str]) -> GhostText | None:
    place = place_at(file.language, prefix + suffix, len(prefix))
    ghost = Ghost(place, prefix, suffix)
    for piece in pieces:
        if ghost.feed(piece):
            break
    return ghost.finish()


def _stands_twice(prefix: str, suffix: str, shown: GhostText) -> bool:
    """Tell whether ``shown`` repeats what is behind the caret."""
    behind = suffix[shown.replace_end :]
    ends = [line.strip() for line in split_lines(behind) if not is_blank(line)]
    own = [line.strip() for line in split_lines(shown.text) if not is_blank(line)]
    if own == ends[: len(own)]:
        return True
    rest, _, below = behind.partition("\n")
    if not is_blank(rest):
        return bool(TELLING.search(rest)) and shown.text.rstrip().endswith(rest.strip())
    head = split_lines("x" + prefix)[-1].removeprefix("x")
    last = split_lines(head + shown.text)[-1]
    line_below = next((line for line in split_lines(below) if not is_blank(line)), "")
    return bool(TELLING.search(line_below)) and last.rstrip() == line_below.rstrip()


def test_there_are_fifty_files_in_a_dozen_languages() -> None:
    assert len(FILES) >= 50
    assert len({file.language for file in FILES}) >= 12


@pytest.mark.parametrize("file", FILES, ids=str)
@pytest.mark.timeout(3600 if _DEEP else 120)
def test_no_position_fails_or_repeats_what_is_there(file: File) -> None:
    chance = random.Random(file.name)  # noqa: S311 - the same cuts in every run
    for at in range(len(file.text) + 1):
        prefix = file.text[:at]
        scripts = list(_scripts(file, at))
        for suffix, output in scripts if _DEEP else chance.sample(scripts, 2):
            shown = _ghost_text(file, prefix, suffix, [output])
            width = chance.choice((1, 2, 7))
            pieces = [output[it : it + width] for it in range(0, len(output), width)]
            assert _ghost_text(file, prefix, suffix, pieces) == shown, (at, output)
            if shown:
                assert not is_blank(shown.text), (at, output)
                assert not _stands_twice(prefix, suffix, shown), (at, output, shown)


def test_the_end_of_a_line_that_was_deleted_comes_back() -> None:
    """Not everywhere: a line that stands below once more, say, is not offered."""
    asked = shown = exact = 0
    for file in FILES:
        for at in range(0, len(file.text), 3):
            end = file.text.find("\n", at)
            wanted = file.text[at : end if end >= 0 else len(file.text)]
            prefix, suffix = file.text[:at], file.text[at + len(wanted) :]
            place = place_at(file.language, prefix + suffix, at)
            if place.refusal or is_blank(wanted):
                continue
            ghost_text = _ghost_text(file, prefix, suffix, [file.text[at:]])
            asked += 1
            shown += ghost_text is not None
            exact += ghost_text is not None and ghost_text.insert == wanted.rstrip()
    assert shown > 0.9 * asked
    assert exact > 0.99 * shown
