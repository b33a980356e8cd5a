"""A language server whose engine dies: it says so, changes nothing, and goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from lsp_client import Client, position, serving
from spyhop import resources

pytestmark = pytest.mark.anyio

URI: Final = "file:///work/x.py"
TEXT: Final = "def f(x):\n    return x\n"
EDITED: Final = "def f(x):\n    return x + 1\n"
# In place of the engine: the first one dies when it loads, the second in the middle of its answer,
# the third answers.
MORTAL: Final = """
import json, os, pathlib, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTS = pathlib.Path(__file__).with_name("starts")
START = len(STARTS.read_text()) if STARTS.exists() else 0
STARTS.write_text("x" * (START + 1))
PROPS = {"default_generation_settings": {"n_ctx": 8192},
         "chat_template": "<\uff5cUser\uff5c><\uff5cAssistant\uff5c><think>"}
ANSWER = "I add one.\\n</think>\\n\\n```python\\ndef f(x):\\n    return x + 1\\n```\\n"

class CommonParams:
    class model: pass

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.begin("application/json")
        self.wfile.write(json.dumps(PROPS).encode())
    def do_POST(self):
        if self.path != "/completion":
            return self.send_error(404)
        self.begin("text/event-stream")
        self.say({"content": "I", "stop": False})
        if START == 1:
            os.write(2, b"GGML_ASSERT(buffer) failed\\n")
            os.abort()
        self.say({"content": ANSWER[1:], "stop": True, "stop_type": "eos"})
    def begin(self, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
    def say(self, event):
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\\n\\n")
        self.wfile.flush()
    def log_message(self, *arguments): pass

class Server:
    def __init__(self, params):
        if START == 0:
            os.write(2, b"failed to allocate 9 GB\\n")
            os.abort()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.listening_address = f"http://127.0.0.1:{server.server_port}"
"""


async def test_an_engine_that_dies_takes_nothing_with_it(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text(MORTAL, encoding="utf-8")
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))),
        "SPYHOP_BACKEND": "embedded",
        "SPYHOP_MODEL": str(resources.standin()),
    }
    async with serving(env=env) as client:
        await client.initialize()
        client.open(URI, TEXT)
        assert "failed to allocate 9 GB" in await refused(client, 1)
        assert "GGML_ASSERT(buffer) failed" in await refused(client, 2)
        await client.command("spyhop.edit", arguments())
        await client.message("workspace/applyEdit")
        await client.lenses(URI)
        assert client.documents[URI].text == EDITED
    assert (tmp_path / "starts").read_text() == "xxx"


async def refused(client: Client, count: int) -> str:
    """Ask for an edit, and return why there is none; the server is still there then."""
    await client.command("spyhop.edit", arguments())
    message = await client.message("window/showMessage", count)
    assert "died (SIGABRT)" in message["message"]
    assert await client.lenses(URI) == []
    assert client.documents[URI].text == TEXT
    text: str = message["message"]
    return text


def arguments() -> dict[str, Any]:
    lines = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
    return {"uri": URI, "range": lines, "instruction": "add one"}
