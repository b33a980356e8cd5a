"""The page numbers an answer's blocks as the server does: a button names a block by its number."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyhop.core.fences import blocks_of

CHAT = Path(__file__).parents[2] / "extension/chat"
Scan = Callable[[str], Any]

_LINES = st.sampled_from(
    [
        *(
            "```",
            "````",
            "~~~",
            "~~~~",
            "```python",
            "``` sh",
            "~~~ js",
            "```a b",
            "```a`b",
            "`````",
        ),
        *(
            " ```",
            "   ```",
            "    ```",
            "\t```",
            "     ```py",
            "> ```",
            "> ```py",
            "- ```",
            "1. ```py",
        ),
        *("- item", "  * inner", "1. one", "10) ten", "  ```js", "   ```", "      ```"),
        *(
            "Here:```py",
            "所以：```python",
            "So: ~~~",
            "a ` b: ```",
            "x```",
            "return x ```",
            "code````",
        ),
        *(
            "",
            "  ",
            "text",
            "    indented",
            "# title",
            "| a | b |",
            "|---|---|",
            "***",
            "<b>",
            "[x]: y",
        ),
        *(
            "```python\u00a0",
            "```\x0c",
            "\u2028```",
            "```\ufeff",
            "```\x85",
            "```ä",
            "```c++",
            "~~~ `x`",
        ),
    ]
)
_TEXTS = st.lists(
    st.tuples(_LINES | st.text(max_size=6), st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])),
    max_size=14,
).map(lambda lines: "".join(line + end for line, end in lines))


@pytest.fixture(scope="module")
def scan() -> Iterator[Scan]:
    """What the page makes of an answer."""
    subprocess.run(["node", "build.js", "tests"], cwd=CHAT, check=True)  # noqa: S607 - of the PATH
    with subprocess.Popen(
        ["node", ".tests/fences_server.js"],  # noqa: S607 - as above
        cwd=CHAT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin
        assert process.stdout
        asked, told = process.stdin, process.stdout

        def scanned(text: str) -> Any:
            asked.write(json.dumps(text) + "\n")
            asked.flush()
            return json.loads(told.readline())

        yield scanned
        asked.close()


def assert_same(scan: Scan, text: str) -> None:
    found = scan(text)
    expected = [
        {"info": block.info, "code": "".join(block.lines), "closed": block.closed}
        for block in blocks_of(text)
    ]
    assert found["blocks"] == expected
    assert sorted(found["drawn"]) == list(range(len(expected)))


@given(_TEXTS)
@settings(
    max_examples=500,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_blocks_are_the_servers_and_every_one_is_drawn(scan: Scan, text: str) -> None:
    assert_same(scan, text)
