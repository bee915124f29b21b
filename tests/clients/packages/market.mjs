// Where the market is, who is who in it, and a payment by nothing but fetch.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export const market = process.env.SOKONI_URL;
export const url = `${market}/graphql`;
export const socketUrl = url.replace(/^http/, "ws");
export const people = JSON.parse(process.env.SOKONI_PEOPLE ?? "{}");
export const small = process.env.SMALL_URL; // a small schema, served by the same transport
export const smallSocket = small?.replace(/^http/, "ws");

export const credential = (label) => `Bearer ${people[label].accessToken}`;
export const trusted = (name) => readFileSync(`${process.env.SOKONI_DOCUMENTS}/${name}.graphql`, "utf8");

// A fetch that keeps what was asked: the body, or the address where there is none.
export function noted() {
  const asked = [];
  const noting = (address, options) => {
    asked.push(options?.body ? JSON.parse(options.body) : { method: options.method, address: String(address) });
    return fetch(address, options);
  };
  return { asked, fetch: noting };
}

export const sha256 = (text) => createHash("sha256").update(text).digest("hex");

let payments = 0;

export const payment = (from, to, amount, key = `${process.pid}-${(payments += 1)}-${Date.now()}`) => ({
  fromWalletId: people[from].walletId,
  recipientId: people[to].userId,
  amount: { amount, asset: "KES" },
  idempotencyKey: key,
});

export const PAY = `mutation Pay($input: TransferCreateInput!) {
  transferCreate(input: $input) { transfer { id reference amount { amount asset } } errors { code message } }
}`;

export const WALLET_EVENTS = `subscription Live($id: ID!, $after: StreamCursor) {
  walletEvents(walletId: $id, after: $after) {
    __typename
    ... on WalletSnapshot { cursor wallet { id version available { amount } } }
    ... on WalletUpdated { cursor wallet { id version available { amount } } txn { type amount { amount } reference } }
  }
}`;

export async function pay(from, to, amount) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: credential(from) },
    body: JSON.stringify({ query: PAY, variables: { input: payment(from, to, amount) } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.transferCreate.errors.length) throw new Error(JSON.stringify(errors ?? data));
  return data.transferCreate.transfer;
}

// The items of a stream that are no heartbeats, one at a time.
export async function nextItem(iterator, field = "walletEvents") {
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) throw new Error("The stream ended.");
    if (value.errors) throw new Error(JSON.stringify(value.errors));
    if (value.data[field].__typename !== "StreamHeartbeat") return value.data[field];
  }
}
