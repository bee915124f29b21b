import type { ExecutionResult } from "graphql";

export type Asked = {
  query?: string;
  documentId?: string;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
};

/** Posts one operation; every answer of the endpoint is JSON, refusals included. */
export async function post(asked: Asked, headers: Record<string, string> = {}): Promise<ExecutionResult> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { Accept: "application/graphql-response+json, application/json", "Content-Type": "application/json", ...headers },
    body: JSON.stringify(asked),
  });
  return response.json();
}
