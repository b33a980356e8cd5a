// What the user types, read as far as the page must: names behind @, prompts behind /, Enter.

import type { PromptChoice } from "./protocol.ts";

/** Something that is being typed and can be completed: from `start` to the caret. */
export interface Typed {
  kind: "mention" | "prompt";
  start: number;
  query: string;
}

// An address in a mail has a letter before its @; Chinese has no space before a name.
const MENTION = /(?<![A-Za-z0-9_.@])@(?<query>[^\s@`]{0,80})$/u;
const PROMPT = /^\/(?<query>[^\s/]{0,80})$/u;
const WITH_PROMPT = /^\/(?<name>[^\s/]+)(?:\s+(?<text>[\s\S]*))?$/u;

/** Returns what stands before the caret and can be completed. */
export function typedAt(text: string, caret: number): Typed | null {
  const before = text.slice(0, caret);
  const prompt = PROMPT.exec(before);
  if (prompt) {
    return { kind: "prompt", start: 0, query: prompt.groups?.query ?? "" };
  }
  const mention = MENTION.exec(before);
  if (mention) {
    return { kind: "mention", start: mention.index, query: mention.groups?.query ?? "" };
  }
  return null;
}

/** Reads a message that may begin with the name of a prompt. An unknown name is plain text. */
export function asSent(text: string, prompts: PromptChoice[]): { text: string; prompt: string } {
  const found = WITH_PROMPT.exec(text.trim())?.groups;
  const name = found?.name ?? "";
  return prompts.some((prompt) => prompt.name === name)
    ? { text: found?.text ?? "", prompt: name }
    : { text: text.trim(), prompt: "" };
}

// What browsers give as the code of a key that an input method took.
const TAKEN_BY_IME = 229;

/** Whether a key belongs to an input method: Enter then takes a candidate and sends nothing. */
export function isComposing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === TAKEN_BY_IME;
}

/** Returns the prompts whose names or titles hold the query, those that begin with it first. */
export function promptsFor(query: string, prompts: PromptChoice[]): PromptChoice[] {
  const wanted = query.toLowerCase();
  const begins = (prompt: PromptChoice) => prompt.name.toLowerCase().startsWith(wanted);
  const holds = ({ name, title }: PromptChoice) =>
    name.toLowerCase().includes(wanted) || title.toLowerCase().includes(wanted);
  return [...prompts.filter(begins), ...prompts.filter((one) => !begins(one) && holds(one))];
}
