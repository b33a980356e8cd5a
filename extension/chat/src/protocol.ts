// The values of the chat protocol, as extension/PROTOCOL.md tells them.
// A test holds them to the server's own (tests/web/test_protocol.py).

export interface Lines {
  /** 0-based; the first line. */
  start: number;
  /** Behind the last line. */
  end: number;
}

export type Kind = "selection" | "file" | "diagnostics" | "diff";

export interface Attachment {
  id: string;
  kind: Kind;
  uri: string;
  path: string;
  language: string;
  range: Lines | null;
  text: string;
  state: "live" | "changed" | "gone";
  leftOut: number;
}

export interface Thought {
  text: string;
  tokens: number;
  seconds: number;
}

export interface TurnUsage {
  promptTokens: number | null;
  cachedTokens: number | null;
  answerTokens: number | null;
}

export interface Turn {
  id: string;
  role: "user" | "assistant";
  text: string;
  created: number;
  state: "streaming" | "done" | "stopped" | "failed" | "interrupted";
  prompt: string;
  instruction: string;
  answerLanguage: string;
  attachments: Attachment[];
  thought: Thought | null;
  warnings: string[];
  error: string;
  model: string;
  usage: TurnUsage | null;
}

export interface Chat {
  id: string;
  title: string;
  created: number;
  updated: number;
}

export interface Listed {
  chats: Chat[];
  current: string | null;
}

export interface Found {
  chat: Chat;
  turnId: string | null;
  excerpt: string;
}

export interface Opened {
  chat: Chat;
  turns: Turn[];
  attachments: Attachment[];
  seq: number;
  canAnswerNow: boolean;
}

export interface ModelChoice {
  name: string;
  endpoint: string;
  used: boolean;
}

export interface PromptChoice {
  name: string;
  title: string;
}

export interface Mention {
  kind: "file" | "symbol";
  name: string;
  path: string;
  uri: string;
  range: Lines | null;
}

export interface Place {
  uri: string;
  path: string;
  range: Lines;
  why: "attached" | "named" | "symbol" | "alike" | "end";
  firstLine: string;
}

export interface Applied {
  state: "proposed" | "ask";
  places: Place[];
  warnings: string[];
}

interface OfChat {
  chatId: string;
}

interface OfTurn extends OfChat {
  turnId: string;
}

interface OfBlock extends OfTurn {
  block: number;
}

type Nothing = Record<string, never>;

interface Sent {
  userTurnId: string;
  turnId: string;
}

interface AttachParams extends OfChat {
  kind: Kind;
  uri?: string;
  range?: Lines | null;
}

/** Parameters and result of each request. */
export interface Methods {
  list: [Nothing, Listed];
  search: [{ query: string }, { found: Found[] }];
  new: [Nothing, { chat: Chat }];
  open: [OfChat, Opened];
  rename: [OfChat & { title: string }, Nothing];
  delete: [OfChat, Nothing];
  export: [OfChat, { markdown: string; name: string }];
  send: [OfChat & { text: string; prompt: string }, Sent];
  stop: [OfChat, Nothing];
  answerNow: [OfChat, Nothing];
  retry: [OfTurn, Sent];
  editTurn: [OfTurn & { text: string }, Sent];
  models: [Nothing, { models: ModelChoice[]; warnings: string[] }];
  switchModel: [{ name: string | null; endpoint: string | null }, Nothing];
  prompts: [Nothing, { prompts: PromptChoice[] }];
  attach: [AttachParams, { attachment: Attachment }];
  detach: [OfChat & { attachmentId: string }, Nothing];
  mentions: [{ query: string }, { mentions: Mention[] }];
  apply: [OfBlock & { place: { uri: string; range: Lines } | null }, Applied];
  newFile: [OfBlock & { path: string }, { uri: string }];
  insertAtCursor: [OfBlock, Nothing];
}

export type Method = keyof Methods;

/** What happens, each with the number after the last one's. */
export type ChatEvent = { seq: number } & (
  | { kind: "chat"; chat: Chat }
  | { kind: "chatDeleted"; chatId: string }
  | { kind: "current"; chatId: string }
  | { kind: "attachments"; chatId: string; attachments: Attachment[] }
  | { kind: "turn"; chatId: string; turn: Turn }
  | { kind: "turnsDropped"; chatId: string; turnIds: string[] }
  | {
      kind: "thought";
      chatId: string;
      turnId: string;
      text: string;
      tokens: number;
      seconds: number;
      canAnswerNow: boolean;
    }
  | { kind: "thoughtEnded"; chatId: string; turnId: string; thought: Thought }
  | { kind: "text"; chatId: string; turnId: string; text: string }
  | { kind: "turnChanged"; chatId: string; turn: Turn }
  | { kind: "notice"; chatId: string; turnId: string; message: string }
  | { kind: "reset" }
);
