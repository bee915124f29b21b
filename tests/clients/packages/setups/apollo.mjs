import { ApolloClient, ApolloLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition, relayStylePagination } from "@apollo/client/utilities";
import UploadHttpLink from "apollo-upload-client/UploadHttpLink.mjs";
import { createClient } from "graphql-ws";

export function apolloClient(url, token) {
  const authorization = () => `Bearer ${token()}`; // asked anew for each request and each connection
  const signIn = new SetContextLink(({ headers }) => ({ headers: { ...headers, authorization: authorization() } }));
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: () => ({ authorization: authorization() }),
  });
  // The header lets files be uploaded; a foreign page cannot send it.
  const http = new UploadHttpLink({ uri: url, headers: { "Apollo-Require-Preflight": "true" } });
  const isSubscription = ({ query }) => getMainDefinition(query).operation === "subscription";
  const client = new ApolloClient({
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), signIn.concat(http)),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { listings: relayStylePagination(["filter", "sort"]) } } } }),
  });
  return { client, socket };
}
