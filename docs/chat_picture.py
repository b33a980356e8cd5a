"""Makes the pictures of the chat page: the real page in a real browser, the answers from a script.

make picture
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, expect

from browser import Tab, Visit, launched
from scripted_chats import lines
from spyhop.messages import Language


@dataclass(frozen=True)
class _Talk:
    """What is said in one language."""

    question: str
    thoughts: tuple[str, ...]
    answer: str
    draft: str


_CODE: Final = """```python
def gcd(a: int, b: int) -> int:
    \"\"\"{docstring}\"\"\"
    while b:
        a, b = b, a % b
    return abs(a)
```"""
_TALKS: Final[dict[Language, _Talk]] = {
    "en": _Talk(
        "Is this right for negative numbers, too?",
        (
            (
                "The user asks about gcd with negative numbers. Euclid's algorithm swaps until the "
                "remainder is 0. "
            ),
            (
                "In Python the sign of a % b is that of b, so gcd(12, -18) gives -6: the loop ends "
                "with a = -6.\n\nSo abs() at the end is right, and nothing else has to change."
            ),
        ),
        "Almost. With a **negative** argument the result may be negative, because Python's `%` "
        "takes the sign of its right-hand side:\n\n| call | now | expected |\n|---|--:|--:|\n"
        "| `gcd(12, 18)` | 6 | 6 |\n| `gcd(12, -18)` | -6 | 6 |\n\nTaking `abs` of the result "
        "mends it:\n\n"
        + _CODE.format(docstring="Return the greatest common divisor, never negative."),
        "Now write tests for it",
    ),
    "zh-cn": _Talk(
        "负数的情况也正确吗？",
        (
            "用户问 gcd 遇到负数时是否正确。欧几里得算法不断交换，直到余数为 0。",
            (
                "Python 中 a % b 的符号与 b 相同，所以 gcd(12, -18) 得到 -6：循环结束时 "
                "a = -6。\n\n因此在最后取 abs() 就对了，其他地方不用改。"
            ),
        ),
        "差一点。参数为**负数**时，结果可能是负的，因为 Python 的 `%` 取右操作数的符号：\n\n"
        "| 调用 | 现在 | 应为 |\n|---|--:|--:|\n| `gcd(12, 18)` | 6 | 6 |\n"
        "| `gcd(12, -18)` | -6 | 6 |\n\n对结果取 `abs` 即可：\n\n"
        + _CODE.format(docstring="返回最大公约数，结果不为负。"),
        "再为它写几个测试",
    ),
}
_SELECTED: Final = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"


@dataclass(frozen=True)
class _Picture:
    """A file, and the page that it shows."""

    file: str
    language: Language = "en"
    scheme: str = "light"
    width: int = 760
    height: int = 800
    thinking: bool = False


_PICTURES: Final = (
    _Picture("chat-light.png"),
    _Picture("chat-dark.png", scheme="dark"),
    _Picture("chat-light.zh-CN.png", "zh-cn"),
    _Picture("chat-dark.zh-CN.png", "zh-cn", "dark"),
    _Picture("chat-thinking.png", thinking=True, height=460),
    _Picture("chat-narrow.png", width=320, height=640),
    _Picture("chat-narrow.zh-CN.png", "zh-cn", "dark", 320, 640),
)


async def _main() -> None:
    """Make all pictures, or those that the arguments name."""
    async with launched() as browser:
        for picture in _PICTURES:
            if picture.file in (sys.argv[1:] or [picture.file]):
                await _draw(browser, picture)


async def _draw(browser: Browser, picture: _Picture) -> None:
    talk = _TALKS[picture.language]
    async with Visit.of(
        browser,
        language=picture.language,
        color_scheme=picture.scheme,
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=1.5,
    ) as visit:
        tab = await visit.open()
        await _talk(visit, tab, talk, thinking=picture.thinking)
        await tab.page.screenshot(
            path=Path(__file__).with_name(picture.file), animations="disabled", caret="hide"
        )


async def _talk(visit: Visit, tab: Tab, talk: _Talk, *, thinking: bool) -> None:
    chats = visit.chats
    (chat_id,) = chats.chats
    selection = {"kind": "selection", "path": "src/gcd.py", "range": lines(0, 4)}
    chats.add_attachment(chat_id, text=_SELECTED, **selection)
    message = tab.page.locator(".composer textarea")
    await message.fill(talk.question)
    await message.press("Enter")
    await tab.answers.wait_for()
    chats.think(talk.thoughts[0], tokens=96, seconds=3.9)
    chats.think(talk.thoughts[1], tokens=214, seconds=8.4)
    if not thinking:
        chats.answer(talk.answer)
        chats.finish()
        chats.add_attachment(chat_id, kind="file", path="tests/test_gcd.py", state="changed")
        await expect(tab.page.locator(".composer .chip")).to_have_count(1)
        await message.fill(talk.draft)
        await expect(tab.answers.locator(".turn-tools")).to_be_visible()
    else:
        await expect(tab.thoughts).to_contain_text(talk.thoughts[1][-20:])


if __name__ == "__main__":
    asyncio.run(_main())
