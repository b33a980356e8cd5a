"""Languages: the identifiers of LSP, the endings of file names, the info strings of fences."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

# LSP's identifier: (the info string to ask for, further info strings models write, file endings).
_LANGUAGES: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "python": ("python", ("py", "python3"), (".py", ".pyi")),
    "javascript": ("javascript", ("js", "jsx"), (".js", ".mjs", ".cjs")),
    "javascriptreact": ("jsx", ("js", "javascript"), (".jsx",)),
    "typescript": ("typescript", ("ts", "tsx"), (".ts", ".mts", ".cts")),
    "typescriptreact": ("tsx", ("ts", "typescript"), (".tsx",)),
    "java": ("java", (), (".java",)),
    "kotlin": ("kotlin", ("kt",), (".kt", ".kts")),
    "go": ("go", ("golang",), (".go",)),
    "rust": ("rust", ("rs",), (".rs",)),
    "c": ("c", ("h",), (".c", ".h")),
    "cpp": ("cpp", ("c++", "cc", "cxx", "c"), (".cpp", ".cc", ".cxx", ".hpp", ".hh")),
    "csharp": ("csharp", ("cs", "c#"), (".cs",)),
    "ruby": ("ruby", ("rb",), (".rb",)),
    "php": ("php", (), (".php",)),
    "shellscript": ("bash", ("sh", "shell", "zsh", "shellscript"), (".sh", ".bash", ".zsh")),
    "scala": ("scala", (), (".scala", ".sc")),
    "lua": ("lua", (), (".lua",)),
    "swift": ("swift", (), (".swift",)),
    "html": ("html", ("htm",), (".html", ".htm")),
    "css": ("css", (), (".css",)),
    "sql": ("sql", ("mysql", "postgresql"), (".sql",)),
    "json": ("json", ("jsonc",), (".json",)),
    "yaml": ("yaml", ("yml",), (".yaml", ".yml")),
    "toml": ("toml", (), (".toml",)),
    "markdown": ("markdown", ("md",), (".md", ".markdown")),
}
_BY_ENDING: Final = {
    ending: language for language, (_, _, endings) in _LANGUAGES.items() for ending in endings
}


def language_of_path(path: str) -> str:
    """Return LSP's identifier for a file by the ending of its name; empty when unknown."""
    return _BY_ENDING.get(PurePath(path).suffix.lower(), "")


def info_string(language: str) -> str:
    """Return what to write behind a fence that opens code in ``language``."""
    return _LANGUAGES[language][0] if language in _LANGUAGES else language


def info_strings(language: str) -> tuple[str, ...]:
    """Return every info string by which an answer may name ``language``."""
    if not language:
        return ()
    own, others, _ = _LANGUAGES.get(language, (language, (), ()))
    return (language, own, *others)
