// urql, with its subscriptions over a socket and over server-sent events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { PAY, WALLET_EVENTS, credential, noted, pay, payment, people, sha256, url } from "./market.mjs";
import { urqlClient } from "./setups/urql.mjs";

const MARKET = "query Market($first: Int) { listings(first: $first) { nodes { id title } nextCursor } }";

const clientOf = (label, exchanges = [cacheExchange, fetchExchange], more = {}) =>
  new Client({
    url,
    exchanges,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { Authorization: credential(label) } }),
    ...more,
  });

// The first `count` answers of a subscription; `then` is called behind the first.
async function heard(source, count, then) {
  const answers = [];
  await new Promise((resolve, reject) => {
    const { unsubscribe } = source.subscribe(({ data, error }) => {
      if (error) return reject(error);
      if (data.walletEvents.__typename === "StreamHeartbeat") return;
      answers.push(data.walletEvents);
      if (answers.length === 1) then().catch(reject);
      if (answers.length === count) resolve(setTimeout(() => unsubscribe()));
    });
  });
  return answers;
}

test("asks, and answers from its cache after that", async () => {
  const client = clientOf("customer");

  const first = await client.query(MARKET, { first: 2 }).toPromise();
  const again = await client.query(MARKET, { first: 2 }).toPromise();

  assert.equal(first.error, undefined);
  assert.equal(first.data.listings.nodes.length, 2);
  assert.equal(again.operation.context.meta.cacheOutcome, "hit");
});

test("pays", async () => {
  const { data, error } = await clientOf("customer").mutation(PAY, { input: payment("customer", "customer4", "6.00") });

  assert.equal(error, undefined);
  assert.equal(data.transferCreate.transfer.amount.amount, "6.00");
});

test("reads the errors of a faulty document", async () => {
  const { data, error } = await clientOf("customer").query("{ nothing }", {}).toPromise();

  assert.equal(data, undefined);
  assert.match(error.graphQLErrors[0].message, /Cannot query field 'nothing'/);
});

test("hears a payment over a socket", async () => {
  const { client, socket } = urqlClient(url, () => people.customer3.accessToken);
  const subscription = client.subscription(WALLET_EVENTS, { id: people.customer3.walletId });

  const [snapshot, update] = await heard(subscription, 2, () => pay("customer", "customer3", "2.25"));
  await socket.dispose();

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.equal(update.txn.amount.amount, "2.25");
});

test("hears a payment over server-sent events", async () => {
  const client = clientOf("customer3", [cacheExchange, fetchExchange], { fetchSubscriptions: true });
  const subscription = client.subscription(WALLET_EVENTS, { id: people.customer3.walletId });

  const [snapshot, update] = await heard(subscription, 2, () => pay("customer", "customer3", "2.75"));

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.equal(update.txn.amount.amount, "2.75");
});

test("sends the digest alone once the server has seen the text", async () => {
  const { asked, fetch } = noted();
  const persisted = persistedExchange({ generateHash: async (text) => sha256(text), preferGetForPersistedQueries: false });
  const client = clientOf("customer", [persisted, fetchExchange], { fetch });
  const query = `query Once_${process.pid} { viewer { id } }`;

  const first = await client.query(query, {}).toPromise();
  const again = await client.query(query, {}).toPromise();

  assert.equal(first.error, undefined);
  assert.equal(first.data.viewer.id, people.customer.userId);
  assert.deepEqual(again.data, first.data);
  assert.deepEqual(asked.map(({ query }) => Boolean(query)), [false, true, false]);
});

test("asks by GET for what the server has seen", async () => {
  const { asked, fetch } = noted();
  const persisted = persistedExchange({ generateHash: async (text) => sha256(text), preferGetForPersistedQueries: true });
  const client = clientOf("customer", [persisted, fetchExchange], { fetch });
  const query = `query Got_${process.pid}($first: Int) { listings(first: $first) { nodes { id } } }`;

  const first = await client.query(query, { first: 2 }).toPromise();
  const again = await client.query(query, { first: 3 }).toPromise();

  assert.equal(first.error ?? again.error, undefined);
  assert.equal(first.data.listings.nodes.length, 2);
  assert.equal(again.data.listings.nodes.length, 3);
  const last = new URL(asked.at(-1).address);
  assert.equal(asked.at(-1).method, "GET");
  assert.equal(last.searchParams.has("query"), false);
  assert.equal(JSON.parse(last.searchParams.get("variables")).first, 3);
});
