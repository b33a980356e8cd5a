import { useState } from "preact/hooks";
import { isComposing } from "../composing.ts";
import type { Turn } from "../protocol.ts";
import { Chips } from "./Chips.tsx";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";

interface Props {
  turn: Turn;
  chatId: string;
  isEdited: boolean;
  onEdit: (turnId: string) => void;
}

/** A message of the user's, which can be given other words. */
export function UserTurn({ turn, chatId, isEdited, onEdit }: Props) {
  const { client, words } = usePage();
  const save = async (text: string) => {
    if (await client.ask("editTurn", { chatId, turnId: turn.id, text })) {
      onEdit("");
    }
  };
  return (
    <article class="turn question" aria-label={words.you}>
      <Chips attachments={turn.attachments} />
      {isEdited ? (
        <Editor text={turn.text} onSave={(text) => void save(text)} onCancel={() => onEdit("")} />
      ) : (
        <div class="question-row">
          <p class="question-text">
            {turn.prompt && <span class="prompt-name">/{turn.prompt} </span>}
            {turn.text}
          </p>
          <IconButton
            icon="edit"
            label={words.edit}
            onClick={() => onEdit(turn.id)}
            class="quiet"
          />
        </div>
      )}
    </article>
  );
}

interface EditorProps {
  text: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}

function Editor({ text, onSave, onCancel }: EditorProps) {
  const { words } = usePage();
  const [draft, setDraft] = useState(text);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) {
      return;
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      onCancel();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      onSave(draft);
    }
  };
  return (
    <div class="editor">
      <textarea
        ref={(area) => {
          if (area && document.activeElement !== area && !area.dataset.ready) {
            area.dataset.ready = "true";
            area.focus();
            area.setSelectionRange(area.value.length, area.value.length);
          }
        }}
        rows={Math.min(10, draft.split("\n").length + 1)}
        value={draft}
        aria-label={words.edit}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <p class="hint">{words.editWarning}</p>
      <div class="row">
        <button type="button" class="button wordy primary" onClick={() => onSave(draft)}>
          {words.send}
        </button>
        <button type="button" class="button wordy" onClick={onCancel}>
          {words.cancel}
        </button>
      </div>
    </div>
  );
}
