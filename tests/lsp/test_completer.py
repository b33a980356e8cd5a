"""What carries completions out, in this process: what no scripted server can bring about."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from fakemodel import FakeModel
from spyhop.core.anchors import Change
from spyhop.core.positions import Source, Span
from spyhop.core.stream import Text
from spyhop.lsp.documents import Changed, Document
from spyhop.lsp.serve import create
from spyhop.lsp.server import SpyhopServer
from spyhop.models.port import Done

pytestmark = pytest.mark.anyio

URI = "file:///a.py"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> SpyhopServer:
    """A server whose model is in memory."""
    server = create()
    server.session.setup.configured.set()
    model = FakeModel([Text("1\n"), Done("stop")])

    async def given(*_: Any) -> FakeModel:
        return model

    monkeypatch.setattr(server.session, "model", given)
    return server


def opened(server: SpyhopServer, text: str) -> Document:
    document = server.session.documents.open(types.TextDocumentItem(URI, "python", 1, text))
    server.completer.opened(document)
    return document


async def test_a_fault_of_our_own_is_told_once(
    server: SpyhopServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("oh")

    told: list[Exception] = []
    monkeypatch.setattr("spyhop.assist.completion_task.prepare", broken)
    monkeypatch.setattr(server, "report_unexpected", told.append)
    document = opened(server, "x = ")
    for _ in range(3):
        assert await server.completer.complete(document, 4, explicit=True) is None
    assert [str(error) for error in told] == ["oh"]
    await server.completer.aclose()


async def test_what_was_edited_elsewhere_is_shown_to_the_model(server: SpyhopServer) -> None:
    before = opened(server, "old = 1\n")
    source = Source("new = 1\n")
    after = Document(URI, "python", 2, source)
    server.completer.changed(Changed(before, after, (Change(Span(0, 3), "new"),)))
    other = types.TextDocumentItem("file:///b.py", "python", 1, "x = ")
    document = server.session.documents.open(other)
    server.completer.opened(document)
    answer = await server.completer.complete(document, 4, explicit=True)
    assert answer is not None
    assert answer.text == "1"
    model: Any = await server.session.model("complete", print)
    assert "a.py\n-old = 1\n+new = 1" in model.requests[0].turns[0].text
    await server.completer.aclose()
