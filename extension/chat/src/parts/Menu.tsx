import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  button: ComponentChildren;
  class?: string;
  /** The entries, of role `menuitem` or `menuitemradio`; `close` shuts the menu. */
  children: (close: () => void) => ComponentChildren;
  onOpen?: () => void;
}

/** A button that opens a menu. Arrows move in it, Escape and a click elsewhere close it. */
export function Menu({ label, button, class: kind, children, onOpen }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => {
    if (!open) {
      return undefined;
    }
    entriesOf(root.current)[0]?.focus();
    const elsewhere = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener("pointerdown", elsewhere);
    return () => document.removeEventListener("pointerdown", elsewhere);
  }, [open]);

  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) {
      return;
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      setOpen(false);
    } else if (moved(root.current, event.key)) {
      event.preventDefault();
    }
  };
  return (
    <div class={`menu-root ${kind ?? ""}`} ref={root} onKeyDown={onKeyDown} role="none">
      <button
        type="button"
        class="button wordy"
        ref={opener}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={label}
        title={label}
        onClick={() => {
          setOpen(!open);
          if (!open) {
            onOpen?.();
          }
        }}
      >
        {button}
      </button>
      {open && (
        <div class="menu" role="menu" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

function entriesOf(root: HTMLElement | null): HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>("[role^='menuitem']") ?? [])];
}

/** Moves the focus among the entries; tells whether the key does so. */
function moved(root: HTMLElement | null, key: string): boolean {
  const entries = entriesOf(root);
  const at = entries.indexOf(document.activeElement as HTMLElement);
  const target = {
    ArrowDown: (at + 1) % entries.length,
    ArrowUp: (at - 1 + entries.length) % entries.length,
    Home: 0,
    End: entries.length - 1,
  }[key];
  if (target === undefined) {
    return false;
  }
  entries[target]?.focus();
  return true;
}
