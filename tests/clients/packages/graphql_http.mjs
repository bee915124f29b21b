// The audits of graphql-http: what the specification asks of a server.
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { small, url } from "./market.mjs";

for (const audit of serverAudits({ url: process.env.AUDITED === "small" ? small : url })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    if (result.status !== "ok") throw new Error(`${result.status}: ${result.reason}`);
  });
}
