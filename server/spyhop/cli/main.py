"""Where ``spyhop`` starts. The language server's start-up must not pay for the command line's."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name."""
    if sys.argv[1:] == ["lsp"]:
        from spyhop.lsp.serve import serve  # noqa: PLC0415 - start-up counts

        serve()
        return
    from spyhop.cli.app import app  # noqa: PLC0415 - start-up counts

    app()
