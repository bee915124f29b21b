import type { ExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { renewIn, session, token } from "./session";
import { Store } from "./store";

/** How the socket is: what the person sees beside the people. */
export type Connection = { state: "idle" | "connecting" | "live" | "retrying" | "closed"; told?: string };

/** What to listen to: always as text, for the client of this protocol sends nothing else. */
export type Listening = Parameters<Client["iterate"]>[0];

const NORMAL = 1000;
const REFUSALS = { from: 4400, to: 4499 }; // the sub-protocol's own codes: the same again would be refused again
const RETRIES_MAX = 30;
const RETRY_MS = { first: 500, longest: 4_000 };
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
    if (!(ended instanceof Event)) throw ended;
    const told = reason(ended);
    connection.set({ state: "closed", told });
    throw new Error(`The server closed the connection: ${told}`);
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
    retryWait: (retries) => pause(Math.min(RETRY_MS.first * 2 ** retries, RETRY_MS.longest) * (0.75 + Math.random() / 2)),
    shouldRetry: (problem) => problem instanceof Event && !isRefusal(problem),
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
        const closed = event as Event;
        if (codeOf(closed) === NORMAL) connection.set({ state: "idle" });
        else connection.set({ state: isRefusal(closed) ? "closed" : "retrying", told: reason(closed) });
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

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The code of a close; a connection that did not come about has none. */
function codeOf(event: Event): number | undefined {
  return event instanceof CloseEvent ? event.code : undefined;
}

function isRefusal(event: Event): boolean {
  const code = codeOf(event) ?? 0;
  return code >= REFUSALS.from && code <= REFUSALS.to;
}

function reason(event: Event): string {
  if (!(event instanceof CloseEvent)) return "no connection";
  return event.reason ? `${event.code} ${event.reason}` : String(event.code);
}
