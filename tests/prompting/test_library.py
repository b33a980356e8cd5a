from __future__ import annotations

from pathlib import Path

import pytest

from spyhop import resources
from spyhop.errors import SettingsError
from spyhop.messages import LANGUAGES
from spyhop.prompting.library import Library, load, stamp


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


def test_no_shipped_prompt_has_a_fault(shipped: Library) -> None:
    assert not shipped.faults


def test_the_prompts_that_the_features_ask_for_are_shipped(shipped: Library) -> None:
    assert (shipped.get("edit").kind, shipped.get("comment").kind) == ("edit", "comment")
    assert shipped.get("complete").kind == "complete"
    assert shipped.get("chat").kind == "chat"


@pytest.mark.parametrize("name", ["repair", "complete", "chat"])
def test_what_spyhop_asks_for_by_itself_no_user_can_ask_for(shipped: Library, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        shipped.resolve(name, "Do it.")
    assert name not in str(caught.value.values["known"]).split(", ")


def test_a_preset_is_of_the_kind_of_the_prompt_it_uses(shipped: Library) -> None:
    kinds = {preset.name: preset.kind for preset in shipped.presets()}
    assert kinds == {
        "comment": "comment",
        "docstring": "comment",
        "explain": "answer",
        "fix": "edit",
        "optimise": "edit",
        "simplify": "edit",
        "tests": "edit",
        "translate": "comment",
        "types": "edit",
    }


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


def fault_of(library: Library) -> SettingsError:
    [fault] = library.faults
    return fault


@pytest.mark.parametrize("uses", ["missing", "own", "other"])
def test_a_preset_that_uses_no_prompt_with_a_kind_does_not_load(tmp_path: Path, uses: str) -> None:
    own, other = head(f'uses = "{uses}"') + "Do.", head('uses = "edit"') + "Do."
    library = load(folder(tmp_path, edit=head(), other=other, own=own))
    assert fault_of(library).key == "prompt-bad-uses"
    assert str(tmp_path / "own.md") in str(fault_of(library))
    assert set(library.templates) == {"edit", "other"}


def test_a_preset_has_no_variables(tmp_path: Path) -> None:
    own = head('uses = "edit"') + "\nIn {{language}}."
    fault = fault_of(load(folder(tmp_path, edit=head(), own=own)))
    assert fault.key == "prompt-unknown-variable"
    assert fault.values["line"] == 6


def test_a_preset_without_text_does_not_load(tmp_path: Path) -> None:
    own = head('uses = "edit"') + "\n \n"
    assert fault_of(load(folder(tmp_path, edit=head(), own=own))).key == "prompt-empty"


def test_a_later_folder_adds_to_the_earlier_and_may_replace_its_prompts(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for path in (shipped, own):
        path.mkdir()
    folder(shipped, edit=head(), a=head('uses = "edit"') + "Old.")
    folder(own, a=head('uses = "edit"') + "New.", b=head('uses = "edit"') + "More.")
    library = load(shipped, own, tmp_path / "missing")
    assert {one.name: one.body.strip() for one in library.presets()} == {"a": "New.", "b": "More."}


def test_a_broken_file_leaves_the_shipped_prompt_of_its_name_in_place(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for path in (shipped, own):
        path.mkdir()
    library = load(folder(shipped, edit=head() + "{{selection}}"), folder(own, edit="no head"))
    assert library.get("edit").body == "{{selection}}"
    assert str(own / "edit.md") in str(fault_of(library))


def test_the_stamp_tells_of_files_added_changed_and_taken_away(tmp_path: Path) -> None:
    empty = stamp(tmp_path)
    folder(tmp_path, a=head())
    one = stamp(tmp_path)
    assert one != empty
    assert one == stamp(tmp_path)
    folder(tmp_path, a=head() + "Longer.")
    assert stamp(tmp_path) != one
    (tmp_path / "a.md").unlink()
    assert stamp(tmp_path) == empty == stamp(tmp_path / "missing")


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_prompt_may_come_from_any_editor(tmp_path: Path, start: str, end: str) -> None:
    text = start + (head() + "One.\n\nTwo.\n").replace("\n", end)
    assert load(folder(tmp_path, a=text)).get("a").body == "One.\n\nTwo.\n"


def test_a_prompt_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff")
    fault = fault_of(load(tmp_path))
    assert fault.key == "prompt-unreadable"
    assert str(tmp_path / "a.md") in str(fault)


def test_a_prompt_with_a_fault_is_named(tmp_path: Path) -> None:
    library = load(folder(tmp_path, a=head(), b="no head"))
    assert str(tmp_path / "b.md") in str(fault_of(library))
    assert set(library.templates) == {"a"}
