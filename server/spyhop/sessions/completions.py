"""Completions in open documents: typing is free.

An editor *asks* at nearly every keystroke. The model is *requested* as seldom as can be:

- What the user types along a completion, shown or only remembered, is answered from memory with
  the rest of it, and so is deleting back into it or coming back to a place where it was given
  (`remembered`). Text decides, so accepting a word or a line needs no telling, and nothing that
  happens elsewhere in the document makes an answer wrong: put in, it gives the text that the
  whole would have given.
- A request that runs is kept while what is typed may be what it will give, and its answer
  trimmed; one that cannot fit is cancelled at once (`running`). One runs in a document.
- Unbidden, the model is asked when the user pauses: longer than they pause between keystrokes, and
  the longer the less they take of what it offers (`habits`). An explicit ask never waits, nor does
  the one after a completion was accepted. What an editor waits itself counts, for the pause begins
  at the keystroke.
- What comes after the completion on the screen is fetched ahead, one only, when nothing else runs,
  the completion is a whole one, and such ones are accepted.
- Where the model had nothing, or the user has sent away what was offered, there is nothing until
  something changes there or they ask explicitly.
- Chat and edits go first: nothing is asked while the caller says ``busy``, and `give_way` stops
  what runs.

Every ask is answered once, with `Answer` or `Nothing`. On any other verdict the caller does as it
says, and calls `again` as soon as the orders of any call wake the ask, or at the time to wait for.
Requests report `started`, `arrived` and `finished`, or `failed`. Times are in seconds, on one clock
of the caller's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from spyhop.core.anchors import Change
from spyhop.sessions.completing import GRACE, Completing, Pending, check_at
from spyhop.sessions.completion import Completion, Decision, Nothing, Orders, Why
from spyhop.sessions.habits import Habits
from spyhop.sessions.running import Running

_MOST_DOCUMENTS: Final = 32


class Completions:
    """The completions of one editor.

    ``insert_only``: the editor leaves what stands behind the caret where it is, whatever range a
    completion has. ``tells_shown``: it tells which completions have come to the screen, so that
    others are not taken for rejected.
    """

    def __init__(self, *, insert_only: bool = False, tells_shown: bool = False) -> None:
        self._insert_only = insert_only
        self._tells_shown = tells_shown
        self._habits = Habits()
        self._numbers = count(1)
        self._documents: OrderedDict[str, Completing] = OrderedDict()

    # What the editor tells

    def ask(
        self,
        uri: str,
        text: str,
        caret: int,
        now: float,
        *,
        explicit: bool = False,
        busy: bool = False,
    ) -> Decision:
        """Decide what to show at the offset ``caret`` of a document that has this ``text``.

        ``explicit``: the user has asked, not only typed. ``busy``: something that goes first has
        the model. The document's ask before this one is woken, and answered with `Nothing`.
        """
        document = self._document(uri)
        pending = Pending(next(self._numbers), now, explicit)
        orders = document.ask(pending, text, caret)
        return self._decide(document, pending, now, orders, busy=busy)

    def again(self, ask: int, now: float, *, busy: bool = False) -> Decision:
        """Decide anew what becomes of an ask that was woken or has waited."""
        for document in self._documents.values():
            if document.pending is not None and document.pending.id == ask:
                return self._decide(document, document.pending, now, Orders(), busy=busy)
        return Decision(ask, Nothing(Why.SUPERSEDED))

    def withdraw(self, ask: int, now: float) -> Orders:
        """Note that the editor wants no answer to an ask any more.

        Editors do so at every keystroke: the request is kept for a second, for the next ask.
        """
        orders = Orders()
        for document in self._documents.values():
            if document.pending is not None and document.pending.id == ask:
                orders += document.supersede(now)
        return self._and_check(orders)

    def changed(self, uri: str, text: str, changes: Sequence[Change], now: float) -> Orders:
        """Follow ``changes``, made one after the other at ``now``, to a document's new ``text``."""
        return self._and_check(self._document(uri).changed(text, changes, now))

    def closed(self, uri: str) -> Orders:
        """Forget a document."""
        document = self._documents.pop(uri, None)
        return document.close() if document is not None else Orders()

    def accepted(self, uri: str, completion_id: int) -> None:
        """Note that the editor says a completion was accepted, or a part of it."""
        if (document := self._documents.get(uri)) is not None:
            document.accepted(completion_id)

    def shown(self, uri: str, completion_id: int) -> None:
        """Note that the editor says a completion has come to the screen."""
        if (document := self._documents.get(uri)) is not None:
            document.shown(completion_id)

    def dismissed(self, uri: str, completion_id: int) -> None:
        """Note that the editor says a completion was sent away."""
        if (document := self._documents.get(uri)) is not None:
            document.dismissed(completion_id)

    def give_way(self) -> Orders:
        """Have all requests cancelled, for something that goes first needs the model."""
        orders = Orders()
        for document in self._documents.values():
            orders += document.drop_running()
        return orders

    def tick(self, now: float) -> Orders:
        """Have the requests cancelled that nobody has waited for, for a second."""
        orders = Orders()
        for document in self._documents.values():
            running = document.running
            if running and running.unattended is not None and running.unattended + GRACE <= now:
                orders += document.drop_running()
        return self._and_check(orders)

    # What the model tells; a request that was cancelled is unknown, and its words are ignored

    def started(self, request: int, now: float) -> None:
        """Note that a request is sent."""
        if (found := self._running(request)) is not None:
            found[1].started = now

    def arrived(self, request: int, text: str, now: float) -> Orders:
        """Note what a request has given so far, as `Completion.text` would have it."""
        if (found := self._running(request)) is None:
            return Orders()
        return self._and_check(found[0].arrived(found[1], text, now))

    def finished(self, request: int, completion: Completion | None, now: float) -> Orders:
        """Note what a request has given; None: nothing that is worth showing."""
        if (found := self._running(request)) is None:
            return Orders()
        return self._and_check(found[0].finished(found[1], completion, now))

    def failed(self, request: int) -> Orders:
        """Note that a request has failed, or that someone else has cancelled it."""
        if (found := self._running(request)) is None:
            return Orders()
        return self._and_check(found[0].over())

    def _decide(
        self, document: Completing, pending: Pending, now: float, orders: Orders, *, busy: bool
    ) -> Decision:
        idle = all(it.running is None for it in self._documents.values())
        verdict, more = document.decide(pending, now, busy=busy, idle=idle)
        wake = tuple(ask for ask in orders.wake if ask != pending.id)
        orders = replace(orders + more, wake=wake)
        return Decision(pending.id, verdict, self._and_check(orders))

    def _and_check(self, orders: Orders) -> Orders:
        return replace(orders, check_at=check_at(self._documents.values()))

    def _running(self, request: int) -> tuple[Completing, Running] | None:
        for document in self._documents.values():
            if document.running is not None and document.running.request.id == request:
                return document, document.running
        return None

    def _document(self, uri: str) -> Completing:
        """Return a document's completions; of more than 32 the longest unused are forgotten."""
        if uri not in self._documents:
            unused = [old for old, it in self._documents.items() if not (it.running or it.pending)]
            if unused and len(self._documents) >= _MOST_DOCUMENTS:
                del self._documents[unused[0]]
            self._documents[uri] = Completing(
                uri, self._habits, self._numbers, self._insert_only, self._tells_shown
            )
        self._documents.move_to_end(uri)
        return self._documents[uri]
