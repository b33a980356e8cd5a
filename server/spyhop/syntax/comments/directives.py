"""Comments that tools read: to change, add or move one is to change what is done with the code.

They are therefore code to Spyhop. So are notices of rights, which are not a model's to word, and
comments that hold characters which some tool takes for the end of a line or hides from the eye.
"""

from __future__ import annotations

import re
from typing import Final

_ANYWHERE: Final = re.compile(
    r"""
    \#\s*(?:noqa|NOQA|nosec|nopycln|pragma|type:|pyright:|mypy:|pylint:|ruff:|flake8[:=]|isort:|fmt:
        |yapf:|pyre-|pytype:|cython:|distutils:|doctest:|rubocop:|shellcheck\s|yamllint\s|checkov:
        |renovate:|typed:)
    | eslint-(?:disable|enable|env) | (?<!\w)@ts-[a-z] | (?<!\w)ts-(?:ignore|nocheck|expect-error)
    | (?:prettier|biome|deno-lint|oxlint|stylelint|markdownlint|ktlint|cppcheck|rustfmt|htmlhint
        |hadolint|tflint|clang-format|clang-tidy)(?:-|::?|\s)\s?
        (?:ignore|disable|enable|suppress|skip|off|on|configure|capture|restore)\b
    | (?:tslint|scalastyle|checkstyle|swiftlint|phpcs|detekt|scalafmt|luacheck|stylua|selene
        |sqlfluff|golangci-lint|reek|standard|steep|cspell|spell-checker):\s?[a-z]
    | (?:istanbul|c8|v8|node:coverage)\s+ignore | noinspection\s
    | \bNO(?:LINT|SONAR|PMD|CHECKSTYLE) | \bnolint\b | [LG]COV_EXCL | COVERAGE-(?:IGNORE|OFF|ON)
    | @(?:formatter:|generated\b|licen[cs]e\b|preserve\b|vite-ignore|codeCoverageIgnore)
    | @(?:(?:no)?flow|jsx|jsxRuntime|jsxImportSource|jsxFrag)\b
    | webpack[A-Z]\w+\s*: | [@\#]__[A-Z_]+__ | [\#@]\s*source(?:MappingURL|URL)= | \$schema\b
    | IWYU\s+pragma | -\*- | \bvim?:\s*(?:set?\b|[a-z]+=) | Code\ generated\ .*DO\ NOT\ EDIT
    | <auto-?generated | frozen_string_literal: | shareable_constant_value: | warn_indent:
    | :(?:nocov|nodoc|startdoc|stopdoc): | coding[:=]\s*[-\w.]+ | yaml-language-server:
    """,
    re.VERBOSE,
)
# The text behind a comment's marker.
_AT_THE_START: Final = re.compile(
    r"""
    \s*(?:\#(?:end)?region\b|endregion\b|%%|\#\s*%%|In\[\d*\]:|language=|syntax=|@@
        |\+(?:build|goose|migrat|k8s|kubebuilder|gen))
    | (?:end)?region\b | cloud-config
    """,
    re.VERBOSE,
)
_FALLTHROUGH: Final = r"(?://|/\*)\W*(?i:falls?[ -]?through)"
_SCRIPT: Final = re.compile(
    rf"/\*!|/\*\s*(?:eslint|globals?|exported|jshint|jslint)\s|{_FALLTHROUGH}"
)
_C: Final = re.compile(_FALLTHROUGH)
_IN_LANGUAGE: Final = {
    "c": _C,
    "cpp": _C,
    "csharp": re.compile(r"//\s*ReSharper"),
    "css": re.compile(r"/\*(?:!|\s*@)"),
    "go": re.compile(r"^//(?:go:|line |export |extern |sys|lint:|\s*(?:[uU]nordered )?[oO]utput:)"),
    "html": re.compile(r"^<!--(?:#|\[|<|>|->|\s*/?ko\b|\s*(?:end)?build)|--!>|.<!--", re.DOTALL),
    "java": re.compile(rf"\\u|{_FALLTHROUGH}"),
    "javascript": _SCRIPT,
    "lua": re.compile(r"^--!|^-+\s*@diagnostic"),
    "php": re.compile(
        r"@(?:ORM|Assert|Groups|Route|Serializer|JMS|Gedmo|Annotation|Target|OA|SWG|Api\w+)[\\(]"
        r"|@(?:dataProvider|depends|test|group|before|after|covers|requires|backupGlobals)\b"
        r"|@(?:phpstan|psalm|phan)-"
    ),
    "python": re.compile(r"^#\s*///"),
    "ruby": re.compile(r"^#:|^#\s*@rbs"),
    "scala": re.compile(r"\\u|^//>"),
    "sql": re.compile(
        r"^/\*[+!]|^--[+!]|^--\s*(?:liquibase|changeset|rollback|preconditions|atlas:)|"
        r"^--\s*name:\s*\w+\s+:"
    ),
    "toml": re.compile(r"^#:"),
    "typescript": _SCRIPT,
}
_NOTICE: Final = re.compile(
    r"SPDX-|copyright\s+(?:©|\(c\)|\d{4}|by\b|holder|notice)|^\W*copyright\b|©|\(c\)\s*\d{4}"
    r"|licensed under|licensed to the|all rights reserved|permission is hereby|redistribution and"
    r"|without warrant|under the terms of|general public licen|apache licen|\bmit licen"
    r"|mozilla public|warranties or conditions|you may not use this file",
    re.IGNORECASE | re.MULTILINE,
)
_TASK: Final = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_MARKER: Final = re.compile(r"<!--|\{\s*/\*+|/\*+|//+|--\[=*\[|--+|#+|;+|%+")
_SPECIAL: Final = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# What holds for a whole file or from here on, not for the line below.
_FOR_THE_FILE: Final = re.compile(
    r"^#!|coding[:=]|frozen_string|\bregion\b|\+build|go:build|(?:fmt|isort|yapf|format\w*):\s*\w"
    r"|eslint-(?:disable|enable)(?!-)|ts-(?:no)?check|-\*-|sourceMapping|DO NOT EDIT|generated"
    r"|cloud-config|language-server|\$schema|@(?:jsx|flow)|globals?\s",
    re.IGNORECASE,
)
_FIRST_LINES: Final = re.compile(r"^#!|^\W*(?:.*\bcoding[:=]|cloud-config)", re.IGNORECASE)


def is_directive(language: str, comment: str) -> bool:
    """Tell whether ``comment``, with its markers, means something to a tool."""
    marker = _MARKER.match(comment)
    body = comment[marker.end() :] if marker else comment
    own = _IN_LANGUAGE.get(language.removesuffix("react"))
    return bool(
        _SPECIAL.search(comment)
        or comment.startswith("#!")
        or (marker and _AT_THE_START.match(body))
        or (own and own.search(comment))
        or _ANYWHERE.search(comment)
        or (language in {"c", "cpp"} and _continued(comment))
    )


def is_notice(comment: str) -> bool:
    """Tell whether ``comment`` is about the rights in the file."""
    return bool(_NOTICE.search(comment))


def is_task(comment: str) -> bool:
    """Tell whether ``comment`` says that something is still to be done."""
    return bool(_TASK.search(comment))


def is_about_the_next_line(comment: str) -> bool:
    """Tell whether the directive ``comment`` must stay next to the code below it."""
    return not _FOR_THE_FILE.search(comment) and not is_notice(comment)


def is_for_the_first_lines(comment: str) -> bool:
    """Tell whether the directive ``comment`` works in the first lines of a file only."""
    return bool(_FIRST_LINES.search(comment))


def _continued(comment: str) -> bool:
    """Tell whether a backslash carries a line comment of C over to the next line."""
    return comment.startswith("//") and ("\n" in comment or comment.rstrip().endswith("\\"))
