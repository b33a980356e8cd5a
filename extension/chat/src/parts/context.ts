import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Client } from "../client.ts";
import type { Words } from "../words/index.ts";

/** What all parts of the page have at hand. */
export interface Context {
  client: Client;
  words: Words;
  /** BCP 47: how numbers and dates are written. */
  language: string;
}

export const PageContext = createContext<Context | null>(null);

export function usePage(): Context {
  const context = useContext(PageContext);
  if (!context) {
    throw new Error("A part of the page stands outside it");
  }
  return context;
}
