"""The commands and their options."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final, TypeAlias

import typer

from spyhop import __version__
from spyhop.cli import ask as asking
from spyhop.cli import complete as completing
from spyhop.cli import doctor as examining
from spyhop.cli import edit as editing
from spyhop.cli import models as listing
from spyhop.cli import pull as pulling
from spyhop.cli.console import Screen, write_bytes
from spyhop.cli.demo import run_demo
from spyhop.cli.files import read_caret, read_target
from spyhop.cli.job import Job, show_prompt
from spyhop.cli.options import (
    BackendOption,
    ModelOption,
    ShowThinkingOption,
    UrlOption,
    settings_for,
)
from spyhop.errors import SettingsError, SpyhopError, UsageError
from spyhop.models.errors import ModelUnavailable
from spyhop.settings import Resolved, Settings

NO_EDIT: Final = 1
USAGE: Final = 2
NO_MODEL: Final = 3
INTERRUPTED: Final = 130

app = typer.Typer(
    name="spyhop",
    help="A coding assistant that runs on your own machine with DeepSeek-R1.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

TargetArgument: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="FILE[:START[-END]]",
        help="The file, and the lines to change: 1-based, inclusive. Without lines: all of it.",
    ),
]
InstructionArgument: TypeAlias = Annotated[
    str,
    typer.Argument(help="What to do with the lines, in English or Chinese; --prompt may say it."),
]
WriteOption: TypeAlias = Annotated[
    bool, typer.Option("--write", help="Take every change without asking.")
]
DiffOption: TypeAlias = Annotated[
    bool, typer.Option("--diff", help="Print the diff and write nothing.")
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print the proposal as JSON and write nothing.")
]


@contextmanager
def _reported(screen: Screen, *, resumable: bool = False) -> Iterator[None]:
    """Print an error for people and exit with its status."""
    try:
        yield
    except SpyhopError as error:
        screen.fail(error)
        raise typer.Exit(_status(error)) from error
    except KeyboardInterrupt as interrupt:
        screen.tell("pull-interrupted" if resumable else "interrupted")
        raise typer.Exit(INTERRUPTED) from interrupt


def _status(error: SpyhopError) -> int:
    match error:
        case ModelUnavailable():
            return NO_MODEL
        case UsageError() | SettingsError():
            return USAGE
        case _:
            return NO_EDIT


def _screen(settings: Settings | None = None) -> Screen:
    if settings is None or settings.language == "auto":
        return Screen()
    return Screen(settings.language)


@contextmanager
def _working(
    settings: Callable[[], Resolved], *, resumable: bool = False
) -> Iterator[tuple[Screen, Settings]]:
    """Give the screen, in the language that the settings name, and the settings; tell of faults."""
    screen = _screen()
    with _reported(screen):
        resolved = settings()
    screen = _screen(resolved.settings)
    for fault in resolved.faults:
        screen.warn(fault)
    with _reported(screen, resumable=resumable):
        yield screen, resolved.settings


def _work(
    prompt: str,
    target: str,
    instruction: str,
    settings: Callable[[], Resolved],
    *,
    show_thinking: bool,
    write: bool,
    only_diff: bool,
    as_json: bool,
) -> None:
    with _working(settings) as (screen, resolved):
        if write and (only_diff or as_json):
            raise UsageError("write-or-show")
        job = Job(prompt, read_target(target), instruction, resolved, show_thinking)
        editing.run(job, screen, write=write, only_diff=only_diff, as_json=as_json)


@app.command()
def edit(
    target: TargetArgument,
    instruction: InstructionArgument = "",
    prompt: Annotated[str, typer.Option(help="The prompt file to use.")] = "edit",
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    write: WriteOption = False,
    diff: DiffOption = False,
    json: JsonOption = False,
    show_thinking: ShowThinkingOption = False,
) -> None:
    """Change lines as an instruction says; show the diff, and write what you take of it."""
    _work(
        prompt,
        target,
        instruction,
        lambda: settings_for(backend, url, model),
        show_thinking=show_thinking,
        write=write,
        only_diff=diff,
        as_json=json,
    )


@app.command()
def comment(
    target: TargetArgument,
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    write: WriteOption = False,
    diff: DiffOption = False,
    json: JsonOption = False,
    show_thinking: ShowThinkingOption = False,
) -> None:
    """Add comments to lines; show the diff, and write what you take of it."""
    _work(
        "comment",
        target,
        "",
        lambda: settings_for(backend, url, model),
        show_thinking=show_thinking,
        write=write,
        only_diff=diff,
        as_json=json,
    )


@app.command()
def ask(
    target: TargetArgument,
    question: Annotated[str, typer.Argument(help="What you want to know.")] = "",
    prompt: Annotated[str, typer.Option(help="The prompt file to use.")] = "ask",
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    show_thinking: ShowThinkingOption = False,
) -> None:
    """Ask about lines and print the answer; nothing is changed. With --prompt explain: explain."""
    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        asking.run(Job(prompt, read_target(target), question, settings, show_thinking), screen)


@app.command()
def complete(
    caret: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE:COLUMN",
            help="The file and the place in it: both numbers 1-based, columns in characters.",
        ),
    ],
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    stdin: Annotated[
        bool,
        typer.Option(
            "--stdin", help="Read the file's text from standard input; it may be unsaved."
        ),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the completion and what it cost as JSON.")
    ] = False,
) -> None:
    """Print what belongs at a place of a file; nothing is changed."""
    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        data = sys.stdin.buffer.read() if stdin else None
        completing.run(read_caret(caret, data), settings, screen, as_json=json)


@app.command()
def chat(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE[:START[-END]]...] [MESSAGE]",
            help="Files, or lines of them, to talk about; and the first message. What is piped "
            "in is shown to the model with it.",
        ),
    ] = None,
    prompt: Annotated[str, typer.Option(help="A prompt to ask with: explain, fix, …")] = "",
    goes_on: Annotated[
        bool, typer.Option("--continue", help="Go on with the chat that was used last.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="Print the chats there are.")] = False,
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    show_thinking: ShowThinkingOption = False,
) -> None:
    """Talk with the model about files; nothing is changed unless you take it."""
    from spyhop.cli import chat as chatting  # noqa: PLC0415 - for this alone

    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        if list_:
            chatting.show_list(screen)
            return
        targets, message = chatting.opening_of(words or [], chatting.piped_text())
        opening = chatting.Opening(
            targets, message, prompt, goes_on=goes_on, show_thinking=show_thinking
        )
        if not chatting.run(opening, settings, screen):
            raise typer.Exit(NO_EDIT)


@app.command(name="prompt")
def prompt_(
    name: Annotated[str, typer.Argument(help="The prompt: edit, comment, complete, simplify, …")],
    target: Annotated[
        str,
        typer.Argument(
            metavar="FILE[:START[-END]]",
            help="The file, and the lines to change; to complete, FILE:LINE:COLUMN.",
        ),
    ],
    instruction: Annotated[str, typer.Argument(help="What to do with the lines.")] = "",
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
) -> None:
    """Print exactly what would be sent to the model."""
    # The language of messages is in the prompt too.
    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        if name == completing.PROMPT:
            prompt = completing.show_prompt(read_caret(target), settings, screen)
        else:
            job = Job(name, read_target(target), instruction, settings)
            prompt = asyncio.run(show_prompt(job, screen))
        write_bytes(prompt.encode("utf-8", "replace"))


@app.command()
def doctor(
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Have nothing generated, so that it takes a second or two."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print what was found as one JSON object.")
    ] = False,
) -> None:
    """Tell what is wrong between Spyhop and its models, and the command that mends it."""
    screen = _screen()
    with _reported(screen):
        resolved = settings_for(backend, url, model)
    screen = _screen(resolved.settings)
    with _reported(screen):
        raise typer.Exit(examining.run(resolved, screen, quick=quick, as_json=json))


@app.command()
def models(
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the models that there are, and mark the one that Spyhop uses."""
    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        listing.run(settings, screen, as_json=json)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The model's name: deepseek-r1:7b, hf.co/…")],
    backend: BackendOption = None,
    url: UrlOption = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print how far it is as JSON, an object a line.")
    ] = False,
) -> None:
    """Get a model; run it again to go on with one that was stopped."""
    resolved = _working(lambda: settings_for(backend, url, None), resumable=True)
    with resolved as (screen, settings):
        pulling.run(settings.endpoints_for("edit")[0], name, screen, as_json=json)


@app.command()
def demo(
    yes: Annotated[bool, typer.Option("--yes", help="Take every change without asking.")] = False,
    backend: BackendOption = None,
    url: UrlOption = None,
    model: ModelOption = None,
) -> None:
    """Show the main job on a copy of an example: implement a function, then comment it.

    Without --backend it runs the embedded engine on a tiny stand-in model that knows only this.
    """
    with _working(lambda: settings_for(backend, url, model)) as (screen, settings):
        named = any(option is not None for option in (backend, url, model))
        run_demo(screen, settings if named else None, yes=yes)


@app.command(name="settings")
def settings_(
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of spyhop.toml.")
    ] = False,
) -> None:
    """Print the settings in force here, and where each comes from. Keys are not shown."""
    from spyhop.cli import settings as shown  # noqa: PLC0415 - the JSON Schema is for this alone

    if schema:
        shown.print_schema()
        return
    resolved = shown.resolved_here()
    with _working(lambda: resolved) as (screen, _):
        if json:
            shown.print_json(shown.as_json(resolved, screen))
        else:
            shown.show(resolved, screen)


@app.command()
def lsp() -> None:
    """Serve an editor: the language server protocol on stdin and stdout."""
    from spyhop.lsp.serve import serve  # noqa: PLC0415 - start-up counts

    serve()


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"spyhop {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _version(wanted=wanted),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """A coding assistant that runs on your own machine with DeepSeek-R1."""
