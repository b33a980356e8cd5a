"""What a person does with the page, seen through a browser."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from browser import Tab, Visit
from scripted_chats import lines
from spyhop.assist.chat.protocol import Applied, Mention, ModelChoice, Place, PromptChoice
from spyhop.errors import UsageError
from spyhop.messages import say

pytestmark = pytest.mark.anyio

BLOCK = "Use this:\n\n```python\nreturn abs(a)\n```\n\n1. And then\n\n   ```sh\n   make\n   ```\n"


async def asked(visit: Visit, tab: Tab, text: str, answer: str) -> None:
    """Ask and have it answered."""
    await tab.ask(text)
    visit.chats.answer(answer)
    visit.chats.finish()
    await tab.button("Send").wait_for()


async def sent(visit: Visit, method: str) -> dict[str, object]:
    """Return the parameters of the last request of a method."""
    return next(params for name, params in reversed(visit.chats.calls) if name == method)


async def test_a_question_is_asked_and_its_thought_folds_when_the_answer_begins(
    visit: Visit, tab: Tab
) -> None:
    await tab.ask("What is 6 times 7?")
    await expect(tab.questions).to_have_text("What is 6 times 7?")
    visit.chats.think("Six sevens ", tokens=3, seconds=0.4)
    visit.chats.think("are forty-two.", tokens=1214, seconds=75.2)
    toggle = tab.thoughts.locator(".thought-toggle")
    await expect(toggle).to_have_text("Thinking · 1 min 15 s · 1,214 tokens")
    await expect(toggle).to_have_attribute("aria-expanded", "true")
    await expect(tab.thoughts).to_contain_text("Six sevens are forty-two.")
    visit.chats.answer("It is **42**.")
    await expect(toggle).to_have_text("Thought for 1 min 15 s · 1,214 tokens")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await expect(tab.thoughts).not_to_contain_text("Six sevens")
    visit.chats.finish()
    await expect(tab.answers.locator("strong")).to_have_text("42")
    await expect(tab.button("Send")).to_be_visible()
    await toggle.click()
    await expect(tab.thoughts).to_contain_text("Six sevens are forty-two.")


async def test_who_folds_a_thought_while_it_streams_sees_no_further_one(
    visit: Visit, tab: Tab
) -> None:
    toggle = tab.thoughts.locator(".thought-toggle")
    await tab.ask("First")
    visit.chats.think("Hm.", tokens=1, seconds=0.1)
    await expect(tab.thoughts).to_contain_text("Hm.")
    await toggle.click()
    await expect(tab.thoughts).not_to_contain_text("Hm.")
    visit.chats.answer("One.")
    visit.chats.finish()
    await tab.ask("Second")
    visit.chats.think("Well.", tokens=1, seconds=0.1)
    await expect(toggle.last).to_contain_text("1 tokens")
    await expect(toggle.last).to_have_attribute("aria-expanded", "false")


async def test_who_opens_a_thought_keeps_it_open(visit: Visit, tab: Tab) -> None:
    toggle = tab.thoughts.locator(".thought-toggle")
    await tab.ask("First")
    visit.chats.think("Hm.", tokens=1, seconds=0.1)
    await expect(tab.thoughts).to_contain_text("Hm.")
    await toggle.click()
    await toggle.click()
    visit.chats.answer("One.")
    await expect(toggle).to_contain_text("Thought for")
    await expect(tab.thoughts).to_contain_text("Hm.")


async def test_a_selection_that_is_added_goes_along(visit: Visit, tab: Tab) -> None:
    chat_id = next(iter(visit.chats.chats))
    visit.chats.add_attachment(
        chat_id, kind="selection", path="src/gcd.py", range=lines(2, 9), text="def gcd(a, b):"
    )
    chip = tab.page.locator(".composer .chip")
    await expect(chip).to_have_text("gcd.py:3–9")
    await chip.get_by_role("button", name="gcd.py:3–9", exact=True).click()
    await expect(tab.page.locator(".snapshot")).to_have_text("def gcd(a, b):")
    await asked(visit, tab, "Is this right?", "Yes.")
    await expect(tab.questions.locator(".chip")).to_have_text("gcd.py:3–9")
    await expect(chip).to_have_count(0)


async def test_a_chip_tells_that_its_file_has_changed_and_is_taken_away(
    visit: Visit, tab: Tab
) -> None:
    chat_id = next(iter(visit.chats.chats))
    visit.chats.add_attachment(chat_id, kind="file", path="gcd.py", state="changed")
    visit.chats.add_attachment(chat_id, kind="file", path="lost.py", state="gone")
    chips = tab.page.locator(".composer .chip")
    await expect(chips).to_have_text(["gcd.pychanged", "lost.pygone"])
    await tab.button("Remove lost.py").click()
    await expect(chips).to_have_text(["gcd.pychanged"])


async def test_stop_keeps_what_has_come(visit: Visit, tab: Tab) -> None:
    await tab.ask("Count")
    visit.chats.answer("One, two")
    await expect(tab.answers).to_contain_text("One, two")
    await tab.button("Stop").click()
    await expect(tab.answers).to_contain_text("Stopped.")
    await expect(tab.answers).to_contain_text("One, two")


async def test_escape_stops(visit: Visit, tab: Tab) -> None:
    await tab.ask("Count")
    visit.chats.answer("One, two")
    await tab.message.press("Escape")
    await expect(tab.answers).to_contain_text("Stopped.")


async def test_answer_now_is_there_while_the_thought_can_be_ended(visit: Visit, tab: Tab) -> None:
    await tab.ask("Why?")
    visit.chats.think("Hm", tokens=1, seconds=0.1, can_answer_now=False)
    await expect(tab.thoughts).to_contain_text("Hm")
    await expect(tab.button("Answer now")).to_have_count(0)
    visit.chats.think("m", tokens=2, seconds=0.2)
    await tab.button("Answer now").click()
    visit.chats.answer("Because.")
    await expect(tab.button("Answer now")).to_have_count(0)
    assert [method for method, _ in visit.chats.calls].count("answerNow") == 1


async def test_a_reload_in_mid_stream_loses_nothing(visit: Visit, tab: Tab) -> None:
    await tab.ask("Count")
    visit.chats.think("From one.", tokens=3, seconds=0.3)
    visit.chats.answer("One, ")
    await expect(tab.answers).to_contain_text("One,")
    await tab.message.fill("a draft")
    await tab.page.reload()
    visit.chats.answer("two, ")
    await expect(tab.answers).to_contain_text("One, two,")
    visit.chats.answer("three.")
    visit.chats.finish()
    await expect(tab.answers.locator(".markdown")).to_have_text("One, two, three.")
    await expect(tab.thoughts).to_contain_text("Thought for")
    await expect(tab.message).to_have_value("a draft")


async def test_a_lost_connection_is_told_and_taken_up_again(visit: Visit, tab: Tab) -> None:
    await tab.ask("Count")
    visit.chats.answer("One, ")
    await expect(tab.answers).to_contain_text("One,")
    await visit.context.set_offline(offline=True)
    await visit.drop_listeners()
    await expect(tab.page.get_by_role("alert")).to_contain_text("connection to Spyhop is lost")
    visit.chats.answer("two, ")
    await visit.context.set_offline(offline=False)
    visit.chats.answer("three.")
    await expect(tab.answers.locator(".markdown")).to_have_text("One, two, three.")
    await expect(tab.page.get_by_role("alert")).to_have_count(0)
    visit.faults.clear()  # The browser reports requests that found nobody.


async def test_a_page_whose_events_are_forgotten_begins_anew(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Count", "One.")
    await visit.context.set_offline(offline=True)
    await visit.drop_listeners()
    await expect(tab.page.get_by_role("alert")).to_be_visible()
    visit.chats.add_chat("Another")
    visit.chats.forget()
    await visit.context.set_offline(offline=False)
    await expect(tab.page.get_by_role("alert")).to_have_count(0)
    await tab.button("Chats").click()
    await expect(tab.page.locator(".chats .name")).to_have_text(["Another", "Count"])
    visit.faults.clear()


async def test_two_tabs_show_the_same(visit: Visit, tab: Tab) -> None:
    chat_id = next(iter(visit.chats.chats))
    other = await visit.open(chat_id)
    await tab.ask("Count")
    visit.chats.think("From one.", tokens=3, seconds=0.3)
    visit.chats.answer("One, two.")
    for one in (tab, other):
        await expect(one.answers.locator(".markdown")).to_have_text("One, two.")
    await other.button("Stop").click()
    for one in (tab, other):
        await expect(one.answers).to_contain_text("Stopped.")
        await expect(one.button("Send")).to_be_visible()


async def test_what_is_added_from_the_editor_is_shown(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Count", "One.")
    other = visit.chats.add_chat("From the editor", [visit.chats.turn("user", "Hello")])
    visit.chats.point_to(other.id)
    await expect(tab.page.get_by_role("heading", name="From the editor")).to_be_visible()
    await expect(tab.questions).to_have_text("Hello")


async def test_enter_of_an_input_method_sends_nothing(visit: Visit, tab: Tab) -> None:
    await tab.message.focus()
    session = await visit.context.new_cdp_session(tab.page)
    await session.send(
        "Input.imeSetComposition", {"text": "ni", "selectionStart": 2, "selectionEnd": 2}
    )
    # What browsers send for a key that the input method takes.
    taken = {"windowsVirtualKeyCode": 229, "code": "Enter", "key": "Process"}
    await session.send("Input.dispatchKeyEvent", {"type": "keyDown", **taken})
    await tab.message.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await tab.message.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    await session.send("Input.insertText", {"text": "你好"})
    await expect(tab.message).to_have_value("你好")
    assert "send" not in [method for method, _ in visit.chats.calls]
    await tab.message.press("Enter")
    await expect(tab.questions).to_have_text("你好")


async def test_shift_enter_makes_a_new_line(visit: Visit, tab: Tab) -> None:
    await tab.message.press_sequentially("one")
    await tab.message.press("Shift+Enter")
    await tab.message.press_sequentially("two")
    await tab.message.press("Enter")
    await expect(tab.questions).to_have_text("one\ntwo")
    assert (await sent(visit, "send"))["text"] == "one\ntwo"


async def test_a_name_behind_at_is_completed_by_keys_and_goes_along(visit: Visit, tab: Tab) -> None:
    visit.chats.mentions = (
        Mention(kind="file", name="gcd.py", path="src/gcd.py", uri=""),
        Mention(kind="symbol", name="gcd", path="src/gcd.py", uri="", range=lines(0, 6)),
    )
    await tab.message.press_sequentially("解释@gc")
    options = tab.page.get_by_role("option")
    await expect(options).to_have_count(2)
    await tab.message.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await tab.message.press("Enter")
    await expect(tab.page.locator(".composer .chip")).to_have_count(1)
    await expect(tab.message).to_have_value("解释`gcd` ")
    assert (await sent(visit, "attach"))["range"] == {"start": 0, "end": 6}
    await tab.message.press_sequentially("@gc")
    await expect(options).to_have_count(2)
    await tab.message.press("Escape")
    await expect(options).to_have_count(0)
    await expect(tab.message).to_have_value("解释`gcd` @gc")


async def test_a_prompt_is_named_behind_a_slash(visit: Visit, tab: Tab) -> None:
    visit.chats.prompts = (
        PromptChoice(name="explain", title="Explain the code"),
        PromptChoice(name="fix", title="Mend a problem"),
    )
    await tab.page.reload()
    await tab.message.press_sequentially("/ex")
    await tab.page.get_by_role("option", name="/explain").click()
    await tab.message.press_sequentially("briefly")
    await tab.message.press("Enter")
    await expect(tab.questions).to_have_text("/explain briefly")
    request = await sent(visit, "send")
    assert (request["prompt"], request["text"]) == ("explain", "briefly")


async def test_a_block_is_applied_where_it_is_certain(visit: Visit, tab: Tab) -> None:
    place = Place(uri="", path="src/gcd.py", range=lines(4, 5), why="attached")
    visit.chats.applied = Applied(state="proposed", places=(place,), warnings=("Look at it.",))
    await asked(visit, tab, "Mend it", BLOCK)
    await tab.button("Apply as diff").first.click()
    await expect(tab.answers.locator(".outcome")).to_have_text(
        "Proposed in gcd.py:5: accept or reject it there Look at it."
    )
    request = await sent(visit, "apply")
    assert (request["block"], request["place"]) == (0, None)


async def test_where_a_block_belongs_is_asked_and_not_guessed(visit: Visit, tab: Tab) -> None:
    places = tuple(
        Place(uri="", path=path, range=lines(0, 2), why="symbol", first_line="def gcd(a, b):")
        for path in ("one.py", "two.py")
    )
    visit.chats.applied = Applied(state="ask", places=places)
    await asked(visit, tab, "Mend it", BLOCK)
    await tab.button("Apply as diff").last.click()
    await tab.page.locator(".place", has_text="two.py").click()
    await expect(tab.answers.locator(".outcome")).to_contain_text("Proposed in")
    request = await sent(visit, "apply")
    assert (request["block"], request["place"]) == (1, {"uri": "", "range": {"start": 0, "end": 2}})


async def test_a_block_makes_a_file(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Write it", BLOCK)
    await tab.button("New file").first.click()
    await tab.page.get_by_role("textbox", name="Path in the workspace").fill("src/new.py")
    await tab.page.keyboard.press("Enter")
    await expect(tab.answers.locator(".outcome")).to_contain_text("outside the folders")
    assert "newFile" not in [method for method, _ in visit.chats.calls]
    visit.faults.clear()  # The browser reports the refusal.


async def test_a_block_that_cannot_be_inserted_says_why(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Write it", BLOCK)
    await tab.button("Insert at cursor").first.click()
    words = say("en", "document-closed", uri="gcd.py")
    await expect(tab.answers.locator(".outcome.error")).to_have_text(words)
    visit.faults.clear()


async def test_a_block_is_copied_as_it_is(visit: Visit, tab: Tab) -> None:
    await visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await asked(visit, tab, "Write it", "```python\nif a < b:\n\treturn a\n```")
    await tab.button("Copy").click()
    await expect(tab.button("Copied")).to_be_visible()
    copied = await tab.page.evaluate("navigator.clipboard.readText()")
    assert copied == "if a < b:\n\treturn a\n"


async def test_code_can_be_used_once_the_answer_is_whole(visit: Visit, tab: Tab) -> None:
    await tab.ask("Write it")
    visit.chats.answer(BLOCK)
    await expect(tab.button("Copy").first).to_be_visible()
    await expect(tab.button("Apply as diff")).to_have_count(0)
    visit.chats.finish()
    await expect(tab.button("Apply as diff")).to_have_count(2)


async def test_a_message_is_edited_and_an_answer_tried_again(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Frist", "One.")
    await tab.message.press("ArrowUp")
    editor = tab.page.get_by_role("textbox", name="Edit")
    await expect(editor).to_be_focused()
    await editor.fill("First")
    await editor.press("Enter")
    await expect(tab.questions).to_have_text("First")
    visit.chats.answer("1.")
    visit.chats.finish()
    await tab.button("Try again").click()
    await expect(tab.button("Stop")).to_be_visible()
    visit.chats.answer("One!")
    visit.chats.finish()
    await expect(tab.answers.locator(".markdown")).to_have_text("One!")
    await expect(tab.questions).to_have_text("First")


async def test_chats_are_found_renamed_and_deleted(visit: Visit, tab: Tab) -> None:
    whale = visit.chats.add_chat("Whales", [visit.chats.turn("user", "How deep do they dive?")])
    visit.chats.add_chat("Birds", [visit.chats.turn("user", "How high do they fly?")])
    await tab.button("Chats").click()
    rows = tab.page.locator(".chats .name")
    await expect(rows).to_have_count(2)
    await tab.page.get_by_role("searchbox").fill("dive")
    await expect(rows).to_have_text(["Whales"])
    await tab.page.locator(".chats").get_by_role("button", name="Rename").click()
    title = tab.page.get_by_role("textbox", name="Title")
    await title.fill("Orcas")
    await title.press("Enter")
    await expect(rows).to_have_text(["Orcas"])
    await rows.first.click()
    await expect(tab.page.get_by_role("heading", name="Orcas")).to_be_visible()
    await expect(tab.questions).to_have_text("How deep do they dive?")
    await tab.button("More").click()
    await tab.page.get_by_role("menuitem", name="Delete").click()
    await tab.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(tab.page.get_by_role("heading", name="Orcas")).to_have_count(0)
    assert whale.id not in visit.chats.chats


async def test_a_chat_is_saved_as_markdown(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Count", "One.")
    await tab.button("More").click()
    async with tab.page.expect_download() as download:
        await tab.page.get_by_role("menuitem", name="Export as Markdown").click()
    saved = await download.value
    assert saved.suggested_filename == "chat.md"
    assert (await saved.path()).read_text() == "Count\n\nOne."


async def test_the_model_is_switched(visit: Visit, tab: Tab) -> None:
    visit.chats.models.append(ModelChoice(name="deepseek-r1:14b", endpoint="gpu", used=False))
    await tab.button("Model: deepseek-r1:7b").click()
    await tab.page.get_by_role("menuitemradio", name="deepseek-r1:14b").click()
    await expect(tab.button("Model: deepseek-r1:14b")).to_be_visible()
    assert await sent(visit, "switchModel") == {"name": "deepseek-r1:14b", "endpoint": "gpu"}


async def test_what_goes_wrong_is_shown_until_it_is_dismissed(visit: Visit, tab: Tab) -> None:
    visit.chats.fault = UsageError("no-question")
    await tab.message.fill("?")
    await tab.message.press("Enter")
    await expect(tab.page.get_by_role("alert")).to_contain_text(say("en", "no-question"))
    await expect(tab.message).to_have_value("?")
    await tab.button("Close").click()
    await expect(tab.page.get_by_role("alert")).to_have_count(0)
    visit.faults.clear()


async def test_an_answer_tells_why_it_failed_and_what_to_look_at(visit: Visit, tab: Tab) -> None:
    await tab.ask("Why?")
    visit.chats.notice("The model is loading.")
    await expect(tab.answers).to_contain_text("The model is loading.")
    visit.chats.finish(
        state="failed", error="Ollama does not answer.", warnings=("2 turns left out.",)
    )
    await expect(tab.answers.get_by_role("alert")).to_have_text("Ollama does not answer.")
    await expect(tab.answers).to_contain_text("2 turns left out.")
    await expect(tab.answers).not_to_contain_text("loading")


async def test_a_screen_reader_hears_the_stages_and_not_the_tokens(visit: Visit, tab: Tab) -> None:
    status = tab.page.locator(".turns > [role=status]")
    await tab.ask("Why?")
    await expect(status).to_have_text("The model is thinking.")
    visit.chats.think("Hm.", tokens=1, seconds=0.1)
    visit.chats.answer("Because.")
    await expect(status).to_have_text("The model is answering.")
    visit.chats.finish()
    await expect(status).to_have_text("The answer is complete.")
    assert await tab.page.get_by_role("log").get_attribute("aria-live") == "off"


async def test_the_view_follows_the_end_until_the_reader_goes_up(visit: Visit, tab: Tab) -> None:
    await tab.ask("Count")
    view = tab.page.locator(".turns")
    visit.chats.answer("\n\n".join(map(str, range(200))))
    await expect(tab.page.get_by_text("199", exact=True)).to_be_in_viewport()
    await view.evaluate("view => view.scrollTo({top: 0})")
    latest = tab.button("Go to the end")
    await expect(latest).to_be_visible()
    visit.chats.answer("\n\nlast")
    await expect(tab.page.get_by_text("last", exact=True)).not_to_be_in_viewport()
    await latest.click()
    await expect(tab.page.get_by_text("last", exact=True)).to_be_in_viewport()


async def test_all_is_reached_by_keys(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Write it", BLOCK)
    reached = set()
    for _ in range(40):
        await tab.page.keyboard.press("Tab")
        reached.add(await tab.page.evaluate("document.activeElement.ariaLabel"))
    wanted = {"Chats", "New chat", "More", "Edit", "Apply as diff", "Insert at cursor", "New file"}
    assert reached >= wanted | {"Copy", "Copy answer", "Try again", "Message", "Code, python"}
    await tab.button("More").focus()
    await tab.page.keyboard.press("Enter")
    await tab.page.keyboard.press("ArrowDown")
    await expect(tab.page.get_by_role("menuitem", name="Export as Markdown")).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(tab.button("More")).to_be_focused()


async def test_every_control_has_a_name(visit: Visit, tab: Tab) -> None:
    await asked(visit, tab, "Write it", BLOCK)
    nameless = await tab.page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea')]
            .filter(one => !(one.getAttribute('aria-label') || one.innerText || '').trim())
            .map(one => one.outerHTML)"""
    )
    assert nameless == []


async def test_a_used_address_says_what_to_do(visit: Visit) -> None:
    address = visit.server.open_page()
    tab = await visit.open()
    await tab.page.close()
    page = await visit.context.new_page()
    await page.goto(address)
    await page.locator(".composer").wait_for()
    await visit.context.clear_cookies()
    await page.goto(address)
    await expect(page.locator("body")).to_contain_text(re.compile("spyhop chat --page"))
    visit.faults.clear()


async def test_the_page_says_that_its_server_has_ended(visit: Visit, tab: Tab) -> None:
    await visit.server.aclose()
    await expect(tab.page.get_by_role("alert")).to_contain_text("connection to Spyhop is lost")
    visit.faults.clear()


async def test_a_bookmark_of_a_chat_that_is_gone_shows_another(visit: Visit) -> None:
    visit.chats.add_chat("Whales", [visit.chats.turn("user", "How deep?")])
    tab = await visit.open("deleted-since")
    await expect(tab.page.get_by_role("heading", name="Whales")).to_be_visible()
    visit.faults.clear()  # The browser reports the refusal.


async def test_what_is_attached_to_a_new_chat_is_there_after_a_reload(
    visit: Visit, tab: Tab
) -> None:
    await asked(visit, tab, "Count", "One.")
    await tab.button("New chat").click()
    await expect(tab.questions).to_have_count(0)
    await tab.message.fill("@diff")
    await tab.page.get_by_role("option", name="Git diff").click()
    await expect(tab.page.locator(".composer .chip")).to_have_text("Git diff")
    await tab.page.reload()
    await expect(tab.page.locator(".composer .chip")).to_have_text("Git diff")
    await expect(tab.questions).to_have_count(0)
