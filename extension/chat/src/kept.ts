// What the browser keeps for the page. Where it keeps nothing, the page works all the same.

/** Returns what was kept; empty: nothing was. */
export function kept(storage: () => Storage, key: string): string {
  try {
    return storage().getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a text; an empty one is forgotten. */
export function keep(storage: () => Storage, key: string, value: string) {
  try {
    if (value) {
      storage().setItem(key, value);
    } else {
      storage().removeItem(key);
    }
  } catch {
    // Then it is not there after a reload.
  }
}

/** Outlives the page's reloads, in one tab. */
export const inTab = () => sessionStorage;
/** Is the same in all tabs. */
export const inBrowser = () => localStorage;
