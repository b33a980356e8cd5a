"""Where ``spyhop`` starts. The language server's start-up must not pay for the command line's."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

# As shells have it: 128 and the signal's number.
_INTERRUPTED: Final = 130


def main() -> None:
    """Run the command that the arguments name."""
    if sys.argv[1:] == ["lsp"]:
        from spyhop.lsp.serve import serve  # noqa: PLC0415 - start-up counts

        serve()
        return
    # A stream that is closed is written to all the same.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    # Where the terminal's encoding lacks a character, show its code rather than fail.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from spyhop.cli.app import app  # noqa: PLC0415 - start-up counts

        app()
    except KeyboardInterrupt:
        # While the commands are still loaded; there is nothing to tell of yet.
        sys.exit(_INTERRUPTED)
