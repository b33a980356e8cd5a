import { render } from "preact";
import { Client } from "./client.ts";
import { HttpTransport } from "./http.ts";
import { App } from "./parts/App.tsx";
import { PageContext } from "./parts/context.ts";
import { languageOf, wordsOf } from "./words/index.ts";

const asked = new URLSearchParams(location.search).get("lang");
const language = languageOf(asked ?? navigator.language);
const words = wordsOf(language);
document.documentElement.lang = language;

const client = new Client(new HttpTransport(words));
render(
  <PageContext.Provider value={{ client, words, language }}>
    <App />
  </PageContext.Provider>,
  document.body,
);
void client.start(location.hash.slice(1));
