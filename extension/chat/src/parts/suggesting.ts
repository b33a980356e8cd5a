import { useEffect, useState } from "preact/hooks";
import { promptsFor, typedAt } from "../composing.ts";
import { linesOf } from "../labels.ts";
import type { Mention } from "../protocol.ts";
import { usePage } from "./context.ts";
import type { IconName } from "./icons.tsx";

/** Something that the text at the caret may become. */
export interface Option {
  icon: IconName;
  name: string;
  detail: string;
  kind: string;
  take: () => Promise<string>;
}

const MOST_OPTIONS = 50;

/** Completes names of files and symbols behind @, and of prompts behind /. */
export function useSuggestions(chatId: string, text: string, caret: number) {
  const { client, words } = usePage();
  const [mentions, setMentions] = useState<Mention[]>([]);
  const [active, setActive] = useState(0);
  const [closedAt, setClosedAt] = useState("");
  const typed = typedAt(text, caret);
  const query = typed ? `${typed.kind}:${typed.start}:${typed.query}` : "";

  useEffect(() => {
    setActive(0);
    if (typed?.kind !== "mention") {
      setMentions([]);
      return undefined;
    }
    let wanted = true;
    client.call("mentions", { query: typed.query }).then(
      (found) => wanted && setMentions(found.mentions),
      () => wanted && setMentions([]),
    );
    return () => {
      wanted = false;
    };
  }, [query]);

  const ofMention = (mention: Mention): Option => ({
    icon: mention.kind === "file" ? "file" : "symbol",
    name: mention.name,
    detail: mention.range ? `${mention.path}:${linesOf(mention.range)}` : mention.path,
    kind: words[mention.kind],
    take: async () => {
      const kind = mention.range ? "selection" : "file";
      const { uri, range } = mention;
      const done = await client.ask("attach", { chatId, kind, uri, range });
      return done ? `\`${mention.name}\` ` : "";
    },
  });
  const diff: Option = {
    icon: "diff",
    name: words.diff,
    detail: words.diffWhy,
    kind: "",
    take: async () => {
      await client.ask("attach", { chatId, kind: "diff" });
      return "";
    },
  };
  const options = (): Option[] => {
    if (typed?.kind === "prompt") {
      return promptsFor(typed.query, client.prompts).map((prompt) => ({
        icon: "edit",
        name: `/${prompt.name}`,
        detail: prompt.title,
        kind: words.prompt,
        take: async () => `/${prompt.name} `,
      }));
    }
    if (typed?.kind !== "mention") {
      return [];
    }
    const named = `diff ${words.diff}`.toLowerCase().includes(typed.query.toLowerCase());
    return [...mentions.map(ofMention), ...(named ? [diff] : [])];
  };
  const all = query && query !== closedAt ? options().slice(0, MOST_OPTIONS) : [];
  const count = all.length;
  return {
    options: all,
    active: Math.min(active, count - 1),
    isOpen: count > 0,
    /** Moves in the list or closes it; tells whether the key does so. */
    onKey(key: string): boolean {
      if (!count) {
        return false;
      }
      switch (key) {
        case "ArrowDown":
          setActive((active + 1) % count);
          return true;
        case "ArrowUp":
          setActive((active - 1 + count) % count);
          return true;
        case "Escape":
          setClosedAt(query);
          return true;
        default:
          return false;
      }
    },
    /** Takes an option; returns the text with it in place, and where the caret goes. */
    async take(index: number): Promise<{ text: string; caret: number } | null> {
      const option = all[index];
      if (!option || !typed) {
        return null;
      }
      const put = await option.take();
      const before = text.slice(0, typed.start) + put;
      return {
        text: before + text.slice(caret).replace(/^ /, put ? "" : " "),
        caret: before.length,
      };
    },
  };
}
