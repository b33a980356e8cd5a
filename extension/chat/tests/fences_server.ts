// Scans texts for tests/web/test_fences.py: a JSON string a line in, the blocks as JSON out.
import { createInterface } from "node:readline";
import { render } from "../src/markdown.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const { html, blocks } = render(JSON.parse(line) as string);
  const drawn = [...html.join("").matchAll(/data-block="(\d+)"/g)].map((found) => Number(found[1]));
  process.stdout.write(`${JSON.stringify({ blocks, drawn })}\n`);
}
