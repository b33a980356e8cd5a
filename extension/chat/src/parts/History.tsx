import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat, Found } from "../protocol.ts";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";
import { TitleForm } from "./TitleForm.tsx";

interface Props {
  onClose: () => void;
  onDelete: (chat: Chat) => void;
}

/** All chats, by time or by what is looked for. */
export function History({ onClose, onDelete }: Props) {
  const { client, words } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Found[] | null>(null);
  const [renamed, setRenamed] = useState("");

  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    if (!query.trim()) {
      setFound(null);
      return undefined;
    }
    let wanted = true;
    void client.attempt(async () => {
      const result = await client.call("search", { query });
      if (wanted) {
        setFound(result.found);
      }
    });
    return () => {
      wanted = false;
    };
  }, [query, client.state.chats]);

  const rows = found ?? client.state.chats.map((chat) => ({ chat, excerpt: "" }));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      class="history"
      ref={dialog}
      aria-label={words.history}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="history-inside">
        <div class="row">
          <input
            type="search"
            placeholder={words.searchChats}
            aria-label={words.searchChats}
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
          <IconButton icon="close" label={words.close} onClick={() => dialog.current?.close()} />
        </div>
        {rows.length === 0 && <p class="hint">{query ? words.nothingFound : words.noChats}</p>}
        <ul class="chats">
          {rows.map(({ chat, excerpt }) => (
            <li key={chat.id} class={chat.id === client.state.shown?.chat.id ? "current" : ""}>
              {renamed === chat.id ? (
                <TitleForm chat={chat} onDone={() => setRenamed("")} />
              ) : (
                <button
                  type="button"
                  class="chat"
                  aria-current={chat.id === client.state.shown?.chat.id}
                  onClick={() => {
                    void client.show(chat.id);
                    dialog.current?.close();
                  }}
                >
                  <span class="name">{chat.title || words.untitled}</span>
                  <When chat={chat} />
                  {excerpt && <span class="excerpt">{excerpt}</span>}
                </button>
              )}
              <IconButton
                icon="edit"
                label={words.rename}
                class="quiet"
                onClick={() => setRenamed(chat.id)}
              />
              <IconButton
                icon="remove"
                label={words.remove}
                class="quiet"
                onClick={() => onDelete(chat)}
              />
            </li>
          ))}
        </ul>
      </div>
    </dialog>
  );
}

function When({ chat: { updated } }: { chat: Chat }) {
  const { language } = usePage();
  const date = new Date(updated);
  const isToday = date.toDateString() === new Date().toDateString();
  const shown = isToday
    ? date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString(language, { day: "numeric", month: "short" });
  return (
    <time class="when" dateTime={date.toISOString()}>
      {shown}
    </time>
  );
}
