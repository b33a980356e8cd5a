// Markdown of a model's as HTML. The model's own HTML is text; what comes out goes through the
// sanitiser all the same. Nothing in it makes the browser ask for anything.

import MarkdownIt from "markdown-it";
import { type Block, type Scanned, scan } from "./fences.ts";
import { highlighted } from "./highlight.ts";

/** An answer: its HTML, cut at the outermost blocks, and the code that buttons act on. */
export interface Rendered {
  html: string[];
  blocks: Block[];
}

/** What the rules know while an answer is drawn: its blocks, and those that were drawn. */
interface Drawing {
  blocks: Block[];
  drawn: Set<number>;
}

// What CommonMark would take for a fence and the server does not must not swallow what follows.
const NO_FENCE = /^([ \t]*)(`{3,}|~{3,})/;
const BLOCK_INFO = /^block-(\d+)$/;

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false });
// Only what names its protocol is a link: "main.rs" is no address.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
parser.validateLink = (url) => /^(?:https?:|mailto:)/i.test(url.trim());

type Tokens = ReturnType<typeof parser.parse>;
type Token = Tokens[number];

parser.renderer.rules.image = (tokens, index) => {
  // An image would be fetched from wherever the model likes, and tell that the answer was read.
  const token = tokens[index];
  const source = String(token?.attrGet("src") ?? "");
  const text = escaped(token?.content || source);
  return `<a href="${escaped(source)}">${text}</a>`;
};
parser.renderer.rules.fence = (tokens, index, _options, env) => {
  const token = tokens[index];
  const { blocks, drawn } = env as unknown as Drawing;
  const number = BLOCK_INFO.exec(token?.info.trim() ?? "")?.[1];
  const block = number === undefined ? undefined : blocks[Number(number)];
  if (!block) {
    return codeBlock(token?.content ?? "", token?.info ?? "");
  }
  drawn.add(Number(number));
  return codeBlock(block.code, block.info, Number(number));
};
parser.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? "", "");
parser.renderer.rules.table_open = () => '<div class="table"><table>\n';
parser.renderer.rules.table_close = () => "</table></div>\n";
for (const cell of ["th_open", "td_open"]) {
  parser.renderer.rules[cell] = (tokens, index, options, _env, renderer) => {
    const token = tokens[index] as Token;
    // Styles in HTML are refused by the page's policy.
    const align = /text-align:\s*(\w+)/.exec(String(token.attrGet("style")))?.[1];
    token.attrs = align ? [["class", `align-${align}`]] : null;
    return renderer.renderToken(tokens, index, options);
  };
}

/** Renders an answer, also one that is still growing. */
export function render(text: string): Rendered {
  const scanned = scan(text);
  // Where the two disagree on how deep a list goes, a block stands outside it rather than nowhere.
  return draw(scanned, true) ?? (draw(scanned, false) as Rendered);
}

/** Draws an answer; null where one of its blocks would not be seen. */
function draw({ pieces, blocks }: Scanned, inLists: boolean): Rendered | null {
  const source = pieces.map((piece) =>
    "prose" in piece
      ? piece.prose.replace(NO_FENCE, "$1\\$2")
      : fenceOf(piece.block, inLists ? piece.indent : 0),
  );
  const drawing: Drawing = { blocks, drawn: new Set() };
  const env = drawing as unknown as Record<string, unknown>;
  const tokens = parser.parse(source.join(""), env);
  const html = outermost(tokens).map((part) => parser.renderer.render(part, parser.options, env));
  return !inLists || drawing.drawn.size === blocks.length ? { html, blocks } : null;
}

/** Stands for a block where it stood, so that a list that it is in goes on behind it. */
function fenceOf(block: number, indent: number): string {
  const spaces = " ".repeat(indent);
  return `${spaces}~~~~~ block-${block}\n${spaces}~~~~~\n`;
}

function outermost(tokens: Tokens): Tokens[] {
  const parts: Tokens[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) {
      parts.push([]);
    }
    parts.at(-1)?.push(token);
    depth += token.nesting;
  }
  return parts;
}

function codeBlock(code: string, info: string, number?: number): string {
  const text = code.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const inside = highlighted(text, info) ?? escaped(text);
  const data = number === undefined ? "" : ` data-block="${number}"`;
  return `<div class="code"${data}><pre tabindex="0"><code>${inside}</code></pre></div>\n`;
}

export function escaped(text: string): string {
  return parser.utils.escapeHtml(text);
}
