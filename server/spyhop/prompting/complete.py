"""The prompt of a completion by R1: its thought closed, its answer begun at the caret.

Asked to fill a hole, a model that wants to think talks. So the answer is begun for it: the fence
and the lines before the caret are the beginning of its answer, and all that it can do is to go on.
What changes least comes first; what is typed comes last (`layout`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from spyhop.core.fences import fence_for
from spyhop.core.lines import LINE_END
from spyhop.core.special_tokens import Disguise
from spyhop.core.tokens import estimate_tokens
from spyhop.languages import info_string
from spyhop.prompting.budget import CountTokens
from spyhop.prompting.layout import Layout
from spyhop.prompting.r1 import (
    ASSISTANT,
    BEGIN,
    CLOSE_THOUGHT,
    END,
    OPEN_THOUGHT,
    USER,
    Turn,
    render,
)
from spyhop.prompting.related import Snippet
from spyhop.prompting.template import Template

THOUGHT: Final = "I will output only the code at the cursor."
"""The thought that is put into R1's mouth."""

_THINK: Final = "<think>"
_TAGS: Final = (_THINK, "</think>")
# Where fences are content, the answer's own must be another.
_WITH_FENCES: Final = frozenset({"markdown", "mdx", "quarto", "rmd", "restructuredtext"})
_LONGER_FENCE: Final = "````"


@dataclass(frozen=True, slots=True)
class CompletionPrompt:
    """What R1 is asked, and how its output begins."""

    turn: Turn
    beginning: str
    """What the answer begins with; the output goes on from there, as code (`Start.BEGUN`)."""
    held_back: str
    """What stands before the caret and not in `beginning`: the output begins with it as a rule.

    Tokenizers join a space with the word behind it, so a model that is shown the space goes on
    badly. One at the caret is therefore the model's to write, and to be taken off its output.
    """
    fence: str
    """The fence around the answer."""
    stop: tuple[str, ...]
    disguise: Disguise
    """What the special tokens in the user's text are called in the prompt and in the output."""
    tokens: int
    """About how many tokens the whole prompt has."""

    @property
    def text(self) -> str:
        """The prompt as it is sent, without BOS."""
        return render([self.turn], self.beginning)


def build(
    template: Template,
    path: str,
    language: str,
    layout: Layout,
    *,
    one_line: bool = False,
    count: CountTokens = estimate_tokens,
) -> CompletionPrompt:
    """Return the prompt that has R1 go on at the caret of ``layout``.

    ``one_line`` has it stop at the line's end. No stop is among what stands in the user's text.
    """
    before, held_back = hold_back(with_line_feeds(layout.before))
    after = with_line_feeds(layout.after).strip("\n")
    around = layout.related
    texts = [before, after, around.imports, around.heads, *around.edits, path]
    texts += [part for one in around.snippets for part in (one.path, one.text)]
    disguise = disguise_for(texts, _TAGS)
    fence = answer_fence(language, texts)
    info = info_string(language)
    put_on = disguise.put_on
    values = {
        "path": put_on(path),
        "language": info,
        "fence": fence,
        "imports": put_on(around.imports),
        "snippets": put_on(_fenced(around.snippets, fence)),
        "edits": put_on("\n".join(around.edits)),
        "heads": put_on(around.heads),
        "after": put_on(after),
    }
    turn = Turn("user", template.fill(values))
    opening = f"{OPEN_THOUGHT}{THOUGHT}{CLOSE_THOUGHT}{fence}{info}\n"
    beginning = opening + put_on(before)
    end = "\n" if one_line else f"\n{fence}"
    stop = (end, END, USER, _THINK, ASSISTANT, BEGIN)
    tokens = count(render([turn], beginning))
    return CompletionPrompt(turn, beginning, held_back, fence, stop, disguise, tokens)


def with_line_feeds(text: str) -> str:
    """Return ``text`` with line feeds for all its line ends: models write no others."""
    return LINE_END.sub("\n", text) if "\r" in text else text


def hold_back(before: str) -> tuple[str, str]:
    """Return ``before`` without a space at its end, and that space."""
    held_back = " " if before.endswith(" ") else ""
    return before.removesuffix(held_back), held_back


def disguise_for(texts: list[str], tokens: tuple[str, ...]) -> Disguise:
    """Return the disguise for what ``texts`` hold; of ``tokens``, for all as soon as for one."""
    if any(token in text for token in tokens for text in texts):
        return Disguise.for_texts([*texts, *tokens], tokens)
    return Disguise.for_texts(texts)


def answer_fence(language: str, texts: list[str]) -> str:
    """Return a fence that none of ``texts`` closes, and no answer in ``language`` does."""
    fence = fence_for("\n".join(texts))
    return max(fence, _LONGER_FENCE, key=len) if language in _WITH_FENCES else fence


def _fenced(snippets: Sequence[Snippet], fence: str) -> str:
    """Return the snippets in blocks, one for those of a file that follow each other."""
    blocks: list[str] = []
    for (path, language), group in groupby(snippets, key=lambda one: (one.path, one.language)):
        text = "\n\n".join(one.text for one in group)
        blocks.append(f"{path}:\n{fence}{info_string(language)}\n{text}\n{fence}")
    return "\n\n".join(blocks)
