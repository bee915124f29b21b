// The ways to Sokoni that an app needs, typed by its documents: a request by id, and a stream that resumes.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { type OperationDefinitionNode, print } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { documentIds } from "./generated/documentIds.js";

export class Refused extends Error {
  constructor(readonly errors: readonly { message: string; extensions?: { code?: string; requestId?: string } }[]) {
    super(errors.map((error) => error.message).join(" "));
  }
}

const nameOf = (document: TypedDocumentNode<never, never>) =>
  (document.definitions[0] as OperationDefinitionNode).name?.value as keyof typeof documentIds;

/** Ask or command; the document goes by its id, its text stays at home. */
export async function run<Data, Variables>(
  url: string,
  token: string,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ documentId: documentIds[nameOf(document as never)], variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: Refused["errors"] };
  if (errors || !data) throw new Refused(errors ?? [{ message: `Status ${response.status}` }]);
  return data;
}

/** One socket for all streams of an app. */
export const socketOf = (url: string, token: () => string): Client =>
  createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: () => ({ authorization: `Bearer ${token()}` }),
    shouldRetry: () => true,
  });

/** The items of a stream. Its variables are read anew at each connection: set `after` to the last cursor to resume. */
export const listen = <Data, Variables extends Record<string, unknown>>(
  socket: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AsyncIterableIterator<{ data?: Data | null }> =>
  socket.iterate<Data>({ query: print(document), operationName: nameOf(document as never), variables }) as never;
