"""A chat as Markdown, to be kept or passed on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from spyhop.core.fences import fence_for
from spyhop.languages import info_string
from spyhop.messages import Language, say
from spyhop.sessions.chats.values import Attachment, Chat, Turn

_NOT_IN_NAMES: Final = re.compile(r"[^\w.-]+")
_MOST: Final = 60


def file_name(chat: Chat) -> str:
    """Return a name for the file, which every system takes."""
    name = _NOT_IN_NAMES.sub("-", chat.title).strip("-.")[:_MOST].rstrip("-.")
    return f"{name or 'chat'}.md"


def markdown_of(chat: Chat, turns: Sequence[Turn], language: Language) -> str:
    """Return a chat with all that was attached, and its thoughts folded."""
    parts = [f"# {_line(chat.title)}"]
    for turn in turns:
        if turn.role == "user":
            parts.append(f"## {say(language, 'chat-you')}")
            parts += [_attached(it, language) for it in turn.attachments]
            parts.append(turn.text or turn.instruction)
        else:
            parts.append(f"## {turn.model or say(language, 'chat-model')}")
            if turn.thought is not None and turn.thought.text:
                parts.append(_thought(turn.thought.text, language))
            parts.append(turn.text)
            if turn.state != "done":
                parts.append(f"*{_end(turn, language)}*")
    return "\n\n".join(filter(None, parts)) + "\n"


def place_of(attachment: Attachment, language: Language) -> str:
    """Return what is attached, in a few words: a path, with lines from 1 where they are."""
    if attachment.kind == "diff":
        return say(language, "chat-diff")
    if attachment.range is None:
        return attachment.path
    first, last = attachment.range.start + 1, attachment.range.end
    return f"{attachment.path}:{first}" + (f"-{last}" if last > first else "")


def _attached(attachment: Attachment, language: Language) -> str:
    text = attachment.text
    fence = fence_for(text)
    info = "diff" if attachment.kind == "diff" else info_string(attachment.language)
    if attachment.kind == "diagnostics":
        info = ""
    end = "" if not text or text.endswith("\n") else "\n"
    return f"`{place_of(attachment, language)}`\n\n{fence}{info}\n{text}{end}{fence}"


def _thought(text: str, language: Language) -> str:
    summary = say(language, "thought-heading")
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _end(turn: Turn, language: Language) -> str:
    match turn.state:
        case "failed":
            return turn.error
        case "stopped":
            return say(language, "chat-stopped")
        case _:
            return say(language, "chat-interrupted")


def _line(text: str) -> str:
    return " ".join(text.split())
