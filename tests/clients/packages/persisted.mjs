// Manifests as builds make them, registered, and run by clients that send ids alone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { generatePersistedQueryIdsFromManifest } from "@apollo/persisted-query-lists";
import { print } from "graphql";
import relay from "relay-runtime";
import { credential, noted, people, sha256, url } from "./market.mjs";
import { relayEnvironment } from "./setups/relay.mjs";

const REGISTER = `mutation Register($input: OperationsRegisterInput!) {
  operationsRegister(input: $input) {
    operations { documentId name state }
    errors { message ... on OperationFaultError { fault operationName } }
  }
}`;

async function register(manifest) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: credential("admin") },
    body: JSON.stringify({ query: REGISTER, variables: { input: { manifest } } }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.deepEqual(data.operationsRegister.errors, []);
  return data.operationsRegister.operations;
}

test("Relay's manifest is registered, and its network sends ids alone", async () => {
  copyFileSync(process.env.SOKONI_SCHEMA, "schema.graphql");
  writeFileSync("persisted_queries.json", "{}");
  rmSync("relay/__persisted__", { recursive: true, force: true });
  mkdirSync("relay/__persisted__");
  execFileSync(process.execPath, ["node_modules/relay-compiler/cli.js", "relay.persisted.json"], { stdio: "pipe" });
  const manifest = JSON.parse(readFileSync("persisted_queries.json", "utf8"));
  const { default: query } = await import("./relay/__persisted__/marketQuery.graphql.js");
  const { asked, fetch: noting } = noted();
  const { environment, socket } = relayEnvironment(url, () => people.customer.accessToken, noting);

  const registered = await register(manifest);
  await relay.fetchQuery(environment, query, { first: 2 }).toPromise();
  await socket.dispose();

  assert.ok(registered.length >= 5);
  assert.ok(registered.every(({ state }) => state === "ACTIVE"));
  assert.equal(query.params.text, null);
  assert.deepEqual(asked, [{ documentId: query.params.id, variables: { first: 2, after: null } }]);
  const ids = environment.getStore().getSource().getRecordIDs();
  assert.equal(ids.filter((id) => id.startsWith("lst_")).length, 2);
});

test("Apollo's manifest is registered, and its link sends digests alone", async () => {
  const query = gql`
    query ManifestedMarket($first: Int) { listings(first: $first) { nodes { id title } } }
  `;
  const manifest = await manifestOf(query);
  const { asked, fetch: noting } = noted();
  const ids = generatePersistedQueryIdsFromManifest({ loadManifest: async () => manifest });
  const link = new PersistedQueryLink(ids).concat(
    new HttpLink({ uri: url, headers: { Authorization: credential("customer") }, fetch: noting }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });

  const [registered] = await register(manifest);
  const { data } = await client.query({ query, variables: { first: 2 } });
  client.stop();

  assert.equal(registered.documentId, `sha256:${manifest.operations[0].id}`);
  assert.equal(data.listings.nodes.length, 2);
  assert.equal(asked.length, 1);
  assert.equal(asked[0].query, undefined);
  assert.equal(asked[0].extensions.persistedQuery.sha256Hash, manifest.operations[0].id);
});

test("a manifest whose id is not its text's is refused whole", async () => {
  const body = "query Honest { viewer { id } }";
  const manifest = {
    format: "apollo-persisted-query-manifest",
    version: 1,
    operations: [{ id: sha256("another text"), name: "Honest", type: "query", body }],
  };

  const refused = await register(manifest).catch((error) => error);

  assert.ok(refused instanceof assert.AssertionError);
  assert.match(JSON.stringify(refused.actual), /ID_MISMATCH/);
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: credential("customer") },
    body: JSON.stringify({ documentId: `sha256:${sha256(body)}` }),
  });
  const { errors } = await response.json();
  assert.equal(errors[0].extensions.code, "PERSISTED_OPERATION_NOT_FOUND");
});

// The text is what Apollo Client sends, transformed by its cache; Apollo's own tool takes it in the same way.
async function manifestOf(query) {
  let body;
  const link = new ApolloLink((operation) => {
    body = print(operation.query);
    return new Observable((observer) => observer.complete());
  });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  await client.query({ query }).catch(() => {});
  client.stop();
  const operation = { id: sha256(body), name: "ManifestedMarket", type: "query", body };
  return { format: "apollo-persisted-query-manifest", version: 1, operations: [operation] };
}
