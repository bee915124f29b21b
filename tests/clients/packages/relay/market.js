// What the compiler of Relay reads; apps have such tags beside their components.
import { graphql } from "relay-runtime";

export const query = graphql`
  query marketQuery($first: Int!, $after: String) {
    ...market_listings @arguments(first: $first, after: $after)
  }
`;

export const listings = graphql`
  fragment market_listings on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "marketPaginationQuery") {
    listings(first: $first, after: $after) @connection(key: "market_listings") {
      edges {
        node {
          id
          title
          seller {
            id
            displayName
          }
        }
      }
    }
  }
`;

export const node = graphql`
  query marketNodeQuery($id: ID!) {
    node(id: $id) {
      id
      ... on Listing {
        title
      }
    }
  }
`;

export const pay = graphql`
  mutation marketPayMutation($input: TransferCreateInput!) {
    transferCreate(input: $input) {
      transfer {
        id
        amount {
          amount
        }
        wallet {
          id
          version
        }
      }
      errors {
        code
      }
    }
  }
`;

export const live = graphql`
  subscription marketLiveSubscription($id: ID!) {
    walletEvents(walletId: $id) {
      __typename
      ... on WalletSnapshot {
        wallet {
          id
          version
        }
      }
      ... on WalletUpdated {
        wallet {
          id
          version
        }
      }
    }
  }
`;
