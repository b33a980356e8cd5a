import { useEffect, useState } from "preact/hooks";
import { IconButton } from "./IconButton.tsx";

const SHOWN_MS = 1500;

interface Props {
  text: string;
  label: string;
  done: string;
}

/** Copies a text, and says so for a moment. */
export function CopyButton({ text, label, done }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      copyBySelection(text);
    }
    setCopied(true);
  };
  return (
    <IconButton
      icon={copied ? "check" : "copy"}
      label={copied ? done : label}
      onClick={() => void copy()}
    />
  );
}

/** The way that is left where the browser does not let a page write to the clipboard. */
function copyBySelection(text: string) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
