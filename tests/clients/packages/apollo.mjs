// Apollo Client 4, as React and React Native apps set it up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import UploadHttpLink from "apollo-upload-client/UploadHttpLink.mjs";
import {
  PAY,
  WALLET_EVENTS,
  credential,
  noted,
  pay,
  payment,
  people,
  sha256,
  small,
  url,
} from "./market.mjs";
import { apolloClient } from "./setups/apollo.mjs";

const MARKET = gql`
  query Market($first: Int, $after: String) {
    listings(first: $first, after: $after) {
      edges { cursor node { id title price { amount asset } seller { id displayName } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

function clientOf(label) {
  const { client, socket } = apolloClient(url, () => people[label].accessToken);
  return { client, end: () => (client.stop(), socket.dispose()) };
}

// The first `count` answers of a subscription; `then` is called behind the first.
async function heard(observable, count, then) {
  const answers = [];
  await new Promise((resolve, reject) => {
    const subscription = observable.subscribe({
      next(answer) {
        if (answer.error) reject(answer.error);
        if (answer.data.walletEvents.__typename === "StreamHeartbeat") return;
        answers.push(answer.data.walletEvents);
        if (answers.length === 1) then().catch(reject);
        if (answers.length === count) resolve(subscription.unsubscribe());
      },
      error: reject,
      complete: () => reject(new Error("The subscription ended.")),
    });
  });
  return answers;
}

test("asks, and answers from its cache after that", async () => {
  const { client, end } = clientOf("customer");

  const first = await client.query({ query: MARKET, variables: { first: 3 } });
  const cached = client.readQuery({ query: MARKET, variables: { first: 3 } });
  end();

  assert.equal(first.data.listings.edges.length, 3);
  assert.deepEqual(cached, first.data);
});

test("reads a list page by page", async () => {
  const { client, end } = clientOf("customer");
  const first = await client.query({ query: MARKET, variables: { first: 3 } });
  const watched = client.watchQuery({ query: MARKET, variables: { first: 3 } });
  const watching = watched.subscribe(() => {});

  await watched.fetchMore({ variables: { first: 3, after: first.data.listings.pageInfo.endCursor } });
  const { listings } = client.readQuery({ query: MARKET, variables: { first: 3 } });
  watching.unsubscribe();
  end();

  const ids = listings.edges.map((edge) => edge.node.id);
  assert.equal(new Set(ids).size, 6);
});

test("pays and reads the typed refusals of a payload", async () => {
  const { client, end } = clientOf("customer");

  const paid = await client.mutate({ mutation: gql(PAY), variables: { input: payment("customer", "customer4", "5.00") } });
  const refused = await client.mutate({
    mutation: gql(PAY),
    variables: { input: payment("customer", "customer4", "99999999.00") },
  });
  end();

  assert.equal(paid.data.transferCreate.transfer.amount.amount, "5.00");
  assert.equal(refused.data.transferCreate.transfer, null);
  assert.deepEqual(refused.data.transferCreate.errors.map((error) => error.code), ["CONFLICT_ERROR"]);
});

test("reads the errors of a faulty document", async () => {
  const { client, end } = clientOf("customer");

  const refused = await client.query({ query: gql("{ nothing }") }).catch((error) => error);
  end();

  assert.ok(CombinedGraphQLErrors.is(refused), String(refused));
  assert.match(refused.errors[0].message, /Cannot query field 'nothing'/);
});

test("hears a payment over a socket", async () => {
  const { client, end } = clientOf("customer3");
  const subscription = client.subscribe({ query: gql(WALLET_EVENTS), variables: { id: people.customer3.walletId } });

  const [snapshot, update] = await heard(subscription, 2, () => pay("customer", "customer3", "1.75"));
  end();

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.equal(update.txn.amount.amount, "1.75");
});

test("hears a payment over multipart HTTP, where no socket is set up", async () => {
  const headers = { Authorization: credential("customer3") };
  const client = new ApolloClient({ link: new HttpLink({ uri: url, headers }), cache: new InMemoryCache() });
  const subscription = client.subscribe({ query: gql(WALLET_EVENTS), variables: { id: people.customer3.walletId } });

  const [snapshot, update] = await heard(subscription, 2, () => pay("customer", "customer3", "1.85"));
  client.stop();

  assert.equal(snapshot.__typename, "WalletSnapshot");
  assert.equal(update.txn.amount.amount, "1.85");
});

test("sends the digest alone once the server has seen the text", async () => {
  const { asked, fetch } = noted();
  const headers = { Authorization: credential("customer") };
  const persisted = new PersistedQueryLink({ sha256 });
  const link = persisted.concat(new HttpLink({ uri: url, headers, fetch }));
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = gql(`query Once_${process.pid} { viewer { id } }`);

  const first = await client.query({ query, fetchPolicy: "network-only" });
  const again = await client.query({ query, fetchPolicy: "network-only" });
  client.stop();

  assert.equal(first.data.viewer.id, people.customer.userId);
  assert.deepEqual(again.data, first.data);
  assert.deepEqual(
    asked.map(({ query, extensions }) => [Boolean(query), extensions.persistedQuery.sha256Hash.length]),
    [
      [false, 64], // not known
      [true, 64], // here it is
      [false, 64], // known
    ],
  );
});

const uploading = () => apolloClient(small, () => "anybody").client;
const KEEP = gql`
  mutation Keep($file: Upload!, $note: String) {
    keep(file: $file, note: $note) { name size media text }
  }
`;

test("asks by GET for what the server has seen, where it is told to", async () => {
  const { asked, fetch } = noted();
  const headers = { Authorization: credential("customer") };
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  const client = new ApolloClient({
    link: persisted.concat(new HttpLink({ uri: url, headers, fetch })),
    cache: new InMemoryCache(),
  });
  const query = gql(`query Got_${process.pid} { viewer { id } }`);

  await client.query({ query, fetchPolicy: "network-only" });
  const { data } = await client.query({ query, fetchPolicy: "network-only" });
  client.stop();

  assert.equal(data.viewer.id, people.customer.userId);
  const { method, address } = asked.at(-1);
  assert.equal(method, "GET");
  assert.match(new URL(address).searchParams.get("extensions"), /"sha256Hash":"[0-9a-f]{64}"/);
});

test("uploads a file beside other variables", async () => {
  const client = uploading();
  const file = new File(["Habari ya leo"], "habari.txt", { type: "text/plain" });

  const { data } = await client.mutate({ mutation: KEEP, variables: { file, note: "!" } });
  client.stop();

  const { name, size, text } = data.keep;
  assert.deepEqual({ name, size, text }, { name: "habari.txt", size: 13, text: "Habari ya leo!" });
  assert.match(data.keep.media, /^text\/plain/);
});

test("shows the market that a bank transfer was paid", async () => {
  const { client, end } = clientOf("customer");
  const request = gql`
    mutation Request($input: TopUpRequestInput!) { topUpRequest(input: $input) { payment { id } errors { message } } }
  `;
  const submit = gql`
    mutation Submit($input: PaymentProofSubmitInput!) {
      paymentProofSubmit(input: $input) {
        payment { id bankTransfer { proof { contentType sizeBytes } } }
        errors { message }
      }
    }
  `;
  const input = {
    amount: { amount: "1292.50", asset: "KES" },
    into: "KES",
    rail: "BANK_TRANSFER",
    idempotencyKey: `top-up-${process.pid}`,
  };
  const requested = await client.mutate({ mutation: request, variables: { input } });
  assert.deepEqual(requested.data.topUpRequest.errors, []);
  const paymentId = requested.data.topUpRequest.payment.id;
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...Array(64).fill(0)]);
  const file = new File([png], "receipt.png", { type: "image/png" });

  const { data } = await client.mutate({ mutation: submit, variables: { input: { paymentId, file } } });
  end();

  assert.deepEqual(data.paymentProofSubmit.errors, []);
  const { contentType, sizeBytes } = data.paymentProofSubmit.payment.bankTransfer.proof;
  assert.deepEqual([contentType, sizeBytes], ["image/png", png.length]);
});

test("uploads a list of files, and one file twice", async () => {
  const client = uploading();
  const [one, two] = ["moja", "mbili"].map((text) => new File([text], `${text}.txt`, { type: "text/plain" }));
  const mutation = gql`
    mutation KeepAll($files: [Upload!]!) { keepAll(files: $files) { name text } }
  `;

  const { data } = await client.mutate({ mutation, variables: { files: [one, two, one] } });
  client.stop();

  assert.deepEqual(
    data.keepAll.map(({ name, text }) => [name, text]),
    [
      ["moja.txt", "moja"],
      ["mbili.txt", "mbili"],
      ["moja.txt", "moja"],
    ],
  );
});

test("is refused an upload that a foreign page could send", async () => {
  const client = new ApolloClient({ link: new UploadHttpLink({ uri: small }), cache: new InMemoryCache() });
  const file = new File(["?"], "q.txt", { type: "text/plain" });

  const refused = await client.mutate({ mutation: KEEP, variables: { file } }).catch((error) => error);
  client.stop();

  assert.ok(refused instanceof Error);
  assert.match(`${refused.bodyText ?? ""}${refused.message}`, /preflight/i);
});
