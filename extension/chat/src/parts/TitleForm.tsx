import { isComposing } from "../composing.ts";
import type { Chat } from "../protocol.ts";
import { usePage } from "./context.ts";

const LONGEST_TITLE = 200;

/** Gives a chat another title. */
export function TitleForm({ chat, onDone }: { chat: Chat; onDone: () => void }) {
  const { client, words } = usePage();
  const rename = async (title: string) => {
    if (title && title !== chat.title) {
      await client.ask("rename", { chatId: chat.id, title });
    }
    onDone();
  };
  return (
    <input
      class="title-input"
      ref={(input) => {
        if (input && document.activeElement !== input) {
          input.focus();
          input.select();
        }
      }}
      defaultValue={chat.title}
      maxLength={LONGEST_TITLE}
      aria-label={words.titleOfChat}
      onBlur={(event) => void rename(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (isComposing(event)) {
          return;
        }
        if (event.key === "Enter") {
          event.currentTarget.blur();
        } else if (event.key === "Escape") {
          event.stopPropagation();
          event.currentTarget.value = chat.title;
          event.currentTarget.blur();
        }
      }}
    />
  );
}
