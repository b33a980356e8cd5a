"""What is attached to a message: read when it is attached, and again when it is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from spyhop.assist.chat.port import LiveText, Workspace
from spyhop.assist.chat.protocol import AttachParams
from spyhop.core.diff import Hunk, diff_lines
from spyhop.core.lines import split_lines
from spyhop.errors import SpyhopError, UsageError
from spyhop.messages import Notice
from spyhop.sessions.chats.values import Attachment, Lines

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Pending:
    """What the next message takes along."""

    attachment: Attachment
    document: str = ""
    """The file's whole text when it was read."""

    def is_same(self, other: Attachment) -> bool:
        """Tell whether both show the same."""
        mine = self.attachment
        return (mine.kind, mine.uri, mine.range, mine.text) == (
            other.kind,
            other.uri,
            other.range,
            other.text,
        )


async def attach(workspace: Workspace, params: AttachParams, new_id: str) -> Pending:
    """Read what is to be attached.

    Raises:
        UsageError: there is nothing to be read, or nothing in it.
    """
    if params.kind == "diff":
        text = sendable(await workspace.diff())
        if not text.strip():
            raise UsageError("chat-no-diff")
        return Pending(Attachment(id=new_id, kind="diff", text=text))
    live = await workspace.read(params.uri)
    if live is None:
        raise UsageError("file-missing", path=params.uri or "-")
    about = Attachment(
        id=new_id, kind=params.kind, uri=live.uri, path=live.path, language=live.language
    )
    if params.kind == "diagnostics":
        text = sendable("\n".join(" ".join(it.split()) for it in params.diagnostics))
        if not text.strip():
            raise UsageError("chat-no-diagnostics", path=live.path)
        return Pending(about.model_copy(update={"range": params.range, "text": text}))
    if params.kind == "file":
        text = sendable(live.source.text)
        return Pending(about.model_copy(update={"text": text}), live.source.text)
    if params.range is None:
        raise UsageError("chat-no-lines")
    lines = _within(params.range, live)
    text = _text_of(live, lines)
    if not text.strip():
        raise UsageError("chat-blank-lines", path=live.path)
    return Pending(about.model_copy(update={"range": lines, "text": text}), live.source.text)


async def read_again(workspace: Workspace, pending: Pending) -> tuple[Attachment, Notice | None]:
    """Return what is attached as it is by now, and what to tell where that is not as it was.

    Lines are followed to where they have moved. Where they, or the file, are gone, what
    was read before is sent. Problems and diffs are sent as they were.
    """
    attachment = pending.attachment
    if attachment.kind in {"diagnostics", "diff"}:
        return attachment, None
    try:
        live = await workspace.read(attachment.uri)
    except SpyhopError:
        live = None
    lines = _followed(pending, live) if live is not None else None
    if live is None or (attachment.range is not None and lines is None):
        gone = attachment.model_copy(update={"state": "gone"})
        return gone, Notice.of("chat-attachment-gone", path=attachment.path)
    text = sendable(live.source.text) if lines is None else _text_of(live, lines)
    new = attachment.model_copy(update={"range": lines, "text": text, "state": "live"})
    if text == attachment.text:
        return new, None
    return new, Notice.of("chat-attachment-changed", path=attachment.path)


async def state_of(workspace: Workspace, pending: Pending) -> Attachment:
    """Return what is attached, with whether the file still says so."""
    now, notice = await read_again(workspace, pending)
    if now.state == "gone":
        return now
    state = "live" if notice is None else "changed"
    return pending.attachment.model_copy(update={"state": state})


def sendable(text: str) -> str:
    """Return ``text`` with lone surrogates, which no JSON may hold, as U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def followed(old: str, new: str, lines: Lines) -> Lines | None:
    """Return where lines of ``old`` stand in ``new``; None: they are not there any more.

    Lines put in right above or below them do not belong to them; what was written in the place of
    some of them does. Where they stand as they were in one place, they are there.
    """
    before, after = split_lines(old), split_lines(new)
    same = _places(before[lines.start : lines.end], after)
    if len(same) == 1:
        return Lines(start=same[0], end=same[0] + lines.end - lines.start)
    hunks = diff_lines(before, after)
    start = _moved(hunks, lines.start, is_end=False)
    end = _moved(hunks, lines.end, is_end=True)
    return Lines(start=start, end=end) if start < end else None


def found(text: str, document: str, lines: Lines) -> Lines | None:
    """Return where the lines of ``text``, once ``lines``, stand in ``document``: the nearest place.

    None: nowhere, as they were.
    """
    wanted = split_lines(text)
    starts = _places(wanted, split_lines(sendable(document)))
    if not starts:
        return None
    start = min(starts, key=lambda at: abs(at - lines.start))
    return Lines(start=start, end=start + len(wanted))


def _places(wanted: Sequence[str], there: Sequence[str]) -> list[int]:
    """Return where ``wanted`` stands in a row in ``there``."""
    size = len(wanted)
    starts = range(len(there) - size + 1) if size else ()
    return [at for at in starts if there[at : at + size] == wanted]


def _moved(hunks: Sequence[Hunk], place: int, *, is_end: bool) -> int:
    """Return where a boundary between lines is behind ``hunks``."""
    shift = 0
    for hunk in hunks:
        if hunk.old_start >= place and (is_end or hunk.old_end > place):
            break
        if hunk.old_end > place:
            return hunk.new_end if is_end else hunk.new_start
        shift = hunk.new_end - hunk.old_end
    return place + shift


def _followed(pending: Pending, live: LiveText) -> Lines | None:
    lines = pending.attachment.range
    if lines is None:
        return None
    if pending.document:
        return followed(pending.document, live.source.text, lines)
    return found(pending.attachment.text, live.source.text, lines)


def _within(lines: Lines, live: LiveText) -> Lines:
    count = live.source.line_count
    start = min(lines.start, count - 1)
    return Lines(start=start, end=min(max(lines.end, start + 1), count))


def _text_of(live: LiveText, lines: Lines) -> str:
    span = live.source.lines_span(lines.start, lines.end - 1)
    return sendable(live.source.text[span.start : span.end])
