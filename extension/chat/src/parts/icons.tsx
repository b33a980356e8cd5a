const PATHS = {
  apply: "M4 3v8m-3-3 3 3 3-3M9 4h5M9 8h5M9 12h5",
  check: "m3 8.500 3.200 3.200L13 5",
  close: "m4 4 8 8m0-8-8 8",
  copy: "M5.500 5.500V3h7.500v7.500h-2.500M3 5.500h7.500V13H3z",
  cursor:
    "M8 3v10M5.500 2.500C7 2.500 8 3 8 4c0-1 1-1.500 2.500-1.500m-5 11c1.500 0 2.500-.5 2.500-1.500 0 1 1 1.500 2.500 1.500",
  diff: "M5 3v6M2 6h6M9 12h5m-3.500-8.500L5.500 13",
  down: "m4 6.500 4 4 4-4",
  edit: "m3 13 .7-3L10.500 3.200a1.200 1.200 0 0 1 1.700 0l.6.6a1.200 1.200 0 0 1 0 1.700L6 12.300z",
  file: "M4 2.500h5l3 3v8H4zM9 2.500v3h3",
  history: "M2.500 4h11M2.500 8h11M2.500 12h7",
  lines: "M3 3.500h10M3 6.500h7M3 9.500h9M3 12.500h5",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  newChat: "M8 3.500v9M3.500 8h9",
  newFile: "M9 13.500H4v-11h5l3 3V8M11.500 10v4M9.500 12h4",
  problem: "M8 2.500 14 13H2zM8 6.500v3M8 11.300h.01",
  remove: "M3 4.5h10M6.5 4.5V3h3v1.5M4.8 4.5 5.300 13h5.400l.5-8.500M7 7v3.500M9 7v3.500",
  retry: "M3 8a5 5 0 1 1 1.500 3.600M3 13v-3h3",
  send: "M8 13V3.500M4 7l4-3.800L12 7",
  stop: "M5 5h6v6H5z",
  symbol: "M5.500 3H4v10h1.500M10.500 3H12v10h-1.500M8 6v.01M8 10v.01",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words or in a button that has a label: nothing to be read aloud. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
