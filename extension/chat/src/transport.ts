import type { ChatEvent, Method, Methods } from "./protocol.ts";

/** How it stands with the other end. `refused`: it does not know us any more; asking is no use. */
export type Connection = "connecting" | "open" | "lost" | "refused";

/** What carries requests and events between the page and the service of chats. */
export interface Transport {
  /**
   * Carries a request out.
   * @throws {RequestFailed} with a message for the user
   */
  call<M extends Method>(method: M, params: Methods[M][0]): Promise<Methods[M][1]>;

  /**
   * Hands on every event behind number `after`, each once and in order, through lost connections,
   * until the function that it returns is called.
   */
  follow(
    after: number,
    onEvent: (event: ChatEvent) => void,
    onConnection: (connection: Connection) => void,
  ): () => void;
}

/** A request that was not carried out; the message is for the user. */
export class RequestFailed extends Error {
  override name = "RequestFailed";
}
