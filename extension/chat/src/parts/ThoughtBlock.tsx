import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { inBrowser, keep, kept } from "../kept.ts";
import { duration } from "../labels.ts";
import type { Turn } from "../protocol.ts";
import { isThinking } from "../store.ts";
import { usePage } from "./context.ts";
import { Icon } from "./icons.tsx";

const PREFERENCE = "spyhop.thoughts";
const FOLDED = "folded";

interface Props {
  turn: Turn;
  canAnswerNow: boolean;
  onAnswerNow: () => void;
}

/**
 * The thought of an answer: open while it streams, folded when the answer begins. Whoever folds one
 * while it streams sees no further ones open; whoever opens one keeps it open.
 */
export function ThoughtBlock({ turn, canAnswerNow, onAnswerNow }: Props) {
  const { words, language } = usePage();
  const [choice, setChoice] = useState<boolean | null>(null);
  const body = useRef<HTMLElement>(null);
  const thinks = isThinking(turn);
  const open = choice ?? (thinks && kept(inBrowser, PREFERENCE) !== FOLDED);
  const text = turn.thought?.text ?? "";

  useLayoutEffect(() => {
    if (thinks && body.current) {
      body.current.scrollTop = body.current.scrollHeight;
    }
  }, [text, thinks, open]);

  if (!turn.thought && !thinks) {
    return null;
  }
  const toggle = () => {
    setChoice(!open);
    if (thinks) {
      keep(inBrowser, PREFERENCE, open ? FOLDED : "");
    }
  };
  const { tokens = 0, seconds = 0 } = turn.thought ?? {};
  const count = tokens.toLocaleString(language);
  const time = duration(seconds, words, language);
  const label = thinks ? words.thinkingFor(time, count) : words.thought(time, count);
  return (
    <div class={thinks ? "thought live" : "thought"}>
      <div class="thought-head">
        <button type="button" class="thought-toggle" aria-expanded={open} onClick={toggle}>
          <Icon name="down" />
          {thinks && <span class="pulse" aria-hidden="true" />}
          <span class="thought-label">{turn.thought ? label : `${words.thinking}…`}</span>
        </button>
        {thinks && canAnswerNow && (
          <button
            type="button"
            class="button wordy answer-now"
            title={words.answerNowWhy}
            onClick={onAnswerNow}
          >
            {words.answerNow}
          </button>
        )}
      </div>
      {open && text && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must take focus
        <section class="thought-text" ref={body} tabIndex={0} aria-label={label}>
          {text.trim()}
        </section>
      )}
    </div>
  );
}
