import type { ExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { renewIn, session, token } from "./session";
import { Store } from "./store";

/** How the socket is: what the person sees beside the people. */
export type Connection = { state: "idle" | "connecting" | "live" | "retrying" | "closed"; told?: string };

/** What to listen to: always as text, for the client of this protocol sends nothing else. */
export type Listening = Parameters<Client["iterate"]>[0];

const FORBIDDEN = 4403;
const RETRIES_MAX = 8;
const REAUTHENTICATE = `mutation Reauthenticate($input: ConnectionReauthenticateInput!) {
  connectionReauthenticate(input: $input) { expiresAt errors { message } } }`;

export const connection = new Store<Connection>({ state: "idle" });

let client: Client | null = null;
let renewal: ReturnType<typeof setTimeout> | undefined;

/** The items of a subscription; it goes on over reconnects and ends with the server's reason. */
export async function* listen(asked: Listening): AsyncGenerator<ExecutionResult> {
  client ??= opened();
  try {
    yield* client.iterate(asked) as AsyncGenerator<ExecutionResult>;
  } catch (ended) {
    throw ended instanceof CloseEvent ? new Error(`The server closed the connection: ${reason(ended)}`) : ended;
  }
}

/** Somebody else acts from now on: what listens as the one before ends. */
session.listen(() => {
  if (client && session.get()?.label !== actsAs) {
    void client.dispose();
    client = null;
    connection.set({ state: "idle" });
  }
});

let actsAs: string | undefined;

function opened(): Client {
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  actsAs = session.get()?.label;
  return createClient({
    url: url.href,
    lazy: true,
    retryAttempts: RETRIES_MAX,
    shouldRetry: (event) => event instanceof CloseEvent && event.code !== FORBIDDEN,
    connectionParams: async () => {
      const current = await token();
      return current ? { authorization: `Bearer ${current}` } : {};
    },
    on: {
      connecting: (isRetry) => connection.set({ state: isRetry ? "retrying" : "connecting", told: connection.get().told }),
      connected: () => {
        connection.set({ state: "live" });
        keepSignedIn();
      },
      closed: (event) => {
        clearTimeout(renewal);
        const closed = event as CloseEvent;
        connection.set(closed.code === 1000 ? { state: "idle" } : { state: "closed", told: reason(closed) });
      },
    },
  });
}

/** An open socket ends with its token, unless it is shown the next one in time. */
function keepSignedIn(): void {
  clearTimeout(renewal);
  const current = session.get();
  if (!current) return;
  renewal = setTimeout(async () => {
    const next = await token();
    if (!client || !next) return;
    for await (const _ of client.iterate({ query: REAUTHENTICATE, variables: { input: { token: next } } })) keepSignedIn();
  }, renewIn(current) + 1_000);
}

function reason(event: CloseEvent): string {
  return event.reason ? `${event.code} ${event.reason}` : String(event.code);
}
