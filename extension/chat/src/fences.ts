// The fenced blocks of an answer, as the server counts them (server/spyhop/core/fences.py has the
// rules and their reasons). The page must not number them otherwise: a button names a block by its
// number. Laws that hold the two together are in tests/web/test_fences.py.

// What Python takes for white space.
const SPACE = "(?:(?!\\uFEFF)[\\s\\x1c-\\x1f\\x85])";
const FENCE = new RegExp(
  `^(?<indent> *)(?<mark>\`{3,}|~{3,})[ \\t]*(?<info>[^\\r\\n]*?)${SPACE}*$`,
  "u",
);
const FENCE_BEHIND_PROSE = new RegExp(
  `^(?<prose>[^\`~\\r\\n]*[:：][ \\t]*)(?<mark>\`{3,}|~{3,})(?<info>[\\p{L}\\p{N}_+#.-]*)${SPACE}*$`,
  "u",
);
const BLANK = new RegExp(`^${SPACE}*$`, "u");
const SPACES_AT_END = new RegExp(`${SPACE}+$`, "u");
const LIST_ITEM = /^ *(?:[-*+]|\p{Nd}{1,9}[.)])(?: +|$)/u;
const NESTED_INFO = /^[\p{L}\p{N}_+#.-]+$/u;
const FURTHEST = 3;

export interface Block {
  info: string;
  /** The code, each line with its terminator. */
  code: string;
  closed: boolean;
}

/** A line of prose, or the number of the block that stands there, and how deep. */
export type Piece = { prose: string } | { block: number; indent: number };

export interface Scanned {
  pieces: Piece[];
  blocks: Block[];
}

/** Tells code from prose. Every line of `text` is in one of the pieces, but for the fences. */
export function scan(text: string): Scanned {
  const pieces: Piece[] = [];
  const blocks: Block[] = [];
  const outside = new Outside();
  let inside: Inside | null = null;
  for (const line of splitLines(text)) {
    if (inside) {
      inside = inside.take(line) ? inside : null;
      continue;
    }
    const opening = outside.opening(line);
    if (!opening) {
      pieces.push({ prose: line });
      continue;
    }
    if (opening.prose) {
      pieces.push({ prose: `${opening.prose}\n` });
    }
    const block: Block = { info: opening.info, code: "", closed: false };
    inside = new Inside(block, opening);
    pieces.push({ block: blocks.length, indent: opening.indent });
    blocks.push(block);
  }
  if (inside) {
    closeWhereGlued(inside);
  }
  return { pieces, blocks };
}

interface Opening {
  indent: number;
  mark: string;
  info: string;
  prose: string;
}

/** What stands outside all blocks: it knows how deep a list goes. */
class Outside {
  private item = 0;

  opening(line: string): Opening | null {
    const found = FENCE.exec(line)?.groups;
    const indent = found?.indent?.length ?? 0;
    const own = found && indent <= this.item + FURTHEST ? found : undefined;
    const fence = own ?? FENCE_BEHIND_PROSE.exec(line)?.groups;
    const info = fence?.info ?? "";
    if (!fence || info.includes("`")) {
      this.follow(line);
      return null;
    }
    const prose = fence.prose ?? "";
    return { indent: own ? indent : 0, mark: fence.mark ?? "", info, prose };
  }

  private follow(line: string) {
    const item = LIST_ITEM.exec(line);
    if (item) {
      this.item = item[0].length;
    } else if (!BLANK.test(line) && line.length - line.replace(/^ +/, "").length < this.item) {
      this.item = 0;
    }
  }
}

/** A block that is open. Fences with an info string inside it open further ones. */
class Inside {
  private depth = 0;
  readonly lines: string[] = [];

  constructor(
    readonly block: Block,
    readonly opening: Opening,
  ) {}

  /** Takes the next line; tells whether the block is still open. */
  take(line: string): boolean {
    const info = this.infoOf(line);
    if (info) {
      this.depth += 1;
    } else if (info === "" && this.depth) {
      this.depth -= 1;
    } else if (info === "") {
      this.block.closed = true;
      return false;
    }
    const spaces = line.length - line.replace(/^ +/, "").length;
    this.lines.push(line.slice(Math.min(this.opening.indent, spaces)));
    this.block.code = this.block.code + (this.lines.at(-1) ?? "");
    return true;
  }

  /** Returns the info string of a line that is a fence in this block. */
  private infoOf(line: string): string | undefined {
    const found = FENCE.exec(line)?.groups;
    const info = found?.info ?? "";
    const isMark =
      found?.mark?.startsWith(this.opening.mark) &&
      (found.indent?.length ?? 0) <= this.opening.indent + FURTHEST &&
      (!info || NESTED_INFO.test(info));
    return isMark ? info : undefined;
  }
}

/** Closes a block that was left open where a line of its code ends with its fence. */
function closeWhereGlued({ block, opening: { mark }, lines }: Inside) {
  const glued = lines.findIndex((line) => {
    const bare = line.replace(SPACES_AT_END, "");
    return bare.endsWith(mark) && !bare.slice(0, -mark.length).endsWith(mark.charAt(0));
  });
  if (glued >= 0) {
    const last = lines[glued]?.replace(SPACES_AT_END, "").slice(0, -mark.length) ?? "";
    block.code = `${lines.slice(0, glued).join("")}${last}\n`;
    block.closed = true;
  }
}

/** Splits at \n, \r\n and \r and nothing else; terminators stay. */
function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}
