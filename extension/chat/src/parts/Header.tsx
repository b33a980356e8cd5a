import { useState } from "preact/hooks";
import type { Shown } from "../store.ts";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";
import { Icon } from "./icons.tsx";
import { Menu } from "./Menu.tsx";
import { TitleForm } from "./TitleForm.tsx";

interface Props {
  shown: Shown;
  onHistory: () => void;
  onDelete: () => void;
}

/** The chat's name, and what can be done with all of it. */
export function Header({ shown, onHistory, onDelete }: Props) {
  const { client, words } = usePage();
  const [renaming, setRenaming] = useState(false);
  const { id: chatId, title } = shown.chat;
  const download = () =>
    client.attempt(async () => {
      const { markdown, name } = await client.call("export", { chatId });
      save(markdown, name);
    });
  return (
    <header class="header">
      <IconButton icon="history" label={words.history} onClick={onHistory} />
      {renaming ? (
        <TitleForm chat={shown.chat} onDone={() => setRenaming(false)} />
      ) : (
        <h1 class="title" title={title}>
          {title || words.untitled}
        </h1>
      )}
      <Models />
      <IconButton icon="newChat" label={words.newChat} onClick={() => void client.newChat()} />
      <Menu label={words.more} button={<Icon name="more" />} class="end">
        {(close) => (
          <>
            <Entry
              label={words.rename}
              onClick={() => {
                close();
                setRenaming(true);
              }}
            />
            <Entry
              label={words.exportChat}
              onClick={() => {
                close();
                void download();
              }}
            />
            <Entry
              label={words.remove}
              onClick={() => {
                close();
                onDelete();
              }}
            />
          </>
        )}
      </Menu>
    </header>
  );
}

function Entry({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" role="menuitem" class="entry" tabIndex={-1} onClick={onClick}>
      {label}
    </button>
  );
}

/** The model that answers, and those that could. */
function Models() {
  const { client, words } = usePage();
  const used = client.models.find((model) => model.used);
  const choose = async (name: string | null, endpoint: string | null) => {
    if (await client.ask("switchModel", { name, endpoint })) {
      await client.loadModels();
    }
  };
  return (
    <Menu
      label={used ? `${words.model}: ${used.name}` : words.model}
      class="end models"
      onOpen={() => void client.loadModels()}
      button={
        <>
          <span class="label model-name">{used?.name ?? words.model}</span>
          <Icon name="down" />
        </>
      }
    >
      {(close) => (
        <>
          {client.models.map(({ name, endpoint, used: isUsed }) => (
            <button
              type="button"
              role="menuitemradio"
              aria-checked={isUsed}
              class="entry"
              tabIndex={-1}
              key={`${endpoint} ${name}`}
              onClick={() => {
                close();
                void choose(name, endpoint);
              }}
            >
              <span class="tick">{isUsed && <Icon name="check" />}</span>
              <span class="name">{name}</span>
              <span class="detail">{endpoint}</span>
            </button>
          ))}
          <button
            type="button"
            role="menuitem"
            class="entry"
            tabIndex={-1}
            onClick={() => {
              close();
              void choose(null, null);
            }}
          >
            <span class="tick" />
            <span class="name">{words.modelOfSettings}</span>
          </button>
        </>
      )}
    </Menu>
  );
}

/** Has the browser save a text as a file. */
function save(text: string, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
