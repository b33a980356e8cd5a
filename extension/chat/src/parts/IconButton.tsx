import { Icon, type IconName } from "./icons.tsx";

interface Props {
  icon: IconName;
  label: string;
  onClick: () => void;
  /** Shows the label, too, where there is room. */
  wordy?: boolean;
  disabled?: boolean;
  class?: string;
  title?: string;
}

/** A button with a picture. Its label is its tooltip, and what a screen reader says. */
export function IconButton({ icon, label, onClick, wordy, disabled, class: kind, title }: Props) {
  return (
    <button
      type="button"
      class={["button", kind, wordy && "wordy"].filter(Boolean).join(" ")}
      title={title ?? label}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {wordy && <span class="label">{label}</span>}
    </button>
  );
}
