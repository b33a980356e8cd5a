"""Which settings a command works with: its options over the environment over files."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from spyhop.cli.options import Backend, settings_for
from spyhop.errors import SettingsError


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def user_file(text: str) -> None:
    folder = Path(platformdirs.user_config_dir("spyhop", appauthor=False))
    folder.mkdir(parents=True)
    (folder / "spyhop.toml").write_text(text, encoding="utf-8")


def test_with_nothing_set_the_defaults_hold() -> None:
    settings = settings_for(None, None, None).settings
    assert (settings.backend, settings.model) == ("ollama", None)
    assert settings.url == "http://localhost:11434"


def test_options_go_over_the_environment_over_the_project_over_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user_file('model = "user"\nurl = "http://user:1"\ntop_p = 0.5\n')
    assert settings_for(None, None, None).settings.model == "user"
    Path("spyhop.toml").write_text('model = "project"\n', encoding="utf-8")
    assert settings_for(None, None, None).settings.model == "project"
    monkeypatch.setenv("SPYHOP_MODEL", "environment")
    assert settings_for(None, None, None).settings.model == "environment"
    settings = settings_for(None, None, "option").settings
    assert (settings.model, settings.url, settings.top_p) == ("option", "http://user:1", 0.5)


def test_the_backend_option_names_the_backend() -> None:
    assert settings_for(Backend.EMBEDDED, None, "x.gguf").settings.backend == "embedded"


def test_another_folders_file_is_read_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "spyhop.toml").write_text('model = "sub"\n', encoding="utf-8")
    assert settings_for(None, None, None).settings.model is None
    assert settings_for(None, None, None, tmp_path / "sub").settings.model == "sub"


def test_a_wrong_option_names_the_command_line() -> None:
    with pytest.raises(SettingsError, match="--url: url"):
        settings_for(None, "localhost:11434", None)


def test_a_folder_that_was_deleted_has_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert settings_for(None, None, "x").settings.model == "x"
