"""Completions for an editor: what `sessions.completions` decides is done here.

One task is one request to the model. An ask is answered at once where memory has it; else it waits
until its request, or time, decides it anew.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types

from spyhop.errors import SpyhopError
from spyhop.lsp.documents import Changed, Document
from spyhop.sessions.completion import (
    Answer,
    Ask,
    Completion,
    CompletionRequest,
    Decision,
    Keep,
    Nothing,
    Orders,
    Wait,
)
from spyhop.sessions.completions import Completions
from spyhop.sessions.trail import Trail

if TYPE_CHECKING:
    from spyhop.assist.desk import Desk, Spot
    from spyhop.core.completion.place import Trigger
    from spyhop.lsp.server import SpyhopServer
    from spyhop.messages import Notice
    from spyhop.settings import Settings


class Completer:
    """The completions of one editor, and what is kept for them."""

    def __init__(self, server: SpyhopServer) -> None:
        self._server = server
        self._trail = Trail()
        self._requests: dict[int, asyncio.Task[None]] = {}
        self._asks: set[asyncio.Task[object]] = set()
        self._wakes: dict[int, asyncio.Event] = {}
        self._check: asyncio.TimerHandle | None = None
        self._paths: dict[str, str] = {}
        self._told: tuple[str, Settings] | None = None
        """The fault that the user knows of, and the settings that it arose with."""
        self._faults: set[str] = set()
        self._desk: Desk | None = None

    @cached_property
    def _completions(self) -> Completions:
        # The client says what it does at the start, and no document comes before.
        setup = self._server.session.setup
        return Completions(insert_only=setup.inserts_only, tells_shown=setup.tells_shown)

    # What the editor tells

    def opened(self, document: Document) -> None:
        """Note that a document was opened."""
        self._trail.visited(document.uri, document.language, document.source.text)

    def changed(self, changed: Changed) -> None:
        """Follow the changes of a document."""
        before, after = changed.before, changed.after
        text = after.source.text
        self._trail.visited(after.uri, after.language, text)
        self._trail.changed(after.uri, before.source.text, text, changed.changes)
        self._obey(self._completions.changed(after.uri, text, changed.changes, _now()))

    def closed(self, uri: str) -> None:
        """Let go of a document; it is still one that the user was in."""
        self._obey(self._completions.closed(uri))

    def deleted(self, uri: str) -> None:
        """Forget a file that is no more."""
        self._trail.forget(uri)
        if self._desk is not None:
            self._desk.forget(uri)

    def shown(self, uri: str, completion_id: int) -> None:
        """Note that a completion has come to the screen."""
        self._completions.shown(uri, completion_id)

    def accepted(self, uri: str, completion_id: int) -> None:
        """Note that a completion, or a part of it, was accepted."""
        self._completions.accepted(uri, completion_id)

    def dismissed(self, uri: str, completion_id: int) -> None:
        """Note that a completion was sent away."""
        self._completions.dismissed(uri, completion_id)

    def give_way(self) -> None:
        """Stop what the model does here: something that goes first needs it."""
        self._obey(self._completions.give_way())
        if self._desk is not None:
            # The runtime will have read something else meanwhile.
            self._desk.renew()

    async def complete(
        self, document: Document, offset: int, *, explicit: bool = False
    ) -> Answer | None:
        """Return what to show at ``offset`` of a document as it was when this was asked.

        ``explicit``: the user has asked for it. Cancelling it keeps the request for a moment.
        """
        session = self._server.session
        await session.setup.configured.wait()
        is_wanted = explicit or self._is_wanted(document)
        if not is_wanted or self._is_old(document):
            return None
        uri, text = document.uri, document.source.text
        self._trail.visited(uri, document.language, text)
        decision = self._completions.ask(
            uri, text, offset, _now(), explicit=explicit, busy=self._is_busy
        )
        asking = asyncio.current_task()
        assert asking is not None  # noqa: S101 - this is a coroutine
        self._asks.add(asking)
        try:
            return await self._settled(decision, "invoked" if explicit else "automatic")
        except asyncio.CancelledError:
            self._obey(self._completions.withdraw(decision.ask, _now()))
            raise
        finally:
            self._asks.remove(asking)
            self._wakes.pop(decision.ask, None)

    async def _settled(self, decision: Decision, trigger: Trigger) -> Answer | None:
        """Do as is decided of an ask, until it has its answer; None: there is nothing to show."""
        wake = self._wakes[decision.ask] = asyncio.Event()
        while True:
            wake.clear()
            self._obey(decision.orders)
            match decision.verdict:
                case Answer() as answer:
                    if answer.ahead is not None:
                        self._start(answer.ahead, "automatic")
                    return answer
                case Nothing():
                    return None
                case Ask(request):
                    self._start(request, trigger)
                    await wake.wait()
                case Keep():
                    await wake.wait()
                case Wait(until):
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(until):
                            await wake.wait()
            decision = self._completions.again(decision.ask, _now(), busy=self._is_busy)

    async def aclose(self) -> None:
        """Stop all work; whoever waits has an answer before."""
        for document in self._server.session.documents:
            self.closed(document.uri)
        if self._asks:
            await asyncio.wait(self._asks)
        if self._check is not None:
            self._check.cancel()
        tasks = [*self._requests.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._desk is not None:
            await self._desk.aclose()

    @property
    def _is_busy(self) -> bool:
        return bool(self._server.session.running)

    def _is_wanted(self, document: Document) -> bool:
        settings = self._server.session.setup.settings.complete
        return settings.enabled and document.language.lower() not in settings.languages_off

    def _is_old(self, document: Document) -> bool:
        """Tell whether a document has changed since; who asked about it will ask again."""
        return self._server.session.documents.find(document.uri) is not document

    # What is to be done

    def _obey(self, orders: Orders) -> None:
        for request in orders.cancel:
            # It may have come to its end, and not be told of yet.
            if (task := self._requests.pop(request, None)) is not None:
                task.cancel()
        if orders.check_at is not None:
            if self._check is not None:
                self._check.cancel()
            self._check = asyncio.get_running_loop().call_at(orders.check_at, self._tick)
        for ask in orders.wake:
            if ask in self._wakes:
                self._wakes[ask].set()

    def _tick(self) -> None:
        self._check = None
        self._obey(self._completions.tick(_now()))

    def _start(self, request: CompletionRequest, trigger: Trigger) -> None:
        task = asyncio.create_task(self._carry(request, trigger))
        self._requests[request.id] = task
        task.add_done_callback(lambda _: self._requests.pop(request.id, None))

    async def _carry(self, request: CompletionRequest, trigger: Trigger) -> None:
        """Carry a request through, and tell how it ends."""
        settings = self._server.session.setup.settings
        try:
            completion = await self._ask_model(request, trigger)
        except SpyhopError as error:
            self._tell(error, settings)
            self._obey(self._completions.failed(request.id))
        except Exception as error:  # noqa: BLE001 - the task's last resort
            self._obey(self._completions.failed(request.id))
            self._report(error)
        else:
            self._obey(self._completions.finished(request.id, completion, _now()))

    async def _ask_model(self, request: CompletionRequest, trigger: Trigger) -> Completion | None:
        session = self._server.session
        await session.load()
        from spyhop.assist.complete import Arrived, Completed, complete  # noqa: PLC0415 - start-up
        from spyhop.assist.completion_task import prepare  # noqa: PLC0415
        from spyhop.assist.desk import Desk  # noqa: PLC0415

        if self._desk is None:
            self._desk = Desk()
        settings, library = session.setup.settings.complete, session.setup.library
        model = await session.model("complete", self._log)
        task = await prepare(model, self._desk, library, self._spot(request, trigger), settings)
        if task is None:
            return None
        self._completions.started(request.id, _now())
        insert_only = session.setup.inserts_only
        completion: Completion | None = None
        async with aclosing(complete(model, task, insert_only=insert_only)) as outputs:
            async for output in outputs:
                match output:
                    case Arrived(text):
                        self._obey(self._completions.arrived(request.id, text, _now()))
                    case Completed(given):
                        completion = given
        self._told = None
        return completion

    def _spot(self, request: CompletionRequest, trigger: Trigger) -> Spot:
        from spyhop.assist.desk import File, Spot  # noqa: PLC0415 - start-up counts

        session = self._server.session
        document = session.documents.get(request.uri)
        file = File(request.uri, self._path_of(request.uri), document.language, request.text)
        others = [
            File(it.uri, self._path_of(it.uri), it.language, it.text)
            for it in self._trail.others(request.uri)
        ]
        roots = session.setup.roots
        repository = roots[0].name if roots else ""
        edits = self._trail.edits(self._path_of)
        return Spot(file, request.caret, trigger, others, edits, repository)

    def _path_of(self, uri: str) -> str:
        if uri not in self._paths:
            self._paths[uri] = self._server.path_of(uri)
        return self._paths[uri]

    # What the user is told

    def _tell(self, error: SpyhopError, settings: Settings) -> None:
        """Tell a fault once: again only when it worked meanwhile, or the settings are others."""
        session = self._server.session
        known, self._told = self._told, (error.key, settings)
        if known == self._told:
            return
        if session.setup.settings != settings:
            # What they named was let go in the middle of it.
            return
        from spyhop.lsp.pulls import offer  # noqa: PLC0415 - start-up counts
        from spyhop.models.errors import ModelMissing  # noqa: PLC0415

        if isinstance(error, ModelMissing):
            offer(self._server, error)
        else:
            session.editor.show(types.MessageType.Warning, error.say(session.language))

    def _report(self, error: Exception) -> None:
        """Report a fault of our own; the user is told of each once, not at every keystroke."""
        fault = repr(error)
        if fault in self._faults:
            self._server.log.error("A fault of Spyhop's own, once more", exc_info=error)
        else:
            self._faults.add(fault)
            self._server.report_unexpected(error)

    def _log(self, notice: Notice) -> None:
        """Note what the model waits for: nobody wants to be told of it while they type."""
        self._server.log.info("Completion: %s", notice.say("en"))


def _now() -> float:
    return asyncio.get_running_loop().time()
