import type { Turn } from "../protocol.ts";
import type { Shown } from "../store.ts";
import { CopyButton } from "./CopyButton.tsx";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";
import { Markdown } from "./Markdown.tsx";
import { ThoughtBlock } from "./ThoughtBlock.tsx";

interface Props {
  turn: Turn;
  shown: Shown;
  isLast: boolean;
}

/** An answer with its thought, as far as it has come. */
export function AnswerTurn({ turn, shown, isLast }: Props) {
  const { client, words } = usePage();
  const chatId = shown.chat.id;
  const streams = turn.state === "streaming";
  return (
    <article class="turn answer" aria-label={turn.model || words.product} aria-busy={streams}>
      <ThoughtBlock
        turn={turn}
        canAnswerNow={shown.canAnswerNow}
        onAnswerNow={() => void client.ask("answerNow", { chatId })}
      />
      {streams && shown.notice && <p class="hint">{shown.notice}</p>}
      {turn.text && <Markdown text={turn.text} of={streams ? null : { chatId, turnId: turn.id }} />}
      {turn.warnings.map((warning) => (
        <p class="warning" key={warning}>
          {warning}
        </p>
      ))}
      {turn.state === "stopped" && <p class="hint">{words.stopped}</p>}
      {turn.state === "interrupted" && <p class="warning">{words.interrupted}</p>}
      {turn.error && (
        <p class="warning error" role="alert">
          {turn.error}
        </p>
      )}
      {!streams && (
        <footer class="turn-tools">
          {turn.text && (
            <CopyButton text={turn.text} label={words.copyAnswer} done={words.copied} />
          )}
          {isLast && (
            <IconButton
              icon="retry"
              label={words.retry}
              onClick={() => void client.ask("retry", { chatId, turnId: turn.id })}
            />
          )}
          <Usage turn={turn} />
        </footer>
      )}
    </article>
  );
}

function Usage({ turn: { model, usage } }: { turn: Turn }) {
  const { words, language } = usePage();
  const shown = (count: number | null | undefined) => count?.toLocaleString(language) ?? "–";
  const title = usage ? words.tokensUsed(shown(usage.promptTokens), shown(usage.answerTokens)) : "";
  return model ? (
    <span class="hint usage" title={title}>
      {model}
    </span>
  ) : null;
}
