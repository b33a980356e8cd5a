import { useEffect, useRef } from "preact/hooks";
import { usePage } from "./context.ts";
import { Icon } from "./icons.tsx";
import type { Option } from "./suggesting.ts";

export const OPTION_ID = "suggestion-";

interface Props {
  options: Option[];
  active: number;
  onTake: (index: number) => void;
}

/** What the text at the caret may become. The focus stays where the text is. */
export function Suggestions({ options, active, onTake }: Props) {
  const { words } = usePage();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div
      class="suggestions"
      id="suggestions"
      role="listbox"
      aria-label={words.suggestions}
      ref={list}
      tabIndex={-1}
    >
      {options.map((option, index) => (
        <div
          key={`${option.name} ${option.detail}`}
          id={`${OPTION_ID}${index}`}
          class="suggestion"
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          // The press would take the focus away.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onTake(index)}
          onKeyDown={(event) => event.key === "Enter" && onTake(index)}
        >
          <Icon name={option.icon} />
          <span class="name">{option.name}</span>
          <span class="detail">{option.detail}</span>
          <span class="kind">{option.kind}</span>
        </div>
      ))}
    </div>
  );
}
