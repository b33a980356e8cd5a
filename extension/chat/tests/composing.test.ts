import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asSent, isComposing, promptsFor, typedAt } from "../src/composing.ts";

const PROMPTS = [
  { name: "explain", title: "Explain the code" },
  { name: "fix", title: "Mend a problem" },
  { name: "tests", title: "Write tests that explain it" },
];

const at = (text: string) => typedAt(text, text.length);

test("a name is completed behind an @", () => {
  assert.deepEqual(at("@"), { kind: "mention", start: 0, query: "" });
  assert.deepEqual(at("see @gcd"), { kind: "mention", start: 4, query: "gcd" });
  assert.deepEqual(at("解释@最大"), { kind: "mention", start: 2, query: "最大" });
  assert.deepEqual(at("(@src/gcd.py"), { kind: "mention", start: 1, query: "src/gcd.py" });
  assert.deepEqual(typedAt("@gc and", 3), { kind: "mention", start: 0, query: "gc" });
});

test("an address, a decorator behind code and a finished name are left alone", () => {
  for (const text of ["me@example.com", "a.@b", "@gcd ", "@@x", "`@gcd`", "no"]) {
    assert.equal(at(text), null, text);
  }
});

test("a prompt is named at the beginning only", () => {
  assert.deepEqual(at("/"), { kind: "prompt", start: 0, query: "" });
  assert.deepEqual(at("/exp"), { kind: "prompt", start: 0, query: "exp" });
  for (const text of [" /exp", "a /exp", "/exp ", "//", "/usr/bin"]) {
    assert.equal(at(text), null, text);
  }
});

test("what can be completed ends at the caret", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, n) => {
      const caret = n % (text.length + 1);
      const typed = typedAt(text, caret);
      const sign = typed?.kind === "prompt" ? "/" : "@";
      assert.ok(!typed || text.slice(typed.start, caret) === sign + typed.query);
    }),
  );
});

test("a message begins with a prompt that there is", () => {
  assert.deepEqual(asSent(" /explain the\nloop ", PROMPTS), {
    prompt: "explain",
    text: "the\nloop",
  });
  assert.deepEqual(asSent("/explain", PROMPTS), { prompt: "explain", text: "" });
  assert.deepEqual(asSent("/usr is full", PROMPTS), { prompt: "", text: "/usr is full" });
  assert.deepEqual(asSent("say /explain", PROMPTS), { prompt: "", text: "say /explain" });
});

test("prompts that begin with the word come first", () => {
  const names = (query: string) => promptsFor(query, PROMPTS).map((prompt) => prompt.name);
  assert.deepEqual(names("EX"), ["explain", "tests"]);
  assert.deepEqual(names("mend"), ["fix"]);
  assert.deepEqual(names("zzz"), []);
  assert.deepEqual(names(""), ["explain", "fix", "tests"]);
});

test("a key of an input method is known in every browser", () => {
  assert.equal(isComposing({ isComposing: true, keyCode: 13 }), true);
  assert.equal(isComposing({ isComposing: false, keyCode: 229 }), true);
  assert.equal(isComposing({ isComposing: false, keyCode: 13 }), false);
});
