import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";

export function urqlClient(url, token) {
  const authorization = () => `Bearer ${token()}`;
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: () => ({ authorization: authorization() }),
  });
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { Authorization: authorization() } }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      // Left out, and with `fetchSubscriptions: true` instead, subscriptions come as server-sent events.
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
  return { client, socket };
}
