"""The least that a pygls server can be: what ours is measured against."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_CODE_LENS)
def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
    """Answer with nothing."""
    del params
    return []


if __name__ == "__main__":
    server.start_io()
