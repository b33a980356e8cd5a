/** Jobs, and how they end. */

import type { Milliseconds } from "./clock";

export type JobId = string;
export type Priority = "urgent" | "normal" | "idle";

export type Outcome =
  | { kind: "done"; result: unknown }
  | { kind: "failed"; message: string; attempts: number }
  | { kind: "cancelled" };

export interface Job {
  readonly id: JobId;
  readonly name: string;
  readonly payload: unknown;
  readonly priority: Priority;
  readonly addedAt: Milliseconds;
  attempts: number;
  notBefore: Milliseconds;
}

export interface Context {
  readonly job: Job;
  readonly signal: AbortSignal;
  progress(done: number, total: number): void;
}

export type Handler = (payload: unknown, context: Context) => Promise<unknown>;

/** Thrown by a handler whose job is not worth another attempt. */
export class Hopeless extends Error {
  override readonly name = "Hopeless";
}
