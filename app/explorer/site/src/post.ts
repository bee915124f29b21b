import type { ExecutionResult } from "graphql";
import { formOf } from "./files";

export type Asked = {
  query?: string;
  documentId?: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
};

/** Posts one operation; every answer of the endpoint is JSON, refusals included. */
export async function post(asked: Asked, headers: Record<string, string> = {}): Promise<ExecutionResult> {
  const form = formOf(asked);
  // The browser itself writes what kind of form it is; the other header says that a page of ours sends it.
  const kind: Record<string, string> = form ? { "X-Requested-With": "explorer" } : { "Content-Type": "application/json" };
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { Accept: "application/graphql-response+json, application/json", ...kind, ...headers },
    body: form ?? JSON.stringify(asked),
  });
  return response.json();
}
