/**
 * A queue of jobs in one process.
 *
 * Jobs run in the order of their priority, and among equals in the order they were added in. A job
 * that fails is tried again, later and later. What has happened stands in a journal, so that a
 * restart loses no job; one that was running then is run again.
 */

import { randomUUID } from "node:crypto";

import { systemClock } from "./clock";
import type { Clock, Milliseconds, Timer } from "./clock";
import { Hopeless } from "./job";
import type { Context, Handler, Job, JobId, Outcome, Priority } from "./job";
import type { Journal, Record } from "./journal";

const RANK: { [priority in Priority]: number } = { urgent: 0, normal: 1, idle: 2 };
const MOST_ATTEMPTS = 5;
const FIRST_DELAY: Milliseconds = 500;
const LONGEST_DELAY: Milliseconds = 60_000;
const COMPACT_AFTER = 1_000;

export interface QueueOptions {
  journal: Journal;
  clock?: Clock;
  concurrency?: number;
  mostAttempts?: number;
  jitter?: () => number;
}

export interface QueueEvents {
  added: (job: Job) => void;
  started: (job: Job) => void;
  progress: (job: Job, share: number) => void;
  finished: (job: Job, outcome: Outcome) => void;
  idle: () => void;
}

export interface Stats {
  waiting: number;
  delayed: number;
  running: number;
  done: number;
  failed: number;
  cancelled: number;
}

type Listener<Name extends keyof QueueEvents> = QueueEvents[Name];

interface Running {
  job: Job;
  abort: AbortController;
  startedAt: Milliseconds;
}

/** Return how long to wait before the attempt after so many failed ones. */
export function backoff(attempts: number, jitter: () => number = Math.random): Milliseconds {
  const exponential = FIRST_DELAY * 2 ** (attempts - 1);
  const capped = Math.min(exponential, LONGEST_DELAY);
  return Math.round(capped * (0.5 + jitter() / 2));
}

/** Compare two jobs: the one to run first comes first. */
export function byUrgency(one: Job, other: Job): number {
  return RANK[one.priority] - RANK[other.priority] || one.addedAt - other.addedAt;
}

export class Queue {
  private readonly handlers = new Map<string, Handler>();
  private readonly listeners = new Map<keyof QueueEvents, Set<Listener<keyof QueueEvents>>>();
  private readonly running = new Map<JobId, Running>();
  private readonly counts = { done: 0, failed: 0, cancelled: 0 };
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly concurrency: number;
  private readonly mostAttempts: number;
  private readonly jitter: () => number;
  private waiting: Job[] = [];
  private timer: Timer | undefined;
  private records = 0;
  private paused = true;

  constructor(options: QueueOptions) {
    this.journal = options.journal;
    this.clock = options.clock ?? systemClock;
    this.concurrency = options.concurrency ?? 4;
    this.mostAttempts = options.mostAttempts ?? MOST_ATTEMPTS;
    this.jitter = options.jitter ?? Math.random;
  }

  /** Say how jobs of a name are run; each name has one handler. */
  handle(name: string, handler: Handler): this {
    if (this.handlers.has(name)) {
      throw new Error(`jobs named ${name} have a handler already`);
    }
    this.handlers.set(name, handler);
    return this;
  }

  /** Call a listener at an event; return what ends that. */
  on<Name extends keyof QueueEvents>(name: Name, listener: QueueEvents[Name]): () => void {
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners);
    listeners.add(listener as Listener<keyof QueueEvents>);
    return () => listeners.delete(listener as Listener<keyof QueueEvents>);
  }

  /** Take up what the journal tells of, and begin. */
  async start(): Promise<void> {
    const jobs = new Map<JobId, Job>();
    for (const record of await this.journal.read()) {
      this.replay(jobs, record);
    }
    this.waiting.push(...jobs.values());
    this.paused = false;
    this.pump();
  }

  /** Begin no more jobs; those that run go on. */
  pause(): void {
    this.paused = true;
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** Go on after a pause. */
  resume(): void {
    this.paused = false;
    this.pump();
  }

  /** Begin no more jobs, and wait for those that run; after so long they are aborted. */
  async stop(patience: Milliseconds = 5_000): Promise<void> {
    this.pause();
    if (this.running.size === 0) {
      return;
    }
    const aborting = this.clock.after(patience, () => {
      for (const { abort } of this.running.values()) {
        abort.abort();
      }
    });
    await new Promise<void>((resolve) => {
      const off = this.on("finished", () => {
        if (this.running.size === 0) {
          off();
          resolve();
        }
      });
    });
    aborting.cancel();
  }

  /** Add a job; it is in the journal when the promise is kept. */
  async add(name: string, payload: unknown, priority: Priority = "normal"): Promise<JobId> {
    if (!this.handlers.has(name)) {
      throw new Error(`jobs named ${name} have no handler`);
    }
    const job: Job = {
      id: randomUUID(),
      name,
      payload,
      priority,
      addedAt: this.clock.now(),
      attempts: 0,
      notBefore: 0,
    };
    await this.write({ kind: "added", id: job.id, name, payload, priority });
    this.waiting.push(job);
    this.emit("added", job);
    this.pump();
    return job.id;
  }

  /** Cancel a job; tell whether there was anything to cancel. */
  async cancel(id: JobId): Promise<boolean> {
    const running = this.running.get(id);
    if (running !== undefined) {
      running.abort.abort();
      return true;
    }
    const index = this.waiting.findIndex((job) => job.id === id);
    const job = this.waiting[index];
    if (job === undefined) {
      return false;
    }
    this.waiting.splice(index, 1);
    await this.finish(job, { kind: "cancelled" });
    return true;
  }

  /** Count the jobs in each state. */
  stats(): Stats {
    const now = this.clock.now();
    const delayed = this.waiting.filter((job) => job.notBefore > now).length;
    return {
      waiting: this.waiting.length - delayed,
      delayed,
      running: this.running.size,
      ...this.counts,
    };
  }

  /** Return the jobs that wait, the next one first. */
  pending(): Job[] {
    return [...this.waiting].sort(byUrgency);
  }

  /** Wait until nothing waits and nothing runs. */
  async drained(): Promise<void> {
    if (this.waiting.length === 0 && this.running.size === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      const off = this.on("idle", () => {
        off();
        resolve();
      });
    });
  }

  private replay(jobs: Map<JobId, Job>, record: Record): void {
    this.records += 1;
    switch (record.kind) {
      case "added": {
        const { id, name, payload, priority } = record;
        const addedAt = this.clock.now();
        jobs.set(id, { id, name, payload, priority, addedAt, attempts: 0, notBefore: 0 });
        break;
      }
      case "started": {
        const job = jobs.get(record.id);
        if (job !== undefined) {
          job.attempts = record.attempt;
        }
        break;
      }
      case "finished":
        jobs.delete(record.id);
        break;
    }
  }

  private pump(): void {
    this.timer?.cancel();
    this.timer = undefined;
    while (!this.paused && this.running.size < this.concurrency) {
      const job = this.takeNext();
      if (job === undefined) {
        break;
      }
      void this.run(job);
    }
    this.wakeForDelayed();
  }

  private takeNext(): Job | undefined {
    const now = this.clock.now();
    const ready = this.waiting.filter((job) => job.notBefore <= now).sort(byUrgency);
    const next = ready[0];
    if (next !== undefined) {
      this.waiting.splice(this.waiting.indexOf(next), 1);
    }
    return next;
  }

  private wakeForDelayed(): void {
    if (this.paused || this.waiting.length === 0 || this.running.size >= this.concurrency) {
      return;
    }
    const soonest = Math.min(...this.waiting.map((job) => job.notBefore));
    const delay = Math.max(0, soonest - this.clock.now());
    this.timer = this.clock.after(delay, () => this.pump());
  }

  private async run(job: Job): Promise<void> {
    const handler = this.handlers.get(job.name);
    const abort = new AbortController();
    this.running.set(job.id, { job, abort, startedAt: this.clock.now() });
    job.attempts += 1;
    await this.write({ kind: "started", id: job.id, attempt: job.attempts });
    this.emit("started", job);
    const context: Context = {
      job,
      signal: abort.signal,
      progress: (done, total) => {
        const share = total > 0 ? Math.min(1, done / total) : 0;
        this.emit("progress", job, share);
      },
    };
    try {
      if (handler === undefined) {
        throw new Hopeless(`jobs named ${job.name} have no handler`);
      }
      const result = await handler(job.payload, context);
      this.running.delete(job.id);
      await this.finish(job, { kind: "done", result });
    } catch (error) {
      this.running.delete(job.id);
      await this.failed(job, error, abort.signal.aborted);
    }
    this.pump();
    if (this.waiting.length === 0 && this.running.size === 0) {
      this.emit("idle");
    }
  }

  private async failed(job: Job, error: unknown, aborted: boolean): Promise<void> {
    if (aborted) {
      await this.finish(job, { kind: "cancelled" });
      return;
    }
    const isLast = error instanceof Hopeless || job.attempts >= this.mostAttempts;
    if (isLast) {
      const message = error instanceof Error ? error.message : String(error);
      await this.finish(job, { kind: "failed", message, attempts: job.attempts });
      return;
    }
    job.notBefore = this.clock.now() + backoff(job.attempts, this.jitter);
    this.waiting.push(job);
  }

  private async finish(job: Job, outcome: Outcome): Promise<void> {
    this.counts[outcome.kind] += 1;
    await this.write({ kind: "finished", id: job.id, outcome });
    this.emit("finished", job, outcome);
    if (this.records > COMPACT_AFTER) {
      await this.compact();
    }
  }

  private async write(record: Record): Promise<void> {
    this.records += 1;
    await this.journal.append(record);
  }

  private async compact(): Promise<void> {
    const live = [...this.waiting, ...[...this.running.values()].map(({ job }) => job)];
    const records: Record[] = [];
    for (const { id, name, payload, priority, attempts } of live) {
      records.push({ kind: "added", id, name, payload, priority });
      if (attempts > 0) {
        records.push({ kind: "started", id, attempt: attempts });
      }
    }
    this.records = records.length;
    await this.journal.replace(records);
  }

  private emit<Name extends keyof QueueEvents>(
    name: Name,
    ...values: Parameters<QueueEvents[Name]>
  ): void {
    for (const listener of this.listeners.get(name) ?? []) {
      (listener as (...values: unknown[]) => void)(...values);
    }
  }
}
