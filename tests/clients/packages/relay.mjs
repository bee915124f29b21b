// Relay's own compiler, network layer and store, without React.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { before, test } from "node:test";
import relay from "relay-runtime";
import { pay, payment, people, url } from "./market.mjs";
import { relayEnvironment } from "./setups/relay.mjs";

const { ConnectionHandler, commitMutation, createOperationDescriptor, fetchQuery, requestSubscription } = relay;

const compiled = {};

before(async () => {
  copyFileSync(process.env.SOKONI_SCHEMA, "schema.graphql");
  execFileSync(process.execPath, ["node_modules/relay-compiler/cli.js", "relay.config.json"], { stdio: "pipe" });
  for (const name of ["marketQuery", "marketPaginationQuery", "marketNodeQuery", "marketPayMutation", "marketLiveSubscription"])
    compiled[name] = (await import(`./relay/__generated__/${name}.graphql.js`)).default;
});

function environmentOf(label) {
  const { environment, socket } = relayEnvironment(url, () => people[label].accessToken);
  return { environment, end: () => socket.dispose() };
}

const inStore = (environment, node, variables) =>
  environment.lookup(createOperationDescriptor(node, variables).fragment).data;

test("pages through a connection into one list of its store", async () => {
  const { environment, end } = environmentOf("customer");
  await fetchQuery(environment, compiled.marketQuery, { first: 3 }).toPromise();
  const connection = () => {
    const source = environment.getStore().getSource();
    const id = ConnectionHandler.getConnectionID("client:root", "market_listings");
    const { edges, pageInfo } = source.get(id);
    const nodes = edges.__refs.map((ref) => source.get(source.get(ref).node.__ref));
    return { titles: nodes.map((node) => node.title), ids: nodes.map((node) => node.id), page: source.get(pageInfo.__ref) };
  };
  const first = connection();

  const next = { first: 3, after: first.page.endCursor };
  await fetchQuery(environment, compiled.marketPaginationQuery, next).toPromise();
  const both = connection();
  end();

  assert.equal(first.ids.length, 3);
  assert.deepEqual(both.ids.slice(0, 3), first.ids);
  assert.equal(new Set(both.ids).size, 6);
  assert.ok(both.titles.every((title) => title.length > 0));
  assert.notEqual(both.page.endCursor, first.page.endCursor);
});

test("asks for any object again by its id", async () => {
  const { environment, end } = environmentOf("customer");
  const viewed = await fetchQuery(environment, compiled.marketQuery, { first: 1 }).toPromise();
  assert.ok(viewed);
  const source = environment.getStore().getSource();
  const id = source.getRecordIDs().find((record) => record.startsWith("lst_"));

  const { node } = await fetchQuery(environment, compiled.marketNodeQuery, { id }).toPromise();
  end();

  assert.equal(node.id, id);
  assert.ok(node.title.length > 0);
});

test("pays, and its store knows the wallet that the payload tells", async () => {
  const { environment, end } = environmentOf("customer");

  const answer = await new Promise((onCompleted, onError) =>
    commitMutation(environment, {
      mutation: compiled.marketPayMutation,
      variables: { input: payment("customer", "customer4", "7.00") },
      onCompleted,
      onError,
    }),
  );
  end();

  const { transfer, errors } = answer.transferCreate;
  assert.deepEqual(errors, []);
  assert.equal(transfer.amount.amount, "7.00");
  const record = environment.getStore().getSource().get(people.customer.walletId);
  assert.equal(record.version, transfer.wallet.version);
});

test("hears a payment, and its store holds the newest wallet", async () => {
  const { environment, end } = environmentOf("customer3");
  const variables = { id: people.customer3.walletId };
  const versions = [];

  await new Promise((resolve, onError) => {
    const { dispose } = requestSubscription(environment, {
      subscription: compiled.marketLiveSubscription,
      variables,
      onError,
      onNext: ({ walletEvents: item }) => {
        if (item.__typename === "StreamHeartbeat") return;
        versions.push(item.wallet.version);
        if (versions.length === 1) pay("customer", "customer3", "3.25").catch(onError);
        if (versions.length === 2) resolve(dispose());
      },
    });
  });
  end();

  assert.equal(versions[1], versions[0] + 1);
  assert.equal(environment.getStore().getSource().get(variables.id).version, versions[1]);
});

test("gives an error to who asks for a field that the server refuses", async () => {
  const { environment, end } = environmentOf("customer");

  const refused = await fetchQuery(environment, compiled.marketQuery, { first: 51 })
    .toPromise()
    .catch((error) => error);
  end();

  assert.equal(refused.source.errors[0].extensions.code, "VALIDATION_ERROR");
  assert.equal(inStore(environment, compiled.marketQuery, { first: 51 })?.listings, undefined);
});
