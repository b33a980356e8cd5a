import { useEffect, useReducer, useState } from "preact/hooks";
import type { Chat } from "../protocol.ts";
import { streaming } from "../store.ts";
import { Composer } from "./Composer.tsx";
import { usePage } from "./context.ts";
import { Header } from "./Header.tsx";
import { History } from "./History.tsx";
import { IconButton } from "./IconButton.tsx";
import { Question } from "./Question.tsx";
import { Turns } from "./Turns.tsx";

/** The page. */
export function App() {
  const { client, words } = usePage();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [history, setHistory] = useState(false);
  const [deleted, setDeleted] = useState<Chat | null>(null);
  const [edited, setEdited] = useState("");
  useEffect(() => client.listen(() => redraw(undefined)), []);

  const { shown } = client.state;
  const busy = streaming(shown) !== undefined;
  const title = shown?.chat.title || words.product;
  useEffect(() => {
    document.title = `${busy ? "… " : ""}${title}`;
  }, [busy, title]);
  useEffect(() => {
    if (shown) {
      // A reload, or a bookmark, shows the same chat.
      window.history.replaceState(null, "", `#${shown.chat.id}`);
    }
  }, [shown?.chat.id]);

  const editLast = () => {
    const last = shown?.turns.findLast((turn) => turn.role === "user");
    if (last && !busy) {
      setEdited(last.id);
    }
  };
  return (
    <div class="page">
      {shown && (
        <>
          <Header
            shown={shown}
            onHistory={() => setHistory(true)}
            onDelete={() => setDeleted(shown.chat)}
          />
          <Turns shown={shown} edited={edited} onEdit={setEdited} />
        </>
      )}
      <Notices />
      {shown && <Composer shown={shown} onEditLast={editLast} />}
      {history && <History onClose={() => setHistory(false)} onDelete={setDeleted} />}
      {deleted && (
        <Question
          text={words.deleteAsk}
          yes={words.remove}
          onYes={() => void client.ask("delete", { chatId: deleted.id })}
          onClose={() => setDeleted(null)}
        />
      )}
    </div>
  );
}

/** What is wrong with the connection, and what went wrong last. */
function Notices() {
  const { client, words } = usePage();
  const { connection, error } = client;
  return (
    <div class="notices">
      {(connection === "lost" || connection === "refused") && (
        <p class="notice" role="alert">
          {words[connection]}
        </p>
      )}
      {error && connection !== "refused" && (
        <div class="notice error" role="alert">
          <p>{error}</p>
          <IconButton icon="close" label={words.close} onClick={() => client.dismiss()} />
        </div>
      )}
    </div>
  );
}
