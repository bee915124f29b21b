// The graphql-ws client, as it is used by most browsers' apps.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createClient } from "graphql-ws";
import { PAY, WALLET_EVENTS, credential, nextItem, pay, payment, people, socketUrl, trusted } from "./market.mjs";
import { followWallet } from "./setups/following.mjs";

const until = async (isSo) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
};

const clientOf = (label, more = {}) =>
  createClient({ url: socketUrl, connectionParams: { authorization: credential(label) }, retryAttempts: 0, ...more });

test("hears a payment behind the snapshot", async () => {
  const client = clientOf("customer3");
  const items = client.iterate({ query: WALLET_EVENTS, variables: { id: people.customer3.walletId } });

  const snapshot = await nextItem(items);
  const transfer = await pay("customer", "customer3", "2.50");
  const update = await nextItem(items);
  await items.return();
  await client.dispose();

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.equal(update.__typename, "WalletUpdated");
  assert.deepEqual(update.txn, { type: "CREDIT", amount: { amount: "2.50" }, reference: transfer.reference });
  assert.equal(update.wallet.version, snapshot.wallet.version + 1);
});

test("goes on behind its cursor after the socket broke", async () => {
  let connections = 0;
  let broken;
  const client = clientOf("customer3", {
    retryAttempts: 5,
    retryWait: () => broken,
    shouldRetry: () => true,
    on: { connected: () => (connections += 1) },
  });
  const heard = [];
  const told = (count) => until(() => heard.length >= count);
  followWallet(client, people.customer3.walletId, {
    query: WALLET_EVENTS,
    onSnapshot: (wallet) => heard.push(["snapshot", wallet.version]),
    onUpdate: ({ wallet }) => heard.push(["update", wallet.version]),
  });
  await told(1);

  await pay("customer", "customer3", "1.00");
  await told(2);
  broken = pay("customer", "customer3", "1.00").then(() => pay("customer", "customer3", "1.00"));
  client.terminate();
  await until(() => connections === 2);
  await pay("customer", "customer3", "1.00");
  await told(5);
  await client.dispose();

  const first = heard[0][1];
  assert.deepEqual(heard, [["snapshot", first], ...[1, 2, 3, 4].map((step) => ["update", first + step])]);
});

test("is closed 4403 with a reason when its token is worth nothing", async () => {
  const client = createClient({
    url: socketUrl,
    connectionParams: { authorization: "Bearer forged" },
    retryAttempts: 0,
  });

  const closed = await client
    .iterate({ query: "{ viewer { id } }" })
    .next()
    .catch((event) => event);

  assert.equal(closed.code, 4403);
  assert.notEqual(closed.reason, "");
});

test("asks and commands over its socket", async () => {
  const client = clientOf("customer");

  const asked = await client.iterate({ query: "{ viewer { id } }" }).next();
  const paid = await client.iterate({ query: PAY, variables: { input: payment("customer", "customer4", "3.00") } }).next();
  await client.dispose();

  assert.deepEqual(asked.value.data, { viewer: { id: people.customer.userId } });
  assert.deepEqual(paid.value.data.transferCreate.errors, []);
  assert.equal(paid.value.data.transferCreate.transfer.amount.amount, "3.00");
});

test("keeps its other operations when one is faulty", async () => {
  const client = clientOf("customer3");
  const items = client.iterate({ query: WALLET_EVENTS, variables: { id: people.customer3.walletId } });
  await nextItem(items);

  const refused = await client
    .iterate({ query: "{ nothing }" })
    .next()
    .catch((errors) => errors);
  await pay("customer", "customer3", "1.00");
  const update = await nextItem(items);
  await client.dispose();

  assert.match(refused[0].message, /Cannot query field 'nothing'/);
  assert.equal(update.__typename, "WalletUpdated");
});

test("sends a trusted document by its id", async () => {
  const documentId = `sha256:${createHash("sha256").update(trusted("wallet")).digest("hex")}`;
  const client = clientOf("customer");

  // The client wants a string where the text would be.
  const request = { query: "", documentId, variables: { id: people.customer.walletId } };
  const { value } = await client.iterate(request).next();
  await client.dispose();

  assert.equal(value.data.wallet.id, people.customer.walletId);
});

// The code that a socket is closed with after these frames; `undefined` stands for none.
const closedAfter = (frames, protocol = "graphql-transport-ws") =>
  new Promise((resolve) => {
    const socket = new WebSocket(socketUrl, protocol);
    const timer = setTimeout(() => (resolve(undefined), socket.close()), 1000);
    socket.onopen = () => frames.forEach((frame) => socket.send(frame));
    socket.onclose = ({ code }) => (clearTimeout(timer), resolve(code));
    socket.onerror = () => {};
  });

test("is closed with the codes of the protocol", async () => {
  const init = '{"type":"connection_init"}';
  const live = '{"id":"1","type":"subscribe","payload":{"query":"subscription { listingEvents { __typename } }"}}';

  const codes = await Promise.all([
    closedAfter([live]),
    closedAfter([init, init]),
    closedAfter([init, live, live]),
    closedAfter([init, "null"]),
    closedAfter([init, '{"type":"stop"}']),
    closedAfter([init], "graphql-ws"),
    closedAfter([init, live, '{"id":"1","type":"complete"}', live]),
  ]);

  assert.deepEqual(codes, [4401, 4429, 4409, 4400, 4400, 4406, undefined]);
});
