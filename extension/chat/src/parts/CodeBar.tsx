import { useRef, useState } from "preact/hooks";
import { placeOf } from "../labels.ts";
import type { Applied, Place } from "../protocol.ts";
import { CopyButton } from "./CopyButton.tsx";
import type { Context } from "./context.ts";
import { IconButton } from "./IconButton.tsx";

interface Props {
  page: Context;
  code: string;
  language: string;
  /** Which block it is; null: it can only be copied. */
  at: { chatId: string; turnId: string; block: number } | null;
}

/** What became of a button's work. */
interface Outcome {
  text: string;
  isError?: boolean;
}

/** What can be done with a block of code. */
export function CodeBar({ page, code, language, at }: Props) {
  const { client, words } = page;
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [places, setPlaces] = useState<Place[] | null>(null);
  const [naming, setNaming] = useState(false);
  const [busy, setBusy] = useState(false);

  const work = async (job: () => Promise<Outcome | null>) => {
    setBusy(true);
    setPlaces(null);
    setOutcome(null);
    try {
      setOutcome(await job());
    } catch (error) {
      setOutcome({ text: error instanceof Error ? error.message : String(error), isError: true });
    }
    setBusy(false);
  };
  const told = (applied: Applied): Outcome | null => {
    if (applied.state === "ask") {
      setPlaces(applied.places);
      return applied.places.length ? null : { text: words.noPlace, isError: true };
    }
    const place = applied.places[0];
    const where = words.proposed(place ? placeOf(place.path, place.range) : "");
    return { text: [where, ...applied.warnings].join(" ") };
  };
  const apply = (place: Place | null) =>
    at &&
    work(async () => {
      const chosen = place && { uri: place.uri, range: place.range };
      return told(await client.call("apply", { ...at, place: chosen }));
    });
  const insert = () =>
    at &&
    work(async () => {
      await client.call("insertAtCursor", at);
      return { text: words.inserted };
    });
  const create = (path: string) =>
    at &&
    work(async () => {
      await client.call("newFile", { ...at, path });
      setNaming(false);
      return { text: words.created(path) };
    });
  return (
    <>
      <div class="bar-row">
        <span class="language">{language}</span>
        {at && (
          <>
            <IconButton
              icon="apply"
              label={words.apply}
              title={words.applyWhy}
              onClick={() => apply(null)}
              disabled={busy}
              wordy
            />
            <IconButton icon="cursor" label={words.insert} onClick={insert} disabled={busy} />
            <IconButton
              icon="newFile"
              label={words.newFile}
              onClick={() => setNaming(!naming)}
              disabled={busy}
            />
          </>
        )}
        <CopyButton text={code} label={words.copy} done={words.copied} />
      </div>
      {naming && <NewFile page={page} onCreate={create} onCancel={() => setNaming(false)} />}
      {places && places.length > 0 && <Places page={page} places={places} onChoose={apply} />}
      <div class="outcome-area" role="status">
        {outcome && <p class={outcome.isError ? "outcome error" : "outcome"}>{outcome.text}</p>}
      </div>
    </>
  );
}

interface NewFileProps {
  page: Context;
  onCreate: (path: string) => void;
  onCancel: () => void;
}

function NewFile({ page: { words }, onCreate, onCancel }: NewFileProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        const path = input.current?.value.trim();
        if (path) {
          onCreate(path);
        }
      }}
      onKeyDown={(event) => event.key === "Escape" && onCancel()}
    >
      <input
        ref={(element) => {
          input.current = element;
          element?.focus();
        }}
        aria-label={words.newFilePath}
        placeholder={words.newFilePath}
        spellcheck={false}
      />
      <button type="submit" class="button primary wordy">
        {words.create}
      </button>
    </form>
  );
}

interface PlacesProps {
  page: Context;
  places: Place[];
  onChoose: (place: Place) => void;
}

/** Asks where a block goes: nothing is guessed. */
function Places({ page: { words }, places, onChoose }: PlacesProps) {
  return (
    <fieldset class="places">
      <legend>{words.choosePlace}</legend>
      {places.map((place) => (
        <button
          type="button"
          class="place"
          key={`${place.uri}:${place.range.start}:${place.range.end}`}
          onClick={() => onChoose(place)}
        >
          <span class="place-name">{placeOf(place.path, place.range)}</span>
          <code>{place.firstLine}</code>
        </button>
      ))}
    </fieldset>
  );
}
