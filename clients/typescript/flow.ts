// Looks at the market, listens to a wallet and pays into it; prints what it read as JSON.
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import {
  MarketDocument,
  TransferCreateDocument,
  WalletEventsDocument,
  WalletStatementDocument,
  type MoneyInput,
} from "./generated/graphql.js";
import { Refused, listen, run, socketOf } from "./sokoni.js";

interface Person {
  userId: string;
  accessToken: string;
  walletId: string;
}

const url = `${process.env["SOKONI_URL"]}/graphql`;
const people = JSON.parse(process.env["SOKONI_PEOPLE"] ?? "{}") as Record<"customer" | "customer2", Person>;
const { customer, customer2 } = people;

const apollo = new ApolloClient({
  link: new HttpLink({ uri: url, headers: { Authorization: `Bearer ${customer.accessToken}` } }),
  cache: new InMemoryCache(),
});
const market = await apollo.query({ query: MarketDocument, variables: { first: 2 } });
const titles: string[] = market.data?.listings.edges.map((edge) => edge.node?.title ?? "") ?? [];

const amount: MoneyInput = { amount: "11.25", asset: "KES" };
const socket = socketOf(url, () => customer2.accessToken);
const heard: string[] = [];
let paid = "";
for await (const { data } of listen(socket, WalletEventsDocument, { walletId: customer2.walletId, snapshot: true })) {
  const item = data?.walletEvents;
  if (item?.__typename === "WalletSnapshot") {
    const input = {
      fromWalletId: customer.walletId,
      recipientId: customer2.userId,
      amount,
      idempotencyKey: `flow-${item.cursor}`,
    };
    const { transferCreate } = await run(url, customer.accessToken, TransferCreateDocument, { input });
    paid = transferCreate.transfer?.reference ?? transferCreate.errors.map((error) => error.message).join();
  }
  if (item?.__typename === "WalletUpdated" && item.txn.reference === paid) {
    heard.push(item.txn.amount.amount);
    break;
  }
}
await socket.dispose();

const { wallet } = await run(url, customer2.accessToken, WalletStatementDocument, { id: customer2.walletId, first: 1 });
const newest: string | undefined = wallet.transactions.nodes[0]?.reference;

const refusal = await run(url, "forged", WalletStatementDocument, { id: customer2.walletId }).catch((error: unknown) =>
  error instanceof Refused ? error.errors[0]?.extensions?.code : String(error),
);

console.log(JSON.stringify({ titles, paid, heard, newest, refusal }));
