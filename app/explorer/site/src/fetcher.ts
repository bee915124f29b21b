import type { Fetcher } from "@graphiql/toolkit";
import { type ExecutionResult, Kind, OperationTypeNode, parse } from "graphql";
import { idOfTrusted } from "./examples";
import { listen } from "./live";
import { post, type Asked } from "./post";
import { renewedToken, token } from "./session";
import { Store } from "./store";

/** The id that the last operation was asked for by, when its text is one of the trusted documents to the letter. */
export const lastDocumentId = new Store<string | null>(null);

/** Queries and mutations are posted, subscriptions are listened to on the socket; both as whoever is signed in. */
export const fetcher: Fetcher = async ({ query, variables, operationName: known }, options) => {
  const { operationName, isLive } = chosen(query, known);
  const id = isLive ? null : idOfTrusted(query);
  if (operationName !== "IntrospectionQuery") lastDocumentId.set(id);
  if (isLive) return listen({ query, variables, operationName });
  const asked: Asked = id ? { documentId: id, variables, operationName } : { query, variables, operationName };
  const given = (options?.headers ?? {}) as Record<string, string>;
  const send = (current: string | null) => post(asked, { ...(current ? { Authorization: `Bearer ${current}` } : {}), ...given });
  const current = await token();
  const answer = await send(current);
  // The server's time may have been moved on, and this browser does not know.
  if (current && !given["Authorization"] && isTokenRefused(answer)) return send(await renewedToken()) as never;
  return answer as never;
};

/** Refused as a whole, before anything of it was carried out. */
function isTokenRefused(answer: ExecutionResult): boolean {
  const refusal = answer.data == null ? answer.errors?.[0] : undefined;
  return refusal?.path === undefined && refusal?.extensions?.["code"] === "AUTHENTICATION_ERROR";
}

/** The operation that is meant: right after an example was opened, GraphiQL still knows the name of the one before. */
function chosen(text: string, known?: string | null): { operationName?: string | null; isLive: boolean } {
  try {
    const operations = parse(text).definitions.filter((part) => part.kind === Kind.OPERATION_DEFINITION);
    const named = operations.find((operation) => operation.name?.value === known);
    const meant = named ?? (operations.length === 1 ? operations[0] : undefined);
    return { operationName: meant?.name?.value ?? known, isLive: meant?.operation === OperationTypeNode.SUBSCRIPTION };
  } catch {
    return { operationName: known, isLive: false }; // the server says what is wrong with it
  }
}
