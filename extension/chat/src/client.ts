import type { Method, Methods, ModelChoice, Opened, PromptChoice } from "./protocol.ts";
import { EMPTY, listed, opened, received, type State } from "./store.ts";
import type { Connection, Transport } from "./transport.ts";

// Tokens come faster than anyone reads; the page is drawn at most so often.
const DRAW_EVERY_MS = 33;

/** What the page shows, and all that can be asked for. It tells its listener of every change. */
export class Client {
  state: State = EMPTY;
  connection: Connection = "connecting";
  /** What went wrong last, for the user; empty: nothing. */
  error = "";
  models: ModelChoice[] = [];
  prompts: PromptChoice[] = [];

  private listener: () => void = () => undefined;
  private queue: Parameters<typeof received>[1][] = [];
  private drawing: ReturnType<typeof setTimeout> | undefined;
  private unfollow: () => void = () => undefined;

  constructor(private readonly transport: Transport) {}

  /** Has `listener` called after every change. */
  listen(listener: () => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => undefined;
    };
  }

  /** Shows the chat `wanted`, or the one that was used last, and follows what happens. */
  async start(wanted: string): Promise<void> {
    await this.attempt(async () => {
      await this.load(wanted);
      this.unfollow();
      this.unfollow = this.transport.follow(
        this.state.seq,
        (event) => {
          this.queue.push(event);
          this.drawing ??= setTimeout(() => void this.takeIn(), DRAW_EVERY_MS);
        },
        (connection) => {
          this.connection = connection;
          this.listener();
        },
      );
      void this.loadModels();
      this.prompts = (await this.call("prompts", {})).prompts;
    });
  }

  /** Carries a request out. What goes wrong is thrown. */
  call<M extends Method>(method: M, params: Methods[M][0]): Promise<Methods[M][1]> {
    return this.transport.call(method, params);
  }

  /** Does something; what goes wrong is shown. Tells whether it was done. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.error = "";
      return true;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      this.listener();
    }
  }

  /** Carries a request out; what goes wrong is shown. Tells whether it was done. */
  ask<M extends Method>(method: M, params: Methods[M][0]): Promise<boolean> {
    return this.attempt(() => this.call(method, params));
  }

  show(chatId: string): Promise<boolean> {
    return this.attempt(async () => {
      this.state = opened(this.state, await this.call("open", { chatId }));
    });
  }

  newChat(): Promise<boolean> {
    return this.attempt(async () => {
      this.state = opened(this.state, await this.openFirst([]));
    });
  }

  async loadModels(): Promise<void> {
    try {
      this.models = (await this.call("models", {})).models;
    } catch {
      // The next question will say what is wrong; there is nothing to choose from until then.
      this.models = [];
    }
    this.listener();
  }

  dismiss() {
    this.error = "";
    this.listener();
  }

  private async load(wanted: string): Promise<void> {
    const list = await this.call("list", {});
    const chat = await this.openFirst([wanted, list.current, list.chats[0]?.id]);
    this.state = opened(listed({ ...this.state, seq: chat.seq }, list), chat);
  }

  /** Opens the first chat that is there, or a new one. */
  private async openFirst(ids: (string | null | undefined)[]): Promise<Opened> {
    for (const chatId of ids) {
      try {
        if (chatId) {
          return await this.call("open", { chatId });
        }
      } catch {
        // It was deleted since; the next one, then.
      }
    }
    const { chat } = await this.call("new", {});
    return this.call("open", { chatId: chat.id });
  }

  private async takeIn(): Promise<void> {
    this.drawing = undefined;
    this.state = this.queue.splice(0).reduce(received, this.state);
    this.listener();
    if (this.state.stale) {
      await this.start(this.state.shown?.chat.id ?? "");
    } else if (this.state.wanted) {
      await this.show(this.state.wanted);
    } else if (!this.state.shown) {
      await this.attempt(() => this.load(""));
    }
  }
}
