from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from chatting import MemoryWorkspace, uri_of
from spyhop.assist.chat.mentions import Mentions, nearest
from spyhop.assist.chat.protocol import Mention

FILES = {
    "src/server.py": "class Server:\n    def start(self):\n        pass\n\n\nPORT = 1\n",
    "src/start.py": "def start():\n    pass\n",
    "docs/serving.md": "# Serving\n",
}
names = st.text(st.sampled_from("aAbB._/"), min_size=1, max_size=6)


def mention(name: str) -> Mention:
    return Mention(kind="symbol", name=name, path="x", uri="file:///x")


def found(query: str, *open_: str) -> list[tuple[str, str]]:
    mentions = Mentions(MemoryWorkspace(dict(FILES), list(open_)))
    return [(it.kind, it.name) for it in asyncio.run(mentions.find(query))]


@given(names, st.lists(names, max_size=8))
def test_every_mention_has_the_letters_in_order_and_an_equal_name_is_first(
    query: str, others: list[str]
) -> None:
    ranked = [it.name for it in nearest(query, [mention(name) for name in [*others, query]])]
    assert ranked[0].lower() == query.lower()
    for name in ranked:
        rest = iter(name.lower())
        assert all(letter in rest for letter in query.lower())


def test_files_are_found_by_name_and_path_and_symbols_in_open_files() -> None:
    assert found("") == [("file", "server.py"), ("file", "start.py"), ("file", "serving.md")]
    assert found("start") == [("file", "start.py")]
    assert found("start", "src/server.py")[0] == ("symbol", "start")
    assert found("docs") == [("file", "serving.md")]
    assert found("Server", "src/server.py")[0] == ("symbol", "Server")
    assert found("sv.py") == [("file", "server.py")]
    assert found("zzz", "src/server.py") == []


def test_a_symbol_tells_its_lines() -> None:
    mentions = Mentions(MemoryWorkspace(dict(FILES), ["src/server.py"]))
    one = asyncio.run(mentions.find("Server"))[0]
    assert (one.uri, one.range and (one.range.start, one.range.end)) == (
        uri_of("src/server.py"),
        (0, 3),
    )
