import { render as mount } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Block } from "../fences.ts";
import { render } from "../markdown.ts";
import { sanitised } from "../sanitise.ts";
import { CodeBar } from "./CodeBar.tsx";
import { type Context, usePage } from "./context.ts";

interface Props {
  text: string;
  /** The answer that the text is of, once its code can be used. */
  of: { chatId: string; turnId: string } | null;
}

/** A text of the model's. While it grows, only its last block is drawn anew. */
export function Markdown({ text, of }: Props) {
  const { html, blocks } = useMemo(() => render(text), [text]);
  return (
    <div class="markdown">
      {html.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks of a text only come at its end
        <Part key={index} html={part} blocks={blocks} of={of} />
      ))}
    </div>
  );
}

interface PartProps extends Pick<Props, "of"> {
  html: string;
  blocks: Block[];
}

function Part({ html, blocks, of }: PartProps) {
  const root = useRef<HTMLDivElement>(null);
  const page = usePage();
  useLayoutEffect(() => {
    root.current?.replaceChildren(sanitised(html));
  }, [html]);
  // A block's code is in the HTML, so the bars are right as long as that is the same.
  useLayoutEffect(() => drawBars(root.current, blocks, of, page), [html, of?.turnId]);
  return <div ref={root} />;
}

/** Puts a bar above each block of code; what it returns takes them away. */
function drawBars(root: HTMLElement | null, blocks: Block[], of: Props["of"], page: Context) {
  const bars = [...(root?.querySelectorAll<HTMLElement>(".code") ?? [])].map((code) => {
    const bar = document.createElement("div");
    bar.className = "bar";
    const number = code.dataset.block;
    const block = number === undefined ? undefined : blocks[Number(number)];
    const text = block?.code ?? code.querySelector("code")?.textContent ?? "";
    const at = of && block ? { ...of, block: Number(number) } : null;
    const language = block?.info.split(/\s/, 1)[0] ?? "";
    const label = language ? page.words.codeIn(language) : page.words.code;
    code.querySelector("pre")?.setAttribute("aria-label", label);
    mount(<CodeBar page={page} code={text} language={language} at={at} />, bar);
    code.prepend(bar);
    return bar;
  });
  return () => {
    for (const bar of bars) {
      mount(null, bar);
      bar.remove();
    }
  };
}
