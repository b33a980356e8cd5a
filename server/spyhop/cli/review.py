"""Hunk by hunk, as ``git add -p`` asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text as Styled

from spyhop.cli.console import Screen
from spyhop.core.diff import Hunk
from spyhop.core.visible import visible


def review(
    screen: Screen,
    path: str,
    old: Sequence[str],
    hunks: Sequence[Hunk],
    ask: Callable[[Styled], str],
) -> list[Hunk]:
    """Show each hunk of the lines ``old`` and return those that the user takes.

    ``y`` takes the hunk, ``n`` leaves it, ``a`` takes it and all later ones, ``d`` leaves it and
    all later ones, ``q`` the same and ends, ``?`` explains. At the end of input, nothing more is
    taken.
    """
    taken: list[Hunk] = []
    screen.out.print(Styled(visible(path), style="bold"))
    for number, hunk in enumerate(hunks):
        screen.hunk(old, hunk)
        match _answer(screen, f"({number + 1}/{len(hunks)}) ", ask):
            case "y":
                taken.append(hunk)
            case "a":
                return [*taken, *hunks[number:]]
            case "d" | "q":
                return taken
    return taken


def _answer(screen: Screen, count: str, ask: Callable[[Styled], str]) -> str:
    # Styled text is no markup, which would swallow the brackets.
    question = Styled(f"{count}{screen.say('review-question')} [y,n,a,d,q,?] ")
    while True:
        try:
            answer = ask(question).strip().lower()
        except EOFError:
            return "q"
        if answer[:1] in {"y", "n", "a", "d", "q"}:
            return answer[:1]
        screen.out.print(Styled(screen.say("review-help")))
