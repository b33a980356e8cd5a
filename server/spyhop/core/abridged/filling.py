"""One stretch of an abridged answer with the original's lines back in it.

All of the original's lines are kept. What is weighed is where the answer's new lines go among
them: above what is put back, below it, or below the block that the placeholder's depth says it is
in. Where the placeholder is in a new block, what is put back moves into it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from spyhop.core.abridged.kinship import name_of
from spyhop.core.abridged.outline import depth_of, outline
from spyhop.core.abridged.stretches import Stretch
from spyhop.core.indentation import common_indent, indent_of
from spyhop.core.lines import is_blank

_MULTI_LINE_STRING: Final = re.compile(r"\"{3}|'{3}|`|<<|\\$")
_FIRST_WORD: Final = re.compile(r"\W*\w*")
_OF_BLOCKS: Final = re.compile(
    r"\b(?:methods?|functions?|class(?:es)?|definitions?|tests?|routes?|handlers?|structs?|types?)\b"
    r"|方法|函数|类|定义|测试|路由|接口",
    re.IGNORECASE,
)


def fill(stretch: Stretch) -> list[str] | None:
    """Return the lines of a stretch that has placeholders; None where it is not certain how."""
    if not stretch.is_certain:
        return None
    parts = parts_of(stretch)
    if all(map(is_blank, stretch.old)):
        return _without(parts, stretch.old)
    depths = _depths(stretch)
    merged = parts if len(depths) == 1 else _merged(parts, depths[0], depths[-1])
    return None if merged is None else _filled(stretch, merged, depths[0])


def _filled(stretch: Stretch, parts: Sequence[list[str]], lowest: int) -> list[str] | None:
    above, below = parts
    lead, core, trail = _cut(stretch.old)
    depth = depth_of(stretch.lines[stretch.hidden[0]])
    is_wrapped = depth_of(core[0]) < depth and stretch.parent is not None
    if is_wrapped:
        kept = _wrapped(stretch, core) if depth == lowest else None
    elif depth_of(core[0]) > depth:
        kept = _without_replaced(stretch, above, core, depth)
    else:
        kept = core
    if kept is None:
        return None
    if is_wrapped or all(map(is_blank, below)):
        return _joined(above, lead, kept, trail, below)
    return None if _ends_list(kept, stretch) else _around(above, lead, kept, trail, below, lowest)


def _depths(stretch: Stretch) -> list[int]:
    """Return the lowest depth of each placeholder, those in a row taken as one."""
    depths: list[int] = []
    last = 0
    for at in stretch.hidden:
        depth = depth_of(stretch.lines[at])
        if depths and all(map(is_blank, stretch.lines[last + 1 : at])):
            depths[-1] = min(depths[-1], depth)
        else:
            depths.append(depth)
        last = at
    return depths


def parts_of(stretch: Stretch) -> list[list[str]]:
    """Return the lines before, between and behind the placeholders of a stretch.

    Placeholders with nothing between them count as one.
    """
    parts: list[list[str]] = []
    part: list[str] = []
    for at, line in enumerate(stretch.lines):
        if at not in stretch.hidden:
            part.append(line)
            continue
        if not parts or not all(map(is_blank, part)):
            parts.append(part)
        part = []
    return [*parts, part]


def _merged(parts: Sequence[list[str]], inner: int, outer: int) -> list[list[str]] | None:
    """Return the parts around two placeholders of which one is in an inner block, as around one.

    New lines between placeholders in the same block may stand anywhere in it.
    """
    above, between, *others, below = parts
    if others or not all(map(is_blank, below)) or inner == outer:
        return None
    return [above, between] if outer <= depth_of(_first(between)) <= inner else None


def _around(
    above: Sequence[str],
    lead: Sequence[str],
    core: Sequence[str],
    trail: Sequence[str],
    below: Sequence[str],
    depth: int,
) -> list[str] | None:
    """Return new lines around the block that a placeholder at ``depth`` is in, then the rest."""
    body, rest = _split(core, depth)
    if not rest:
        return _joined(above, lead, core, trail, below)
    if not body or not _fits(_first(below), rest, depth):
        return None
    gap, others, _ = _cut(rest)
    head = _joined(above, lead, body, gap, below)
    apart = [] if is_blank(head[-1]) else gap or _cut(below)[0]
    return [*head, *apart, *others, *trail]


def _wrapped(stretch: Stretch, core: Sequence[str]) -> list[str] | None:
    """Return the lines ``core`` in the new block around them; None if one may be its old head."""
    opener = stretch.parent or ""
    if len(parts_of(stretch)) > len(("above", "below")):
        return None
    base = depth_of(core[0])
    shown = [line for line in core if not is_blank(line)]
    heads = [line for line in shown if depth_of(line) <= base]
    word = _word(opener)
    if (
        base != depth_of(opener)
        or any(depth_of(line) < base or _word(line) == word for line in heads)
        or name_of(opener.strip()) in {name_of(line.strip()) for line in heads} - {None}
        or any(_MULTI_LINE_STRING.search(line.rstrip()) for line in core)
        or (stretch.above and depth_of(stretch.above) > base)
    ):
        return None
    old, new = common_indent(core), indent_of(stretch.lines[stretch.hidden[0]])
    return [line if is_blank(line) else new + line[len(old) :] for line in core]


def _word(line: str) -> str:
    found = _FIRST_WORD.match(line.strip())
    return found.group() if found else ""


def _without_replaced(
    stretch: Stretch, above: Sequence[str], core: list[str], depth: int
) -> list[str] | None:
    """Return ``core`` without the rest of a block that the answer shows whole, rewritten.

    A placeholder shallower than what it would stand for is a sibling of the block above it.
    """
    if not any(map(str.strip, above)):
        return core if not stretch.above or depth_of(stretch.above) <= depth else None
    shown = [line for line in above if not is_blank(line)]
    if any(_stands_at(line, depth) for line in shown):
        return None
    # "The rest of the code" may begin in the middle of a block; "other methods" do not.
    if not _OF_BLOCKS.search(stretch.lines[stretch.hidden[0]]):
        return None
    start = next((at for at, line in enumerate(core) if _stands_at(line, depth)), None)
    return core[start:] if start is not None else None


def _stands_at(line: str, depth: int) -> bool:
    return not is_blank(line) and depth_of(line) <= depth


def _split(core: Sequence[str], depth: int) -> tuple[list[str], list[str]]:
    """Cut ``core`` where the block of a placeholder at ``depth`` ends; blank lines go below."""
    end = next(
        (at for at, line in enumerate(core) if not is_blank(line) and depth_of(line) < depth),
        len(core),
    )
    while 0 < end < len(core) and is_blank(core[end - 1]):
        end -= 1
    return list(core[:end]), list(core[end:])


def _ends_list(core: Sequence[str], stretch: Stretch) -> bool:
    """Tell whether ``core`` ends with a list's last item, which lacks the comma to go on."""
    shown = [line.strip() for line in core if not is_blank(line)]
    if shown[-1].endswith((",", ";", "{", "(", "[")):
        return False
    closes = stretch.below.lstrip().startswith((")", "]", "}"))
    items = [line for line in shown[:-1] if line.endswith(",")]
    return closes and (
        bool(items) or stretch.above.rstrip().endswith(("(", "[")) or shown[-1][:1] == '"'
    )


def _fits(new: str, rest: Sequence[str], depth: int) -> bool:
    """Tell whether a new line can stand between a placeholder's block and the ``rest`` below it."""
    own, following = depth_of(new), outline(rest)[0]
    if own > depth or following.depth > own:
        return False
    return own == depth or not (following.closes and following.depth == own)


def _joined(
    above: Sequence[str],
    lead: Sequence[str],
    core: Sequence[str],
    trail: Sequence[str],
    below: Sequence[str],
) -> list[str]:
    """Return new lines above and below the original's, with blank lines as either has them."""
    upper = _beside(above, lead)
    lower = _beside(below[::-1], trail[::-1])[::-1]
    return [*upper, *core, *lower]


def _beside(new: Sequence[str], blanks: Sequence[str]) -> list[str]:
    """Return ``new`` lines and the blank ones between them and what the original has below."""
    end = next((at for at in range(len(new), 0, -1) if not is_blank(new[at - 1])), 0)
    if not end:
        return list(blanks)
    shown = new[end:]
    begins_apart = is_blank(new[0])
    keeps = len(blanks) >= len(shown) and not begins_apart
    return [*new[:end], *(blanks if keeps else shown)]


def _without(parts: Sequence[Sequence[str]], old: Sequence[str]) -> list[str]:
    """Return a stretch whose placeholders stand for nothing but blank lines."""
    if all(is_blank(line) for part in parts for line in part):
        return list(old)
    lines: list[str] = []
    for part in parts:
        blanks = _cut(lines)[2] if any(map(str.strip, lines)) else lines
        lines += part[min(len(blanks), len(_cut(part)[0])) :]
    return lines


def _cut(lines: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return the blank lines above, what stands between, and the blank lines below."""
    shown = [at for at, line in enumerate(lines) if not is_blank(line)]
    if not shown:
        return list(lines), [], []
    start, end = shown[0], shown[-1] + 1
    return list(lines[:start]), list(lines[start:end]), list(lines[end:])


def _first(lines: Sequence[str]) -> str:
    return next(line for line in lines if not is_blank(line))
