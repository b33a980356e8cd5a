import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escaped, render } from "../src/markdown.ts";

const html = (text: string) => render(text).html.join("");

test("an answer that grows changes only its last outermost block", () => {
  const whole = "# Title\n\nOne **two**.\n\n- a\n- b\n\n```python\nx = 1\n```\n\nEnd.";
  for (let end = 1; end < whole.length; end++) {
    const before = render(whole.slice(0, end)).html.slice(0, -1);
    assert.deepEqual(render(whole).html.slice(0, before.length), before, `at ${end}`);
  }
});

test("HTML of the model's is text", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const shown = html(`a <b ${text.replace(/[\r\n]/g, " ")}>`);
      assert.doesNotMatch(shown, /<b[ >]/);
    }),
  );
});

test("code is shown to the letter", () => {
  fc.assert(
    fc.property(fc.array(fc.string().map((line) => line.replace(/[\r\n]/g, ""))), (lines) => {
      const code = lines.join("\n");
      const { blocks } = render(`~~~~~~~~ text\n${code}\n~~~~~~~~\n`);
      fc.pre(!/~{8}/.test(code));
      assert.equal(blocks[0]?.code, `${code}\n`);
      assert.ok(html(`~~~~~~~~ x\n${code}\n~~~~~~~~\n`).includes(escaped(code.replace(/\n$/, ""))));
    }),
  );
});

test("known languages are coloured, unknown ones are not", () => {
  assert.match(html("```python\ndef f(): pass\n```"), /hljs-keyword/);
  assert.match(html("```py title=a.py\ndef f(): pass\n```"), /hljs-keyword/);
  assert.doesNotMatch(html("```klingon\ndef f(): pass\n```"), /hljs/);
  assert.doesNotMatch(html("```\ndef f(): pass\n```"), /hljs/);
});

test("a list goes on behind the code in it", () => {
  const shown = html("1. one\n\n   ```sh\n   make\n   ```\n\n2. two\n");
  assert.equal(shown.match(/<ol/g)?.length, 1);
  assert.equal(shown.match(/<li/g)?.length, 2);
});

test("only what names its protocol is a link, and nothing is fetched", () => {
  assert.match(html("https://example.com/a"), /href="https:\/\/example.com\/a"/);
  assert.doesNotMatch(html("main.rs, example.com and me@example.com"), /href/);
  assert.doesNotMatch(html("[x](javascript:alert(1)) [y](file:///etc/passwd) [z](/a)"), /href/);
  const image = html("![a whale](https://example.com/whale.png)");
  assert.doesNotMatch(image, /<img/);
  assert.match(image, /href="https:\/\/example.com\/whale.png"[^>]*>a whale</);
});

test("columns are aligned without a style", () => {
  const shown = html("| a | b |\n|--:|:-:|\n| 1 | 2 |");
  assert.match(shown, /<td class="align-right">1/);
  assert.match(shown, /<td class="align-center">2/);
  assert.doesNotMatch(shown, /style/);
});
