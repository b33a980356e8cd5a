"""The completions that a document is remembered by."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from spyhop.core.closers import closed_at
from spyhop.core.surroundings import Surroundings
from spyhop.sessions.completion import Completion

_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a completion at a caret."""

    typed: int
    """How many of its characters stand before the caret."""
    text: str
    replaces: int
    """How many characters behind the caret ``text`` takes the place of."""


@dataclass(slots=True)
class Remembered:
    """What a model gave at a place."""

    id: int
    """The number of the request that it came of."""
    place: Surroundings
    completion: Completion
    looked_ahead: bool = False
    """Whether what comes after it has been asked for."""

    def rest(self, text: str, caret: int, *, insert_only: bool = False) -> Rest | None:
        """Return what is left of it when its first characters have been typed up to ``caret``.

        Put in there, it gives the text that the whole would have given. With ``insert_only``
        nothing behind the caret is replaced for closing brackets that the editor has added: the
        rest ends where they close it. None when this is another place, or something else was typed.
        """
        whole = self.completion.text
        for typed in self.place.typed(text, caret, len(whole)):
            if whole.startswith(typed):
                return self._behind(text, caret, len(typed), insert_only=insert_only)
        return None

    def _behind(self, text: str, caret: int, typed: int, *, insert_only: bool) -> Rest | None:
        rest, replaces = self.completion.text[typed:], self.completion.replaces
        for gone in range(replaces + 1):
            # What the completion replaces may have been typed over.
            if self.place.stands_behind(text, caret, gone):
                return Rest(typed, rest, replaces - gone)
        closers = self.place.closers(text, caret)
        if closers and not replaces and rest.endswith(closers):
            return Rest(typed, rest.removesuffix(closers), 0)
        first = closed_at(rest, closers)
        if first is None:
            return None
        if not insert_only:
            return Rest(typed, rest, len(closers) + replaces)
        end = first - (len(closers) - len(closers.lstrip()))
        return Rest(typed, rest[:end], 0) if rest.startswith(closers, end) else None


class Places:
    """A set of places; the one added first of more than 64 is forgotten."""

    def __init__(self) -> None:
        self._places: OrderedDict[Surroundings, None] = OrderedDict()

    def __contains__(self, place: Surroundings) -> bool:
        return place in self._places

    def add(self, place: Surroundings) -> None:
        """Add a place."""
        self._places[place] = None
        if len(self._places) > _MOST:
            self._places.popitem(last=False)

    def discard(self, place: Surroundings) -> None:
        """Take a place out, if it is in."""
        self._places.pop(place, None)


class Memory:
    """What a model gave in one document, by place; the least used of 64 is forgotten."""

    def __init__(self) -> None:
        self._given: OrderedDict[Surroundings, Remembered] = OrderedDict()
        self._nothing = Places()

    def put(self, remembered: Remembered) -> None:
        """Remember what was given at a place, instead of what it was before."""
        self._nothing.discard(remembered.place)
        self._given[remembered.place] = remembered
        self._given.move_to_end(remembered.place)
        if len(self._given) > _MOST:
            self._given.popitem(last=False)

    def put_nothing(self, place: Surroundings) -> None:
        """Remember that the model has nothing for a place."""
        self._given.pop(place, None)
        self._nothing.add(place)

    def has_nothing(self, place: Surroundings) -> bool:
        """Tell whether the model had nothing for this place."""
        return place in self._nothing

    def knows(self, place: Surroundings) -> bool:
        """Tell whether the model has been asked about exactly this place."""
        return place in self._given or place in self._nothing

    def find(
        self, text: str, caret: int, *, insert_only: bool = False
    ) -> tuple[Remembered, Rest] | None:
        """Return the latest used completion with something left to show at ``caret``."""
        for remembered in reversed(self._given.values()):
            rest = remembered.rest(text, caret, insert_only=insert_only)
            if rest is not None and rest.text.strip():
                self._given.move_to_end(remembered.place)
                return remembered, rest
        return None
