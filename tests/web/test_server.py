"""Who is let in and what is taken, over real sockets."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from scripted_chats import ScriptedChats
from spyhop.errors import UsageError
from spyhop.messages import say
from spyhop.web.reading import MOST_BYTES
from spyhop.web.server import PageServer

pytestmark = pytest.mark.anyio

FORBIDDEN, NOT_FOUND, TOO_LARGE, UNPROCESSABLE = 403, 404, 413, 422


class Visitor:
    """Someone with a client, and what a browser learns on its way in."""

    def __init__(self, server: PageServer, chats: ScriptedChats, client: httpx.AsyncClient) -> None:
        self.server = server
        self.chats = chats
        self.client = client
        self.root = ""
        self.origin = ""

    async def enter(self) -> None:
        """Open the page as a browser does."""
        address = self.server.open_page()
        answer = await self.client.get(address)
        assert answer.status_code == httpx.codes.OK
        self.root = address.partition("open?")[0]
        self.origin = self.root.rpartition("/")[0].rpartition("/")[0]

    async def call(
        self, method: str, params: object = None, **headers: str | None
    ) -> httpx.Response:
        """Send a request of the protocol; a header that is None is left out."""
        given = {"origin": self.origin, "content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.client.post(
            f"{self.root}call/{method}",
            content=json.dumps({} if params is None else params),
            headers={name: value for name, value in given.items() if value is not None},
        )


@asynccontextmanager
async def visiting(*roots: Path) -> AsyncIterator[Visitor]:
    chats = ScriptedChats()
    server = PageServer(chats, lambda: roots, lambda: "en")
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            yield Visitor(server, chats, client)
    finally:
        await server.aclose()


async def test_the_page_and_its_files_are_there_for_who_has_the_address() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        page = await visitor.client.get(visitor.root)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert {"page.js", "page.css"} <= set(named)
        for name in named:
            file = await visitor.client.get(visitor.root + name)
            assert file.status_code == httpx.codes.OK
            assert file.content


async def test_the_way_in_goes_on_to_the_chat_in_the_users_language() -> None:
    async with visiting() as visitor:
        answer = await visitor.client.get(visitor.server.open_page('chat-"1'))
        (target,) = re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
        assert target.endswith("/?lang=en#chat-%221")


async def test_a_request_is_carried_out() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        visitor.chats.add_chat("Why is this slow?")
        answer = await visitor.call("list")
        assert answer.json()["chats"][0]["title"] == "Why is this slow?"


async def test_an_address_opens_the_page_once() -> None:
    async with visiting() as visitor:
        address = visitor.server.open_page()
        assert (await visitor.client.get(address)).status_code == httpx.codes.OK
        async with httpx.AsyncClient(trust_env=False) as other:
            answer = await other.get(address, headers={"accept-language": "zh-CN,zh;q=0.9"})
        assert answer.status_code == FORBIDDEN
        assert answer.text == say("zh-cn", "page-refused")
        # Whoever was let in may go back to it.
        assert (await visitor.client.get(address)).status_code == httpx.codes.OK


async def test_a_look_at_the_head_does_not_use_the_address_up() -> None:
    async with visiting() as visitor:
        address = visitor.server.open_page()
        assert (await visitor.client.head(address)).status_code == FORBIDDEN
        assert (await visitor.client.get(address)).status_code == httpx.codes.OK


@pytest.mark.parametrize("token", ["", "wrong", "%00", "é", "x" * 4000])
async def test_a_wrong_token_opens_nothing(token: str) -> None:
    async with visiting() as visitor:
        right = visitor.server.open_page()
        answer = await visitor.client.get(f"{right.partition('token=')[0]}token={token}")
        assert answer.status_code == FORBIDDEN
        assert "set-cookie" not in answer.headers


async def test_without_the_cookie_nothing_is_given_away() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        visitor.client.cookies.clear()
        for name in ("", "page.js", "events?after=0", "alive"):
            assert (await visitor.client.get(visitor.root + name)).status_code == FORBIDDEN
        assert (await visitor.call("list")).status_code == FORBIDDEN
        assert visitor.chats.calls == []


async def test_the_cookie_of_another_editor_is_no_good() -> None:
    async with visiting() as visitor, visiting() as other:
        await visitor.enter()
        await other.enter()
        assert visitor.origin != other.origin
        secret = next(iter(other.client.cookies.jar)).value
        answer = await visitor.client.get(visitor.root, headers={"cookie": f"spyhop={secret}"})
        assert answer.status_code == FORBIDDEN
        # In one browser they do not overwrite each other's: each has a path of its own.
        paths = {cookie.path for jar in (visitor, other) for cookie in jar.client.cookies.jar}
        assert len(paths) == len(("visitor", "other"))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "localhost:{port}", "[::1]"]
)
async def test_a_name_that_points_here_is_another_host(host: str) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        port = urlsplit(visitor.root).port
        named = {"host": host.format(port=port)}
        right = visitor.server.open_page()
        for address in (visitor.root, f"{visitor.origin}/", right):
            answer = await visitor.client.get(address, headers=named)
            assert answer.status_code == FORBIDDEN
        assert (await visitor.call("list", **named)).status_code == FORBIDDEN
        assert visitor.chats.calls == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": None},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_a_request_of_another_sites_page_is_refused(headers: dict[str, str | None]) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        assert (await visitor.call("list", **headers)).status_code == FORBIDDEN
        assert visitor.chats.calls == []


async def test_another_site_is_not_asked_what_it_may_send() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        answer = await visitor.client.options(f"{visitor.root}call/list", headers=asked)
        assert answer.status_code == FORBIDDEN
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
async def test_only_json_is_read(kind: str | None) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        answer = await visitor.call("list", content_type=kind)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert visitor.chats.calls == []


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000, b'{"a":NaN'])
async def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        headers = {"origin": visitor.origin, "content-type": "application/json"}
        answer = await visitor.client.post(
            f"{visitor.root}call/list", content=body, headers=headers
        )
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert visitor.chats.calls == []


async def test_half_a_character_does_not_come_through() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        await visitor.call("search", {"query": "a\ud83dz \U0001f433"})
        assert visitor.chats.calls == [("search", {"query": "a?z \U0001f433"})]


async def test_a_body_that_says_it_is_too_long_is_not_waited_for() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        cookie = next(iter(visitor.client.cookies.jar))
        parts = urlsplit(visitor.root)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = (
            f"POST {parts.path}call/send HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Origin: {visitor.origin}\r\nCookie: {cookie.name}={cookie.value}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {MOST_BYTES + 1}\r\n\r\n"
        )
        writer.write(head.encode())
        assert (await reader.readline()).split()[1] == str(TOO_LARGE).encode()
        writer.close()


async def test_a_body_that_goes_on_and_on_is_cut_off() -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 4 * MOST_BYTES:
            sent += 65_536
            yield b" " * 65_536

    async with visiting() as visitor:
        await visitor.enter()
        headers = {"origin": visitor.origin, "content-type": "application/json"}
        address = f"{visitor.root}call/send"
        try:
            answer = await visitor.client.post(address, content=endless(), headers=headers)
            assert answer.status_code == TOO_LARGE
        except httpx.WriteError:
            pass  # The server had hung up when there was still something to send.
        assert visitor.chats.calls == []


async def test_a_head_without_end_is_refused() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        try:
            answer = await visitor.client.get(visitor.root, headers={"x-long": "x" * 1_000_000})
            assert answer.status_code == httpx.codes.BAD_REQUEST
        except httpx.TransportError:
            pass  # The server had hung up when there was still something to send.
        assert (await visitor.client.get(visitor.root)).status_code == httpx.codes.OK


@pytest.mark.parametrize(
    "path",
    [
        "../../pyproject.toml",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/%2e%2e/pyproject.toml",
        "..\\..\\pyproject.toml",
        "/etc/passwd",
        "page.js/../../src/main.tsx",
        "page.js%00.css",
        "index.html",
        "call",
        "call/",
        "call/__class__",
        "call/follow",
        "call/list/x",
        "events",
        "events?after=-1",
        "events?after=x",
        "open/..",
    ],
)
async def test_there_is_nothing_but_the_pages_own_files(path: str) -> None:
    async with visiting() as visitor:
        await visitor.enter()
        cookie = next(iter(visitor.client.cookies.jar))
        parts = urlsplit(visitor.root)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        # By hand: clients tidy paths up.
        head = (
            f"GET {parts.path}{path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Cookie: {cookie.name}={cookie.value}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode())
        status = int((await reader.readline()).split()[1])
        assert status in {httpx.codes.BAD_REQUEST, NOT_FOUND}
        writer.close()


async def test_a_path_out_of_the_workspace_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "secret.txt").write_text("hunter2")
    uri = (tmp_path / "secret.txt").as_uri()
    async with visiting(tmp_path / "open") as visitor:
        await visitor.enter()
        answer = await visitor.call("attach", {"chatId": "1", "kind": "file", "uri": uri})
        assert answer.status_code == UNPROCESSABLE
        assert answer.json() == {"message": say("en", "page-outside-workspace", path=uri)}
        assert visitor.chats.calls == []


async def test_an_error_is_told_and_a_fault_tells_nothing_of_the_inside() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        visitor.chats.fault = UsageError("no-question")
        answer = await visitor.call("list")
        assert answer.status_code == UNPROCESSABLE
        assert answer.json() == {"message": say("en", "no-question")}
        answer = await visitor.call("open", {"chatId": "no such chat"})
        assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
        assert answer.json() == {"message": say("en", "unexpected", why="KeyError")}


async def test_every_answer_has_the_browser_refuse_what_the_page_does_not_need() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        answers = [await visitor.client.get(visitor.root + name) for name in ("", "page.js", "no")]
        answers += [
            await visitor.call("list"),
            await visitor.client.get(visitor.server.open_page()),
            await visitor.client.get(f"{visitor.origin}/"),
        ]
    for answer in answers:
        policy = dict(
            rule.split(maxsplit=1) for rule in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers


async def test_listeners_are_counted_and_end_with_the_server() -> None:
    chats = ScriptedChats()
    server = PageServer(chats, tuple, lambda: "en")
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        visitor = Visitor(server, chats, client)
        await visitor.enter()
        async with client.stream("GET", f"{visitor.root}events?after=0") as answer:
            lines = answer.aiter_lines()
            assert (await anext(lines)).startswith(":")
            assert server.listeners == 1
            chats.add_chat("new")
            told = [await anext(lines) for _ in range(3)]
            assert '"new"' in told[2]
            await server.aclose()
            assert [line async for line in lines if line] == []
    assert server.listeners == 0
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(urlsplit(visitor.root).hostname, urlsplit(visitor.root).port)


async def test_the_port_is_on_loopback_alone() -> None:
    async with visiting() as visitor:
        await visitor.enter()
        port = urlsplit(visitor.root).port
        assert port
        addresses = {
            str(info[4][0])
            for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)
        }
        for address in addresses - {"127.0.0.1"}:
            with pytest.raises(OSError, match=r"."):
                await asyncio.open_connection(address, port)
