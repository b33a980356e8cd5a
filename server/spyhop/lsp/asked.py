"""What an editor asks the model for, and of which text: the document moves on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types

from spyhop.assist.material import material_for, whole_lines
from spyhop.core.positions import Span
from spyhop.errors import NoEdit, SpyhopError, UsageError
from spyhop.lsp.arguments import EditArguments
from spyhop.lsp.convert import range_from
from spyhop.lsp.documents import Document
from spyhop.lsp.progress import EditProgress
from spyhop.lsp.server import SpyhopServer
from spyhop.prompting.edit import Material
from spyhop.prompting.template import Template

if TYPE_CHECKING:
    from spyhop.assist.task import Task
    from spyhop.models.port import Model


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt about whole lines of a document as it was."""

    document: Document
    target: Span
    prompt: str
    arguments: EditArguments

    @property
    def selected(self) -> str:
        """The text of the lines."""
        return self.document.source.text[self.target.start : self.target.end]

    def title(self, server: SpyhopServer) -> str:
        """Return how the user knows what is asked."""
        return server.session.setup.library.get(self.prompt).title(server.session.language)

    async def begin(self, server: SpyhopServer, work_id: str) -> tuple[Model, Task]:
        """Return the model and what it is asked; from now on its thought can be ended.

        Raises:
            SpyhopError: the prompt does not fit, the model cannot be asked.
        """
        session = server.session
        await session.setup.configured.wait()
        template = session.setup.library.get(self.prompt)
        model = session.model_for(template.role)
        task = await self._task(server, model)
        if task.can_end_early:
            session.steering[work_id] = task.steering
            server.refresh_lenses()
        return model, task

    async def _task(self, server: SpyhopServer, model: Model) -> Task:
        from spyhop.assist.task import prepare  # noqa: PLC0415 - start-up counts

        session = server.session
        # Off the loop: splitting a long document takes long.
        material = await asyncio.to_thread(self._material, server.path_of(self.document.uri))
        return await prepare(
            model,
            session.setup.library,
            self.prompt,
            material,
            session.setup.settings,
            session.language,
        )

    def _material(self, path: str) -> Material:
        words = self.arguments.instruction or ""
        source, language = self.document.source, self.document.language
        material = material_for(source, self.target, path, language, words)
        return replace(material, diagnostics=self.arguments.diagnostics)


def asked(
    server: SpyhopServer, arguments: EditArguments, default: str, empty: str
) -> tuple[Asked, Template]:
    """Return what is asked, and the prompt to fill: ``default`` where none is named.

    Raises:
        UsageError: the document is not open, or nothing is asked for (``empty`` says so).
        SettingsError: there is no such prompt.
    """
    session = server.session
    name = arguments.preset or default
    template, instruction = session.setup.library.resolve(name, arguments.instruction or "")
    if not instruction.strip():
        raise UsageError(empty)
    document = session.documents.get(arguments.uri)
    span = document.source.span_of(range_from(arguments.range), session.documents.encoding)
    return Asked(document, whole_lines(document.source, span), name, arguments), template


async def carry(
    server: SpyhopServer,
    work_id: str,
    title: str,
    work: Callable[[EditProgress], Awaitable[None]],
    drop: Callable[[], None],
) -> None:
    """Carry ``work`` through, with progress; where it comes to nothing, ``drop`` it and say why."""
    session = server.session
    progress = EditProgress(server, work_id, session.say("progress-title", title=title))
    progress.begin()
    try:
        await session.load()
        await work(progress)
    except SpyhopError as error:
        drop()
        kind = types.MessageType.Warning if isinstance(error, NoEdit) else types.MessageType.Error
        session.editor.show(kind, error.say(session.language))
    except asyncio.CancelledError:
        drop()
    except Exception as error:  # noqa: BLE001 - the task's last resort
        drop()
        server.report_unexpected(error)
    finally:
        if session.steering.pop(work_id, None):
            server.refresh_lenses()
        progress.end()
