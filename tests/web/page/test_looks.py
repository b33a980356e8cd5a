"""How the page looks: from 320 px, light and dark, in both languages, with little motion."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from browser import Tab, Visit
from scripted_chats import lines

pytestmark = pytest.mark.anyio

WIDE = "wide" * 60
ANSWER = f"""# {WIDE}

A {WIDE} word, `{WIDE}`, https://example.com/{WIDE}

```python
{WIDE} = "{WIDE}"
```

| {WIDE} | {WIDE} |
|---|---|
| {WIDE} | {WIDE} |
"""


async def filled(visit: Visit) -> Tab:
    """Return a page with some of everything, all of it too wide."""
    chats = visit.chats
    thought = {"text": WIDE, "tokens": 214, "seconds": 12}
    turns = [
        chats.turn("user", WIDE, attachments=[]),
        chats.turn("assistant", ANSWER, thought=thought, warnings=[WIDE], model=WIDE),
    ]
    chat = chats.add_chat(WIDE, turns)
    for _ in range(3):
        chats.add_attachment(
            chat.id, kind="selection", path=f"src/{WIDE}.py", range=lines(0, 9), state="changed"
        )
    tab = await visit.open(chat.id)
    await tab.answers.wait_for()
    return tab


@pytest.mark.parametrize("width", [320, 480, 1280])
@pytest.mark.parametrize("language", ["en", "zh-cn"])
async def test_nothing_is_cut_off_at_any_width(browser: Browser, width: int, language: str) -> None:
    viewport = {"width": width, "height": 560}
    async with Visit.of(browser, language=language, viewport=viewport) as visit:  # type: ignore[arg-type] # of the two
        tab = await filled(visit)
        for _ in range(2):
            too_wide = await tab.page.evaluate(
                """width => [...document.querySelectorAll('body *')].filter(one => {
                  const box = one.getBoundingClientRect();
                  const scrolls = one.closest('.table, pre, .snapshot section, .visually-hidden');
                  const cut = getComputedStyle(one.parentElement).overflow.includes('hidden');
                  return box.width && !scrolls && !cut && (box.right > width + 1 || box.left < -1);
                }).map(one => one.className || one.tagName)""",
                width,
            )
            assert too_wide == []
            # The second time with a menu open.
            await tab.page.locator(".header .menu-root button").last.click()
        assert await tab.page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_chats_fit_320_px(browser: Browser) -> None:
    async with Visit.of(browser, viewport={"width": 320, "height": 560}) as visit:
        tab = await filled(visit)
        await tab.button("Chats").click()
        box = await tab.page.get_by_role("dialog").bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, 320)


async def test_the_page_speaks_chinese(browser: Browser) -> None:
    async with Visit.of(browser, language="zh-cn") as visit:
        tab = await visit.open()
        assert await tab.page.evaluate("document.documentElement.lang") == "zh-CN"
        await expect(tab.page.get_by_role("textbox", name="消息")).to_be_focused()
        await tab.page.get_by_role("textbox", name="消息").fill("为什么慢？")
        await tab.page.keyboard.press("Enter")
        await tab.button("停止").wait_for()
        visit.chats.think("嗯……", tokens=3, seconds=1.5)
        await expect(tab.thoughts).to_contain_text("思考中 · 1.5 秒 · 3 个 token")
        text = await tab.page.evaluate("document.body.innerText")
        names = await tab.page.evaluate(
            "[...document.querySelectorAll('[aria-label]')].map(one => one.ariaLabel).join(' ')"
        )
        assert set(re.findall(r"[A-Za-z]{3,}", f"{text} {names}")) <= {
            "token",
            "deepseek",
            "Shift",
            "Enter",
        }


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_what_is_behind_them(browser: Browser, scheme: str) -> None:
    """WCAG's contrast of 4.5 to 1, as its formula has it."""
    async with Visit.of(browser, color_scheme=scheme) as visit:
        tab = await filled(visit)
        faint = await tab.page.evaluate(
            """() => {
              const numbers = color => color.match(/[\\d.]+/g).map(Number);
              const light = ([r, g, b]) => {
                const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
                return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
              };
              const behind = one => {
                for (let it = one; it; it = it.parentElement) {
                  const color = numbers(getComputedStyle(it).backgroundColor);
                  if (color.length < 4 || color[3] === 1) return color;
                }
                return [255, 255, 255];
              };
              const texts = [...document.querySelectorAll('body *')].filter(one =>
                [...one.childNodes].some(it => it.nodeType === 3 && it.data.trim())
                && !one.closest('.visually-hidden, :disabled'));
              return texts.flatMap(one => {
                const a = light(numbers(getComputedStyle(one).color)), b = light(behind(one));
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                return ratio < 4.5 ? [`${one.className || one.tagName} ${ratio.toFixed(2)}`] : [];
              });
            }"""
        )
        assert faint == []
        dark = await tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (dark == "rgb(22, 25, 29)") is (scheme == "dark")


async def test_an_editors_colours_come_first(visit: Visit, tab: Tab) -> None:
    await tab.page.evaluate(
        "document.documentElement.style.setProperty('--vscode-sideBar-background', 'rgb(1, 2, 3)')"
    )
    color = await tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert color == "rgb(1, 2, 3)"
    assert visit.faults == []


async def test_little_motion_is_none(browser: Browser) -> None:
    async with Visit.of(browser, reduced_motion="reduce") as visit:
        tab = await visit.open()
        await tab.ask("Why?")
        visit.chats.think("Hm.", tokens=1, seconds=0.1)
        await tab.page.locator(".pulse").wait_for()
        assert await tab.page.evaluate("document.getAnimations().length") == 0
