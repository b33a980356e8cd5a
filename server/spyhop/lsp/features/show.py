"""``spyhop.showDiff`` and ``spyhop.showThinking``: an edit's change and thought, to be read."""

from __future__ import annotations

from typing import Final

from spyhop.core.lines import split_lines, without_end
from spyhop.errors import UsageError
from spyhop.lsp.arguments import HunkArguments
from spyhop.lsp.server import SpyhopServer
from spyhop.sessions.proposal import State

DIFF: Final = "spyhop.showDiff"
THINKING: Final = "spyhop.showThinking"


async def show_diff(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Open what an edit, or one hunk of it, changes; of a conflict, both texts.

    Raises:
        UsageError: there is no such edit or hunk any more.
    """
    session = server.session
    edit = session.edits.get(arguments.edit_id)
    hunks = [hunk for hunk in edit.hunks if arguments.hunk_id in {None, hunk.id}]
    document = session.documents.get(edit.uri)
    if not hunks:
        raise UsageError("already-answered")
    path = server.path_of(edit.uri)
    lines = [f"--- a/{path}", f"+++ b/{path}"]
    for hunk in hunks:
        line = document.source.line_at(hunk.span.start) + 1
        conflict = hunk.state is State.CONFLICT
        lines.append(f"@@ {line} @@" + (f" {session.say('conflict-heading')}" if conflict else ""))
        for sign, text in (("-", hunk.old_text), ("+", hunk.new_text)):
            lines += [sign + without_end(one) for one in split_lines(text)]
    await server.show_page(f"edit-{edit.id}.diff", "\n".join(lines) + "\n")


async def show_thinking(server: SpyhopServer, arguments: HunkArguments) -> None:
    """Open what the model thought about an edit.

    Raises:
        UsageError: there is no such edit any more, or its thought is not known.
    """
    edit = server.session.edits.get(arguments.edit_id)
    if not edit.thinking:
        raise UsageError("no-thinking")
    await server.show_page(f"thinking-{edit.id}.md", f"# {edit.title}\n\n{edit.thinking}\n")
