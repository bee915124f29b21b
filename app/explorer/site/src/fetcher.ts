import type { Fetcher } from "@graphiql/toolkit";
import { getOperationAST, parse } from "graphql";
import { idOfTrusted } from "./examples";
import { listen } from "./live";
import { post, type Asked } from "./post";
import { token } from "./session";
import { Store } from "./store";

/** The id that the last operation was asked for by, when its text is one of the trusted documents to the letter. */
export const lastDocumentId = new Store<string | null>(null);

/** Queries and mutations are posted, subscriptions are listened to on the socket; both as whoever is signed in. */
export const fetcher: Fetcher = async ({ query, variables, operationName }, options) => {
  const isLive = isSubscription(query, operationName);
  const id = isLive ? null : idOfTrusted(query);
  if (operationName !== "IntrospectionQuery") lastDocumentId.set(id);
  if (isLive) return listen({ query, variables, operationName });
  const asked: Asked = id ? { documentId: id, variables, operationName } : { query, variables, operationName };
  const given = (options?.headers ?? {}) as Record<string, string>;
  const current = await token();
  return post(asked, { ...(current ? { Authorization: `Bearer ${current}` } : {}), ...given }) as never;
};

function isSubscription(text: string, operationName?: string | null): boolean {
  try {
    return getOperationAST(parse(text), operationName)?.operation === "subscription";
  } catch {
    return false; // the server says what is wrong with it
  }
}
