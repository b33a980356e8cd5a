/** Time as the queue sees it, so that tests can drive it. */

export type Milliseconds = number;

export interface Timer {
  cancel(): void;
}

export interface Clock {
  now(): Milliseconds;
  after(delay: Milliseconds, run: () => void): Timer;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, run) {
    const handle = setTimeout(run, delay);
    return { cancel: () => clearTimeout(handle) };
  },
};

interface Planned {
  at: Milliseconds;
  order: number;
  run: () => void;
}

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  private planned: Planned[] = [];
  private order = 0;

  constructor(private time: Milliseconds = 0) {}

  now(): Milliseconds {
    return this.time;
  }

  after(delay: Milliseconds, run: () => void): Timer {
    const entry = { at: this.time + Math.max(0, delay), order: this.order++, run };
    this.planned.push(entry);
    return {
      cancel: () => {
        this.planned = this.planned.filter((other) => other !== entry);
      },
    };
  }

  /** Let so much time pass, and run what was planned for it, in order. */
  advance(delay: Milliseconds): void {
    const until = this.time + delay;
    for (;;) {
      const due = this.planned
        .filter((entry) => entry.at <= until)
        .sort((one, other) => one.at - other.at || one.order - other.order);
      const next = due[0];
      if (next === undefined) {
        break;
      }
      this.planned = this.planned.filter((entry) => entry !== next);
      this.time = next.at;
      next.run();
    }
    this.time = until;
  }
}
