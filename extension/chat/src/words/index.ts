import { en, type Words } from "./en.ts";
import { zhCn } from "./zh-cn.ts";

export type { Words };

/** The languages there are, as the value of `lang` in the page's address and in its document. */
export function languageOf(locale: string): "en" | "zh-CN" {
  return locale.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export function wordsOf(language: "en" | "zh-CN"): Words {
  return language === "zh-CN" ? zhCn : en;
}
