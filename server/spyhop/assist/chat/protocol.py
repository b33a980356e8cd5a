"""What a page, an editor and the service of chats say to each other: requests, results, events.

``extension/PROTOCOL.md`` is the same for readers; a test holds the two together. A transport
carries JSON: it passes a request's method and parameters to `ChatService.call`, and the events of
`ChatService.follow` back, each with the next higher ``seq``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field

from spyhop.sessions.chats.values import Attachment, Chat, Kind, Lines, Thought, Turn, Value

MOST_CHARACTERS: Final = 1_000_000
"""The longest message that is taken."""


class Params(Value):
    """A request's parameters; one that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Params):
    """No parameters, or no result."""


NOTHING: Final = Nothing()


class OfChat(Params):
    """A chat."""

    chat_id: str


class Listed(Value):
    """Chats, the one that was used last first."""

    chats: tuple[Chat, ...]
    current: str | None
    """The chat that ``spyhop.chat.add`` adds to."""


class SearchParams(Params):
    """Words to look for in titles and turns; every one of them is to be there."""

    query: str = Field(max_length=200)


class Found(Value):
    """A chat that holds the words, and what stands around them in one of its turns."""

    chat: Chat
    turn_id: str | None
    """None where only the title holds them."""
    excerpt: str


class SearchResult(Value):
    """What was found, the chat that was used last first."""

    found: tuple[Found, ...]


class NewResult(Value):
    """A chat that was made; it is stored with its first message."""

    chat: Chat


class Opened(Value):
    """A chat as it is after the event ``seq``: following from there misses nothing."""

    chat: Chat
    turns: tuple[Turn, ...]
    attachments: tuple[Attachment, ...]
    """What the next message takes along."""
    seq: int
    can_answer_now: bool
    """Whether the model thinks, and its thought can be ended."""


class RenameParams(OfChat):
    """A title of the user's own."""

    title: str = Field(min_length=1, max_length=200)


class Exported(Value):
    """A chat as Markdown, and a file name for it."""

    markdown: str
    name: str


class SendParams(OfChat):
    """A message, with everything that is attached; ``prompt`` names a prompt to ask with."""

    text: str = Field(default="", max_length=MOST_CHARACTERS)
    prompt: str = ""


class Sent(Value):
    """The turns that have begun."""

    user_turn_id: str
    turn_id: str


class OfTurn(OfChat):
    """A turn of a chat."""

    turn_id: str


class EditTurnParams(OfTurn):
    """New words for a message; that message and all that follows it are gone then."""

    text: str = Field(max_length=MOST_CHARACTERS)


class ModelChoice(Value):
    """A model that can be asked."""

    name: str
    endpoint: str
    """The name of its endpoint in the settings."""
    used: bool
    """Whether it answers the next message."""


class ModelsResult(Value):
    """The models there are, and why some endpoints told none."""

    models: tuple[ModelChoice, ...]
    warnings: tuple[str, ...] = ()


class SwitchModelParams(Params):
    """The model for all further messages; None: the settings' own."""

    name: str | None = None
    endpoint: str | None = None
    """The name of its endpoint; None: the first that chats ask."""


class PromptChoice(Value):
    """A prompt that can be asked with."""

    name: str
    title: str


class PromptsResult(Value):
    """The prompts there are, by name."""

    prompts: tuple[PromptChoice, ...]


class AttachParams(OfChat):
    """Something to take along with the next message."""

    kind: Kind
    uri: str = ""
    """Needed for all but a diff."""
    range: Lines | None = None
    """Needed for a selection."""
    diagnostics: tuple[str, ...] = ()
    """Needed for diagnostics: one problem each. For the other kinds they are not read."""


class Attached(Value):
    """What was attached; the same lines attached twice are one."""

    attachment: Attachment


class DetachParams(OfChat):
    """Something that the next message shall not take along."""

    attachment_id: str


class MentionsParams(Params):
    """Letters of a name or a path, in their order."""

    query: str = Field(max_length=200)


class Mention(Value):
    """A file or a symbol in it; attach it by ``uri`` and ``range``."""

    kind: Literal["file", "symbol"]
    name: str
    path: str
    uri: str
    range: Lines | None = None


class MentionsResult(Value):
    """The files and symbols that match, the nearest first."""

    mentions: tuple[Mention, ...]


class OfBlock(OfTurn):
    """A code block of an answer: the 0-based ``block`` of its fenced blocks, in order."""

    block: int = Field(ge=0)


class Place(Value):
    """Lines that a block may be put in the place of; where empty, it is put before them."""

    uri: str
    path: str
    range: Lines
    why: Literal["attached", "named", "symbol", "alike", "end"]
    """How it was found: lines that were attached; a file that the answer names; the definition of
    a symbol that the block defines; lines that are like it; the end of the file."""
    first_line: str = ""
    """The first of the lines, for people."""


class Chosen(Params):
    """The place that the user chose among those that were offered."""

    uri: str
    range: Lines


class ApplyParams(OfBlock):
    """Where the block goes is found out, unless ``place`` says it."""

    place: Chosen | None = None


class Applied(Value):
    """What has become of a block.

    ``proposed``: the change is shown as any edit is. ``ask``: nothing was changed; choose one of
    ``places``, of which there may be none.
    """

    state: Literal["proposed", "ask"]
    places: tuple[Place, ...]
    """Where it was put, or could be."""
    warnings: tuple[str, ...] = ()


class NewFileParams(OfBlock):
    """A path below the workspace's folder for a new file with the block in it."""

    path: str = Field(min_length=1, max_length=1000)


class NewFileResult(Value):
    """The file that was made."""

    uri: str


METHODS: Final[dict[str, tuple[type[Params], type[Value]]]] = {
    "list": (Nothing, Listed),
    "search": (SearchParams, SearchResult),
    "new": (Nothing, NewResult),
    "open": (OfChat, Opened),
    "rename": (RenameParams, Nothing),
    "delete": (OfChat, Nothing),
    "export": (OfChat, Exported),
    "send": (SendParams, Sent),
    "stop": (OfChat, Nothing),
    "answerNow": (OfChat, Nothing),
    "retry": (OfTurn, Sent),
    "editTurn": (EditTurnParams, Sent),
    "models": (Nothing, ModelsResult),
    "switchModel": (SwitchModelParams, Nothing),
    "prompts": (Nothing, PromptsResult),
    "attach": (AttachParams, Attached),
    "detach": (DetachParams, Nothing),
    "mentions": (MentionsParams, MentionsResult),
    "apply": (ApplyParams, Applied),
    "newFile": (NewFileParams, NewFileResult),
    "insertAtCursor": (OfBlock, Nothing),
}
"""Parameters and result of each method."""


class Event(Value):
    """Something that has happened; ``seq`` counts up by one from event to event."""

    seq: int


class ChatChanged(Event):
    """A chat is there, or has another title or time."""

    kind: Literal["chat"] = "chat"
    chat: Chat


class ChatDeleted(Event):
    """A chat is gone."""

    kind: Literal["chatDeleted"] = "chatDeleted"
    chat_id: str


class CurrentChanged(Event):
    """Another chat is to be shown, for something was added to it."""

    kind: Literal["current"] = "current"
    chat_id: str


class AttachmentsChanged(Event):
    """What the next message of a chat takes along, all of it."""

    kind: Literal["attachments"] = "attachments"
    chat_id: str
    attachments: tuple[Attachment, ...]


class TurnBegun(Event):
    """A turn was added at the end of a chat."""

    kind: Literal["turn"] = "turn"
    chat_id: str
    turn: Turn


class TurnsDropped(Event):
    """Turns at the end of a chat are gone, for one before them was edited or retried."""

    kind: Literal["turnsDropped"] = "turnsDropped"
    chat_id: str
    turn_ids: tuple[str, ...]


class ThoughtDelta(Event):
    """The thought goes on; it has come to so many tokens and seconds."""

    kind: Literal["thought"] = "thought"
    chat_id: str
    turn_id: str
    text: str
    tokens: int
    seconds: float
    can_answer_now: bool
    """Whether the thought can be ended."""


class ThoughtEnded(Event):
    """The answer begins; this is the whole thought."""

    kind: Literal["thoughtEnded"] = "thoughtEnded"
    chat_id: str
    turn_id: str
    thought: Thought


class TextDelta(Event):
    """The answer goes on."""

    kind: Literal["text"] = "text"
    chat_id: str
    turn_id: str
    text: str


class TurnChanged(Event):
    """A turn is this now, whatever came of it before; once it is not ``streaming``, it is done."""

    kind: Literal["turnChanged"] = "turnChanged"
    chat_id: str
    turn: Turn


class Told(Event):
    """What an answer on its way waits for, in the user's language."""

    kind: Literal["notice"] = "notice"
    chat_id: str
    turn_id: str
    message: str


class Reset(Event):
    """Events were missed that are not remembered any more: list and open again."""

    kind: Literal["reset"] = "reset"


AnyEvent: TypeAlias = Annotated[
    ChatChanged
    | ChatDeleted
    | CurrentChanged
    | AttachmentsChanged
    | TurnBegun
    | TurnsDropped
    | ThoughtDelta
    | ThoughtEnded
    | TextDelta
    | TurnChanged
    | Told
    | Reset,
    Field(discriminator="kind"),
]


def to_json(value: Value) -> dict[str, Any]:
    """Return a value as JSON's."""
    return value.model_dump(mode="json")
