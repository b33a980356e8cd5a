"""One edit: what was asked, its hunks, and what is on its way into the document."""

from __future__ import annotations

from dataclasses import dataclass, field

from spyhop.core.anchors import Change
from spyhop.core.positions import Span
from spyhop.messages import Notice
from spyhop.sessions.following import Hunks
from spyhop.sessions.proposal import ProposedHunk, State


@dataclass(frozen=True, slots=True)
class Applying:
    """Changes on their way into the document."""

    changes: tuple[Change, ...]
    """Disjoint, counted in the text they were made for."""
    before: str
    after: str
    undone: Hunks
    """The hunks when the changes are not, or no longer, in the document."""
    done: Hunks
    """The hunks when they are."""
    confirmed: bool = False
    """Whether the editor says that it has applied them."""
    arrived: frozenset[int] = frozenset()
    """The changes, by number, that the editor has reported already."""


@dataclass(slots=True)
class Edit:
    """One edit of one document; changed only by `Edits`."""

    id: str
    uri: str
    title: str
    target: Span
    base: tuple[str, ...]
    """The target's lines as the model was shown them."""
    hunks: Hunks = ()
    """Empty while the model works."""
    thinking: str = ""
    warnings: tuple[Notice, ...] = ()
    applying: Applying | None = None
    checkpoints: dict[str, Hunks] = field(default_factory=dict)
    """The hunks by the fingerprint of a text that the document had at an application."""
    recent: dict[str, Hunks] = field(default_factory=dict)
    """The same for the latest texts, oldest first."""
    unless_refused: Hunks | None = field(default=None, compare=False)
    """The hunks if what seems to have arrived has not: the editor's answer is still to come."""

    @property
    def asked(self) -> bool:
        """Whether the model still works on it."""
        return not self.hunks

    @property
    def pending(self) -> list[ProposedHunk]:
        """The hunks that stand in the document and wait for a verdict."""
        return [hunk for hunk in self.hunks if hunk.state is State.PENDING]

    @property
    def conflicts(self) -> list[ProposedHunk]:
        """The hunks that wait for a choice between the user's lines and the model's."""
        return [hunk for hunk in self.hunks if hunk.state is State.CONFLICT]

    @property
    def open(self) -> bool:
        """Whether something of it waits for a verdict or is on its way."""
        return self.applying is not None or any(hunk.open for hunk in self.hunks)

    @property
    def taken(self) -> list[Span]:
        """The places at which no other edit may begin."""
        return [self.target] if self.asked else [hunk.span for hunk in self.hunks if hunk.open]
