// graphql-request: the smallest client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientError, GraphQLClient, gql } from "graphql-request";
import { PAY, credential, payment, people, url } from "./market.mjs";

const clientOf = (label) => new GraphQLClient(url, { headers: { Authorization: credential(label) } });

test("asks with variables", async () => {
  const query = gql`query Market($first: Int!) { listings(first: $first) { nodes { id title } nextCursor } }`;

  const { listings } = await clientOf("customer").request(query, { first: 3 });

  assert.equal(listings.nodes.length, 3);
  assert.ok(listings.nextCursor);
});

test("pays once for a key that comes twice", async () => {
  const input = payment("customer", "customer4", "4.00", `request-${process.pid}`);
  const client = clientOf("customer");

  const first = await client.request(PAY, { input });
  const again = await client.request(PAY, { input });

  assert.equal(first.transferCreate.transfer.amount.amount, "4.00");
  assert.deepEqual(again, first);
});

test("reads the errors of a faulty document", async () => {
  const refused = await clientOf("customer")
    .request("{ nothing }")
    .catch((error) => error);

  assert.ok(refused instanceof ClientError);
  assert.equal(refused.response.status, 400);
  assert.match(refused.response.errors[0].message, /Cannot query field 'nothing'/);
});

test("is refused by status and code when its token is worth nothing", async () => {
  const client = new GraphQLClient(url, { headers: { Authorization: "Bearer forged" } });

  const refused = await client.request("{ viewer { id } }").catch((error) => error);

  assert.equal(refused.response.status, 401);
  assert.equal(refused.response.errors[0].extensions.code, "AUTHENTICATION_ERROR");
});

test("gives the request id of an answer", async () => {
  const { data, headers } = await clientOf("customer").rawRequest("{ viewer { id } }");

  assert.equal(data.viewer.id, people.customer.userId);
  assert.match(headers.get("x-request-id"), /^req_/);
});
