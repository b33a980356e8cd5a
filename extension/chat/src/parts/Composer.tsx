import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { asSent, isComposing } from "../composing.ts";
import { inTab, keep, kept } from "../kept.ts";
import { type Shown, streaming } from "../store.ts";
import { Chips } from "./Chips.tsx";
import { usePage } from "./context.ts";
import { IconButton } from "./IconButton.tsx";
import { OPTION_ID, Suggestions } from "./Suggestions.tsx";
import { useSuggestions } from "./suggesting.ts";

interface Props {
  shown: Shown;
  /** Changes the words of the last message. */
  onEditLast: () => void;
}

/** Where a message is written, with what goes along. */
export function Composer({ shown, onEditLast }: Props) {
  const { client, words } = usePage();
  const chatId = shown.chat.id;
  const key = `spyhop.draft.${chatId}`;
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => kept(inTab, key));
  const [caret, setCaret] = useState(text.length);
  const suggesting = useSuggestions(chatId, text, caret);
  const answer = streaming(shown);

  const write = (value: string, at: number) => {
    setText(value);
    setCaret(at);
    keep(inTab, key, value);
  };
  useEffect(() => {
    const draft = kept(inTab, key);
    setText(draft);
    setCaret(draft.length);
    area.current?.focus();
  }, [key]);
  useLayoutEffect(() => {
    const box = area.current;
    if (box) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`;
      if (box.selectionStart !== caret && document.activeElement === box) {
        box.setSelectionRange(caret, caret);
      }
    }
  }, [text]);

  const stop = () => void client.ask("stop", { chatId });
  const send = async () => {
    const message = asSent(text, client.prompts);
    if (answer || (!message.text && !message.prompt)) {
      return;
    }
    if (await client.ask("send", { chatId, ...message })) {
      write("", 0);
    }
  };
  const take = async (index: number) => {
    const taken = await suggesting.take(index);
    if (taken) {
      write(taken.text, taken.caret);
      area.current?.focus();
    }
  };
  /** Does what a key means; tells whether it means something here. */
  const pressed = ({ key, shiftKey, altKey }: KeyboardEvent): boolean => {
    if (suggesting.isOpen && (key === "Enter" || key === "Tab")) {
      void take(suggesting.active);
    } else if (key === "Enter" && !shiftKey && !altKey) {
      void send();
    } else if (key === "Escape" && answer) {
      stop();
    } else if (key === "ArrowUp" && !text) {
      onEditLast();
    } else {
      return false;
    }
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isComposing(event) && (suggesting.onKey(event.key) || pressed(event))) {
      event.preventDefault();
    }
  };
  const onCaret = () => setCaret(area.current?.selectionStart ?? 0);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {suggesting.isOpen && (
        <Suggestions
          options={suggesting.options}
          active={suggesting.active}
          onTake={(index) => void take(index)}
        />
      )}
      <div class="box">
        <Chips
          attachments={shown.attachments}
          onRemove={(one) => void client.ask("detach", { chatId, attachmentId: one.id })}
        />
        <textarea
          ref={area}
          rows={1}
          value={text}
          placeholder={words.placeholder}
          aria-label={words.message}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={suggesting.isOpen ? "suggestions" : undefined}
          aria-activedescendant={suggesting.isOpen ? `${OPTION_ID}${suggesting.active}` : undefined}
          onInput={(event) => {
            write(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onKeyDown={onKeyDown}
          onKeyUp={onCaret}
          onClick={onCaret}
        />
        <div class="row">
          <span class="hint">{words.hint}</span>
          {answer ? (
            <IconButton icon="stop" label={words.stop} onClick={stop} class="primary round" />
          ) : (
            <IconButton
              icon="send"
              label={words.send}
              onClick={() => void send()}
              disabled={!text.trim()}
              class="primary round"
            />
          )}
        </div>
      </div>
    </form>
  );
}
