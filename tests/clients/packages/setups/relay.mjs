import { createClient } from "graphql-ws";
import relay from "relay-runtime";

export function relayEnvironment(url, token, fetch = globalThis.fetch) {
  const authorization = () => `Bearer ${token()}`;
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: () => ({ authorization: authorization() }),
  });
  // With `persistConfig` the compiler leaves the text out and gives an id instead.
  const asked = ({ id, text }) => (id ? { documentId: id } : { query: text });
  const fetchFunction = async (request, variables) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: authorization() },
      body: JSON.stringify({ ...asked(request), variables }),
    });
    return response.json();
  };
  const subscribeFunction = (request, variables) =>
    relay.Observable.create((sink) => socket.subscribe({ query: "", ...asked(request), variables }, sink));
  const environment = new relay.Environment({
    network: relay.Network.create(fetchFunction, subscribeFunction),
    store: new relay.Store(new relay.RecordSource()),
  });
  return { environment, socket };
}
