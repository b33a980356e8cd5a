import type { Attachment, Lines } from "./protocol.ts";
import type { Words } from "./words/index.ts";

const MINUTE = 60;

/** Lines as editors number them, from 1, both ends included. */
export function linesOf({ start, end }: Lines): string {
  const first = start + 1;
  return end <= first ? `${first}` : `${first}–${end}`;
}

/** A place as people name it: a file's name, and the lines. */
export function placeOf(path: string, range: Lines | null): string {
  const name = path.split("/").at(-1) ?? path;
  return range ? `${name}:${linesOf(range)}` : name;
}

export function attachmentName(attachment: Attachment, words: Words): string {
  switch (attachment.kind) {
    case "diff":
      return words.diff;
    case "diagnostics":
      return words.problems(placeOf(attachment.path, attachment.range));
    default:
      return placeOf(attachment.path, attachment.range);
  }
}

export function duration(seconds: number, words: Words, language: string): string {
  const shown = (value: number, digits: number) =>
    value.toLocaleString(language, { maximumFractionDigits: digits });
  if (seconds < MINUTE) {
    return words.seconds(shown(seconds, seconds < 10 ? 1 : 0));
  }
  const whole = Math.round(seconds);
  return words.minutes(shown(Math.floor(whole / MINUTE), 0), shown(whole % MINUTE, 0));
}
