import { useEffect, useRef } from "preact/hooks";
import { usePage } from "./context.ts";

interface Props {
  text: string;
  yes: string;
  onYes: () => void;
  onClose: () => void;
}

/** Asks before something is lost. */
export function Question({ text, yes, onYes, onClose }: Props) {
  const { words } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog class="ask" ref={dialog} aria-label={text} onClose={onClose}>
      <p>{text}</p>
      <div class="row">
        <button
          type="button"
          class="button wordy danger"
          onClick={() => {
            onYes();
            dialog.current?.close();
          }}
        >
          {yes}
        </button>
        <button type="button" class="button wordy" onClick={() => dialog.current?.close()}>
          {words.cancel}
        </button>
      </div>
    </dialog>
  );
}
