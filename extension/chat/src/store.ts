import type { Attachment, Chat, ChatEvent, Listed, Opened, Thought, Turn } from "./protocol.ts";

/** What the page knows of chats. Nothing in it is ever changed in place. */
export interface State {
  /** The number of the last event that was taken in. */
  seq: number;
  /** The one used last first. */
  chats: Chat[];
  /** The chat that is shown. */
  shown: Shown | null;
  /** Whether what is shown is out of date: list and open again. */
  stale: boolean;
  /** Another chat that is to be shown now. */
  wanted: string | null;
}

/** A chat with its turns, as it was after the event `seq`, and all that came since. */
export interface Shown extends Opened {
  /** What an answer on its way waits for; gone with its first token. */
  notice: string;
}

export const EMPTY: State = { seq: 0, chats: [], shown: null, stale: false, wanted: null };

export function listed(state: State, list: Listed): State {
  return { ...state, chats: list.chats, stale: false };
}

/** Shows a chat as it was opened. Events that it holds already are passed over later. */
export function opened(state: State, chat: Opened): State {
  return { ...state, shown: { ...chat, notice: "" }, wanted: null };
}

/** Takes in the next event. Those that were taken in already change nothing. */
export function received(state: State, event: ChatEvent): State {
  if (event.kind === "reset") {
    return { ...state, seq: event.seq, stale: true };
  }
  if (event.seq <= state.seq) {
    return state;
  }
  const next = { ...state, seq: event.seq };
  switch (event.kind) {
    case "chat":
      return changedChat(next, event.chat);
    case "chatDeleted":
      return {
        ...next,
        chats: next.chats.filter((chat) => chat.id !== event.chatId),
        shown: next.shown?.chat.id === event.chatId ? null : next.shown,
      };
    case "current":
      return event.chatId === next.shown?.chat.id ? next : { ...next, wanted: event.chatId };
    default:
      if (event.chatId !== next.shown?.chat.id || event.seq <= next.shown.seq) {
        return next;
      }
      return { ...next, shown: { ...ofShown(next.shown, event), seq: event.seq } };
  }
}

/** The answer that is on its way, if one is. */
export function streaming(shown: Shown | null): Turn | undefined {
  return shown?.turns.find((turn) => turn.state === "streaming");
}

/** Whether a turn thinks and has not begun to answer. */
export function isThinking(turn: Turn): boolean {
  return turn.state === "streaming" && turn.text === "";
}

function changedChat(state: State, chat: Chat): State {
  const others = state.chats.filter((other) => other.id !== chat.id);
  const chats = [chat, ...others].sort((one, other) => other.updated - one.updated);
  const { shown } = state;
  return { ...state, chats, shown: shown?.chat.id === chat.id ? { ...shown, chat } : shown };
}

type OfShown = Exclude<ChatEvent, { kind: "chat" | "chatDeleted" | "current" | "reset" }>;

function ofShown(shown: Shown, event: OfShown): Shown {
  switch (event.kind) {
    case "attachments":
      return { ...shown, attachments: event.attachments satisfies Attachment[] };
    case "turn":
      return {
        ...shown,
        turns: [...without(shown.turns, [event.turn.id]), event.turn],
        notice: "",
      };
    case "turnsDropped":
      return { ...shown, turns: without(shown.turns, event.turnIds) };
    case "thought": {
      const { text, tokens, seconds, canAnswerNow } = event;
      const grown = withTurn(shown, event.turnId, (turn) => ({
        ...turn,
        thought: { text: (turn.thought?.text ?? "") + text, tokens, seconds } satisfies Thought,
      }));
      return { ...grown, canAnswerNow, notice: "" };
    }
    case "thoughtEnded": {
      const { thought } = event;
      const ended = withTurn(shown, event.turnId, (turn) => ({ ...turn, thought }));
      return { ...ended, canAnswerNow: false, notice: "" };
    }
    case "text": {
      const { text } = event;
      const grown = withTurn(shown, event.turnId, (turn) => ({ ...turn, text: turn.text + text }));
      return { ...grown, canAnswerNow: false, notice: "" };
    }
    case "turnChanged": {
      const { turn } = event;
      const done = turn.state !== "streaming";
      return {
        ...withTurn(shown, turn.id, () => turn),
        canAnswerNow: shown.canAnswerNow && !done,
        notice: done ? "" : shown.notice,
      };
    }
    case "notice":
      return { ...shown, notice: event.message };
  }
}

function without(turns: Turn[], ids: string[]): Turn[] {
  return turns.filter((turn) => !ids.includes(turn.id));
}

function withTurn(shown: Shown, id: string, change: (turn: Turn) => Turn): Shown {
  return { ...shown, turns: shown.turns.map((turn) => (turn.id === id ? change(turn) : turn)) };
}
