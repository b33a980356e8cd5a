"""The whole way: an editor, the language server, its page in a browser, and a scripted Ollama."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from browser import Tab
from lsp_client import CAPABILITIES, Client, position, serving
from spyhop.models.scripted import Script, ScriptedOllama, reply

pytestmark = pytest.mark.anyio

SHOWING = CAPABILITIES | {"window": {"workDoneProgress": True, "showDocument": {"support": True}}}
TEXT = "def gcd(a, b):\n    pass\n\n\nprint(gcd(4, 6))\n"
CODE = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"
THOUGHT = "Euclid's algorithm swaps until nothing is left."
ANSWER = f"{THOUGHT}\n</think>\n\nLike **this**:\n\n```python\n{CODE}```\n"


@dataclass
class Desk:
    """An editor with a file open, and a browser beside it."""

    client: Client
    ollama: ScriptedOllama
    browser: Browser
    uri: str
    opened: int = 0

    async def add(self) -> Tab:
        """Add the function to the chat, and go where the editor is told to go."""
        ends = {"start": position(TEXT, 0), "end": position(TEXT, TEXT.index("\n\n"))}
        await self.client.command("spyhop.chat.add", {"uri": self.uri, "range": ends})
        self.opened += 1
        shown = await self.client.message("window/showDocument", self.opened)
        assert shown["external"] is True
        page = await (await self.browser.new_context()).new_page()
        await page.goto(shown["uri"])
        await page.locator(".composer").wait_for()
        return Tab(page)


@asynccontextmanager
async def desk(browser: Browser, folder: Path, scripts: Sequence[Script]) -> AsyncIterator[Desk]:
    path = folder / "gcd.py"
    path.write_text(TEXT, encoding="utf-8")
    with ScriptedOllama(scripts) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize(rootUri=folder.as_uri(), capabilities=SHOWING)
            client.open(path.as_uri(), TEXT)
            yield Desk(client, ollama, browser, path.as_uri())
            for context in browser.contexts:
                await context.close()


async def test_a_selection_is_asked_about_and_the_answer_applied_and_rejected(
    browser: Browser, tmp_path: Path
) -> None:
    script = reply(ANSWER, hold_after=8)
    async with desk(browser, tmp_path, [script]) as at:
        tab = await at.add()
        await expect(tab.page.locator(".composer .chip")).to_have_text("gcd.py:1–2")
        await tab.ask("Implement it.")
        await expect(tab.thoughts).to_contain_text("Euclid's algorithm")
        await expect(tab.thoughts.locator(".thought-toggle")).to_have_attribute(
            "aria-expanded", "true"
        )
        at.ollama.release()
        await expect(tab.answers.locator("strong")).to_have_text("this")
        await expect(tab.thoughts.locator(".thought-toggle")).to_have_attribute(
            "aria-expanded", "false"
        )
        await tab.button("Apply as diff").click()
        await expect(tab.answers.locator(".outcome")).to_contain_text("Proposed in gcd.py")
        assert at.client.documents[at.uri].text == CODE + TEXT.split("pass\n")[1]
        await at.client.press(at.uri, "Reject")
        assert at.client.documents[at.uri].text == TEXT


async def test_a_reload_in_mid_stream_loses_nothing_and_two_tabs_see_the_same(
    browser: Browser, tmp_path: Path
) -> None:
    async with desk(browser, tmp_path, [reply(ANSWER, hold_after=20)]) as at:
        tab = await at.add()
        await tab.ask("Implement it.")
        at.ollama.wait_for("holding", 1)
        await expect(tab.answers).to_contain_text("Like")
        other = Tab(await tab.page.context.new_page())
        await other.page.goto(tab.page.url)
        await tab.page.reload()
        at.ollama.release()
        for one in (tab, other):
            await expect(one.button("Apply as diff")).to_be_visible()
            await expect(one.answers.locator("pre")).to_have_text(CODE.strip())
            await one.thoughts.locator(".thought-toggle").click()
            await expect(one.thoughts).to_contain_text(THOUGHT)


async def test_stop_keeps_what_has_come_and_closes_the_models_stream(
    browser: Browser, tmp_path: Path
) -> None:
    async with desk(browser, tmp_path, [reply(ANSWER, hold_after=20)]) as at:
        tab = await at.add()
        await tab.ask("Implement it.")
        await expect(tab.answers).to_contain_text("Like")
        await tab.button("Stop").click()
        await expect(tab.answers).to_contain_text("Stopped.")
        await expect(tab.answers).to_contain_text("Like")
        at.ollama.wait_for("disconnects", 1)


async def test_answer_now_has_the_model_answer_from_its_thought(
    browser: Browser, tmp_path: Path
) -> None:
    scripts = [reply(ANSWER, hold_after=4), reply("It is **so**.")]
    async with desk(browser, tmp_path, scripts) as at:
        tab = await at.add()
        await tab.ask("Implement it.")
        await tab.button("Answer now").click()
        at.ollama.release()
        await expect(tab.answers.locator("strong")).to_have_text("so")
        await expect(tab.button("Send")).to_be_visible()
        prompt = at.ollama.generations[1].body["prompt"]
        assert "Euclid" in prompt
        assert prompt.rstrip().endswith("</think>")


async def test_a_name_behind_at_is_one_of_the_workspace(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "lcm.py").write_text("def lcm(a, b):\n    return a * b\n", encoding="utf-8")
    async with desk(browser, tmp_path, [reply(ANSWER)]) as at:
        tab = await at.add()
        await tab.message.fill("See @lcm")
        await tab.page.get_by_role("option", name="lcm.py").first.click()
        await expect(tab.page.locator(".composer .chip")).to_have_text(["gcd.py:1–2", "lcm.py"])
        await tab.message.press("Enter")
        await expect(tab.questions.locator(".chip")).to_have_count(2)
        await expect(tab.button("Apply as diff")).to_be_visible()
        assert "return a * b" in at.ollama.generations[0].body["prompt"]


async def test_a_chat_is_there_when_the_editor_comes_back(browser: Browser, tmp_path: Path) -> None:
    async with desk(browser, tmp_path, [reply(ANSWER)]) as at:
        tab = await at.add()
        await tab.message.fill("Implement it.")
        await tab.message.press("Enter")
        await expect(tab.button("Apply as diff")).to_be_visible()
    async with desk(browser, tmp_path, [reply(ANSWER)]) as at:
        tab = await at.add()
        await tab.button("Chats").click()
        await tab.page.locator(".chats .name", has_text="Implement it.").click()
        await expect(tab.answers.locator("pre")).to_have_text(CODE.strip())
