import assert from "node:assert/strict";
import { test } from "node:test";
import { duration, linesOf, placeOf } from "../src/labels.ts";
import { languageOf, wordsOf } from "../src/words/index.ts";

test("lines are numbered as editors do", () => {
  assert.equal(linesOf({ start: 0, end: 6 }), "1–6");
  assert.equal(linesOf({ start: 4, end: 5 }), "5");
  assert.equal(linesOf({ start: 4, end: 4 }), "5");
  assert.equal(placeOf("src/gcd.py", { start: 0, end: 6 }), "gcd.py:1–6");
  assert.equal(placeOf("gcd.py", null), "gcd.py");
});

test("a duration has the digits that matter", () => {
  const en = (seconds: number) => duration(seconds, wordsOf("en"), "en");
  assert.deepEqual([0, 1.26, 12.6, 59.9].map(en), ["0 s", "1.3 s", "13 s", "60 s"]);
  assert.deepEqual([60, 75.2, 3601].map(en), ["1 min 0 s", "1 min 15 s", "60 min 1 s"]);
  assert.equal(duration(75, wordsOf("zh-CN"), "zh-CN"), "1 分 15 秒");
});

test("every locale of Chinese is Chinese, and all else is English", () => {
  assert.deepEqual(["zh", "zh-cn", "zh-Hans", "ZH-TW"].map(languageOf), Array(4).fill("zh-CN"));
  assert.deepEqual(["en", "de-DE", ""].map(languageOf), Array(3).fill("en"));
});

test("no word is missing", () => {
  for (const language of ["en", "zh-CN"] as const) {
    for (const [key, word] of Object.entries(wordsOf(language))) {
      assert.ok(typeof word === "function" || word.trim() === word, key);
      assert.notEqual(word, "", key);
    }
  }
});
