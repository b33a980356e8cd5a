/** What has happened to jobs, one line a record, so that a restart loses nothing. */

import { appendFile, readFile, rename, writeFile } from "node:fs/promises";

import type { JobId, Outcome, Priority } from "./job";

export type Record =
  | { kind: "added"; id: JobId; name: string; payload: unknown; priority: Priority }
  | { kind: "started"; id: JobId; attempt: number }
  | { kind: "finished"; id: JobId; outcome: Outcome };

export interface Journal {
  append(record: Record): Promise<void>;
  read(): Promise<Record[]>;
  replace(records: Record[]): Promise<void>;
}

/** A journal in a file; a line that was cut off by a crash is passed over. */
export class FileJournal implements Journal {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {}

  append(record: Record): Promise<void> {
    const line = `${JSON.stringify(record)}\n`;
    this.last = this.last.then(() => appendFile(this.path, line, "utf8"));
    return this.last;
  }

  async read(): Promise<Record[]> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return [];
      }
      throw error;
    }
    const records: Record[] = [];
    for (const line of text.split("\n")) {
      try {
        records.push(JSON.parse(line) as Record);
      } catch {
        continue;
      }
    }
    return records;
  }

  async replace(records: Record[]): Promise<void> {
    const draft = `${this.path}.new`;
    await writeFile(draft, records.map((record) => `${JSON.stringify(record)}\n`).join(""), "utf8");
    await rename(draft, this.path);
  }
}

/** A journal that is forgotten with the process. */
export class MemoryJournal implements Journal {
  private records: Record[] = [];

  async append(record: Record): Promise<void> {
    this.records.push(record);
  }

  async read(): Promise<Record[]> {
    return [...this.records];
  }

  async replace(records: Record[]): Promise<void> {
    this.records = [...records];
  }
}
