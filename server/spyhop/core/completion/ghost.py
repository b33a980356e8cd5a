"""Ghost text: what a model's output at a caret comes to, told while it streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from spyhop.core.completion.depth import Depth
from spyhop.core.completion.extent import Extent
from spyhop.core.completion.fitting import GhostText, fit, whole_lines
from spyhop.core.completion.place import Place
from spyhop.core.completion.window import Window
from spyhop.core.completion.wrapping import Wrapping
from spyhop.core.lines import LineSplitter, is_blank
from spyhop.core.repetition import LoopDetector
from spyhop.core.special_tokens import Disguise
from spyhop.core.stream import Text
from spyhop.core.thinking import Event, Reclassified, Start, ThoughtSplitter

Reason: TypeAlias = Literal["stop", "length", "timeout"]
"""Why an output ended: by itself, at a limit of tokens, or because nobody would wait longer."""

_LONGEST_LINE: Final = 1000
# So many lines may stand before a fence that the prompt asked for.
_MOST_HELD: Final = 20
_TAG: Final = "think>"
_NO_DISGUISE: Final = Disguise()


class Ghost:
    """Takes a model's output at a caret and gives what may be shown there.

    However the output is cut into pieces, the result is the same.
    """

    def __init__(
        self,
        place: Place,
        prefix: str,
        suffix: str,
        *,
        fence: str = "```",
        prefilled: bool = True,
        disguise: Disguise = _NO_DISGUISE,
    ) -> None:
        """Begin to read.

        Args:
            place: where the caret stands.
            prefix: the document before the caret; its last 200 lines are enough.
            suffix: the document behind the caret.
            fence: the fence that the prompt opened, or asked for.
            prefilled: whether the prompt ends with the prefix, so that the output goes on there;
                else the output may open the fence itself.
            disguise: what the prompt's special tokens were disguised with.
        """
        self._place = place
        self._around = Window.of(place.lexis, prefix, suffix)
        self._fence, self._prefilled, self._disguise = fence, prefilled, disguise
        self._known = self._around.before + self._around.after
        self._thoughts = ThoughtSplitter(self._start())
        self._enough = False
        self._begin()

    def _begin(self) -> None:
        """Begin to read the answer."""
        self._lines = LineSplitter()
        self._loops = LoopDetector(self._known, thought=False)
        self._wrapping = Wrapping(
            self._place.language,
            self._place.lexis,
            self._around,
            fence=self._fence,
            prefilled=self._prefilled,
            disguise=self._disguise,
        )
        self._depth = Depth(self._place, self._around)
        self._extent = Extent(self._place, self._around)
        self._has_first = False
        self._skipped_blank = False
        self._read = 0
        self._held: list[str] | None = None if self._prefilled else []
        self._is_cut = False

    def _start(self) -> Start:
        """Return what tags of thought may mean: they may be text where the document has such.

        Not where the prompt had other names for them.
        """
        is_disguised = any(_TAG in token for token, _ in self._disguise.names)
        if is_disguised or _TAG not in self._known:
            return Start.UNKNOWN
        return Start.CLOSED if is_blank(self._around.head) else Start.BEGUN

    def feed(self, text: str) -> bool:
        """Take the next piece of output; return whether enough has come: the rest is ignored."""
        if not self._enough:
            self._take_events(self._thoughts.feed(text))
        return self._enough

    @property
    def is_cut(self) -> bool:
        """Whether a limit, of tokens, of time or of what is sensible, ended what is shown."""
        return self._is_cut

    def preview(self) -> GhostText | None:
        """Return what could be shown so far: whole statements; None: nothing."""
        return self._result(is_cut=self._is_cut or not self._enough)

    def finish(self, reason: Reason = "stop") -> GhostText | None:
        """Return what is to be shown when no more comes; None: nothing.

        An output that did not end by itself counts up to the end of its last whole statement.
        """
        if not self._enough:
            self._take_events(self._thoughts.finish())
        if not self._enough:
            for line in self._lines.finish() if reason == "stop" else ():
                self._take_line(line)
            self._end(is_cut=self._is_cut or reason != "stop")
        return self._result(is_cut=self._is_cut)

    def _take_events(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case Text(text):
                    self._take_text(text)
                case Reclassified():
                    self._begin()
                case _:
                    pass
            if self._enough:
                return

    def _take_text(self, text: str) -> None:
        for line in self._lines.feed(text):
            self._take_line(line)
            if self._enough:
                return
        part = self._lines.rest
        if part and (self._held is None or len(part) > _LONGEST_LINE):
            self._look_at(part)

    def _look_at(self, part: str) -> None:
        """See whether the beginning of a line shows that enough has come."""
        short = part[:_LONGEST_LINE]
        extent, wrapping = self._extent, self._wrapping
        if wrapping.ends_with(short, extent.state):
            self._take_own(wrapping.take(short, extent.state))
            self._end(is_cut=False)
        elif (
            self._has_first
            and not wrapping.waits
            and self._depth.is_sure
            and extent.will_end_before(self._depth.next(short))
        ):
            self._end(is_cut=False)
        if short != part and not self._enough:
            self._end(is_cut=True)

    def _take_line(self, line: str) -> None:
        if len(line) > _LONGEST_LINE:
            self._look_at(line)
            return
        if self._held is not None and not self._wrapping.opens(line):
            # It is not known yet whether the code begins below, in a fence.
            self._held.append(line)
            if len(self._held) > _MOST_HELD:
                self._end(is_cut=True)
            return
        self._held = None
        self._take_own(self._wrapping.take(line, self._extent.state))
        if self._wrapping.has_ended:
            self._end(is_cut=False)
        if not self._enough and (loop := self._loops.feed(line)):
            self._end(is_cut=True)
            self._extent.forget(loop.start)
        self._read += len(line)

    def _take_own(self, lines: Sequence[str]) -> None:
        """Take lines that are the document's own."""
        for line in lines:
            if self._enough:
                return
            if not self._has_first:
                self._take_first(line)
            else:
                self._extent.take(self._depth.next(line), self._read)
            self._enough = self._extent.is_whole
            self._is_cut = self._extent.is_cut

    def _take_first(self, line: str) -> None:
        """Take the line that comes to the caret; blank ones before it count where code does."""
        if is_blank(line) and is_blank(self._around.head):
            self._skipped_blank = True
            return
        self._has_first = True
        wrapping = self._wrapping
        is_fresh = wrapping.is_fresh or self._skipped_blank
        first = self._depth.first(line, wrapping.move, is_fresh=is_fresh)
        self._extent.take(first, self._read)

    def _end(self, *, is_cut: bool) -> None:
        """Take what was held back; no more is to come."""
        held, self._held = self._held or (), None
        for line in held:
            if not self._enough:
                self._take_line(line)
        self._take_own(self._wrapping.finish())
        if not self._enough:
            self._enough, self._is_cut = True, is_cut

    def _result(self, *, is_cut: bool) -> GhostText | None:
        lines = self._extent.lines
        if is_cut or self._extent.is_unbalanced:
            lines = whole_lines(self._place, lines)
        return fit(self._place, self._around, lines)
