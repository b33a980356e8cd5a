from __future__ import annotations

import pytest

from spyhop.sessions.chats.markdown import file_name, markdown_of
from spyhop.sessions.chats.values import Attachment, Chat, Lines, Thought, Turn

CHAT = Chat(id="1", title="Why is\nthis `slow`?", created=0, updated=0)


def test_a_chat_with_all_that_belongs_to_it() -> None:
    code = Attachment(
        id="a",
        kind="selection",
        path="src/a.md",
        language="markdown",
        range=Lines(start=4, end=6),
        text="```\nx\n",
    )
    diff = Attachment(id="b", kind="diff", text="-a\n+b")
    turns = [
        Turn(id="1", role="user", created=0, text="Why?", attachments=(code, diff)),
        Turn(
            id="2",
            role="assistant",
            created=0,
            text="So.",
            model="r1",
            thought=Thought(text="Hm."),
            state="stopped",
        ),
        Turn(id="3", role="user", created=0, instruction="Explain."),
        Turn(id="4", role="assistant", created=0, state="failed", error="No model."),
    ]
    assert markdown_of(CHAT, turns, "en") == (
        "# Why is this `slow`?\n\n"
        "## You\n\n"
        "`src/a.md:5-6`\n\n````markdown\n```\nx\n````\n\n"
        "`uncommitted changes`\n\n```diff\n-a\n+b\n```\n\n"
        "Why?\n\n"
        "## r1\n\n"
        "<details><summary>What the model thought</summary>\n\nHm.\n\n</details>\n\n"
        "So.\n\n*Stopped.*\n\n"
        "## You\n\nExplain.\n\n"
        "## Model\n\n*No model.*\n"
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Why is this slow?", "Why-is-this-slow.md"),
        ("为什么慢？", "为什么慢.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("???", "chat.md"),
        ("", "chat.md"),
        ("a" * 90, "a" * 60 + ".md"),
    ],
)
def test_a_file_name_is_one_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(CHAT.model_copy(update={"title": title})) == name
