// The graphql-sse client, a connection for each operation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-sse";
import { WALLET_EVENTS, credential, nextItem, pay, people, url } from "./market.mjs";

const clientOf = (label) => createClient({ url, headers: { Authorization: credential(label) }, retryAttempts: 0 });

test("hears a payment behind the snapshot", async () => {
  const client = clientOf("customer3");
  const items = client.iterate({ query: WALLET_EVENTS, variables: { id: people.customer3.walletId } });

  const snapshot = await nextItem(items);
  const transfer = await pay("customer", "customer3", "1.25");
  const update = await nextItem(items);
  await items.return();
  client.dispose();

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.deepEqual(update.txn, { type: "CREDIT", amount: { amount: "1.25" }, reference: transfer.reference });
});

test("goes on behind a cursor on another connection", async () => {
  const client = clientOf("customer3");
  const variables = { id: people.customer3.walletId };
  const before = client.iterate({ query: WALLET_EVENTS, variables });
  const snapshot = await nextItem(before);
  await before.return();

  await pay("customer", "customer3", "1.00");
  await pay("customer", "customer3", "2.00");
  const after = client.iterate({ query: WALLET_EVENTS, variables: { ...variables, after: snapshot.cursor } });
  const missed = [await nextItem(after), await nextItem(after)];
  await after.return();
  client.dispose();

  assert.deepEqual(
    missed.map((item) => [item.__typename, item.txn.amount.amount, item.wallet.version - snapshot.wallet.version]),
    [
      ["WalletUpdated", "1.00", 1],
      ["WalletUpdated", "2.00", 2],
    ],
  );
});

test("asks for one answer and the end", async () => {
  const client = clientOf("customer");
  const answers = [];

  for await (const answer of client.iterate({ query: "{ viewer { id } }" })) answers.push(answer);

  assert.equal(answers.length, 1);
  assert.deepEqual(answers[0].data, { viewer: { id: people.customer.userId } });
});

test("reads a faulty document as one answer and the end", async () => {
  const client = clientOf("customer");
  const answers = [];

  for await (const answer of client.iterate({ query: "subscription { nothing }" })) answers.push(answer);

  assert.equal(answers.length, 1);
  assert.match(answers[0].errors[0].message, /Cannot query field 'nothing'/);
});

test("is refused when its token is worth nothing", async () => {
  const client = createClient({ url, headers: { Authorization: "Bearer forged" }, retryAttempts: 0 });

  const refused = await client
    .iterate({ query: "subscription { userEvents { __typename } }" })
    .next()
    .catch((error) => error);

  assert.equal(refused.response.status, 401);
});
