"""Makes the pictures of docs/: what a real `spyhop` shows in a terminal.

make picture
"""

from __future__ import annotations

import html
import os
import pty
import re
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol
from unittest.mock import patch

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from spyhop.models.scripted import Script, ScriptedOllama, reply

_DOCS: Final = Path(__file__).parent
# Rich's own template loads a font from the web.
_FONT_FACE: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEMPORARY_FOLDER: Final = re.compile(r"\S*/spyhop-demo-\w+/")
_PORT: Final = re.compile(r"127\.0\.0\.1:\d{5}")
_TEXT: Final = re.compile(
    r'(?P<head><text [^>]*)x="(?P<x>[\d.]+)"(?P<middle>[^>]*)textLength="(?P<length>[\d.]+)"'
    r"(?P<rest>[^>]*>)(?P<text>[^<]+)</text>"
)
# Thoughts are printed as they come: many pieces of one style.
_SAME_STYLE: Final = re.compile(r"\x1b\[0m\x1b\[2;3m")
_QUESTION: Final = b"[y,n,a,d,q,?]"
_CONTROL: Final = re.compile(r"(\n|\r|\x1b\[[0-9;?]*[A-Za-ln-z])")


class _Serving(Protocol):
    """What answers at an address, or does not."""

    @property
    def url(self) -> str: ...


@dataclass(frozen=True)
class _Picture:
    """A run of ``spyhop`` and the file that shows it."""

    file: str
    command: tuple[str, ...]
    width: int = 90
    locale: str = "en_US.UTF-8"
    server: Callable[[], AbstractContextManager[_Serving]] | None = None


@dataclass(frozen=True)
class _Nobody:
    url: str


@contextmanager
def _nobody() -> Iterator[_Nobody]:
    """Give an address that nothing answers at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield _Nobody(f"http://127.0.0.1:{port}")


def _ollama(**options: Any) -> ScriptedOllama:
    """Return an Ollama with a healthy R1 that writes at a person's pace."""
    return ScriptedOllama(
        [
            reply(
                "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", delay=0.3, answer_seconds=0.8
            ),
            reply("17 and 25: ten and twenty are thirty, seven and five are twelve. " * 4),
            reply("Forty-two."),
            reply("four\nfive\nsix\n"),
            Script(["1"], prompt_tokens=260, prompt_seconds=1.2),
            Script(["1"], prompt_tokens=12, prompt_seconds=0.1),
        ],
        **options,
    )


def _without_model() -> ScriptedOllama:
    return _ollama(models={"qwen2.5-coder:7b": 4_683_087_332, "llama3.2:3b": 2_019_393_189})


_PICTURES: Final = (
    _Picture("demo.svg", ("demo",), 100),
    _Picture("doctor-healthy.svg", ("doctor",), server=_ollama),
    _Picture("doctor-missing-model.svg", ("doctor",), server=_without_model),
    _Picture(
        "doctor-missing-model.zh-CN.svg", ("doctor",), locale="zh_CN.UTF-8", server=_without_model
    ),
    _Picture("doctor-unreachable.svg", ("doctor",), server=_nobody),
    _Picture("doctor-too-old.svg", ("doctor", "--quick"), server=lambda: _ollama(version="0.11.4")),
)


def main() -> None:
    """Draw all pictures, or those that the arguments name."""
    for picture in _PICTURES:
        if picture.file in (sys.argv[1:] or [picture.file]):
            _draw(picture)


def _draw(picture: _Picture) -> None:
    """Run the command and draw what it shows."""
    with TemporaryDirectory() as home, picture.server() if picture.server else nullcontext() as it:
        environment = {
            "COLUMNS": str(picture.width),
            "TERM": "xterm-256color",
            "LC_ALL": picture.locale,
            "XDG_CONFIG_HOME": home,
        } | ({"SPYHOP_URL": it.url} if it else {})
        with patch.dict(os.environ, environment):
            text = _shown(_run(picture.command))
    text = _PORT.sub("localhost:11434", _SAME_STYLE.sub("", _TEMPORARY_FOLDER.sub("", text)))
    title = " ".join(("spyhop", *picture.command))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=picture.width, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {title}", style="bold"))
        console.print(Text.from_ansi(text))
        svg = console.export_svg(title=title)
    svg = _TEXT.sub(_on_grid, _FONT_FACE.sub("", svg))
    (_DOCS / picture.file).write_text(svg, encoding="utf-8")


def _run(command: Sequence[str]) -> str:
    """Return what the command writes to a terminal whose user answers y to every question."""
    shown = bytearray()
    answered = 0

    def read(terminal: int) -> bytes:
        nonlocal answered
        data = os.read(terminal, 65_536)
        shown.extend(data)
        if shown.count(_QUESTION) > answered:
            answered += 1
            os.write(terminal, b"y\n")
        return data

    pty.spawn([sys.executable, "-m", "spyhop", *command], read)
    return shown.decode("utf-8").replace("\r\n", "\n")


def _shown(written: str) -> str:
    """Return what is left on the screen: a moving line erases itself."""
    lines, row = [""], 0
    for piece in _CONTROL.split(written):
        match piece:
            case "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            case "\x1b[2K":
                lines[row] = ""
            case "\x1b[1A":
                row -= 1
            case _ if not _CONTROL.fullmatch(piece):
                lines[row] += piece
    return "\n".join(lines).rstrip("\n")


def _on_grid(found: re.Match[str]) -> str:
    """Return a piece of text with each run of wide or narrow characters in its own cells.

    Rich counts characters, and a browser would spread what is too much over all of them.
    """
    text = html.unescape(found["text"])
    cell = float(found["length"]) / len(text)
    x, pieces = float(found["x"]), list[str]()
    for width, characters in groupby(text, cell_len):
        run = "".join(characters)
        length = cell * width * len(run)
        pieces.append(
            f'{found["head"]}x="{x:.1f}"{found["middle"]}textLength="{length:.1f}"'
            f"{found['rest']}{html.escape(run).replace(' ', '&#160;')}</text>"
        )
        x += length
    return "".join(pieces)


if __name__ == "__main__":
    main()
