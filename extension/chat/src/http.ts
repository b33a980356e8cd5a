import type { ChatEvent, Method, Methods } from "./protocol.ts";
import { type Connection, RequestFailed, type Transport } from "./transport.ts";
import type { Words } from "./words/index.ts";

const FORBIDDEN = 403;
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5000;

/** Talks to the page's own server: requests as JSON by POST, events as server-sent events. */
export class HttpTransport implements Transport {
  constructor(private readonly words: Words) {}

  async call<M extends Method>(method: M, params: Methods[M][0]): Promise<Methods[M][1]> {
    let answer: Response;
    try {
      answer = await fetch(`call/${method}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(params),
      });
    } catch {
      throw new RequestFailed(this.words.unreachable);
    }
    const body: unknown = await answer.json().catch(() => null);
    if (!answer.ok) {
      throw new RequestFailed(messageOf(body) ?? this.words.failed(answer.status));
    }
    return body as Methods[M][1];
  }

  follow(
    after: number,
    onEvent: (event: ChatEvent) => void,
    onConnection: (connection: Connection) => void,
  ): () => void {
    return new Following(after, onEvent, onConnection).end;
  }
}

/** A stream of events that is taken up again where it was lost. */
class Following {
  private source: EventSource | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST_RETRY_MS;
  private ended = false;

  constructor(
    private last: number,
    private readonly onEvent: (event: ChatEvent) => void,
    private readonly onConnection: (connection: Connection) => void,
  ) {
    onConnection("connecting");
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.open();
  }

  readonly end = () => {
    this.ended = true;
    clearTimeout(this.timer);
    this.source?.close();
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
  };

  private open() {
    const source = new EventSource(`events?after=${this.last}`);
    this.source = source;
    source.onopen = () => {
      this.pause = FIRST_RETRY_MS;
      this.onConnection("open");
    };
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as ChatEvent;
      this.last = event.seq;
      this.onEvent(event);
    };
    source.onerror = () => {
      source.close();
      this.source = undefined;
      void this.lost();
    };
  }

  /** Tells an end that does not know us from one that cannot be reached: that may come back. */
  private async lost() {
    const refused = await fetch("alive").then(
      (answer) => answer.status === FORBIDDEN,
      () => false,
    );
    if (this.ended) {
      return;
    }
    this.onConnection(refused ? "refused" : "lost");
    if (!refused) {
      this.timer = setTimeout(this.retry, this.pause);
      this.pause = Math.min(2 * this.pause, LAST_RETRY_MS);
    }
  }

  private readonly retry = () => {
    this.timer = undefined;
    this.open();
  };

  /** Waits no longer when there is reason for hope. */
  private readonly hurry = () => {
    if (this.timer !== undefined && !document.hidden) {
      clearTimeout(this.timer);
      this.retry();
    }
  };
}

function messageOf(body: unknown): string | undefined {
  if (typeof body === "object" && body !== null && "message" in body) {
    return typeof body.message === "string" ? body.message : undefined;
  }
  return undefined;
}
