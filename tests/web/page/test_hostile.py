"""Whatever a model or a file's name holds, nothing of it runs and nothing is asked of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from browser import Tab, Visit
from payloads import PAYLOADS
from scripted_chats import lines
from spyhop.assist.chat.protocol import Applied, Mention, ModelChoice, Place, PromptChoice

pytestmark = pytest.mark.anyio

_WATCH = """
window.ran = [];
window.pwned = () => window.ran.push('pwned');
for (const name of ['alert', 'confirm', 'prompt']) window[name] = () => window.ran.push(name);
"""
# Everything that a person may touch is touched: some payloads wait for that.
_TOUCH = """
for (const one of document.querySelectorAll('main *, dialog *, .composer *')) {
  if (['BUTTON', 'TEXTAREA', 'INPUT'].includes(one.tagName)) continue;
  for (const kind of ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'error', 'load']) {
    one.dispatchEvent(new Event(kind));
  }
  if (one.tagName === 'A') {
    one.addEventListener('click', event => event.preventDefault());
    one.click();
  }
}
"""
_HOLDS = """
() => {
  const runs = it => it.name.startsWith('on') || /^\\s*(java|vb)script:/i.test(it.value);
  const never = 'SCRIPT IFRAME OBJECT EMBED BASE FORM STYLE LINK META SVG IMG'.split(' ');
  const all = [...document.querySelectorAll('*')];
  return [
    ...all.filter(one => [...one.attributes].some(runs)),
    ...document.querySelectorAll('main [style]'),
    ...all.filter(one => never.includes(one.tagName.toUpperCase())
      && one.closest('.markdown') && !one.closest('.bar')),
  ].map(one => one.outerHTML);
}
"""


async def watched(visit: Visit, chat_id: str = "") -> Tab:
    await visit.context.add_init_script(_WATCH)
    return await visit.open(chat_id)


async def assert_nothing_ran(tab: Tab) -> None:
    await tab.page.evaluate(_TOUCH)
    # What was put into a queue has run when a frame was drawn and all images have their verdict.
    await tab.page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
    )
    assert await tab.page.evaluate("window.ran") == []
    assert await tab.page.evaluate(_HOLDS) == []


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) > 40


async def test_the_watch_sees_what_runs(browser: Browser) -> None:
    """Else the other tests could not fail."""
    page = await browser.new_page()
    await page.add_init_script(_WATCH)
    ran = 0
    for payload in PAYLOADS:
        await page.goto("about:blank")
        await page.set_content(f"<main>{payload}</main>")
        await page.evaluate(_TOUCH)
        await page.evaluate("() => new Promise(done => setTimeout(done))")
        ran += bool(await page.evaluate("window.ran.length"))
    await page.close()
    assert ran > 10


async def test_no_answer_or_thought_or_error_runs(visit: Visit) -> None:
    chats = visit.chats
    turns = [
        turn
        for payload in PAYLOADS
        for turn in (
            chats.turn("user", payload, prompt=payload),
            chats.turn(
                "assistant",
                payload,
                thought={"text": payload, "tokens": 1, "seconds": 1},
                warnings=[payload],
                error=payload,
                model=payload,
                state="failed",
            ),
        )
    ]
    chat = chats.add_chat(PAYLOADS[0], turns)
    tab = await watched(visit, chat.id)
    await expect(tab.answers).to_have_count(len(PAYLOADS))
    for toggle in await tab.page.locator(".thought-toggle").all():
        await toggle.click()
    await expect(tab.page.locator(".thought-text")).to_have_count(len(PAYLOADS))
    await assert_nothing_ran(tab)


async def test_no_answer_runs_while_it_streams(visit: Visit) -> None:
    tab = await watched(visit)
    for payload in PAYLOADS[::4]:
        await tab.ask("Go on")
        for character in payload:
            visit.chats.answer(character)
        visit.chats.finish()
    await tab.button("Send").wait_for()
    await assert_nothing_ran(tab)


async def test_no_name_of_a_file_runs(visit: Visit) -> None:
    chats = visit.chats
    chat = chats.add_chat("Names")
    for number, payload in enumerate(PAYLOADS):
        values: dict[str, Any] = {"path": f"src/{payload}", "text": payload, "range": lines(0, 1)}
        chats.add_attachment(
            chat.id, kind=("selection", "file", "diagnostics")[number % 3], **values
        )
    chats.mentions = [
        Mention(kind="file", name=payload, path=payload, uri="") for payload in PAYLOADS
    ]
    chats.prompts = [PromptChoice(name=payload, title=payload) for payload in PAYLOADS]
    chats.models = [ModelChoice(name=payload, endpoint=payload, used=False) for payload in PAYLOADS]
    tab = await watched(visit, chat.id)
    chips = tab.page.locator(".composer .chip-name")
    await expect(chips).to_have_count(len(PAYLOADS))
    await chips.first.click()
    await expect(tab.page.locator(".snapshot")).to_be_visible()
    await assert_nothing_ran(tab)
    for typed in ("@", "/"):
        await tab.message.fill(typed)
        await tab.page.get_by_role("option").first.wait_for()
        await assert_nothing_ran(tab)
    await tab.page.locator(".models button").click()
    await expect(tab.page.get_by_role("menuitemradio")).to_have_count(len(PAYLOADS))
    await assert_nothing_ran(tab)


async def test_no_title_place_or_found_text_runs(visit: Visit) -> None:
    chats = visit.chats
    for payload in PAYLOADS:
        chats.add_chat(payload, [chats.turn("user", f"needle {payload}")])
    places = [
        Place(uri="", path=payload, range=lines(at, at + 1), why="alike", first_line=payload)
        for at, payload in enumerate(PAYLOADS)
    ]
    chats.applied = Applied(state="ask", places=tuple(places), warnings=PAYLOADS)
    answer = chats.turn("assistant", "```\nx\n```")
    chat = chats.add_chat(PAYLOADS[3], [chats.turn("user", "?"), answer])
    tab = await watched(visit, chat.id)
    await tab.button("Apply as diff").click()
    await expect(tab.page.locator(".place")).to_have_count(len(PAYLOADS))
    await assert_nothing_ran(tab)
    await tab.button("Chats").click()
    await tab.page.get_by_role("searchbox").fill("needle")
    await expect(tab.page.locator(".excerpt")).to_have_count(len(PAYLOADS))
    await assert_nothing_ran(tab)


async def test_what_is_written_is_shown_as_it_was_written(visit: Visit, tab: Tab) -> None:
    """A page that shows nothing runs nothing, either."""
    await tab.ask("What is XSS?")
    visit.chats.answer("It is `<script>alert(1)</script>`, or <img src=x onerror=pwned()>.")
    visit.chats.finish()
    await expect(tab.answers.locator(".markdown")).to_have_text(
        "It is <script>alert(1)</script>, or <img src=x onerror=pwned()>."
    )


async def test_a_link_leaves_without_a_trace(visit: Visit, tab: Tab) -> None:
    await tab.ask("Where?")
    visit.chats.answer("[here](https://example.com/) and https://example.org/ but not main.rs")
    visit.chats.finish()
    links = tab.answers.locator("a")
    await expect(links).to_have_count(2)
    for link in await links.all():
        assert await link.get_attribute("target") == "_blank"
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"


async def test_the_policy_itself_lets_nothing_run(visit: Visit, tab: Tab) -> None:
    """The wall behind the sanitiser stands by itself."""
    await tab.page.evaluate(
        "() => { window.ran = []; window.pwned = () => window.ran.push('pwned'); }"
    )
    refused = await tab.page.evaluate(
        """() => {
          const refused = [];
          const attempt = (name, work) => { try { work(); } catch { refused.push(name); } };
          attempt('html', () => { document.body.innerHTML += '<img src=x onerror=pwned()>'; });
          attempt('document', () => document.write('<script>pwned()</script>'));
          attempt('handler', () => document.body.setAttribute('onclick', 'pwned()'));
          attempt('script', () => { document.createElement('script').text = 'pwned()'; });
          attempt('source', () => { document.createElement('script').src = 'data:,pwned()'; });
          return refused;
        }"""
    )
    assert refused == ["html", "document", "handler", "script", "source"]
    assert await tab.page.evaluate("window.ran") == []
    visit.faults.clear()  # The browser reports each refusal.


async def test_no_other_page_shows_this_one_or_reads_from_it(
    visit: Visit, tab: Tab, browser: Browser, tmp_path: Path
) -> None:
    root = tab.page.url.partition("?")[0]
    called = len(visit.chats.calls)
    async with Visit.of(browser) as neighbour:
        # Another server on loopback is the same site, and another origin.
        page = (await neighbour.open()).page
        outcome = await page.evaluate(
            """async root => {
              const tell = work => work().then(() => 'done', () => 'refused');
              return [
                await tell(() => fetch(root + 'call/list', {method: 'POST', body: '{}',
                  credentials: 'include', headers: {'Content-Type': 'application/json'}})),
                await tell(() => fetch(root, {credentials: 'include'})),
              ];
            }""",
            root,
        )
        assert outcome == ["refused", "refused"]
        neighbour.faults.clear()
        neighbour.outside.clear()
    assert len(visit.chats.calls) == called
    frame = tmp_path / "frame.html"
    frame.write_text(f"<iframe src={json.dumps(root)}></iframe>")
    page = await visit.context.new_page()
    await page.goto(frame.as_uri())
    assert "composer" not in await page.frames[1].content()
    visit.faults.clear()
    visit.outside.clear()
