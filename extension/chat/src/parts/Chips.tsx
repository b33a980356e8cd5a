import { useState } from "preact/hooks";
import { attachmentName } from "../labels.ts";
import type { Attachment } from "../protocol.ts";
import { usePage } from "./context.ts";
import { Icon, type IconName } from "./icons.tsx";

const ICONS: Record<Attachment["kind"], IconName> = {
  selection: "lines",
  file: "file",
  diagnostics: "problem",
  diff: "diff",
};

interface Props {
  attachments: Attachment[];
  /** Takes one away; not there: it cannot be. */
  onRemove?: (attachment: Attachment) => void;
}

/** What goes, or went, along with a message. A click shows what the model is shown. */
export function Chips({ attachments, onRemove }: Props) {
  const { words } = usePage();
  const [shown, setShown] = useState("");
  if (!attachments.length) {
    return null;
  }
  const open = attachments.find((attachment) => attachment.id === shown);
  return (
    <div class="attachments">
      <ul class="chips" aria-label={words.attachments}>
        {attachments.map((attachment) => (
          <Chip
            key={attachment.id}
            attachment={attachment}
            isOpen={attachment.id === shown}
            onToggle={() => setShown(attachment.id === shown ? "" : attachment.id)}
            onRemove={onRemove}
          />
        ))}
      </ul>
      {open && (
        <div class="snapshot">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must take focus */}
          <section tabIndex={0} aria-label={attachmentName(open, words)}>
            <pre>
              <code>{open.text}</code>
            </pre>
          </section>
          {open.leftOut > 0 && <p class="hint">{words.leftOut(open.leftOut)}</p>}
        </div>
      )}
    </div>
  );
}

interface ChipProps {
  attachment: Attachment;
  isOpen: boolean;
  onToggle: () => void;
  onRemove: Props["onRemove"] | undefined;
}

function Chip({ attachment, isOpen, onToggle, onRemove }: ChipProps) {
  const { words } = usePage();
  const name = attachmentName(attachment, words);
  const { state } = attachment;
  return (
    <li class={`chip ${state}`}>
      <button
        type="button"
        class="chip-name"
        aria-expanded={isOpen}
        title={attachment.path || name}
        onClick={onToggle}
      >
        <Icon name={ICONS[attachment.kind]} />
        <span>{name}</span>
      </button>
      {state !== "live" && (
        <span class="mark" title={state === "changed" ? words.changedWhy : words.goneWhy}>
          {words[state]}
        </span>
      )}
      {onRemove && (
        <button
          type="button"
          class="chip-remove"
          aria-label={words.detach(name)}
          title={words.detach(name)}
          onClick={() => onRemove(attachment)}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}
