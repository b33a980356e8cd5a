"""Makes docs/demo.svg: what `spyhop demo` shows in a terminal, each change accepted.

make picture
"""

from __future__ import annotations

import html
import os
import pty
import re
import sys
from pathlib import Path
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_WIDTH: Final = 100
_OUT: Final = Path(__file__).with_name("demo.svg")
# Rich's own template loads a font from the web.
_FONT_FACE: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_TEMPORARY_FOLDER: Final = re.compile(r"\S*/spyhop-demo-\w+/")
_TEXT: Final = re.compile(
    r'(?P<head><text [^>]*textLength=")(?P<length>[\d.]+)(?P<rest>"[^>]*>)(?P<text>[^<]*)</text>'
)
# Thoughts are printed as they come: many pieces of one style.
_SAME_STYLE: Final = re.compile(r"\x1b\[0m\x1b\[2;3m")
_QUESTION: Final = b"[y,n,a,d,q,?]"


def _run_demo() -> str:
    """Return what the demo writes to a terminal whose user answers y to every question."""
    os.environ |= {"COLUMNS": str(_WIDTH), "TERM": "xterm-256color", "LC_ALL": "en_US.UTF-8"}
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

    pty.spawn([sys.executable, "-m", "spyhop", "demo"], read)
    return shown.decode("utf-8").replace("\r\n", "\n")


def main() -> None:
    """Run the demo and draw it."""
    text = _SAME_STYLE.sub("", _TEMPORARY_FOLDER.sub("", _run_demo()))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=_WIDTH, file=nowhere, force_terminal=True)
        console.print(Text("$ spyhop demo", style="bold"))
        console.print(Text.from_ansi(text))
        svg = console.export_svg(title="spyhop demo")
    _OUT.write_text(_TEXT.sub(_widened, _FONT_FACE.sub("", svg)), encoding="utf-8")


def _widened(found: re.Match[str]) -> str:
    """Return a piece of text with the length of its cells: Rich counts its characters."""
    text = html.unescape(found["text"])
    length = float(found["length"]) * cell_len(text) / max(1, len(text))
    return f"{found['head']}{length:.1f}{found['rest']}{found['text']}</text>"


if __name__ == "__main__":
    main()
