"""What is offered at a selection and at a hunk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lsp_client import Client, position, serving
from spyhop.models.scripted import ScriptedOllama, reply

pytestmark = pytest.mark.anyio

URI = "file:///work/a.py"
TEXT = "a = 1\nb = 2\nc = 3\nd = 4\n"


async def actions(
    client: Client,
    start: int,
    end: int,
    only: list[str] | None = None,
    diagnostics: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    text = client.documents[URI].text
    range_ = {"start": position(text, start), "end": position(text, end)}
    context: dict[str, Any] = {"diagnostics": diagnostics} | ({"only": only} if only else {})
    params = {"textDocument": {"uri": URI}, "range": range_, "context": context}
    found: list[dict[str, Any]] | None = await client.request("textDocument/codeAction", params)
    return found or []


async def test_a_selection_is_offered_comments_and_every_preset() -> None:
    async with serving() as client:
        await client.initialize()
        client.open(URI, TEXT)
        offered = await actions(client, 0, 5)
        assert [action["title"] for action in offered] == [
            "Spyhop: Generate comments",
            "Spyhop: Write docstrings",
            "Spyhop: Explain",
            "Spyhop: Find and fix bugs",
            "Spyhop: Make faster",
            "Spyhop: Simplify",
            "Spyhop: Write tests",
            "Spyhop: Translate comments",
            "Spyhop: Add types",
            "Spyhop: Add to chat",
        ]
        assert {action["kind"] for action in offered} == {"refactor.rewrite"}
        assert offered[0]["command"]["command"] == "spyhop.edit"
        assert offered[0]["command"]["arguments"][0]["preset"] == "comment"


async def test_titles_follow_the_editors_language() -> None:
    async with serving() as client:
        await client.initialize(locale="zh-cn")
        client.open(URI, TEXT)
        offered = await actions(client, 0, 5)
        assert offered[0]["title"] == "Spyhop：生成注释"


@pytest.mark.parametrize(
    ("only", "some"),
    [(["quickfix"], False), (["refactor"], True), (["refactor.rewrite"], True), (["ref"], False)],
)
async def test_only_the_kinds_that_are_asked_for(only: list[str], some: bool) -> None:
    async with serving() as client:
        await client.initialize()
        client.open(URI, TEXT)
        assert bool(await actions(client, 0, 5, only)) is some


async def test_a_caret_is_offered_nothing_but_the_verdicts_on_the_hunk_it_is_in() -> None:
    answer = "</think>\n```python\na = 10\nb = 2\nc = 30\nd = 4\n```"
    with ScriptedOllama([reply(answer)]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize()
            client.open(URI, TEXT)
            assert await actions(client, 2, 2) == []
            range_ = {"start": position(TEXT, 0), "end": position(TEXT, len(TEXT))}
            argument = {"uri": URI, "range": range_, "instruction": "times ten"}
            await client.command("spyhop.edit", argument)
            await client.message("workspace/applyEdit")
            await client.lenses(URI)
            text = client.documents[URI].text
            titles = [a["title"] for a in await actions(client, text.index("30"), text.index("30"))]
            assert titles == [
                "Spyhop: accept this change",
                "Spyhop: reject this change",
                "Spyhop: accept all changes (2)",
                "Spyhop: reject all changes (2)",
                "Spyhop: show the diff",
            ]
            reject = (await actions(client, text.index("30"), text.index("30")))[1]["command"]
            await client.command(reject["command"], reject["arguments"][0])
            assert client.documents[URI].text == "a = 10\nb = 2\nc = 3\nd = 4\n"
            assert await actions(client, text.index("b"), text.index("b")) == []


UNUSED = {
    "range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 1}},
    "message": "b is\nnever used",
    "code": "F841",
}


async def test_problems_in_the_selection_go_along_with_the_request_to_fix_them() -> None:
    with ScriptedOllama([reply("</think>\n```python\na = 1\n```")]) as ollama:
        async with serving() as client:
            client.settings = {"spyhop": {"url": ollama.url}}
            await client.initialize()
            client.open(URI, TEXT)
            offered = await actions(client, 0, 11, diagnostics=[UNUSED])
            arguments = {action["title"]: action["command"]["arguments"][0] for action in offered}
            assert "diagnostics" not in arguments["Spyhop: Simplify"]
            await client.command("spyhop.edit", arguments["Spyhop: Find and fix bugs"])
            await client.message("workspace/applyEdit")
            assert "- line 2: b is never used (F841)\n" in ollama.generations[0].body["prompt"]


async def test_a_problem_at_the_caret_is_offered_a_fix() -> None:
    async with serving() as client:
        await client.initialize()
        client.open(URI, TEXT)
        [fix] = await actions(client, 7, 7, diagnostics=[UNUSED])
        assert fix["title"] == "Spyhop: Find and fix bugs"
        assert fix["command"]["arguments"][0]["range"] == UNUSED["range"]


OWN = '+++\nuses = "edit"\ntitle = { en = "Make it rhyme" }\n+++\nMake it rhyme.\n'


async def test_prompts_of_the_users_and_the_projects_own_appear_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    user = tmp_path / "config" / "spyhop" / "prompts"
    project = tmp_path / "project" / ".spyhop" / "prompts"
    async with serving() as client:
        await client.initialize(rootUri=(tmp_path / "project").as_uri())
        client.open(URI, TEXT)

        async def titles() -> set[str]:
            return {action["title"] for action in await actions(client, 0, 5)}

        before = await titles()
        for folder, name in ((user, "rhyme"), (project, "other")):
            folder.mkdir(parents=True)
            (folder / f"{name}.md").write_text(OWN.replace("rhyme", name), encoding="utf-8")
        assert await titles() - before == {"Spyhop: Make it rhyme", "Spyhop: Make it other"}
        (user / "rhyme.md").unlink()
        assert await titles() - before == {"Spyhop: Make it other"}


async def test_a_broken_prompt_is_told_once_and_disables_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / ".spyhop" / "prompts"
    folder.mkdir(parents=True)
    (folder / "good.md").write_text(OWN, encoding="utf-8")
    (folder / "bad.md").write_text(OWN + "In {{language}}.\n", encoding="utf-8")
    async with serving() as client:
        await client.initialize(rootUri=tmp_path.as_uri())
        client.open(URI, TEXT)
        for _ in range(2):
            titles = [action["title"] for action in await actions(client, 0, 5)]
            assert "Spyhop: Make it rhyme" in titles
            assert len(titles) == 11
        [shown] = client.messages("window/showMessage")
        assert f"{folder / 'bad.md'}, line 6" in shown["message"]
