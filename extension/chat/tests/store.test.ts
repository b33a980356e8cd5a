import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ChatEvent, Opened, Turn } from "../src/protocol.ts";
import { EMPTY, isThinking, opened, received, type State, streaming } from "../src/store.ts";

const CHATS = ["a", "b"];

function turn(id: string, values: Partial<Turn> = {}): Turn {
  return {
    id,
    role: "assistant",
    text: "",
    created: 0,
    state: "done",
    prompt: "",
    instruction: "",
    answerLanguage: "",
    attachments: [],
    thought: null,
    warnings: [],
    error: "",
    model: "",
    usage: null,
    ...values,
  };
}

function chat(id: string): Opened {
  return {
    chat: { id, title: "", created: 0, updated: 0 },
    turns: [],
    attachments: [],
    seq: 0,
    canAnswerNow: false,
  };
}

const id = fc.constantFrom("1", "2", "3");
const chatId = fc.constantFrom(...CHATS);
const text = fc.string({ maxLength: 4 });
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields);
const thought = some({ text, tokens: fc.nat(), seconds: fc.nat() });
const aTurn = some({ id, state: fc.constantFrom("streaming", "done", "stopped"), text }).map(
  ({ id: name, ...values }) => turn(name, values as Partial<Turn>),
);
const happening = fc.oneof(
  some({ kind: fc.constant("turn"), chatId, turn: aTurn }),
  some({ kind: fc.constant("turnChanged"), chatId, turn: aTurn }),
  some({ kind: fc.constant("turnsDropped"), chatId, turnIds: fc.array(id, { maxLength: 2 }) }),
  some({ kind: fc.constant("text"), chatId, turnId: id, text }),
  some({ kind: fc.constant("thoughtEnded"), chatId, turnId: id, thought }),
  some({ kind: fc.constant("notice"), chatId, turnId: id, message: text }),
  some({ kind: fc.constant("attachments"), chatId, attachments: fc.constant([]) }),
  some({
    kind: fc.constant("thought"),
    chatId,
    turnId: id,
    text,
    tokens: fc.nat(),
    seconds: fc.nat(),
    canAnswerNow: fc.boolean(),
  }),
  some({
    kind: fc.constant("chat"),
    chat: some({ id: chatId, title: text, created: fc.nat(), updated: fc.nat() }),
  }),
);
const events = fc
  .array(happening, { maxLength: 30 })
  .map((all) => all.map((event, at) => ({ ...event, seq: at + 1 }) as ChatEvent));

const showing = (one: Opened): State => opened(EMPTY, one);
const after = (state: State, all: ChatEvent[]) => all.reduce(received, state);

test("a page that opens a chat at any time comes to the same as one that was there", () => {
  fc.assert(
    fc.property(events, fc.nat(), (all, at) => {
      const then = all.slice(0, at % (all.length + 1));
      const there = after(showing(chat("a")), all);
      const shown = after(showing(chat("a")), then).shown as Opened;
      const late = after(opened(EMPTY, { ...shown, seq: then.length }), all);
      const { notice: _, ...turns } = late.shown ?? {};
      const { notice: __, ...expected } = there.shown ?? {};
      assert.deepEqual({ ...turns, seq: 0 }, { ...expected, seq: 0 });
    }),
  );
});

test("events that come twice change nothing", () => {
  fc.assert(
    fc.property(events, fc.nat(), (all, at) => {
      const once = after(showing(chat("a")), all);
      const again = all.slice(at % (all.length + 1));
      assert.deepEqual(after(once, again), once);
    }),
  );
});

test("what happens in another chat is not shown", () => {
  fc.assert(
    fc.property(events, (all) => {
      const others = all.filter((event) => !("chatId" in event && event.chatId === "a"));
      const { turns, attachments } = after(showing(chat("a")), others).shown as Opened;
      assert.deepEqual({ turns, attachments }, { turns: [], attachments: [] });
    }),
  );
});

test("nothing is changed in place", () => {
  const frozen = (value: unknown): void => {
    if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
      Object.freeze(value);
      Object.values(value).forEach(frozen);
    }
  };
  fc.assert(
    fc.property(events, (all) => {
      let state = showing(chat("a"));
      for (const event of all) {
        frozen(state);
        frozen(event);
        state = received(state, event);
      }
    }),
  );
});

test("a reset is counted from anew, also by less", () => {
  const state = received({ ...EMPTY, seq: 9 }, { kind: "reset", seq: 2 });
  assert.equal(state.stale, true);
  assert.equal(received(state, { kind: "current", seq: 3, chatId: "b" }).wanted, "b");
});

test("a chat that is deleted is shown no more", () => {
  const state = received(showing(chat("a")), { kind: "chatDeleted", seq: 1, chatId: "a" });
  assert.equal(state.shown, null);
});

test("the chat used last comes first", () => {
  const one = { id: "a", title: "", created: 0, updated: 1 };
  const other = { id: "b", title: "", created: 0, updated: 2 };
  const state = after(EMPTY, [
    { kind: "chat", seq: 1, chat: one },
    { kind: "chat", seq: 2, chat: other },
    { kind: "chat", seq: 3, chat: { ...one, updated: 3 } },
  ]);
  assert.deepEqual(
    state.chats.map((it) => it.id),
    ["a", "b"],
  );
});

test("an answer thinks until its first words", () => {
  const shown = { ...chat("a"), turns: [turn("1"), turn("2", { state: "streaming" })], notice: "" };
  const answer = streaming(shown);
  assert.equal(answer?.id, "2");
  assert.equal(isThinking(turn("2", { state: "streaming" })), true);
  assert.equal(isThinking(turn("2", { state: "streaming", text: "a" })), false);
  assert.equal(isThinking(turn("2", { state: "stopped" })), false);
});
