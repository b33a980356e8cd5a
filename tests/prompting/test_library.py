from __future__ import annotations

from pathlib import Path

import pytest

from spyhop import resources
from spyhop.errors import SettingsError
from spyhop.messages import LANGUAGES
from spyhop.prompting.library import Library, load


def folder(path: Path, **prompts: str) -> Path:
    for name, text in prompts.items():
        (path / f"{name}.md").write_bytes(text.encode())
    return path


def head(*lines: str) -> str:
    return "\n".join(["+++", 'kind = "edit"', *lines, "+++", ""])


@pytest.fixture
def shipped() -> Library:
    return load(resources.prompts())


def test_every_shipped_prompt_loads_and_has_its_titles(shipped: Library) -> None:
    assert set(shipped.templates) == {path.stem for path in resources.prompts().glob("*.md")}
    for template in shipped:
        assert set(LANGUAGES) <= set(template.titles)


def test_the_prompts_that_the_features_ask_for_are_shipped(shipped: Library) -> None:
    assert (shipped.get("edit").kind, shipped.get("comment").kind) == ("edit", "comment")


def test_presets_are_the_prompts_that_need_no_instruction(shipped: Library) -> None:
    assert [preset.name for preset in shipped.presets()] == ["comment", "fix", "simplify", "types"]


def test_prompts_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    library = load(folder(tmp_path, b=head(), a=head(), c=head()))
    assert [template.name for template in library] == ["a", "b", "c"]


def test_other_files_are_no_prompts(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert list(load(tmp_path)) == []


def test_an_unknown_prompt_is_told_with_the_known_ones(tmp_path: Path) -> None:
    library = load(folder(tmp_path, a=head(), b=head()))
    with pytest.raises(SettingsError) as caught:
        library.get("c")
    assert caught.value.values == {"name": "c", "known": "a, b"}


def test_a_prompt_of_its_own_takes_the_instruction_as_it_is(tmp_path: Path) -> None:
    library = load(folder(tmp_path, edit=head()))
    assert library.resolve("edit", "Do it.") == (library.get("edit"), "Do it.")


@pytest.mark.parametrize(
    ("instruction", "expected"), [("", "Simplify."), ("Gently.", "Simplify.\nGently.")]
)
def test_a_prompt_that_uses_another_is_its_instruction(
    tmp_path: Path, instruction: str, expected: str
) -> None:
    library = load(folder(tmp_path, edit=head(), own=head('uses = "edit"') + "\nSimplify.\n"))
    assert library.resolve("own", instruction) == (library.get("edit"), expected)


@pytest.mark.parametrize("uses", ["missing", "own", "other"])
def test_a_prompt_that_uses_no_prompt_of_its_own_does_not_load(tmp_path: Path, uses: str) -> None:
    own, other = head(f'uses = "{uses}"'), head('uses = "edit"')
    with pytest.raises(SettingsError) as caught:
        load(folder(tmp_path, edit=head(), other=other, own=own))
    assert caught.value.key == "prompt-bad-uses"
    assert str(tmp_path / "own.md") in str(caught.value)


def test_a_prompt_that_uses_another_has_no_variables(tmp_path: Path) -> None:
    own = head('uses = "edit"') + "\nIn {{language}}."
    with pytest.raises(SettingsError) as caught:
        load(folder(tmp_path, edit=head(), own=own))
    assert caught.value.key == "prompt-unknown-variable"
    assert caught.value.values["line"] == 6


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_prompt_may_come_from_any_editor(tmp_path: Path, start: str, end: str) -> None:
    text = start + (head() + "One.\n\nTwo.\n").replace("\n", end)
    assert load(folder(tmp_path, a=text)).get("a").body == "One.\n\nTwo.\n"


def test_a_prompt_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert caught.value.key == "prompt-unreadable"
    assert str(tmp_path / "a.md") in str(caught.value)


def test_a_prompt_with_a_fault_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(folder(tmp_path, a=head(), b="no head"))
    assert str(tmp_path / "b.md") in str(caught.value)
